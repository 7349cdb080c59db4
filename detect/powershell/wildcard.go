package powershell

// Wildcard patterns: *, ?, [a-z], and ` before what stands for itself.

import (
	"strings"
)

type wildcardKind uint8

const (
	wildcardChar wildcardKind = iota
	wildcardOne
	wildcardAny
	wildcardSet
)

type wildcardPart struct {
	kind   wildcardKind
	char   rune
	ranges []rune // pairs
}

func parseWildcard(pattern string, ignoreCase bool) []wildcardPart {
	if ignoreCase {
		pattern = foldCase(pattern)
	}
	var parts []wildcardPart
	for pattern != "" {
		r, n := decodeRune(pattern)
		pattern = pattern[n:]
		switch r {
		case '*':
			if len(parts) == 0 || parts[len(parts)-1].kind != wildcardAny {
				parts = append(parts, wildcardPart{kind: wildcardAny})
			}
		case '?':
			parts = append(parts, wildcardPart{kind: wildcardOne})
		case '`':
			if pattern != "" {
				r, n = decodeRune(pattern)
				pattern = pattern[n:]
			}
			parts = append(parts, wildcardPart{char: r})
		case '[':
			part, rest, ok := wildcardClass(pattern)
			if !ok {
				parts = append(parts, wildcardPart{char: r})
				continue
			}
			parts, pattern = append(parts, part), rest
		default:
			parts = append(parts, wildcardPart{char: r})
		}
	}
	return parts
}

func wildcardClass(s string) (wildcardPart, string, bool) {
	end := strings.IndexByte(s[min(len(s), 1):], ']') + 1
	if end < 1 || len(s) < 2 {
		return wildcardPart{}, s, false
	}
	part := wildcardPart{kind: wildcardSet}
	for inner := []rune(s[:end]); len(inner) > 0; {
		if len(inner) > 2 && inner[1] == '-' {
			part.ranges = append(part.ranges, inner[0], inner[2])
			inner = inner[3:]
			continue
		}
		part.ranges = append(part.ranges, inner[0], inner[0])
		inner = inner[1:]
	}
	return part, s[end+1:], true
}

func (p *wildcardPart) fits(r rune) bool {
	switch p.kind {
	case wildcardOne:
		return true
	case wildcardChar:
		return p.char == r
	}
	for i := 0; i < len(p.ranges); i += 2 {
		if p.ranges[i] <= r && r <= p.ranges[i+1] {
			return true
		}
	}
	return false
}

// like tells whether text fits a pattern, without regard to case.
func (in *Interpreter) like(text, pattern string) bool { return wildcardMatch(text, pattern, true) }

// wildcardMatch takes time in proportion to both lengths: only the last *
// need ever be tried again.
func wildcardMatch(text, pattern string, ignoreCase bool) bool {
	if ignoreCase {
		text = foldCase(text)
	}
	parts := parseWildcard(pattern, ignoreCase)
	star, resume := -1, ""
	i := 0
	for text != "" || i < len(parts) {
		if i < len(parts) && parts[i].kind == wildcardAny {
			star, resume = i, text
			i++
			continue
		}
		if text != "" && i < len(parts) {
			if r, n := decodeRune(text); parts[i].fits(r) {
				text = text[n:]
				i++
				continue
			}
		}
		if star < 0 || resume == "" {
			return false
		}
		_, n := decodeRune(resume)
		resume = resume[n:]
		i, text = star+1, resume
	}
	return true
}

// hasWildcard tells whether a pattern is more than literal text.
func hasWildcard(s string) bool { return strings.ContainsAny(s, "*?[") }

// likeText is -like on a text of which parts are unknown.
func likeText(t *Text, pattern string, ignoreCase bool) Tri {
	parts := parseWildcard(pattern, ignoreCase)
	prefix, suffix := knownEnds(t)
	if ignoreCase {
		prefix, suffix = foldCase(prefix), foldCase(suffix)
	}
	before, rest := wildcardLiteral(parts)
	if !agree(prefix, before) || !agree(reverseText(suffix), reverseText(trailingLiteral(parts))) {
		return No
	}
	switch {
	case len(rest) == 1 && rest[0].kind == wildcardAny && strings.HasPrefix(prefix, before):
		return Yes
	case len(parts) > 0 && parts[0].kind == wildcardAny:
		tail, more := wildcardLiteral(parts[1:])
		if len(more) == 0 && strings.HasSuffix(suffix, tail) {
			return Yes
		}
		if len(more) == 1 && more[0].kind == wildcardAny && knownPartHas(t, tail, ignoreCase) {
			return Yes
		}
	}
	return Maybe
}

// agree tells whether one may be the beginning of the other.
func agree(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

func reverseText(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func knownPartHas(t *Text, s string, ignoreCase bool) bool {
	for _, p := range t.Parts {
		text := p.Text
		if ignoreCase {
			text = foldCase(text)
		}
		if p.Hole == nil && strings.Contains(text, s) {
			return true
		}
	}
	return false
}

// wildcardLiteral returns the literal text that a pattern begins with.
func wildcardLiteral(parts []wildcardPart) (string, []wildcardPart) {
	var b strings.Builder
	for i, p := range parts {
		if p.kind != wildcardChar {
			return b.String(), parts[i:]
		}
		b.WriteRune(p.char)
	}
	return b.String(), nil
}

func trailingLiteral(parts []wildcardPart) string {
	i := len(parts)
	for i > 0 && parts[i-1].kind == wildcardChar {
		i--
	}
	s, _ := wildcardLiteral(parts[i:])
	return s
}
