package powershell

// Assignments.

// compoundOperators are the operators of compound assignments.
var compoundOperators = map[TokenKind]TokenKind{
	KindPlusEquals: KindPlus, KindMinusEquals: KindMinus, KindMultiplyEquals: KindMultiply,
	KindDivideEquals: KindDivide, KindRemainderEquals: KindRem,
}

// assignment carries out an assignment and returns the value assigned.
func (in *Interpreter) assignment(s *Assignment) (Value, error) {
	outer := in.sources
	in.sources = nil
	v, nothing, err := in.assignedValue(s)
	from := in.fromBlocks(in.sources)
	in.sources = union(outer, from)
	if err != nil {
		return nil, err
	}
	if err := in.assign(s.Left, v, from); err != nil {
		return nil, err
	}
	if nothing {
		in.markNothing(s.Left)
	}
	return v, nil
}

// assignedValue is the value of the right side, with the left side's for a
// compound operator.
func (in *Interpreter) assignedValue(s *Assignment) (Value, bool, error) {
	if s.Op == KindQuestionQuestionEquals {
		v, err := in.eval(s.Left)
		if err != nil || v != nil && !isUnknown(v) {
			return v, false, err
		}
		r, nothing, err := in.rightSide(s.Right)
		if err != nil || v == nil {
			return r, nothing, err
		}
		return in.either(in.source(s.Left), v, r), false, nil
	}
	r, nothing, err := in.rightSide(s.Right)
	if err != nil || s.Op == KindEquals {
		return r, nothing, err
	}
	op, ok := compoundOperators[s.Op]
	if !ok {
		return r, nothing, nil
	}
	l, err := in.compoundLeft(s.Left)
	if err != nil {
		return nil, false, err
	}
	v, err := in.binary(op, l, r, nil)
	return v, false, err
}

// compoundLeft is the value that a compound assignment starts from: a plain
// variable of an outer scope is not it.
func (in *Interpreter) compoundLeft(e Expression) (Value, error) {
	v, ok := e.(*Variable)
	if !ok || v.Scope != "" {
		return in.eval(stripTypes(e))
	}
	cell := in.scope.variables[foldCase(v.Name)]
	if cell == nil {
		return nil, nil
	}
	return in.read(cell), nil
}

func (in *Interpreter) rightSide(s Statement) (Value, bool, error) {
	v, nothing, err := in.valueOf(s)
	if u, ok := v.(*Unknown); ok && len(u.Expression) > maxExpression {
		return u, nothing, err
	}
	return v, nothing, err
}

func stripTypes(e Expression) Expression {
	for {
		switch x := e.(type) {
		case *Convert:
			e = x.Operand
		case *Attributed:
			e = x.Operand
		case *Paren:
			inner := soleExpression(x.Pipeline)
			if inner == nil {
				return e
			}
			e = inner
		default:
			return e
		}
	}
}

func (in *Interpreter) markNothing(e Expression) {
	if v, ok := e.(*Variable); ok && v.Scope == "" {
		if cell := in.scope.variables[foldCase(v.Name)]; cell != nil {
			in.touch(cell)
			cell.nothing = true
		}
	}
}

// assign gives the value to what e names.
func (in *Interpreter) assign(e Expression, v Value, from []int) error {
	if checks, inner := checksOf(e); len(checks) > 0 && inner != nil {
		return in.assignChecked(e, checks, inner, v, from)
	}
	return in.assignPlain(e, v, from)
}

// checksOf are the attributes before a variable that judge its values.
func checksOf(e Expression) (checks []*Attribute, inner *Variable) {
	for {
		switch x := e.(type) {
		case *Attributed:
			if x.Attribute.Arguments {
				checks = append(checks, x.Attribute)
			}
			e = x.Operand
		case *Convert:
			e = x.Operand
		case *Variable:
			return checks, x
		default:
			return nil, nil
		}
	}
}

