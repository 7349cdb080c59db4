package powershell

// Composite formatting: -f, [string]::Format, AppendFormat.

import (
	"strconv"
	"strings"
)

// formatItem is {index,width:spec}, or text.
type formatItem struct {
	text  string
	index int // -1: text
	width int // negative: to the left
	spec  string
}

// parseFormat reads a composite format; ok is false where .NET refuses it.
func parseFormat(s string) (items []formatItem, ok bool) {
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			items = append(items, formatItem{text: text.String(), index: -1})
			text.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case (c == '{' || c == '}') && i+1 < len(s) && s[i+1] == c:
			text.WriteByte(c)
			i++
		case c == '}':
			return nil, false
		case c != '{':
			text.WriteByte(c)
		default:
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, false
			}
			item, ok := parseFormatItem(s[i+1 : i+end])
			if !ok {
				return nil, false
			}
			flush()
			items = append(items, item)
			i += end
		}
	}
	flush()
	return items, true
}

func parseFormatItem(s string) (formatItem, bool) {
	head, spec, _ := strings.Cut(s, ":")
	index, width, aligned := strings.Cut(head, ",")
	item := formatItem{spec: spec}
	n, ok := atoiUnits(strings.TrimRight(index, " "))
	if !ok {
		return item, false
	}
	item.index = n
	if aligned {
		w := strings.Trim(width, " ")
		n, ok := atoiUnits(strings.TrimPrefix(w, "-"))
		if !ok || n >= 1_000_000 {
			return item, false
		}
		item.width = n
		if strings.HasPrefix(w, "-") {
			item.width = -n
		}
	}
	return item, true
}

// formatOperator is -f.
func (in *Interpreter) formatOperator(l, r Value, source string) (Value, error) {
	args, ok := Items(r)
	if !ok {
		args = []Value{r}
	}
	if u, isUnknown := r.(*Unknown); isUnknown && u.Many {
		return in.formatText(in.text(l), nil, u, source)
	}
	return in.formatText(in.text(l), args, nil, source)
}

// formatText puts the arguments into the format. Unknown parts of the format
// are taken as plain text, and unknown arguments stay as holes; arguments that
// are an unknown collection are given by all.
func (in *Interpreter) formatText(format Value, args []Value, all *Unknown, source string) (Value, error) {
	unknown := func() Value {
		u := in.unknownResult(KindFormat, format, newArray(args), source)
		if all != nil {
			u = in.unknownResult(KindFormat, format, all, source)
		}
		u.Type = "System.String"
		return u
	}
	pieces := []TextPart{}
	switch f := format.(type) {
	case string:
		pieces = append(pieces, TextPart{Text: f})
	case *Text:
		pieces = f.Parts
	default:
		return unknown(), nil
	}
	var b textBuilder
	for _, p := range pieces {
		if p.Hole != nil {
			b.writeHole(p.Hole)
			continue
		}
		items, ok := parseFormat(p.Text)
		if !ok {
			if len(pieces) > 1 {
				return unknown(), nil
			}
			return nil, in.thrown("System.FormatException", "Error formatting a string: Input string was not in a correct format..")
		}
		for _, item := range items {
			if err := in.formatInto(&b, item, args, all); err != nil {
				return nil, err
			}
		}
	}
	return b.value(), in.spend(b.size / bytesPerStep)
}

func (in *Interpreter) formatInto(b *textBuilder, item formatItem, args []Value, all *Unknown) error {
	if item.index < 0 {
		b.writeString(item.text)
		return in.fits(int64(b.size))
	}
	v, err := in.formatArgument(item, args, all)
	if err != nil {
		return err
	}
	formatted, err := in.formatValue(v, item.spec)
	if err != nil {
		return err
	}
	if err := in.fits(int64(b.size) + int64(max(item.width, -item.width))); err != nil {
		return err
	}
	b.write(aligned(formatted, item.width))
	return in.fits(int64(b.size))
}

func (in *Interpreter) formatArgument(item formatItem, args []Value, all *Unknown) (Value, error) {
	if all != nil {
		return elementOf(all, item.index), nil
	}
	for i, a := range args[:min(len(args), item.index+1)] {
		if isMany(a) {
			return elementOf(a.(*Unknown), item.index-i), nil
		}
	}
	if item.index >= len(args) {
		return nil, in.thrown("System.FormatException",
			"Error formatting a string: Index (zero based) must be greater than or equal to zero and less than the size of the argument list..")
	}
	return args[item.index], nil
}

// elementOf is an element of an unknown collection by its index; the first is
// named as the collection, which may well be one value.
func elementOf(u *Unknown, index int) *Unknown {
	name := operand(u.Expression) + "[" + strconv.Itoa(index) + "]"
	if index == 0 {
		name = u.Expression
	}
	return derivedFrom(u, nameOf(name, ""), "["+strconv.Itoa(index)+"]")
}

// aligned pads to a width; a text of unknown length is padded as a whole.
func aligned(v Value, width int) Value {
	if width == 0 {
		return v
	}
	s, ok := v.(string)
	if !ok {
		if textLength(v) >= max(width, -width) {
			return v
		}
		method := "PadLeft(" + strconv.Itoa(width) + ")"
		if width < 0 {
			method = "PadRight(" + strconv.Itoa(-width) + ")"
		}
		return derivedFrom(v, nameOf(operand(expressionOf(v))+"."+method, ""), strings.ToLower(method))
	}
	pad := max(width, -width) - unitLen(s)
	if pad <= 0 {
		return s
	}
	if width < 0 {
		return s + strings.Repeat(" ", pad)
	}
	return strings.Repeat(" ", pad) + s
}

// textLength is the length of what is known of a text.
func textLength(v Value) int {
	n := 0
	if t, ok := v.(*Text); ok {
		for _, p := range t.Parts {
			n += unitLen(p.Text)
		}
	}
	return n
}

// formatValue formats one value by a specifier, which types without formats
// ignore.
func (in *Interpreter) formatValue(v Value, spec string) (Value, error) {
	if u, ok := v.(*Unknown); ok {
		if spec == "" {
			return u, nil
		}
		f := derivedFrom(u, nameOf("'{0:"+spec+"}' -f "+operand(u.Expression), ""), "format "+spec)
		f.Type = "System.String"
		return in.withDefault(f, []Value{u}, func(known []Value) (Value, error) { return in.formatValue(known[0], spec) }), nil
	}
	if isNumber(v) {
		return in.formatNumeric(v, spec)
	}
	if t, ok := v.(*TypeRef); ok {
		return t.String(), nil // only the engine's own conversion says int
	}
	if o, ok := v.(*Object); ok {
		if f, ok := o.Payload.(interface {
			format(spec string, dialect Dialect) (string, bool)
		}); ok {
			s, ok := f.format(spec, in.dialect())
			if !ok {
				return nil, in.formatError()
			}
			return s, nil
		}
	}
	return in.scalarText(v), nil
}

func (in *Interpreter) formatNumeric(v Value, spec string) (Value, error) {
	s, ok := formatNumber(v, spec, in.dialect())
	if !ok {
		return nil, in.formatError()
	}
	return s, nil
}

func (in *Interpreter) formatError() error {
	return in.thrown("System.FormatException", "Error formatting a string: Format specifier was invalid..")
}
