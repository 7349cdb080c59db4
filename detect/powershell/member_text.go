package powershell

// Methods of strings of which parts are unknown: what is known stays known.

import (
	"strings"
)

// textMethod calls a method of a string of which parts are unknown.
func (in *Interpreter) textMethod(c *call, t *Text, lower string) (Value, error) {
	if anyUnknown(c.args...) && lower != "insert" && lower != "replace" {
		return in.unknownText(c, lower), nil
	}
	switch lower {
	case "tostring", "clone", "normalize":
		return t, nil
	case "tolower", "tolowerinvariant":
		return mapText(t, "ToLower()", toLower), nil
	case "toupper", "toupperinvariant":
		return mapText(t, "ToUpper()", toUpper), nil
	case "trim", "trimstart", "trimend":
		return trimmedText(t, c, lower), nil
	case "replace":
		return in.replacedText(c, t)
	case "startswith", "endswith", "contains", "equals":
		return c.decided(in.askText(c, t, lower))
	case "insert", "substring", "remove":
		if v, ok, err := in.cutText(c, t, lower); ok || err != nil {
			return v, err
		}
	case "padleft", "padright":
		n, err := c.integer(0)
		if err != nil {
			return nil, err
		}
		if textLength(t) >= n {
			return t, nil
		}
	}
	return in.unknownText(c, lower), nil
}

// unknownText is what a method of a text returns that cannot be worked out.
func (in *Interpreter) unknownText(c *call, lower string) Value {
	u := c.unknown()
	switch lower {
	case "split", "tochararray", "getenumerator":
		u.Many = true
	case "indexof", "lastindexof", "compareto", "indexofany", "lastindexofany":
		u.Type = "System.Int32"
	case "startswith", "endswith", "contains", "equals":
		u.Type = "System.Boolean"
	default:
		u.Type = "System.String"
	}
	return u
}

// trimmedText trims the known ends; an unknown part at an end is trimmed
// itself.
func trimmedText(t *Text, c *call, lower string) Value {
	set := c.charsFrom(0, len(c.args))
	args := make([]string, len(c.args))
	for i, a := range c.args {
		args[i] = expressionOf(a)
	}
	parts := append([]TextPart(nil), t.Parts...)
	if lower != "trimend" {
		parts = trimEnd(parts, 0, 1, "TrimStart("+strings.Join(args, ", ")+")", func(s string) string { return trimText(s, set, true, false) })
	}
	if lower != "trimstart" {
		parts = trimEnd(parts, len(parts)-1, -1, "TrimEnd("+strings.Join(args, ", ")+")", func(s string) string { return trimText(s, set, false, true) })
	}
	var b textBuilder
	b.write(&Text{Parts: parts})
	return b.value()
}

// trimEnd trims from one end on: known text that vanishes uncovers the next
// part.
func trimEnd(parts []TextPart, at, step int, method string, trim func(string) string) []TextPart {
	for ; at >= 0 && at < len(parts); at += step {
		if parts[at].Hole != nil {
			parts[at].Hole = methodOf(parts[at].Hole, method)
			break
		}
		parts[at].Text = trim(parts[at].Text)
		if parts[at].Text != "" {
			break
		}
	}
	return parts
}

// replacedText replaces in known parts where no occurrence can reach into an
// unknown one.
func (in *Interpreter) replacedText(c *call, t *Text) (Value, error) {
	old, ok := in.text(c.arg(0)).(string)
	ignoreCase := c.ignoresCase(2)
	if !ok || old == "" {
		return in.unknownText(c, "replace"), nil
	}
	with, _ := in.text(c.arg(1)).(string)
	method := "Replace(" + expressionOf(c.arg(0)) + ", " + expressionOf(c.arg(1)) + ")"
	return in.replacePartly(t, literalReplacement{old: old, with: with, ignoreCase: ignoreCase,
		inText: func(s string) (Value, error) {
			return in.run(in.lib().methods["System.String"]["replace"], &call{in: in, target: s, name: c.name, args: c.args, source: c.source})
		},
		inRest: func(v Value) Value {
			if u, ok := v.(*Unknown); ok {
				return methodOf(u, method)
			}
			u := derivedFrom(v, nameOf(operand(expressionOf(v))+"."+method, ""), method+identityOf(v))
			u.Type = typeString
			return u
		},
	})
}

// askText answers from the known ends of a text.
func (in *Interpreter) askText(c *call, t *Text, lower string) Tri {
	ignoreCase := c.ignoresCase(1)
	part := c.text(0)
	prefix, suffix := knownEnds(t)
	if ignoreCase {
		prefix, suffix, part = foldCase(prefix), foldCase(suffix), foldCase(part)
	}
	switch lower {
	case "startswith":
		return prefixAnswer(prefix, part)
	case "endswith":
		return prefixAnswer(reverseText(suffix), reverseText(part))
	case "contains":
		if knownPartHas(t, part, ignoreCase) {
			return Yes
		}
		return Maybe
	}
	return textMayEqual(t, c.text(0), ignoreCase)
}

func prefixAnswer(known, part string) Tri {
	switch {
	case strings.HasPrefix(known, part):
		return Yes
	case !strings.HasPrefix(part, known):
		return No
	}
	return Maybe
}

// cutText cuts or inserts within the known beginning of a text; ok is false
// where it reaches further.
func (in *Interpreter) cutText(c *call, t *Text, lower string) (Value, bool, error) {
	first := t.Parts[0]
	if first.Hole != nil && lower != "insert" || isUnknown(c.arg(0)) {
		return nil, false, nil
	}
	from, err := c.integer(0)
	if err != nil {
		return nil, false, err
	}
	n := unitLen(first.Text)
	if from < 0 || from > n {
		return nil, false, nil
	}
	rest := append([]TextPart(nil), t.Parts[1:]...)
	if first.Hole != nil {
		rest = t.Parts
	}
	head, tail := unitSlice(first.Text, 0, from), unitSlice(first.Text, from, n)
	var v Value
	switch {
	case lower == "insert":
		v, err = in.boundedText(head, c.arg(1), tail, &Text{Parts: rest})
	case len(c.args) > 1:
		count, err := c.integer(1)
		if err != nil || count < 0 || from+count > n {
			return nil, false, err
		}
		if lower == "substring" {
			return unitSlice(first.Text, from, from+count), true, nil
		}
		v, err = in.boundedText(head, unitSlice(first.Text, from+count, n), &Text{Parts: rest})
		return v, true, err
	case lower == "substring":
		v, err = in.boundedText(tail, &Text{Parts: rest})
	default:
		v = head
	}
	return v, true, err
}
