package powershell

// Windows paths: [IO.Path], Join-Path, Split-Path.

import (
	"strings"
)

func addPathStatics(l *library) {
	text := func(f func(string) Value) method {
		return known(func(c *call) (Value, error) {
			if c.arg(0) == nil {
				return nil, nil
			}
			return f(c.text(0)), nil
		})
	}
	l.addStatics("System.IO.Path", map[string]method{
		"combine":                     opened((*call).pathCombine),
		"join":                        opened((*call).pathJoin),
		"getfilename":                 opened(func(c *call) (Value, error) { return c.pathPart(leafOf, leafOfText) }),
		"getfilenamewithoutextension": opened(func(c *call) (Value, error) { return c.pathPart(stemOf, stemOfText) }),
		"getextension":                opened(func(c *call) (Value, error) { return c.pathPart(extensionOf, extensionOfText) }),
		"getdirectoryname":            opened((*call).pathDirectory),
		"changeextension":             opened((*call).pathChangeExtension),
		"hasextension":                text(func(s string) Value { return len(extensionOf(s)) > 1 }),
		"ispathrooted":                text(func(s string) Value { return rooted(s) }),
		"getpathroot":                 text(func(s string) Value { return s[:rootLength(s)] }),
		"getfullpath": known(func(c *call) (Value, error) {
			s := strings.ReplaceAll(c.text(0), "/", `\`)
			if !strings.HasPrefix(s, `\\`) && !(len(s) > 2 && s[1] == ':' && s[2] == '\\') {
				u := c.unknown()
				u.Origin = OriginEnvironment
				return u, nil
			}
			return cleanPath(s), nil
		}),
		"gettemppath": opened(func(c *call) (Value, error) { return c.in.unknown("[IO.Path]::GetTempPath()", OriginEnvironment), nil }),
		"gettempfilename": opened(func(c *call) (Value, error) {
			return c.in.unknown("[IO.Path]::GetTempFileName()", OriginEnvironment), nil
		}),
		"getrandomfilename": opened(func(c *call) (Value, error) {
			return c.in.unknown("[IO.Path]::GetRandomFileName()", OriginCommand), nil
		}),
		"getinvalidfilenamechars": opened(func(c *call) (Value, error) { return newTypedArray("System.Char", chars(invalidFileNameChars())), nil }),
		"getinvalidpathchars": opened(func(c *call) (Value, error) {
			return newTypedArray("System.Char", chars(invalidPathChars(c.in.dialect()))), nil
		}),
	})
	l.addStaticProperties("System.IO.Path", map[string]staticProperty{
		"directoryseparatorchar": constant(Char('\\')), "altdirectoryseparatorchar": constant(Char('/')),
		"pathseparator": constant(Char(';')), "volumeseparatorchar": constant(Char(':')),
	})
}

func invalidFileNameChars() string {
	return "\"<>|" + controlChars() + ":*?\\/"
}

func invalidPathChars(d Dialect) string {
	if d == PowerShellCore {
		return "|" + controlChars()
	}
	return "\"<>|" + controlChars()
}

func controlChars() string {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}

func isSeparator(c byte) bool { return c == '\\' || c == '/' }

// rooted tells whether a path begins at a root: \, \\ or a drive.
func rooted(s string) bool {
	return len(s) > 0 && isSeparator(s[0]) || len(s) > 1 && s[1] == ':'
}

// rootLength is the length of \\server\share, C:\ or \.
func rootLength(s string) int {
	switch {
	case len(s) > 1 && isSeparator(s[0]) && isSeparator(s[1]):
		parts, i := 0, 2
		for ; i < len(s); i++ {
			if isSeparator(s[i]) {
				if parts++; parts == 2 {
					break
				}
			}
		}
		return i
	case len(s) > 1 && s[1] == ':':
		if len(s) > 2 && isSeparator(s[2]) {
			return 3
		}
		return 2
	case len(s) > 0 && isSeparator(s[0]):
		return 1
	}
	return 0
}

func lastSeparator(s string) int { return strings.LastIndexAny(s, `\/:`) }

func leafOf(s string) string { return s[lastSeparator(s)+1:] }

func extensionOf(s string) string {
	leaf := leafOf(s)
	i := strings.LastIndexByte(leaf, '.')
	if i < 0 || i == len(leaf)-1 {
		return ""
	}
	return leaf[i:]
}

func stemOf(s string) string {
	leaf := leafOf(s)
	if i := strings.LastIndexByte(leaf, '.'); i >= 0 {
		return leaf[:i]
	}
	return leaf
}

// directoryOf is GetDirectoryName; ok is false for a root, which has none.
func directoryOf(s string) (string, bool) {
	s = strings.ReplaceAll(s, "/", `\`)
	root := rootLength(s)
	if len(s) <= root {
		return "", false
	}
	i := strings.LastIndexByte(s, '\\')
	if i < root {
		return s[:root], true
	}
	for i > root && s[i-1] == '\\' {
		i--
	}
	return s[:i], true
}

// cleanPath resolves . and .. and drops doubled separators.
func cleanPath(s string) string {
	root := rootLength(s)
	var parts []string
	for _, p := range strings.Split(s[root:], `\`) {
		switch p {
		case "", ".":
		case "..":
			if len(parts) > 0 {
				parts = parts[:len(parts)-1]
			}
		default:
			parts = append(parts, p)
		}
	}
	path := s[:root]
	if path != "" && !strings.HasSuffix(path, `\`) && len(parts) > 0 {
		path += `\`
	}
	path += strings.Join(parts, `\`)
	if strings.HasSuffix(s, `\`) && len(parts) > 0 {
		path += `\`
	}
	return path
}

// pathPart is a part of a path. Of a text of which parts are unknown it is
// found behind the last separator that is known, if nothing unknown follows
// that could hold another.
func (c *call) pathPart(part func(string) string, of func(*Text) (Value, bool)) (Value, error) {
	switch t := c.in.text(c.arg(0)).(type) {
	case string:
		if c.arg(0) == nil {
			return nil, nil
		}
		return part(t), nil
	case *Text:
		if v, ok := of(t); ok {
			return v, nil
		}
	}
	u := c.unknown()
	u.Type = "System.String"
	return u, nil
}

// afterHoles returns the known text behind the last unknown part.
func afterHoles(t *Text) string {
	_, suffix := knownEnds(t)
	return suffix
}

// leafOfText ends as the path does: what is unknown may hold separators.
func leafOfText(t *Text) (Value, bool) {
	tail := afterHoles(t)
	if lastSeparator(tail) >= 0 {
		return leafOf(tail), true
	}
	return behindUnknown(t, "-Leaf", tail)
}

func stemOfText(t *Text) (Value, bool) {
	tail := afterHoles(t)
	if lastSeparator(tail) >= 0 {
		return stemOf(tail), true
	}
	if !strings.Contains(tail, ".") {
		return nil, false
	}
	return behindUnknown(t, "-LeafBase", stemOf(tail))
}

// behindUnknown is a part of a path of which the end is known.
func behindUnknown(t *Text, part, end string) (Value, bool) {
	var b textBuilder
	b.write(partOf(t, "start of ", part))
	b.writeString(end)
	return b.value(), end != ""
}

// partOf is what is not known of a part of a path.
func partOf(t *Text, which, part string) *Unknown {
	u := derivedFrom(t, nameOf(which+"Split-Path "+operand(expressionOf(t))+" "+part, ""), part)
	u.Type = typeString
	return u
}

func extensionOfText(t *Text) (Value, bool) {
	tail := afterHoles(t)
	if lastSeparator(tail) < 0 && !strings.Contains(tail, ".") {
		return nil, false
	}
	return extensionOf(tail), true
}

func (c *call) pathDirectory() (Value, error) {
	switch t := c.in.text(c.arg(0)).(type) {
	case string:
		d, ok := directoryOf(t)
		if !ok {
			return nil, nil
		}
		return d, nil
	case *Text:
		if v, ok := directoryOfText(t); ok {
			return v, nil
		}
	}
	u := c.unknown()
	u.Type = "System.String"
	return u, nil
}

// directoryOfText cuts behind the last unknown part. Where no separator is
// known there, it begins as the path does, in front of the last one that is.
func directoryOfText(t *Text) (Value, bool) {
	last := len(t.Parts) - 1
	tail := strings.ReplaceAll(afterHoles(t), "/", `\`)
	i := strings.LastIndexByte(tail, '\\')
	if i < 0 {
		prefix, _ := knownEnds(t)
		folder, _ := directoryOf(prefix)
		if !rooted(folder) || strings.HasSuffix(folder, `\`) || strings.HasSuffix(folder, ":") {
			return nil, false
		}
		var b textBuilder
		b.writeString(folder)
		b.write(partOf(t, "rest of ", "-Parent"))
		return b.value(), true
	}
	for i > 0 && tail[i-1] == '\\' {
		i--
	}
	var b textBuilder
	b.write(&Text{Parts: t.Parts[:last:last]})
	b.writeString(tail[:i])
	return b.value(), true
}

func (c *call) pathChangeExtension() (Value, error) {
	extension := ""
	if c.arg(1) != nil {
		s, ok := c.in.text(c.arg(1)).(string)
		if !ok {
			return c.unknown(), nil
		}
		extension = s
		if !strings.HasPrefix(s, ".") {
			extension = "." + s
		}
	}
	change := func(s string) string {
		if i := strings.LastIndexByte(leafOf(s), '.'); i >= 0 {
			s = s[:len(s)-len(leafOf(s))+i]
		}
		return s + extension
	}
	switch t := c.in.text(c.arg(0)).(type) {
	case string:
		return change(t), nil
	case *Text:
		tail := afterHoles(t)
		if lastSeparator(tail) >= 0 || strings.Contains(tail, ".") {
			last := len(t.Parts) - 1
			return c.in.boundedText(&Text{Parts: t.Parts[:last:last]}, change(tail))
		}
	}
	u := c.unknown()
	u.Type = "System.String"
	return u, nil
}

// pathCombine begins anew at a part that is rooted. An unknown part is taken
// for one that is not.
func (c *call) pathCombine() (Value, error) {
	items, ok := Items(c.flattened(0))
	if !ok || hasMany(items) {
		return c.unknown(), nil
	}
	var b Value = ""
	for _, item := range items {
		if item == nil {
			return nil, c.fail("System.ArgumentNullException", "Value cannot be null.")
		}
		part := c.in.text(item)
		if s, ok := part.(string); ok && s == "" {
			continue
		}
		if rooted(knownPrefix(part)) {
			b = part
			continue
		}
		v, err := c.in.boundedText(b, separatorBetween(b, ""), part)
		if err != nil {
			return nil, err
		}
		b = v
	}
	return b, nil
}

func knownPrefix(v Value) string {
	switch t := v.(type) {
	case string:
		return t
	case *Text:
		prefix, _ := knownEnds(t)
		return prefix
	}
	return ""
}

func knownSuffix(v Value) string {
	switch t := v.(type) {
	case string:
		return t
	case *Text:
		return afterHoles(t)
	}
	return ""
}

// separatorBetween is what stands between two parts that are combined.
func separatorBetween(before Value, after string) Value {
	if before == "" {
		return ""
	}
	tail := knownSuffix(before)
	if tail != "" && (isSeparator(tail[len(tail)-1]) || tail[len(tail)-1] == ':' && after == "") {
		return ""
	}
	return `\`
}

// pathJoin only puts separators between the parts.
func (c *call) pathJoin() (Value, error) {
	items, ok := Items(c.flattened(0))
	if !ok || hasMany(items) {
		return c.unknown(), nil
	}
	var b Value = ""
	for _, item := range items {
		part := c.in.text(item)
		if part == "" {
			continue
		}
		between := separatorBetween(b, ":")
		if p := knownPrefix(part); p != "" && isSeparator(p[0]) {
			between = ""
		}
		v, err := c.in.boundedText(b, between, part)
		if err != nil {
			return nil, err
		}
		b = v
	}
	return b, nil
}

// joinPath is Join-Path: one separator between parent and child, whatever
// separators stand at the border.
func (in *Interpreter) joinPath(parent, child Value) (Value, error) {
	p, c := in.text(parent), in.text(child)
	if s, ok := p.(string); ok {
		p = strings.ReplaceAll(s, "/", `\`)
	}
	if s, ok := c.(string); ok {
		c = strings.ReplaceAll(s, "/", `\`)
	}
	p = trimBorder(p, false)
	c = trimBorder(c, true)
	if c == "" {
		if s, ok := p.(string); ok && strings.HasSuffix(s, ":") || p == "" {
			return in.boundedText(p, `\`)
		}
		return in.boundedText(p, `\`)
	}
	return in.boundedText(p, `\`, c)
}

// trimBorder removes the separators at one end of a text, as far as it is
// known.
func trimBorder(v Value, start bool) Value {
	switch t := v.(type) {
	case string:
		if start {
			return strings.TrimLeft(t, `\/`)
		}
		return strings.TrimRight(t, `\/`)
	case *Text:
		parts := append([]TextPart(nil), t.Parts...)
		i := len(parts) - 1
		if start {
			i = 0
		}
		if parts[i].Hole == nil {
			if start {
				parts[i].Text = strings.TrimLeft(parts[i].Text, `\/`)
			} else {
				parts[i].Text = strings.TrimRight(parts[i].Text, `\/`)
			}
		}
		var b textBuilder
		b.write(&Text{Parts: parts})
		return b.value()
	}
	return v
}

// splitParent is Split-Path -Parent.
func splitParent(s string) string {
	s = strings.ReplaceAll(s, "/", `\`)
	s = strings.TrimRight(s, `\`)
	if len(s) == 2 && s[1] == ':' {
		return ""
	}
	i := strings.LastIndexByte(s, '\\')
	switch {
	case i < 0:
		return ""
	case strings.HasPrefix(s, `\\`) && i <= 1:
		return ""
	case i == 2 && s[1] == ':':
		return s[:3]
	case i == 0:
		return `\`
	}
	return s[:i]
}

// splitLeaf is Split-Path -Leaf.
func splitLeaf(s string) string {
	s = strings.TrimRight(strings.ReplaceAll(s, "/", `\`), `\`)
	return s[strings.LastIndexByte(s, '\\')+1:]
}
