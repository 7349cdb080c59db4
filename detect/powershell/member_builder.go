package powershell

// StringBuilder, StringWriter and StringReader.

import "strings"

// builderValue is the payload of a StringBuilder: its content in pieces.
type builderValue struct {
	pieces []Value // strings and Texts
	size   int
}

func (b *builderValue) copied() any {
	return &builderValue{pieces: append([]Value(nil), b.pieces...), size: b.size}
}

func (b *builderValue) equals(other any) bool {
	o, ok := other.(*builderValue)
	return ok && sameValue(b.content(), o.content())
}

func (b *builderValue) either(other any, join func(a, b Value) Value) any {
	o, ok := other.(*builderValue)
	if !ok || b.equals(o) {
		return b
	}
	v := join(b.content(), o.content())
	if u, ok := v.(*Unknown); ok {
		v = &Text{Parts: []TextPart{{Hole: u}}}
	}
	return &builderValue{pieces: []Value{v}, size: textSize(v)}
}

// content joins the pieces, and keeps them joined.
func (b *builderValue) content() Value {
	if len(b.pieces) == 1 {
		return b.pieces[0]
	}
	var t textBuilder
	for _, p := range b.pieces {
		t.write(p)
	}
	v := t.value()
	b.pieces = []Value{v}
	return v
}

// setProperty sets the length, which cuts the content or fills it with NULs.
func (b *builderValue) setProperty(in *Interpreter, name string, v Value) (bool, error) {
	if name != "length" {
		return name == "capacity", nil
	}
	s, text := b.content().(string)
	n, known := smallInt(v)
	switch have := int64(unitLen(s)); {
	case !text || !known:
		b.pieces = []Value{derivedFrom(newArray([]Value{b.content(), v}), "StringBuilder of "+expressionOf(v)+" characters", ".length=")}
	case n < 0 || n > int64(in.budget.Text):
		return true, in.thrown("System.ArgumentOutOfRangeException", "Length is out of range.")
	case n < have:
		s = unitSlice(s, 0, int(n))
		b.pieces, b.size = []Value{s}, len(s)
	default:
		s += strings.Repeat("\x00", int(n-have))
		b.pieces, b.size = []Value{s}, len(s)
	}
	return true, nil
}

func addBuilderMembers(l *library) {
	l.constructors[typeStringBuilder] = opened((*call).newBuilder)
	l.constructors["System.IO.StringWriter"] = opened(func(c *call) (Value, error) {
		return newPayload(c.kind.Name, &builderValue{}), nil
	})
	length := func(in *Interpreter, v Value) Value {
		content := v.(*Object).Payload.(*builderValue).content()
		if s, ok := content.(string); ok {
			return int32(unitLen(s))
		}
		return in.unknownMember(content, "Length", "")
	}
	l.addProperties(typeStringBuilder, map[string]property{"length": length, "capacity": length})
	line := func(c *call) Value {
		if c.in.dialect() == PowerShellCore {
			return "\r\n"
		}
		return "\r\n"
	}
	methods := map[string]method{
		"append": opened(func(c *call) (Value, error) { return c.appendText(c.appended()...) }),
		"appendline": opened(func(c *call) (Value, error) {
			if len(c.args) == 0 {
				return c.appendText(line(c))
			}
			return c.appendText(c.arg(0), line(c))
		}),
		"appendformat": opened(func(c *call) (Value, error) {
			v, err := c.staticFormat()
			if err != nil {
				return nil, err
			}
			return c.appendText(v)
		}),
		"appendjoin": opened(func(c *call) (Value, error) {
			v, err := c.staticJoin()
			if err != nil {
				return nil, err
			}
			return c.appendText(v)
		}),
		"clear":          opened(func(c *call) (Value, error) { return c.setContent("") }),
		"insert":         opened((*call).changedContent),
		"remove":         opened((*call).changedContent),
		"replace":        opened((*call).changedContent),
		"tostring":       opened((*call).builtText),
		"ensurecapacity": known(func(c *call) (Value, error) { return c.arg(0), nil }),
		"equals":         known(func(c *call) (Value, error) { return sameValue(c.target, c.arg(0)), nil }),
	}
	l.addMethods(typeStringBuilder, methods)
	l.addMethods("System.IO.StringWriter", map[string]method{
		"write": opened(func(c *call) (Value, error) { _, err := c.appendText(c.appended()...); return nil, err }),
		"writeline": opened(func(c *call) (Value, error) {
			_, err := c.appendText(append(c.appended(), line(c))...)
			return nil, err
		}),
		"tostring": methods["tostring"],
	})
	l.constructors["System.IO.StringReader"] = known(func(c *call) (Value, error) {
		return newPayload(c.kind.Name, &readerValue{text: c.text(0)}), nil
	})
}

func (c *call) newBuilder() (Value, error) {
	b := &builderValue{}
	o := newPayload(typeStringBuilder, b)
	if len(c.args) > 0 && !isNumber(c.args[0]) && c.args[0] != nil {
		v := c.in.text(c.args[0])
		if u, ok := v.(*Unknown); ok {
			v = &Text{Parts: []TextPart{{Hole: u}}}
		}
		b.pieces = []Value{v}
		b.size = textSize(v)
	}
	return o, nil
}

func textSize(v Value) int {
	var b textBuilder
	b.write(v)
	return b.size
}

// appended are the pieces that Append adds: a char may be repeated, of an
// array of chars each is added, of a string a part may be asked for.
func (c *call) appended() []Value {
	if ch, ok := c.arg(0).(Char); ok && c.isInteger(1) {
		n, _ := c.integer(1)
		if n >= 0 && c.in.fits(int64(n)) == nil {
			return []Value{strings.Repeat(ch.String(), n)}
		}
	}
	if s, ok := c.arg(0).(string); ok && c.isInteger(1) && c.isInteger(2) {
		from, _ := c.integer(1)
		n, _ := c.integer(2)
		if from >= 0 && n >= 0 && from+n <= unitLen(s) {
			return []Value{unitSlice(s, from, from+n)}
		}
	}
	if a, ok := c.arg(0).(*Array); ok && a.Type == "System.Char" {
		return a.Elements
	}
	return []Value{c.arg(0)}
}

func (c *call) appendText(values ...Value) (Value, error) {
	o := c.target.(*Object)
	c.in.touch(o)
	b := o.Payload.(*builderValue)
	for _, v := range values {
		t := c.in.text(v)
		if t == "" {
			continue
		}
		if u, ok := t.(*Unknown); ok {
			t = &Text{Parts: []TextPart{{Hole: u}}}
		}
		b.pieces = append(b.pieces, t)
		b.size += textSize(t)
		if err := c.in.fits(int64(b.size)); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (c *call) setContent(v Value) (Value, error) {
	o := c.target.(*Object)
	c.in.touch(o)
	o.Payload = &builderValue{pieces: []Value{v}, size: textSize(v)}
	return o, nil
}

// changedContent is Insert, Remove and Replace, which are those of strings.
func (c *call) changedContent() (Value, error) {
	content := c.target.(*Object).Payload.(*builderValue).content()
	v, err := c.in.invoke(content, c.name, c.args, c.source)
	if err != nil {
		return nil, err
	}
	if u, ok := v.(*Unknown); ok {
		v = &Text{Parts: []TextPart{{Hole: u}}}
	}
	return c.setContent(v)
}

func (c *call) builtText() (Value, error) {
	content := c.target.(*Object).Payload.(*builderValue).content()
	if len(c.args) == 2 {
		return c.in.invoke(content, "Substring", c.args, c.source)
	}
	return content, nil
}
