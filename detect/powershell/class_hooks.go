package powershell

// Methods of a script's classes that the engine calls by itself: operators, and
// attributes of parameters.

// comparisons are what operators ask the result of CompareTo.
var comparisons = map[TokenKind]func(n int64) bool{
	KindIlt: func(n int64) bool { return n < 0 }, KindClt: func(n int64) bool { return n < 0 },
	KindIle: func(n int64) bool { return n <= 0 }, KindCle: func(n int64) bool { return n <= 0 },
	KindIgt: func(n int64) bool { return n > 0 }, KindCgt: func(n int64) bool { return n > 0 },
	KindIge: func(n int64) bool { return n >= 0 }, KindCge: func(n int64) bool { return n >= 0 },
}

// classOperator is an operator of which the class of the left operand has the
// method; false: it has none.
func (in *Interpreter) classOperator(op TokenKind, l, r Value, source string) (Value, bool, error) {
	o, ok := l.(*Object)
	if !ok || o.Class == nil || o.Class.Keyword == KindEnum {
		return nil, false, nil
	}
	if name := operatorMethods[op]; name != "" {
		if len(in.methods(o.Class, name, true)) == 0 {
			return nil, false, nil
		}
		return in.classInvokeStatic(&TypeRef{Name: o.Class.Name, Class: o.Class}, name, []Value{l, r}, source)
	}
	switch op {
	case KindIeq, KindCeq, KindIne, KindCne:
		v, ok, err := in.classInvoke(o, "Equals", []Value{r}, "")
		if !ok || err != nil || op == KindIeq || op == KindCeq {
			return v, ok, err
		}
		v, err = in.unary(KindNot, v, nil)
		return v, true, err
	}
	if holds := comparisons[op]; holds != nil {
		v, ok, err := in.classInvoke(o, "CompareTo", []Value{r}, "")
		if !ok || err != nil {
			return nil, ok, err
		}
		if n, known := smallInt(v); known {
			return holds(n), true, nil
		}
		return in.derived(source, "compared|"+identityOf(v), v), true, nil
	}
	return nil, false, nil
}

// transformed is the value of a parameter as the attributes that are classes of
// the script make it, or judge it.
func (in *Interpreter) transformed(attributes []*Attribute, v Value) (Value, error) {
	for _, a := range attributes {
		if !a.Arguments {
			continue
		}
		t := in.typeOf(a.Type)
		if t.Class == nil {
			continue
		}
		args := make([]Value, len(a.Positional))
		for i, e := range a.Positional {
			arg, err := in.eval(e)
			if err != nil {
				return nil, err
			}
			args[i] = arg
		}
		made, err := in.classNew(t, args)
		if err != nil {
			return nil, err
		}
		o := made.(*Object)
		engine := newObject(typeEngine)
		if next, ok, err := in.classInvoke(o, "Transform", []Value{engine, v}, ""); err != nil {
			return nil, err
		} else if ok {
			v = next
		}
		if _, _, err := in.classInvoke(o, "Validate", []Value{v, engine}, ""); err != nil {
			return nil, err
		}
		if _, _, err := in.classInvoke(o, "ValidateElement", []Value{v}, ""); err != nil {
			return nil, err
		}
	}
	return v, nil
}
