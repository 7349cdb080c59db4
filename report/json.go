package report

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strconv"
)

// The JSON of encoding/json will not do: it replaces lone surrogates, and it
// builds a text in memory before it writes it.
//
// The rules are:
//   - Keys stand in the order of the struct's fields.
//   - An object or a list of objects or strings takes a line for each member;
//     a list of numbers stands on one line.
//   - Nothing depends on anything but the value.

func writeJSON(w io.Writer, r *Report, _ Terminal) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	e := jsonEncoder{w: buffered}
	e.value(reflect.ValueOf(flatten(r)))
	e.w.WriteByte('\n')
	return buffered.Flush()
}

// jsonEncoder writes the types of a document. An error of the writer stays in
// w and comes back from Flush.
type jsonEncoder struct {
	w     *bufio.Writer
	depth int
}

func (e *jsonEncoder) value(v reflect.Value) {
	if n, ok := v.Interface().(nullable); ok {
		p := n.plain()
		if p == nil {
			e.w.WriteString("null")
			return
		}
		v = reflect.ValueOf(p)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			e.w.WriteString("null")
			return
		}
		e.value(v.Elem())
	case reflect.Struct:
		e.object(v)
	case reflect.Slice, reflect.Array:
		e.list(v)
	case reflect.String:
		writeJSONString(e.w, v.String())
	case reflect.Bool:
		e.w.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int32, reflect.Int64:
		e.w.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		e.w.WriteString(strconv.FormatUint(v.Uint(), 10))
	default:
		panic(fmt.Sprintf("report: no JSON for %s", v.Type()))
	}
}

func (e *jsonEncoder) object(v reflect.Value) {
	e.w.WriteByte('{')
	e.depth++
	members := 0
	for i := range v.NumField() {
		key, ok := v.Type().Field(i).Tag.Lookup("json")
		if !ok {
			continue
		}
		if members > 0 {
			e.w.WriteByte(',')
		}
		members++
		e.newline()
		writeJSONString(e.w, key)
		e.w.WriteString(": ")
		e.value(v.Field(i))
	}
	e.depth--
	if members > 0 {
		e.newline()
	}
	e.w.WriteByte('}')
}

func (e *jsonEncoder) list(v reflect.Value) {
	short := isNumeric(v.Type().Elem())
	e.w.WriteByte('[')
	e.depth++
	for i := range v.Len() {
		if i > 0 {
			e.w.WriteByte(',')
		}
		switch {
		case !short:
			e.newline()
		case i > 0:
			e.w.WriteByte(' ')
		}
		e.value(v.Index(i))
	}
	e.depth--
	if !short && v.Len() > 0 {
		e.newline()
	}
	e.w.WriteByte(']')
}

// isNumeric reports whether t is a number or a list of numbers.
func isNumeric(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return isNumeric(t.Elem())
	case reflect.Int32, reflect.Uint64:
		return !t.Implements(reflect.TypeFor[nullable]())
	}
	return false
}

func (e *jsonEncoder) newline() {
	e.w.WriteByte('\n')
	for range e.depth {
		e.w.WriteString("  ")
	}
}
