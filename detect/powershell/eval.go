package powershell

// The expressions.

import (
	"strconv"
	"strings"
)

// eval evaluates an expression.
func (in *Interpreter) eval(e Expression) (Value, error) {
	if err := in.spend(1); err != nil {
		return nil, err
	}
	in.nesting++
	defer func() { in.nesting-- }()
	if in.nesting > maxNesting {
		return nil, in.exceeded("nesting")
	}
	switch e := e.(type) {
	case *Number:
		return e.Value, nil
	case *String:
		return in.constantText(e.Value), nil
	case *ExpandableString:
		return in.expandable(e)
	case *Variable:
		return in.variable(e)
	case *ArrayLiteral:
		items, err := in.evalAll(e.Elements)
		if err != nil {
			return nil, err
		}
		return newArray(items), nil
	case *ArrayExpression:
		c, out := in.collectorSink()
		if err := in.settled(in.statements(e.Body, out)); err != nil {
			return nil, err
		}
		return newArray(append([]Value(nil), c.values...)), nil
	case *SubExpression, *Paren:
		v, _, err := in.evalValue(e)
		return v, err
	case *Hashtable:
		return in.hashtable(e, newHash())
	case *ScriptBlockExpression:
		return in.closure(e), nil
	case *Unary:
		return in.unaryExpression(e)
	case *Binary:
		return in.binaryExpression(e)
	case *Ternary:
		condition, err := in.eval(e.Condition)
		if err != nil {
			return nil, err
		}
		return in.branch(condition,
			func() (Value, error) { return in.eval(e.Then) },
			func() (Value, error) { return in.eval(e.Else) })
	case *Convert:
		return in.conversion(e)
	case *TypeName:
		return in.typeValue(e)
	case *Attributed:
		if e.Attribute.Arguments {
			return in.eval(e.Operand)
		}
		return in.conversion(&Convert{Span: e.Span, Type: e.Attribute.Type, Operand: e.Operand})
	case *Member:
		return in.memberExpression(e)
	case *Index:
		return in.indexExpression(e)
	case *UsingExpression:
		return in.usingVariable(e.Variable)
	}
	return nil, nil
}

func (in *Interpreter) evalAll(list []Expression) ([]Value, error) {
	values := make([]Value, len(list))
	for i, e := range list {
		v, err := in.eval(e)
		if err != nil {
			return nil, err
		}
		values[i] = asOne(v)
	}
	return values, nil
}

func (in *Interpreter) closure(e *ScriptBlockExpression) *Closure {
	return &Closure{Body: e.Body, Tree: in.frame.tree, Block: in.frame.home}
}

func (in *Interpreter) typeValue(e *TypeName) (Value, error) {
	if t := in.resolveType(e); t != nil {
		return t, nil
	}
	return &TypeRef{Name: e.Name}, nil
}

// constantText is text of the script: a string, or one with the holes that
// stand in made text.
func (in *Interpreter) constantText(s string) Value {
	if len(in.frame.holes) == 0 {
		return s
	}
	var b textBuilder
	for _, p := range in.marked(s) {
		if p.Hole != nil {
			b.writeHole(p.Hole)
		} else {
			b.writeString(p.Text)
		}
	}
	return b.value()
}

func (in *Interpreter) expandable(e *ExpandableString) (Value, error) {
	parts := make([]Value, 0, len(e.Parts))
	for _, p := range e.Parts {
		if p.Expression == nil {
			parts = append(parts, in.constantText(p.Text))
			continue
		}
		v, err := in.eval(p.Expression)
		if err != nil {
			return nil, err
		}
		parts = append(parts, v)
	}
	return in.boundedText(parts...)
}

func (in *Interpreter) hashtable(e *Hashtable, h *Hash) (Value, error) {
	for _, entry := range e.Entries {
		key, err := in.eval(entry.Key)
		if err != nil {
			return nil, err
		}
		v, _, err := in.valueOf(entry.Value)
		if err != nil {
			return nil, err
		}
		if key == nil {
			return nil, in.thrown("System.Management.Automation.RuntimeException", "A null key is not allowed in a hash literal.")
		}
		h.Set(key, v)
	}
	return h, nil
}

// conversion is a cast. A hashtable literal keeps its order where the type
// does.
func (in *Interpreter) conversion(e *Convert) (Value, error) {
	name := foldCase(e.Type.Name)
	if h, ok := e.Operand.(*Hashtable); ok {
		switch name {
		case "ordered":
			return in.hashtable(h, newOrdered())
		case "pscustomobject", "psobject", "system.management.automation.pscustomobject", "system.management.automation.psobject":
			v, err := in.hashtable(h, newOrdered())
			if err != nil {
				return nil, err
			}
			return in.convert(v, in.typeOf(e.Type))
		}
	}
	if name == "ref" || name == "system.management.automation.psreference" {
		return in.reference(e.Operand)
	}
	v, err := in.eval(e.Operand)
	if err != nil {
		return nil, err
	}
	if name == "void" || name == "system.void" {
		return nil, nil
	}
	if name == "scriptblock" || name == "system.management.automation.scriptblock" {
		if c, ok := v.(*Closure); ok {
			return c, nil
		}
		return in.makeBlock(v, "[scriptblock]")
	}
	return in.convert(v, in.typeOf(e.Type))
}

func (in *Interpreter) typeOf(t *TypeName) *TypeRef {
	if r := in.resolveType(t); r != nil {
		return r
	}
	return &TypeRef{Name: t.Name}
}

