package powershell

import (
	"strings"
	"unicode/utf8"
)

func (w *printer) expression(e Expression) {
	switch e := e.(type) {
	case *Number:
		w.str(e.Text)
	case *String:
		w.stringLiteral(e)
	case *ExpandableString:
		w.expandable(e)
	case *Variable:
		w.str(variableText(e, false))
	case *UsingExpression:
		w.str(variableText(e.Variable, false))
	case *ArrayLiteral:
		w.arrayLiteral(e)
	case *ArrayExpression:
		w.str("@(")
		w.inline(e.Body)
		w.str(")")
	case *SubExpression:
		w.str("$(")
		w.inline(e.Body)
		w.str(")")
	case *Paren:
		w.str("(")
		w.optional(e.Pipeline)
		w.str(")")
	case *Hashtable:
		w.hashtable(e)
	case *ScriptBlockExpression:
		w.braced(e.Body)
	case *Unary:
		w.unary(e)
	case *Binary:
		w.binary(e)
	case *Ternary:
		w.expression(e.Condition)
		w.str(" ? ")
		w.expression(e.Then)
		w.str(" : ")
		w.expression(e.Else)
	case *Convert:
		w.bracketed(e.Type)
		w.str(" ")
		w.expression(e.Operand)
	case *TypeName:
		w.bracketed(e)
	case *Attributed:
		w.attribute(e.Attribute)
		w.str(" ")
		w.expression(e.Operand)
	case *Member, *Index:
		w.access(e)
	case *ErrorExpression:
		w.errorNodes(e.Nodes)
	}
}

// inline writes statements between parentheses.
func (w *printer) inline(b *Block) {
	if len(b.Traps) == 0 && len(b.Statements) == 1 {
		w.statement(b.Statements[0])
		return
	}
	if len(b.Traps)+len(b.Statements) > 0 {
		w.str("\n")
	}
	w.statements(b)
}

func (w *printer) arrayLiteral(e *ArrayLiteral) {
	if len(e.Elements) == 1 {
		w.str(", ")
	}
	for i, x := range e.Elements {
		if i > 0 {
			w.str(", ")
		}
		w.expression(x)
	}
}

func (w *printer) hashtable(e *Hashtable) {
	w.str("@{")
	for _, x := range e.Entries {
		w.str("\n")
		w.expression(x.Key)
		w.str(" = ")
		w.statement(x.Value)
	}
	if len(e.Entries) > 0 {
		w.str("\n")
	}
	w.str("}")
}

func (w *printer) unary(e *Unary) {
	switch e.Op {
	case KindPostfixPlusPlus, KindPostfixMinusMinus:
		w.expression(e.Operand)
		w.str(e.Op.Text())
	case KindPlusPlus, KindMinusMinus:
		w.str(e.Op.Text())
		w.expression(e.Operand)
	default:
		// A blank keeps the sign apart from a number.
		w.str(e.Op.Text(), " ")
		w.expression(e.Operand)
	}
}

// binary writes operators, of which there may be very many in a row.
func (w *printer) binary(e *Binary) {
	var links []*Binary
	left := Expression(e)
	for b, ok := left.(*Binary); ok; b, ok = left.(*Binary) {
		links = append(links, b)
		left = b.Left
	}
	w.expression(left)
	for i := len(links) - 1; i >= 0; i-- {
		w.str(" ", links[i].Op.Text(), " ")
		w.expression(links[i].Right)
	}
}

// access writes members and indexes, of which there may be very many in a row.
func (w *printer) access(e Expression) {
	var links []Expression
	for {
		switch x := e.(type) {
		case *Member:
			links = append(links, x)
			e = x.Target
			continue
		case *Index:
			links = append(links, x)
			e = x.Target
			continue
		}
		break
	}
	w.expression(e)
	for i := len(links) - 1; i >= 0; i-- {
		switch x := links[i].(type) {
		case *Member:
			w.memberAccess(x)
		case *Index:
			w.str(map[bool]string{false: "[", true: "?["}[x.Nullable])
			w.expression(x.Index)
			w.str("]")
		}
	}
}

func (w *printer) memberAccess(m *Member) {
	switch {
	case m.Static:
		w.str("::")
	case m.Nullable:
		w.str("?.")
	default:
		w.str(".")
	}
	if n, ok := m.Name.(*Number); ok && strings.HasPrefix(n.Text, ".") {
		w.str(" ") // else it is a range
	}
	w.expression(m.Name)
	for i, t := range m.TypeArgs {
		w.str([]string{"[", ", "}[min(i, 1)])
		w.typeName(t)
	}
	if len(m.TypeArgs) > 0 {
		w.str("]")
	}
	if m.Call {
		w.arguments(m.Arguments)
	}
}

func (w *printer) arguments(list []Expression) {
	w.str("(")
	for i, e := range list {
		if i > 0 {
			w.str(", ")
		}
		w.expression(e)
	}
	w.str(")")
}

func (w *printer) stringLiteral(s *String) {
	switch s.Kind {
	case BareWord:
		w.word(s.Value, false)
	case SingleQuoted:
		w.quoted(s.Value)
	case DoubleQuoted:
		w.str(`"`)
		w.escaped(s.Value, false)
		w.str(`"`)
	case SingleHere:
		w.str("@'\n")
		w.raw(s.Value)
		w.hereEnd(s.Value, "'@")
	case DoubleHere:
		w.str("@\"\n")
		w.escaped(s.Value, true)
		w.str("\n\"@")
	}
}

