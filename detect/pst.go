package detect

import (
	"net/netip"
	"strings"
)

// This file says what a path tells of where the PST goes.

// classifyPST reads a -FilePath.
//
// The rules are:
//   - Only what is known decides: a path that begins with an unknown part is
//     PathUnknown, and a host or share that holds one stands with braces.
//   - An admin share of a drive, \\h\c$\x, is the drive's path on that host.
//   - A loopback names the server that runs the request, which the record does
//     not name.
func classifyPST(v *Value) PST {
	if v == nil || len(v.Values) > 0 || len(v.Parts) == 0 {
		return PST{Kind: PathUnknown}
	}
	head := v.Parts[0]
	if head.Expression != "" {
		return PST{Kind: PathUnknown}
	}
	text := head.Text
	switch {
	case isDrive(text):
		return PST{Kind: PathDrive, LocalPath: v.Text()}
	case strings.Contains(text, "://"):
		return PST{Kind: PathOther}
	case len(text) < 2 || !isSeparator(text[0]) || !isSeparator(text[1]):
		if text == "" {
			return PST{Kind: PathOther}
		}
		if len(text) == 1 && isSeparator(text[0]) && len(v.Parts) > 1 {
			return PST{Kind: PathUnknown}
		}
		return PST{Kind: PathRelative}
	}
	names := components(v.Parts)[2:] // the two before are empty
	if len(names) > 0 && (partsText(names[0]) == "?" || partsText(names[0]) == ".") {
		// \\?\C:\x and \\?\UNC\host\share\x are the same places by long names.
		switch rest := names[1:]; {
		case len(rest) > 0 && strings.EqualFold(partsText(rest[0]), "UNC"):
			names = rest[1:]
		case len(rest) > 0 && isDrive(partsText(rest[0])):
			return PST{Kind: PathDrive, LocalPath: joinNames(rest)}
		default:
			return PST{Kind: PathOther}
		}
	}
	p := PST{Kind: PathUNC}
	if len(names) > 0 {
		p.Host = partsText(names[0])
		p.Loopback = isLoopback(names[0])
	}
	if len(names) > 1 {
		p.Share = partsText(names[1])
		if drive, ok := driveShare(names[1]); ok {
			p.LocalPath = drive + `:\` + joinNames(names[2:])
		}
	}
	return p
}

// components splits a path at its separators; unknown parts stay whole.
func components(parts []Part) [][]Part {
	names := [][]Part{nil}
	for _, p := range parts {
		if p.Expression != "" {
			names[len(names)-1] = append(names[len(names)-1], p)
			continue
		}
		rest := p.Text
		for {
			i := strings.IndexAny(rest, `\/`)
			text := rest
			if i >= 0 {
				text = rest[:i]
			}
			if text != "" {
				names[len(names)-1] = append(names[len(names)-1], Part{Text: text})
			}
			if i < 0 {
				break
			}
			names = append(names, nil)
			rest = rest[i+1:]
		}
	}
	return names
}

func partsText(parts []Part) string { return Value{Parts: parts}.Text() }

func joinNames(names [][]Part) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = partsText(n)
	}
	return strings.Join(texts, `\`)
}

// known returns the text of a component that has no unknown part.
func known(parts []Part) (string, bool) {
	v := Value{Parts: parts}
	return v.Text(), v.Resolved()
}

func isLoopback(host []Part) bool {
	name, ok := known(host)
	if !ok {
		return false
	}
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	if name == "localhost" || name == "localhost.localdomain" || name == "0--1.ipv6-literal.net" || name == "--1.ipv6-literal.net" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && addr.IsLoopback()
}

// driveShare returns the letter of a drive's admin share.
func driveShare(share []Part) (string, bool) {
	name, ok := known(share)
	if !ok || len(name) != 2 || name[1] != '$' || !isLetter(name[0]) {
		return "", false
	}
	return strings.ToUpper(name[:1]), true
}

func isDrive(text string) bool { return len(text) >= 2 && isLetter(text[0]) && text[1] == ':' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isSeparator(c byte) bool { return c == '\\' || c == '/' }
