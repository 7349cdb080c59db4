package powershell

import "strings"

func (w *printer) typeDef(s *TypeDef) {
	for _, a := range s.Attributes {
		w.attribute(a)
		w.str("\n")
	}
	w.str(s.Keyword.Text(), " ", s.Name)
	for i, t := range s.Bases {
		w.str([]string{" : ", ", "}[min(i, 1)])
		w.typeName(t)
	}
	w.str(" {\n")
	for _, m := range s.Members {
		w.member(m, s.Keyword == KindEnum)
		w.str("\n")
	}
	w.str("}")
}

func (w *printer) member(m *TypeMember, ofEnum bool) {
	for _, a := range m.Attributes {
		w.attribute(a)
		w.str(" ")
	}
	if m.Static {
		w.str("static ")
	}
	if m.Hidden {
		w.str("hidden ")
	}
	switch {
	case m.Params != nil:
		w.str(m.Name)
		w.parameters(m.Params)
		if m.Base != nil {
			w.str(" : base")
			w.arguments(m.Base)
		}
		w.str(" ")
		if m.Body != nil {
			w.braced(m.Body)
		}
		return
	case ofEnum:
		w.str(m.Name)
	default:
		w.str("$", m.Name)
	}
	if m.Initial != nil {
		w.str(" = ")
		w.expression(m.Initial)
	}
}

func (w *printer) braced(b *ScriptBlock) {
	w.str("{\n")
	w.scriptBlock(b)
	w.str("}")
}

func (w *printer) parameters(b *ParamBlock) {
	w.str("(")
	for i, x := range b.Parameters {
		if i > 0 {
			w.str(", ")
		}
		w.parameter(x)
	}
	w.str(")")
}

func (w *printer) parameter(x *Parameter) {
	for _, a := range x.Attributes {
		w.attribute(a)
		w.str(" ")
	}
	w.expression(x.Name)
	if x.Default != nil {
		w.str(" = ")
		w.expression(x.Default)
	}
}

func (w *printer) attribute(a *Attribute) {
	w.str("[")
	w.typeName(a.Type)
	if a.Arguments {
		if a.Type.Assembly != "" {
			w.str(" ") // else the bracket is part of its name
		}
		w.str("(")
		separator := ""
		for _, e := range a.Positional {
			w.str(separator)
			w.expression(e)
			separator = ", "
		}
		for _, n := range a.Named {
			w.str(separator, n.Name)
			if n.Value != nil {
				w.str(" = ")
				w.expression(n.Value)
			}
			separator = ", "
		}
		w.str(")")
	}
	w.str("]")
}

func (w *printer) bracketed(t *TypeName) {
	w.str("[")
	w.typeName(t)
	w.str("]")
}

func (w *printer) typeName(t *TypeName) {
	w.str(t.Name)
	for i, a := range t.Args {
		w.str([]string{"[", ", "}[min(i, 1)])
		if a.Assembly != "" {
			w.bracketed(a)
		} else {
			w.typeName(a)
		}
	}
	if len(t.Args) > 0 {
		w.str("]")
	}
	for _, rank := range t.Ranks {
		w.str("[", strings.Repeat(",", rank-1), "]")
	}
	if t.Assembly != "" {
		w.str(", ", t.Assembly)
	}
}