// assignChecked gives a variable attributes, which it keeps, and a value that
// has to pass them.
func (in *Interpreter) assignChecked(e Expression, checks []*Attribute, inner *Variable, v Value, from []int) error {
	if err := in.passes(inner.Name, checks, v); err != nil {
		return err
	}
	if err := in.assignPlain(e, v, from); err != nil {
		return err
	}
	s := in.scopeNamed(inner.Scope)
	if s == nil {
		s = in.scope
	}
	if cell := s.variables[foldCase(inner.Name)]; cell != nil {
		in.touch(cell)
		cell.checks = checks
	}
	return nil
}

// passes refuses a value that the attributes of a variable do not allow.
func (in *Interpreter) passes(name string, checks []*Attribute, v Value) error {
	if len(checks) == 0 {
		return nil
	}
	err := in.validate(checks, v)
	if err == errRefused {
		return in.thrown("System.Management.Automation.ValidationMetadataException",
			"The variable cannot be validated because the value "+expressionOf(v)+" is not a valid value for the "+name+" variable.")
	}
	return err
}

func (in *Interpreter) assignPlain(e Expression, v Value, from []int) error {
	switch e := e.(type) {
	case *Variable:
		return in.assignVariable(e, v, nil, from)
	case *Convert:
		return in.assignTyped(e.Type, e.Operand, v, from)
	case *Attributed:
		if e.Attribute.Arguments {
			return in.assign(e.Operand, v, from)
		}
		return in.assignTyped(e.Attribute.Type, e.Operand, v, from)
	case *ArrayLiteral:
		return in.assignMany(e.Elements, v, from)
	case *Paren:
		if inner := soleExpression(e.Pipeline); inner != nil {
			return in.assign(inner, v, from)
		}
	case *Member:
		return in.assignMember(e, v, from)
	case *Index:
		return in.assignIndex(e, v, from)
	case *UsingExpression:
		return in.assignVariable(e.Variable, v, nil, from)
	}
	return nil
}

// assignTyped gives a variable a type, which it keeps.
func (in *Interpreter) assignTyped(t *TypeName, operand Expression, v Value, from []int) error {
	inner, ok := operand.(*Variable)
	if !ok {
		if a, ok := operand.(*Attributed); ok && a.Attribute.Arguments {
			return in.assignTyped(t, a.Operand, v, from)
		}
		r := in.typeOf(t)
		c, err := in.convert(v, r)
		if err != nil {
			return err
		}
		return in.assign(operand, c, from)
	}
	return in.assignVariable(inner, v, in.typeOf(t), from)
}

// assignMany spreads the items of v over several targets; the last one takes
// the rest.
func (in *Interpreter) assignMany(targets []Expression, v Value, from []int) error {
	items, ok := enumerable(v)
	if !ok {
		if u, many := v.(*Unknown); many {
			for i, t := range targets {
				item := in.derived("("+u.Expression+")["+decimalText(i)+"]", identityOf(u)+"|item"+decimalText(i), u)
				item.Many = i == len(targets)-1 && u.Many
				if err := in.assign(t, item, from); err != nil {
					return err
				}
			}
			return nil
		}
		items = []Value{v}
	}
	for i, t := range targets {
		var item Value
		switch {
		case i == len(targets)-1 && len(items) > len(targets):
			item = newArray(append([]Value(nil), items[i:]...))
		case i < len(items):
			item = items[i]
		}
		if err := in.assign(t, item, from); err != nil {
			return err
		}
	}
	return nil
}

