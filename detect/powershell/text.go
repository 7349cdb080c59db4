package powershell

// Strings of which parts are unknown, and how values become text.

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The most that the name of an unknown value may hold before the source text
// of the operation stands for it, and the most of an identity before its hash
// does: a loop may derive values from values without end.
const (
	maxExpression = 120
	maxIdentity   = 96
	holeSize      = 64 // what a hole counts for in the budget of a text
)

// bytesPerStep is how much text may be copied or searched for one step of the
// budget, which is about what an evaluation takes.
const bytesPerStep = 16 << 10

// textBuilder joins known and unknown pieces.
type textBuilder struct {
	parts []TextPart
	known strings.Builder
	tail  string // the last three bytes, which may be half of a pair
	size  int
}

func (b *textBuilder) writeString(s string) {
	if len(s) == 0 {
		return
	}
	b.size += len(s)
	if b.known.Len() > 0 && s[0] == 0xED && strings.HasPrefix(b.tail, "\xED") {
		joined := concat(b.known.String(), s)
		b.known.Reset()
		b.known.WriteString(joined)
	} else {
		b.known.WriteString(s)
	}
	b.tail = (b.tail + s)[max(0, len(b.tail)+len(s)-3):]
}

func (b *textBuilder) writeHole(u *Unknown) {
	b.flush()
	b.parts = append(b.parts, TextPart{Hole: u})
	b.size += holeSize
}

func (b *textBuilder) flush() {
	if b.known.Len() > 0 {
		b.parts = append(b.parts, TextPart{Text: b.known.String()})
		b.known.Reset()
	}
	b.tail = ""
}

// write appends a string, a Text or an Unknown.
func (b *textBuilder) write(v Value) {
	switch v := v.(type) {
	case string:
		b.writeString(v)
	case *Text:
		for _, p := range v.Parts {
			if p.Hole != nil {
				b.writeHole(p.Hole)
			} else {
				b.writeString(p.Text)
			}
		}
	case *Unknown:
		b.writeHole(v)
	}
}

// value returns a string if everything is known, else a Text.
func (b *textBuilder) value() Value {
	if len(b.parts) == 0 {
		return b.known.String()
	}
	b.flush()
	return &Text{Parts: b.parts}
}

// Parts returns the text of any value as "$v" makes it, with blanks between
// elements; an unknown value is one hole, $null is nothing.
func Parts(v Value) []TextPart {
	var in *Interpreter
	switch t := in.text(v).(type) {
	case *Text:
		return t.Parts
	case *Unknown:
		return []TextPart{{Hole: t}}
	case string:
		if t != "" {
			return []TextPart{{Text: t}}
		}
	}
	return nil
}

// joinText concatenates the texts of the parts, as interpolation does.
func (in *Interpreter) joinText(parts []Value) Value {
	var b textBuilder
	for _, p := range parts {
		b.write(in.text(p))
	}
	return b.value()
}

// boundedText is joinText within the budget.
func (in *Interpreter) boundedText(parts ...Value) (Value, error) {
	if len(parts) == 2 {
		l, ok := parts[0].(string)
		r, ok2 := parts[1].(string)
		if ok && ok2 {
			if err := in.charge(int64(len(l)) + int64(len(r))); err != nil {
				return nil, err
			}
			return concat(l, r), nil
		}
	}
	var b textBuilder
	for _, p := range parts {
		b.write(in.text(p))
		if err := in.fits(int64(b.size)); err != nil {
			return nil, err
		}
	}
	return b.value(), in.spend(b.size / bytesPerStep)
}

// fits returns the limit error if a text of that many bytes is too long.
func (in *Interpreter) fits(size int64) error {
	if size > int64(in.budget.Text) {
		return in.exceeded("text")
	}
	return nil
}

// charge fits a text of that size and spends steps for making it.
func (in *Interpreter) charge(size int64) error {
	if err := in.fits(size); err != nil {
		return err
	}
	return in.spend(int(size / bytesPerStep))
}

// chargeItems spends steps for making that many values.
func (in *Interpreter) chargeItems(n int64) error {
	if n > int64(in.budget.Steps) {
		return in.exceeded("steps")
	}
	return in.spend(int(n))
}

// isUnknown tells whether v is not, or not entirely, known.
func isUnknown(v Value) bool {
	switch v.(type) {
	case *Unknown, *Text:
		return true
	}
	return false
}

// anyUnknown tells whether one of the values, or an element of an array among
// them, is unknown.
func anyUnknown(values ...Value) bool {
	return slices.ContainsFunc(values, func(v Value) bool {
		if isUnknown(v) {
			return true
		}
		items, ok := enumerable(v)
		return ok && slices.ContainsFunc(items, isUnknown)
	})
}

// asOne is an unknown collection as one value: an operand of the comma, an
// argument of a method.
func asOne(v Value) Value {
	if u, ok := v.(*Unknown); ok && u.Many {
		one := *u
		one.Many = false
		return &one
	}
	return v
}