// reference is [ref]$x: reading and writing it is reading and writing $x.
func (in *Interpreter) reference(e Expression) (Value, error) {
	if _, ok := e.(*Variable); !ok {
		v, err := in.eval(e)
		if err != nil {
			return nil, err
		}
		c := in.newCell(v)
		return in.referenceTo(func() Value { return c.v }, func(v Value) error { in.setCell(c, v); return nil }), nil
	}
	name := e.(*Variable)
	s := in.scopeNamed(name.Scope)
	if s == nil {
		s = in.scope
	}
	cell := s.find(name.Name)
	if cell == nil {
		cell = in.declare(s, name.Name)
	}
	if cell.owner != nil {
		cell.owner.kept = true
	}
	return in.referenceTo(
		func() Value { return in.read(cell) },
		func(v Value) error { return in.put(cell, v) }), nil
}

func (in *Interpreter) referenceTo(get func() Value, set func(Value) error) *Object {
	o := newObject("System.Management.Automation.PSReference")
	o.Payload = &reference{get: get, set: set}
	return o
}

func (in *Interpreter) indexExpression(e *Index) (Value, error) {
	target, err := in.eval(e.Target)
	if err != nil {
		return nil, err
	}
	if e.Nullable && target == nil {
		return nil, nil
	}
	i, err := in.eval(e.Index)
	if err != nil {
		return nil, err
	}
	return in.index(target, i, in.source(e))
}

// memberName is the name of a member, or an unknown value.
func (in *Interpreter) memberName(e Expression) (Value, error) {
	if s, ok := e.(*String); ok {
		return in.constantText(s.Value), nil
	}
	v, err := in.eval(e)
	if err != nil {
		return nil, err
	}
	if _, ok := v.(*Closure); ok {
		return v, nil
	}
	return in.text(v), nil
}

func (in *Interpreter) memberExpression(e *Member) (Value, error) {
	var target Value
	var err error
	if t, ok := e.Target.(*TypeName); ok {
		target, err = in.typeValue(t)
	} else {
		target, err = in.eval(e.Target)
	}
	if err != nil {
		return nil, err
	}
	if e.Nullable && target == nil {
		return nil, nil
	}
	n, err := in.memberName(e.Name)
	if err != nil {
		return nil, err
	}
	name, ok := n.(string)
	if !ok {
		args, err := in.evalAll(e.Arguments)
		if err != nil {
			return nil, err
		}
		in.risks++
		return in.derived(in.source(e), in.source(e)+"|"+identities(append(args, target, n)), target, n), nil
	}
	if !e.Call {
		return in.getMember(target, name, e)
	}
	args, err := in.evalAll(e.Arguments)
	if err != nil {
		return nil, err
	}
	return in.call(target, name, args, e)
}

func (in *Interpreter) getMember(target Value, name string, e *Member) (Value, error) {
	if e.Static {
		if t, ok := target.(*TypeRef); ok {
			return in.staticMember(t, name)
		}
	}
	if v, ok, err := in.specialMember(target, name, in.source(e)); ok || err != nil {
		return v, err
	}
	v, err := in.member(target, name, in.source(e))
	if v == nil && err == nil && in.strict.v.(least) >= strictMembers && in.lacks(target, name) {
		return nil, in.thrown("System.Management.Automation.PropertyNotFoundException",
			"The property '"+name+"' cannot be found on this object. Verify that the property exists.")
	}
	return v, err
}

// lacks tells whether a value is known to have no such property, where reading
// it gave $null.
func (in *Interpreter) lacks(target Value, name string) bool {
	switch t := target.(type) {
	case nil, string, bool:
		return true
	case *Hash:
		return t.Has(name) == No
	case *Object:
		_, ok := t.Get(name)
		return !ok && (t.Type == typePSCustomObject && t.Base == nil || in.isClosedObject(t))
	}
	return isNumber(target)
}

// What Set-StrictMode forbids: variables that were never set, and from version
// 2 on also properties that do not exist.
const (
	strictVariables = 1
	strictMembers   = 2
)

// call calls a method.
func (in *Interpreter) call(target Value, name string, args []Value, e *Member) (Value, error) {
	src := in.source(e)
	if isUnknown(target) {
		in.risks++
	}
	if e.Static {
		if t, ok := target.(*TypeRef); ok {
			return in.callStatic(t, name, args, src)
		}
	}
	if v, ok, err := in.specialInvoke(target, name, args, src); ok || err != nil {
		return v, err
	}
	return in.invoke(target, name, args, src)
}

func (in *Interpreter) construct(t *TypeRef, args []Value) (Value, error) {
	if t.Class != nil {
		return in.classNew(t, args)
	}
	return in.new(t, args)
}

func decimalText(n int) string { return strconv.Itoa(n) }

// marked splits text at the marks that stand for holes.
func (in *Interpreter) marked(s string) []TextPart {
	var parts []TextPart
	for s != "" {
		from := strings.Index(s, holeOpen)
		if from < 0 {
			break
		}
		to := strings.Index(s[from:], holeClose)
		if to < 0 {
			break
		}
		to += from
		n, err := strconv.Atoi(s[from+len(holeOpen) : to])
		if err != nil || n < 0 || n >= len(in.frame.holes) {
			parts = append(parts, TextPart{Text: s[:from+len(holeOpen)]})
			s = s[from+len(holeOpen):]
			continue
		}
		if from > 0 {
			parts = append(parts, TextPart{Text: s[:from]})
		}
		parts = append(parts, TextPart{Hole: in.frame.holes[n]})
		s = s[to+len(holeClose):]
	}
	if s != "" {
		parts = append(parts, TextPart{Text: s})
	}
	return parts
}
