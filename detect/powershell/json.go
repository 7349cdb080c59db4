package powershell

// ConvertTo-Json.

import (
	"fmt"
	"strings"
)

// jsonWriter writes values as ConvertTo-Json does. In Windows PowerShell what
// is within is set below the place where it begins, in 7 two blanks deeper.
type jsonWriter struct {
	in       *Interpreter
	out      textBuilder
	compress bool
	dialect  Dialect
	depth    int // levels that are written as objects
}

func convertToJSON(x *execution) error {
	w := &jsonWriter{in: x.in, compress: x.Switch("Compress") == Yes, dialect: x.in.dialect(), depth: 2}
	if n, given, known := x.number("Depth"); given && known {
		w.depth = min(max(n, 0), maxJSONDepth)
	}
	items := x.items()
	var v Value
	switch {
	case len(items) == 0:
		return nil
	case len(items) > 1 || x.Switch("AsArray") == Yes:
		v = newArray(items)
	default:
		v = items[0]
	}
	if !w.value(v, 0, 0) || hasMany(items) {
		u := x.unknown(items...)
		u.Type, u.Many = typeString, false
		return x.Out(u)
	}
	if err := x.in.charge(int64(w.out.size)); err != nil {
		return err
	}
	return x.Out(w.out.value())
}

// value writes v at a column, and tells whether its text is known.
func (w *jsonWriter) value(v Value, column, level int) bool {
	if w.in.fits(int64(w.out.size)) != nil || level > maxJSONDepth {
		return false
	}
	switch v := v.(type) {
	case nil:
		w.out.writeString("null")
	case bool:
		w.out.writeString(strings.ToLower(boolText(v)))
	case string:
		w.out.writeString(w.quoted(v))
	case Char:
		w.out.writeString(w.quoted(v.String()))
	case *Text:
		w.out.writeString(`"`)
		w.out.write(v)
		w.out.writeString(`"`)
	case *Hash:
		return w.table(v.Known(), w.in.keysOf(v), w.in.valuesOf(v), column, level)
	case *Array, *List:
		return w.list(enumerate(v), column, level)
	case *Object:
		return w.object(v, column, level)
	default:
		s, ok := numberText(v, w.dialect)
		if f, isFloat := v.(float64); isFloat && ok && f == float64(int64(f)) && w.dialect == PowerShellCore && !strings.ContainsAny(s, "E.") {
			s += ".0"
		}
		w.out.writeString(s)
		return ok
	}
	return true
}

func (w *jsonWriter) object(o *Object, column, level int) bool {
	switch p := o.Payload.(type) {
	case *enumValue:
		w.out.writeString(fmt.Sprint(p.Number))
		return true
	case switchValue:
		return false
	}
	if o.Payload != nil || o.Base != nil {
		return false
	}
	w.in.seeProperties()
	var keys, values []Value
	for _, name := range o.Names() {
		v, _ := o.Get(name)
		keys, values = append(keys, name), append(values, v)
	}
	return w.table(true, keys, values, column, level)
}

func (w *jsonWriter) table(known bool, keys, values []Value, column, level int) bool {
	if level > w.depth || !known {
		return false
	}
	w.out.writeString("{")
	for i, k := range keys {
		name, ok := w.in.text(k).(string)
		if !ok {
			return false
		}
		if i > 0 {
			w.out.writeString(",")
		}
		label := w.quoted(name) + ":"
		switch {
		case w.compress:
		case w.dialect == WindowsPowerShell:
			label += "  "
		default:
			label += " "
		}
		inner := w.newLine(column, level+1)
		w.out.writeString(label)
		if !w.value(values[i], inner+unitLen(label), level+1) {
			return false
		}
	}
	w.close(len(keys), column, level, "}")
	return true
}

func (w *jsonWriter) list(items []Value, column, level int) bool {
	if level > w.depth {
		return false
	}
	w.out.writeString("[")
	for i, item := range items {
		if i > 0 {
			w.out.writeString(",")
		}
		if !w.value(item, w.newLine(column, level+1), level+1) {
			return false
		}
	}
	w.close(len(items), column, level, "]")
	return true
}

// newLine begins a line within what stands at a column, and returns where.
func (w *jsonWriter) newLine(column, level int) int {
	indent := 2 * level
	if w.dialect == WindowsPowerShell {
		indent = column + 4
	}
	if !w.compress {
		w.out.writeString("\r\n" + strings.Repeat(" ", indent))
	}
	return indent
}

func (w *jsonWriter) close(items, column, level int, bracket string) {
	indent := 2 * level
	if w.dialect == WindowsPowerShell {
		indent = column
	}
	switch {
	case w.compress:
	case items == 0 && w.dialect == PowerShellCore:
	case items == 0:
		w.out.writeString("\r\n\r\n" + strings.Repeat(" ", indent))
	default:
		w.out.writeString("\r\n" + strings.Repeat(" ", indent))
	}
	w.out.writeString(bracket)
}

// quoted is a string in quotes. Windows PowerShell escapes what HTML would
// read.
func (w *jsonWriter) quoted(s string) string {
	escapes := map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case escapes[r] != "":
			b.WriteString(escapes[r])
		case r < 0x20, r == 0x85 || r == 0x2028 || r == 0x2029, w.dialect == WindowsPowerShell && strings.ContainsRune("<>&'", r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