// hereEnd ends a here-string; a CR before it must not become part of the line
// end.
func (w *printer) hereEnd(value, end string) {
	if strings.HasSuffix(value, "\r") {
		w.str("\r")
	}
	w.str("\n", end)
}

// escaped writes the content of a string that expands, so that nothing in it
// does.
func (w *printer) escaped(s string, here bool) {
	done := 0
	for i, r := range s {
		by := ""
		switch {
		case r == '$' || r == '`':
			by = "`"
		case isDoubleQuote(r) && here:
			by = "`"
		case isDoubleQuote(r):
			by = string(r)
		case r == '\r' && here:
			w.raw(s[done:i])
			w.raw("`r")
			done = i + 1
			continue
		default:
			continue
		}
		w.raw(s[done:i])
		w.raw(by)
		done = i
	}
	w.raw(s[done:])
}

// expandable writes a string or word with what is in it.
func (w *printer) expandable(e *ExpandableString) {
	switch e.Kind {
	case BareWord:
		w.expandableWord(e)
	case DoubleHere:
		w.str("@\"\n")
		w.parts(e.Parts, true)
		w.str("\n\"@")
	default:
		w.str(`"`)
		w.parts(e.Parts, false)
		w.str(`"`)
	}
}

func (w *printer) parts(parts []StringPart, here bool) {
	behindName := false
	for _, p := range parts {
		if p.Expression != nil {
			w.partExpression(p.Expression, here)
			behindName = isOpenName(p.Expression)
			continue
		}
		text := p.Text
		if r, n := utf8.DecodeRuneInString(text); behindName && (r == ':' || r == '?' || isIdentFollow(r)) {
			// It must not become part of the variable's name.
			w.raw("`" + text[:n])
			text = text[n:]
		}
		w.escaped(text, here)
	}
}

// isOpenName reports whether e is a variable whose name could go on.
func isOpenName(e Expression) bool {
	if u, ok := e.(*UsingExpression); ok {
		e = u.Variable
	}
	v, ok := e.(*Variable)
	return ok && !v.Braced && v.Name != "$" && v.Name != "?" && v.Name != "^"
}

func (w *printer) expandableWord(e *ExpandableString) {
	for i, p := range e.Parts {
		switch {
		case p.Expression != nil:
			w.partExpression(p.Expression, false)
		case i > 0:
			w.quoted(p.Text)
		case strings.HasSuffix(p.Text, "$"):
			// The $ must not become part of what follows.
			w.escapedWord(p.Text)
		default:
			w.word(p.Text, false)
		}
	}
	if len(e.Parts) == 1 {
		w.str("''")
	}
}

// maxPart bounds what is written of a $() in a string. Quotes double with each
// string around them, which a script that can be read has done itself; but not
// one that ends within fifty strings.
const maxPart = 1 << 22

// partExpression writes a variable or a $() inside a string. In a $(), quotes
// and comments protect no parenthesis, and double quotes are escaped.
func (w *printer) partExpression(e Expression, here bool) {
	switch e := e.(type) {
	case *Variable:
		w.str(variableText(e, true))
		return
	case *UsingExpression:
		w.str(variableText(e.Variable, true))
		return
	}
	text := balanced(Print(e))
	if !here {
		text = protectQuotes(text)
	}
	if len(text) > maxPart {
		text = "$()"
	}
	w.str(text)
}

// balanced adds comments with parentheses to a $( ) in which they would not
// balance otherwise.
func balanced(text string) string {
	inner := text
	if strings.HasPrefix(text, "$(") && strings.HasSuffix(text, ")") {
		inner = text[2 : len(text)-1]
	}
	depth, lowest := 0, 0
	for i := range len(inner) {
		switch inner[i] {
		case '(':
			depth++
		case ')':
			depth--
			lowest = min(lowest, depth)
		}
	}
	if depth == 0 && lowest == 0 {
		return text
	}
	before, behind := strings.Repeat("(", -lowest), strings.Repeat(")", max(0, depth-lowest))
	return "$(<#" + before + "#>" + inner + "\n<#" + behind + "#>)"
}

// protectQuotes writes double quotes as they must stand in a $() in a string:
// of two in a row one is lost, as is a backtick before one.
func protectQuotes(text string) string {
	var b strings.Builder
	previous := rune(0)
	for i, r := range text {
		_, n := utf8.DecodeRuneInString(text[i:])
		if isDoubleQuote(r) {
			switch {
			case previous == '`':
				b.WriteByte('`')
			case isDoubleQuote(previous):
				b.WriteRune(r)
			}
		}
		b.WriteString(text[i : i+n])
		previous = r
	}
	return b.String()
}

func variableText(v *Variable, inString bool) string {
	path := v.Name
	switch {
	case v.Scope != "":
		path = v.Scope + ":" + path
	case strings.Contains(path, ":"), !v.Braced && len(path) > 1 && strings.IndexByte("?$^", path[0]) >= 0:
		path = ":" + path
	}
	sigil := "$"
	if v.Splatted {
		sigil = "@"
	}
	if !v.Braced {
		return sigil + path
	}
	var b strings.Builder
	for i, r := range path {
		_, n := utf8.DecodeRuneInString(path[i:])
		switch {
		case r == '{' || r == '}' || r == '`':
			b.WriteByte('`')
		case inString && isDoubleQuote(r):
			b.WriteRune(r)
		}
		b.WriteString(path[i : i+n])
	}
	return sigil + "{" + b.String() + "}"
}