// firstHole returns the first unknown part of v, or nil.
func firstHole(v Value) *Unknown {
	switch v := v.(type) {
	case *Unknown:
		return v
	case *Text:
		for _, p := range v.Parts {
			if p.Hole != nil {
				return p.Hole
			}
		}
	default:
		items, _ := enumerable(v)
		for _, item := range items {
			if isUnknown(item) {
				return firstHole(item)
			}
		}
	}
	return nil
}

// derivedFrom is an unknown value that depends on v, which is unknown itself:
// origin and source are those of its first unknown part. Equal values and
// equal steps give equal identities.
func derivedFrom(v Value, expression, step string) *Unknown {
	u := firstHole(v)
	if u == nil {
		return &Unknown{Expression: expression, Origin: OriginVariable, Identity: shortIdentity(identityOf(v) + "|" + step)}
	}
	return &Unknown{
		Expression: expression,
		Origin:     u.Origin,
		Source:     u.Source,
		session:    ofSession(v),
		Identity:   shortIdentity(identityOf(v) + "|" + step),
	}
}

func shortIdentity(s string) string {
	if len(s) <= maxIdentity {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// The most values that are looked into for the identity and the name of a
// collection, which may be large, deep or within itself.
const (
	maxIdentityValues = 4096
	maxIdentityDepth  = 16
	maxNamedDepth     = 4
)

// identityOf is equal for values that must be equal.
func identityOf(v Value) string {
	budget := maxIdentityValues
	return identityWithin(v, maxIdentityDepth, &budget)
}

func identityWithin(v Value, depth int, budget *int) string {
	switch v := v.(type) {
	case *Unknown:
		return v.Expression + "#" + v.Identity
	case *Text:
		return textIdentity(v)
	case string:
		return shortIdentity(strconv.Quote(v))
	}
	items, ok := enumerable(v)
	if !ok {
		return expressionOf(v)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d", len(items))
	for _, item := range items {
		if *budget--; *budget < 0 || depth == 0 {
			break
		}
		io.WriteString(h, ","+identityWithin(item, depth-1, budget))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func textIdentity(t *Text) string {
	var b strings.Builder
	for _, p := range t.Parts {
		if p.Hole != nil {
			b.WriteString("{" + identityOf(p.Hole) + "}")
		} else {
			b.WriteString(strconv.Quote(p.Text))
		}
	}
	return shortIdentity(b.String())
}

// textExpression writes a Text as an expandable string, or as its hole if it
// is nothing else.
func textExpression(t *Text) string {
	if len(t.Parts) == 1 {
		return t.Parts[0].Hole.Expression
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, p := range t.Parts {
		switch {
		case p.Hole == nil:
			b.WriteString(strings.NewReplacer("`", "``", `"`, "`\"", "$", "`$").Replace(p.Text))
		default:
			b.WriteString("$(" + p.Hole.Expression + ")")
		}
	}
	b.WriteByte('"')
	return b.String()
}

// expressionOf writes a value as source text an analyst would recognise.
func expressionOf(v Value) string { return expressionWithin(v, maxNamedDepth) }

func expressionWithin(v Value, depth int) string {
	switch v := v.(type) {
	case nil:
		return "$null"
	case *Unknown:
		return v.Expression
	case *Text:
		return textExpression(v)
	case bool:
		return "$" + strings.ToLower(boolText(v))
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	case Char:
		return "'" + v.String() + "'"
	case *TypeRef:
		return "[" + v.String() + "]"
	case *Closure:
		return "{" + closureText(v) + "}"
	case *Hash:
		return "@{...}"
	case *Object:
		if _, ok := v.Payload.(*xmlNode); ok {
			return "[xml]"
		}
		if t, ok := payloadText(v); ok {
			return t
		}
		return "[" + v.Type + "]"
	}
	if s, ok := numberText(v, PowerShellCore); ok {
		return s
	}
	items, _ := enumerable(v)
	parts := make([]string, 0, min(len(items), 8))
	for i, item := range items {
		if i == 7 || depth == 0 {
			parts = append(parts, "...")
			break
		}
		parts = append(parts, expressionWithin(item, depth-1))
	}
	return strings.Join(parts, ", ")
}

// nameOf names the result of an operation: the operands' own names put
// together where that is short, so that a variable which only renames an
// unknown value does not hide where it came from; else the source text.
func nameOf(built, source string) string {
	if len(built) <= maxExpression || source == "" {
		return truncated(built)
	}
	return truncated(source)
}

func truncated(s string) string {
	const most = 4 * maxExpression
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "..."
}

// operand is an expression as the operand of a member access or operator.
func operand(expression string) string {
	if expression == "" || simpleOperand(expression) {
		return expression
	}
	return "(" + expression + ")"
}

// simpleOperand tells whether an expression needs no parentheses before a
// member: it begins as an expression does, and no blank or operator stands
// outside its brackets and quotes.
func simpleOperand(s string) bool {
	if !strings.ContainsAny(s[:1], `$['"(@`) {
		return false
	}
	depth := 0
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case depth == 0 && strings.IndexByte(" \t\r\n+-*/%,|;=", c) >= 0:
			return false
		}
	}
	return depth == 0 && quote == 0
}

// mapText applies change to the known parts of t and wraps the holes as the
// results of a method of theirs.
func mapText(t *Text, method string, change func(string) string) Value {
	var b textBuilder
	for _, p := range t.Parts {
		if p.Hole == nil {
			b.writeString(change(p.Text))
			continue
		}
		b.writeHole(methodOf(p.Hole, method))
	}
	return b.value()
}

// methodOf is what a call of a method of an unknown string returns; method is
// written with its arguments.
func methodOf(u *Unknown, method string) *Unknown {
	return derivedFrom(u, nameOf(operand(u.Expression)+"."+method, ""), strings.ToLower(method))
}

// text converts v to a string as "$v" does: a string, a *Text or an *Unknown.
// Without an interpreter the separator is a blank and the dialect that of 5.1.
func (in *Interpreter) text(v Value) Value {
	switch v := v.(type) {
	case string, *Text, *Unknown:
		return v
	case *Array, *List:
		return in.joinItems(enumerate(v), in.fieldSeparator())
	case *Object:
		return in.objectText(v, true)
	}
	return in.scalarText(v)
}

// fieldSeparator is $OFS.
func (in *Interpreter) fieldSeparator() Value {
	if in == nil {
		return " "
	}
	if v, ok := in.lookupVariable("OFS"); ok && v != nil {
		return in.scalarText(v)
	}
	return " "
}

// joinItems is the text of items with separators between them. Those around
// an item of which there is any number are part of it: how many stand there is
// not known.
func (in *Interpreter) joinItems(items []Value, separator Value) Value {
	var b textBuilder
	items = in.withoutMarks(items)
	for i, item := range items {
		if i > 0 && !isMany(items[i-1]) && !isMany(item) {
			b.write(separator)
		}
		b.write(in.scalarText(item))
		if in != nil && b.size > in.budget.Text {
			return in.unknown("a text beyond the budget", OriginLimit)
		}
	}
	return b.value()
}

// scalarText converts a value that is not to be enumerated, as an element of
// an array is converted.
func (in *Interpreter) scalarText(v Value) Value {
	switch v := v.(type) {
	case nil:
		return ""
	case string, *Text, *Unknown:
		return v
	case bool:
		return boolText(v)
	case Char:
		return v.String()
	case *Array, *List, *Hash:
		return typeNameOf(v)
	case *TypeRef:
		return acceleratorName(v)
	case *Closure:
		return closureText(v)
	case *Object:
		return in.objectText(v, false)
	}
	dialect := WindowsPowerShell
	if in != nil {
		dialect = in.dialect()
	}
	if s, ok := numberText(v, dialect); ok {
		return s
	}
	return typeNameOf(v)
}

// objectText is the text of an object. Elements of a collection that is itself
// an element are not enumerated.
func (in *Interpreter) objectText(o *Object, enumerated bool) Value {
	if o.Class != nil && in != nil {
		if v, ok, err := in.classInvoke(o, "ToString", nil, ""); ok && err == nil {
			return in.scalarText(v)
		}
		if o.Payload == nil {
			return o.Type
		}
	}
	if b, ok := o.Payload.(*boundMethod); ok {
		return in.methodText(b)
	}
	if t, ok := o.Payload.(interface{ content() Value }); ok {
		return t.content()
	}
	if t, ok := payloadText(o); ok {
		return t
	}
	if o.Base != nil {
		return in.text(o.Base)
	}
	if items, ok := enumeratedPayload(o); ok && enumerated {
		return in.joinItems(items, in.fieldSeparator())
	}
	if v, ok := o.Get("Message"); ok && strings.HasSuffix(o.Type, "Exception") {
		return in.scalarText(v)
	}
	if o.Type == typePSCustomObject {
		return in.customText(o)
	}
	return o.Type
}

// customText is @{Name=value; ...}; an object within shows as nothing.
func (in *Interpreter) customText(o *Object) Value {
	in.seeProperties()
	var b textBuilder
	b.writeString("@{")
	for i, name := range o.Names() {
		if i > 0 {
			b.writeString("; ")
		}
		b.writeString(name + "=")
		v, _ := o.Get(name)
		if inner, ok := v.(*Object); !ok || inner.Type != typePSCustomObject {
			b.write(in.scalarText(v))
		}
	}
	b.writeString("}")
	return b.value()
}

// payloadText is the text of a .NET value that has one.
func payloadText(o *Object) (string, bool) {
	if t, ok := o.Payload.(interface{ String() string }); ok {
		return t.String(), true
	}
	return "", false
}

func boolText(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// closureText is the source of a script block without its braces.
func closureText(c *Closure) string {
	if c.Tree == nil || c.Body == nil || c.Body.End() > len(c.Tree.Text) {
		return ""
	}
	s := c.Tree.Text[c.Body.From:c.Body.To]
	if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
		return s[1 : len(s)-1]
	}
	return s
}