func (in *Interpreter) assignVariable(e *Variable, v Value, t *TypeRef, from []int) error {
	name := foldCase(e.Name)
	switch e.Scope {
	case "", "global", "local", "script", "private", "variable", "workflow", "using":
	case "env":
		in.store(in.declare(in.environment, name), in.text(v), from)
		return nil
	default:
		return in.setDriveItem(e.Scope, e.Name, v)
	}
	if e.Scope == "" {
		switch name {
		case "null":
			return nil
		case "true", "false", "?":
			return in.cannotOverwrite(e.Name)
		}
	}
	if constantVariables[name] {
		return in.cannotOverwrite(e.Name)
	}
	s := in.scopeNamed(e.Scope)
	if s == nil {
		s = in.scope
		if outer := s.find(name); outer != nil && outer.allScope {
			s = outer.owner
		}
	}
	if outer := s.variables[name]; outer != nil && outer.readOnly {
		return in.cannotOverwrite(e.Name)
	}
	cell := in.declare(s, e.Name)
	if t != nil {
		in.touch(cell)
		cell.typ = t
	}
	if e.Scope == "private" {
		in.touch(cell)
		cell.private = true
	}
	if cell.typ != nil {
		c, err := in.convert(v, cell.typ)
		if err != nil {
			return err
		}
		v = c
	}
	if err := in.passes(cell.name, cell.checks, v); err != nil {
		return err
	}
	in.store(cell, v, from)
	return nil
}

// constantVariables are those that the engine lets nobody change, in no scope.
var constantVariables = map[string]bool{
	"executioncontext": true, "home": true, "host": true, "pid": true, "psculture": true, "psedition": true, "pshome": true,
	"psuiculture": true, "psversiontable": true, "shellid": true,
}

func (in *Interpreter) cannotOverwrite(name string) error {
	return in.thrown("System.Management.Automation.SessionStateUnauthorizedAccessException",
		"Cannot overwrite variable "+name+" because it is read-only or constant.")
}

// put gives an existing variable a value.
func (in *Interpreter) put(cell *variable, v Value) error {
	if cell.readOnly || constantVariables[foldCase(cell.name)] {
		return in.cannotOverwrite(cell.name)
	}
	if cell.typ != nil {
		c, err := in.convert(v, cell.typ)
		if err != nil {
			return err
		}
		v = c
	}
	if err := in.passes(cell.name, cell.checks, v); err != nil {
		return err
	}
	in.store(cell, v, in.sources)
	return nil
}

func (in *Interpreter) assignMember(e *Member, v Value, from []int) error {
	n, err := in.memberName(e.Name)
	if err != nil {
		return err
	}
	var target Value
	if t, ok := e.Target.(*TypeName); ok {
		target, err = in.typeValue(t)
	} else {
		target, err = in.eval(e.Target)
	}
	if err != nil {
		return err
	}
	name, ok := n.(string)
	if !ok {
		return nil
	}
	if t, ok := target.(*TypeRef); ok && e.Static {
		if _, err := in.classSetStatic(t, name, v); err != nil {
			return err
		}
		return nil
	}
	if done, err := in.specialSetMember(target, name, v); done || err != nil {
		return err
	}
	in.changedIn(e.Target, from)
	return in.setMember(target, name, v)
}

func (in *Interpreter) assignIndex(e *Index, v Value, from []int) error {
	target, err := in.eval(e.Target)
	if err != nil {
		return err
	}
	i, err := in.eval(e.Index)
	if err != nil {
		return err
	}
	in.changedIn(e.Target, from)
	return in.setIndex(target, i, v)
}

// changedIn notes at the variable behind e that what it holds was changed by
// this block.
func (in *Interpreter) changedIn(e Expression, from []int) {
	for {
		switch x := e.(type) {
		case *Member:
			e = x.Target
			continue
		case *Index:
			e = x.Target
			continue
		case *Paren:
			if inner := soleExpression(x.Pipeline); inner != nil {
				e = inner
				continue
			}
		case *Variable:
			cell := in.scope.find(x.Name)
			if cell == nil || cell.block == in.frame.block && len(from) == 0 {
				return
			}
			in.touch(cell)
			if cell.block != in.frame.block && cell.block >= 0 {
				cell.blocks = union(cell.blocks, []int{cell.block})
			}
			cell.blocks = union(cell.blocks, from)
			cell.block = in.frame.block
		}
		return
	}
}
