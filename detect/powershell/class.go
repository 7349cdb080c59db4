package powershell

// The classes that a script defines: their objects, constructors, methods and
// static members. Enums and casts are in class_convert.go.

import (
	"slices"
	"strings"
)

// maxBases bounds how many classes an object's class may be derived from.
const maxBases = 64

// classInfo is a class or enum as it was defined last under its name.
type classInfo struct {
	def      *TypeDef
	tree     *Tree
	block    int // index of the logged block it came from
	holes    []*Unknown
	members  map[string][]*TypeMember // by lower-case name, in order
	statics  *Object                  // the static properties
	ready    *cell                    // whether they have their first values
	enum     *enumType
	previous *classInfo // what had the name before
}

// defineType makes a class or enum known. It may be called again for the same
// definition.
func (in *Interpreter) defineType(def *TypeDef) {
	key := foldCase(def.Name)
	previous := in.classes[key]
	if previous.find(def) != nil {
		return
	}
	members := map[string][]*TypeMember{}
	for _, m := range def.Members {
		name := foldCase(m.Name)
		members[name] = append(members[name], m)
	}
	in.classes[key] = &classInfo{
		def: def, tree: in.frame.tree, block: in.frame.home, holes: in.frame.holes, members: members,
		statics: newObject(def.Name), ready: &cell{v: once(false)}, previous: previous,
	}
}

func (c *classInfo) find(def *TypeDef) *classInfo {
	for ; c != nil; c = c.previous {
		if c.def == def {
			return c
		}
	}
	return nil
}

// class returns the script's class or enum of that name, or nil.
func (in *Interpreter) class(name string) *TypeRef {
	if c := in.classes[foldCase(name)]; c != nil {
		return &TypeRef{Name: c.def.Name, Class: c.def}
	}
	return nil
}

func (in *Interpreter) infoOf(def *TypeDef) *classInfo {
	if def == nil {
		return nil
	}
	return in.classes[foldCase(def.Name)].find(def)
}

// lineage lists a class and the script's classes that it is derived from, the
// class itself first, and the .NET type that the last one is derived from.
func (in *Interpreter) lineage(def *TypeDef) (classes []*classInfo, base *TypeRef) {
	for c := in.infoOf(def); c != nil && len(classes) < maxBases; {
		classes = append(classes, c)
		var next *classInfo
		for _, b := range c.def.Bases {
			t := in.typeOf(b)
			if t.Class != nil && t.Class.Keyword != KindEnum {
				next = in.infoOf(t.Class)
				break
			}
			if base == nil {
				base = t
			}
		}
		c = next
	}
	return classes, base
}

func (m *TypeMember) isMethod() bool { return m.Body != nil }

// typed is the type that a member's attributes name, or nil.
func typed(attributes []*Attribute) *TypeName {
	for _, a := range attributes {
		if !a.Arguments {
			return a.Type
		}
	}
	return nil
}

// classProperty finds a property of a class or of what it is derived from.
func (in *Interpreter) classProperty(def *TypeDef, name string) *TypeMember {
	classes, _ := in.lineage(def)
	for _, c := range classes {
		for _, m := range c.members[foldCase(name)] {
			if !m.isMethod() {
				return m
			}
		}
	}
	return nil
}

// classMethod is a method with the class that defines it.
type classMethod struct {
	class  *classInfo
	member *TypeMember
}

// methods lists the overloads of a method. One of a derived class hides those
// with as many parameters of its bases.
func (in *Interpreter) methods(def *TypeDef, name string, static bool) []classMethod {
	classes, _ := in.lineage(def)
	var list []classMethod
	for _, c := range classes {
		for _, m := range c.members[foldCase(name)] {
			if !m.isMethod() || m.Static != static || strings.EqualFold(m.Name, c.def.Name) {
				continue
			}
			hidden := slices.ContainsFunc(list, func(o classMethod) bool {
				return o.class != c && len(o.member.Params.Parameters) == len(m.Params.Parameters)
			})
			if !hidden {
				list = append(list, classMethod{c, m})
			}
		}
	}
	return list
}

func constructors(c *classInfo) []classMethod {
	var list []classMethod
	for _, m := range c.members[foldCase(c.def.Name)] {
		if m.isMethod() && !m.Static {
			list = append(list, classMethod{c, m})
		}
	}
	return list
}

// overload picks the methods that an argument list may be for: those with as
// many parameters whose types take the arguments best. Arguments that are not
// known may leave several.
func (in *Interpreter) overload(list []classMethod, args []Value) []classMethod {
	var best []classMethod
	bestScore := -1
	for _, m := range list {
		if len(m.member.Params.Parameters) != len(args) {
			continue
		}
		score := in.fitness(m, args)
		switch {
		case score < 0 || score < bestScore:
		case score > bestScore:
			best, bestScore = []classMethod{m}, score
		default:
			best = append(best, m)
		}
	}
	if len(best) > 1 && !anyUnknown(args...) {
		best = best[:1]
	}
	return best
}

// fitness tells how well arguments fit the parameters of a method; -1: not.
func (in *Interpreter) fitness(m classMethod, args []Value) int {
	score := 0
	for i, p := range m.member.Params.Parameters {
		t := typed(p.Attributes)
		if t == nil {
			continue
		}
		r := in.typeOf(t)
		if isUnknown(args[i]) {
			continue
		}
		if in.isInstance(args[i], r) == Yes {
			score += 2
			continue
		}
		if r.Class != nil && r.Class.Keyword != KindEnum {
			if !in.becomes(args[i], r) {
				return -1
			}
			continue
		}
		if _, err := in.convert(args[i], r); err != nil {
			return -1
		}
		if isNumber(args[i]) && numericType(r) {
			score++
		}
	}
	return score
}

func numericType(t *TypeRef) bool {
	return len(t.Ranks) == 0 && takesNumber(t.Name) && t.Name != typeObject
}

func (in *Interpreter) noOverload(name string, count int) error {
	return in.thrown("System.Management.Automation.MethodException",
		"Cannot find an overload for \""+name+"\" and the argument count: \""+decimalText(count)+"\".")
}

// classNew makes an object of a class.
func (in *Interpreter) classNew(t *TypeRef, args []Value) (Value, error) {
	c := in.infoOf(t.Class)
	if c == nil || c.def.Keyword == KindEnum {
		return nil, in.noOverload("new", len(args))
	}
	o := newObject(c.def.Name)
	o.Class = c.def
	classes, _ := in.lineage(c.def)
	for _, class := range classes {
		if _, err := in.staticsOf(class); err != nil {
			return nil, err
		}
	}
	for _, class := range slices.Backward(classes) {
		if err := in.initialise(class, o, false); err != nil {
			return nil, err
		}
	}
	return o, in.construction(c, o, args, 0)
}

// construction runs the constructor of a class for an object, after that of
// its base.
func (in *Interpreter) construction(c *classInfo, o *Object, args []Value, depth int) error {
	list := constructors(c)
	if len(list) == 0 {
		if len(args) > 0 {
			return in.noOverload(c.def.Name, len(args))
		}
		return in.baseConstruction(c, o, nil, depth)
	}
	fitting := in.overload(list, args)
	if len(fitting) == 0 {
		return in.noOverload(c.def.Name, len(args))
	}
	_, err := in.anyOf(fitting, func(m classMethod) (Value, error) {
		if err := in.passToBase(m, o, args, depth); err != nil {
			return nil, err
		}
		return in.runMethod(m, o, args)
	})
	return err
}

// anyOf runs the only one of several methods, or each as a path of its own.
func (in *Interpreter) anyOf(list []classMethod, run func(classMethod) (Value, error)) (Value, error) {
	if len(list) == 1 {
		return run(list[0])
	}
	return in.fork("", len(list), func(k int) (Value, error) { return run(list[k]) })
}

// passToBase evaluates the arguments of : base(...) with the constructor's
// parameters, and runs the base's constructor.
func (in *Interpreter) passToBase(m classMethod, o *Object, args []Value, depth int) error {
	if m.member.Base == nil {
		return in.baseConstruction(m.class, o, nil, depth)
	}
	var passed []Value
	err := in.inClass(m.class, func() error {
		for i, p := range m.member.Params.Parameters {
			v, err := in.methodArgument(p, args[i])
			if err != nil {
				return err
			}
			in.store(in.declare(in.scope, p.Name.Name), v, in.sources)
		}
		var err error
		passed, err = in.evalAll(m.member.Base)
		return err
	})
	if err != nil {
		return err
	}
	return in.baseConstruction(m.class, o, passed, depth)
}

func (in *Interpreter) methodArgument(p *Parameter, v Value) (Value, error) {
	if t := typed(p.Attributes); t != nil {
		return in.convert(v, in.typeOf(t))
	}
	return v, nil
}

// baseConstruction runs the constructor of what a class is derived from.
func (in *Interpreter) baseConstruction(c *classInfo, o *Object, args []Value, depth int) error {
	if depth > maxBases {
		return nil
	}
	classes, base := in.lineage(c.def)
	if len(classes) > 1 {
		return in.construction(classes[1], o, args, depth+1)
	}
	if base == nil || strings.HasPrefix(base.Name[strings.LastIndexByte(base.Name, '.')+1:], "I") && len(args) == 0 {
		return nil // an interface has nothing to construct
	}
	v, err := in.new(base, args)
	if err != nil {
		return err
	}
	in.touch(o)
	if b, ok := v.(*Object); ok {
		for _, name := range b.Names() {
			value, _ := b.Get(name)
			o.Set(name, value)
		}
		o.Payload = b.Payload
		return nil
	}
	o.Base = v
	return nil
}

// inClass runs a stretch in a scope of its own and in the text of a class.
func (in *Interpreter) inClass(c *classInfo, run func() error) error {
	scope, outer := in.scope, in.frame
	f := *in.frame
	f.tree, f.home, f.holes, f.running = c.tree, c.block, c.holes, nil
	in.frame, in.scope = &f, in.newScope(in.scope)
	defer func() { in.frame, in.scope = outer, scope }()
	return run()
}

// initialise gives the properties that a class itself defines their first
// values.
func (in *Interpreter) initialise(c *classInfo, o *Object, static bool) error {
	return in.inClass(c, func() error {
		if !static {
			in.store(in.declare(in.scope, "this"), o, nil)
		}
		for _, m := range c.def.Members {
			if m.isMethod() || m.Static != static {
				continue
			}
			v, err := in.firstValue(m)
			if err != nil {
				return err
			}
			in.touch(o)
			o.Set(m.Name, v)
		}
		return nil
	})
}

// firstValue is what a property is before anything is assigned to it.
func (in *Interpreter) firstValue(m *TypeMember) (Value, error) {
	t := typed(m.Attributes)
	if m.Initial == nil {
		return in.emptyField(t), nil
	}
	v, err := in.eval(m.Initial)
	if err != nil || t == nil {
		return v, err
	}
	return in.convert(v, in.typeOf(t))
}

// propertyValue is a value as a property of a class takes it, if it does.
func (in *Interpreter) propertyValue(m *TypeMember, v Value) (Value, error) {
	if t := typed(m.Attributes); t != nil {
		var err error
		if v, err = in.convert(v, in.typeOf(t)); err != nil {
			return nil, err
		}
	}
	err := in.validate(m.Attributes, v)
	if err == errRefused {
		err = in.thrown("System.Management.Automation.SetValueInvocationException",
			"Exception setting \""+m.Name+"\": the value "+expressionOf(v)+" is not valid.")
	}
	return v, err
}

// emptyField is the value that a field of a type begins with: $null for reference
// types, strings among them.
func (in *Interpreter) emptyField(t *TypeName) Value {
	if t == nil || len(t.Ranks) > 0 {
		return nil
	}
	r := in.typeOf(t)
	if r.Class != nil {
		if r.Class.Keyword == KindEnum {
			e := in.enumOf(r.Class)
			return newEnum(r.Name, r.Class, e.name(0), 0)
		}
		return nil
	}
	switch {
	case r.Name == "System.Boolean":
		return false
	case r.Name == "System.Char":
		return Char(0)
	case r.Name == "System.Management.Automation.SwitchParameter", numericType(r):
		if v, err := in.convert(int32(0), r); err == nil {
			return v
		}
	}
	return nil
}

// runMethod runs a method or constructor. What it returns is its value; what
// it puts out otherwise is lost.
func (in *Interpreter) runMethod(m classMethod, this Value, args []Value) (Value, error) {
	if in.doubts > 0 && in.active[m.member.Body] > 2 {
		// What recurs without a known end has been seen.
		return in.unknown(m.class.def.Name+"."+m.member.Name+"()", OriginVariable), nil
	}
	c := &Closure{
		Body: m.member.Body, Tree: m.class.tree, Block: m.class.block,
		function: &Function{Keyword: KindFunction, Name: m.member.Name, Params: m.member.Params, Body: m.member.Body},
	}
	results := in.newCollector()
	err := in.via("method "+m.class.def.Name+"."+m.member.Name, func() error {
		in.frame.method, in.frame.results = c, results
		given := make([]argument, len(args))
		for i, v := range args {
			given[i] = argument{value: v, has: true, from: in.sources}
		}
		in.trying++ // an error leaves the method
		defer func() { in.trying-- }()
		return in.runBody(c, given, callOptions{This: this}, discard)
	})
	if err != nil {
		return nil, err
	}
	v := resultOf(results.values)
	t := typed(m.member.Attributes)
	if t == nil || isVoidName(t) {
		return nil, nil
	}
	return in.convert(v, in.typeOf(t))
}

// isExceptionOf tells whether an exception's type, which may be a class of the
// script, is another or derived from it. An empty base asks whether a class of
// the script is an exception at all.
func (in *Interpreter) isExceptionOf(typeName, base string) bool {
	t := in.class(typeName)
	if t == nil {
		return base != "" && isException(typeName, base)
	}
	classes, root := in.lineage(t.Class)
	if slices.ContainsFunc(classes, func(c *classInfo) bool { return strings.EqualFold(c.def.Name, base) }) {
		return true
	}
	return root != nil && strings.HasSuffix(root.Name, "Exception") && (base == "" || isException(root.Name, base))
}

// returned takes what a method returns, in place of what another path through
// it may have returned.
func (in *Interpreter) returned(results *collector) sink {
	in.touch(results)
	results.values = nil
	return func(v Value) error { return in.collect(results, v) }
}

// classMember reads what is no stored property of an object: a method taken as
// a value.
func (in *Interpreter) classMember(o *Object, name string) (Value, bool, error) {
	if len(in.methods(o.Class, name, false)) > 0 {
		return newPayload(typePSMethod, &boundMethod{o, name}), true, nil
	}
	return nil, false, nil
}

// classInvoke calls a method of an object; false: its class has none of that
// name.
func (in *Interpreter) classInvoke(o *Object, name string, args []Value, src string) (Value, bool, error) {
	def := o.Class
	if base := in.castOfThis(src); base != nil {
		def = base
	}
	list := in.methods(def, name, false)
	if len(list) == 0 {
		return nil, false, nil
	}
	fitting := in.overload(list, args)
	if len(fitting) == 0 {
		if strings.EqualFold(name, "ToString") || strings.EqualFold(name, "Equals") {
			return nil, false, nil
		}
		return nil, true, in.noOverload(name, len(args))
	}
	v, err := in.anyOf(fitting, func(m classMethod) (Value, error) { return in.runMethod(m, o, args) })
	return v, true, err
}

// castOfThis is the class C of a call ([C]$this).Method(...), which is that of
// the base's method.
func (in *Interpreter) castOfThis(src string) *TypeDef {
	rest, ok := strings.CutPrefix(src, "([")
	if !ok {
		return nil
	}
	name, rest, ok := strings.Cut(rest, "]")
	if !ok || len(rest) < len("$this).") || !strings.EqualFold(rest[:len("$this).")], "$this).") {
		return nil
	}
	if t := in.class(strings.TrimSpace(name)); t != nil {
		return t.Class
	}
	return nil
}

// isClosedObject tells whether an object has the members of the script's classes
// and no others but those of every object.
func (in *Interpreter) isClosedObject(v Value) bool {
	o, ok := v.(*Object)
	if !ok || o.Class == nil || o.Class.Keyword == KindEnum || o.Base != nil || o.Payload != nil || len(in.typeData) > 0 {
		return false
	}
	_, base := in.lineage(o.Class)
	return base == nil
}

// staticsOf returns the static properties of a class, which get their first
// values, and have the static constructor run, when one of them, a static method
// or a constructor is first used.
func (in *Interpreter) staticsOf(c *classInfo) (*Object, error) {
	if !c.ready.v.(once) {
		in.setCell(c.ready, once(true))
		if err := in.initialise(c, c.statics, true); err != nil {
			return nil, err
		}
		for _, m := range c.members[foldCase(c.def.Name)] {
			if m.isMethod() && m.Static {
				if _, err := in.runMethod(classMethod{c, m}, nil, nil); err != nil {
					return nil, err
				}
			}
		}
	}
	return c.statics, nil
}

// staticOwner returns the class that defines a static property, and its
// properties.
func (in *Interpreter) staticOwner(def *TypeDef, name string) (*TypeMember, *Object, error) {
	classes, _ := in.lineage(def)
	for _, c := range classes {
		for _, m := range c.members[foldCase(name)] {
			if !m.isMethod() && m.Static {
				statics, err := in.staticsOf(c)
				return m, statics, err
			}
		}
	}
	return nil, nil, nil
}

// classStatic reads a static property, or a value of an enum.
func (in *Interpreter) classStatic(t *TypeRef, name string) (Value, bool, error) {
	if t.Class == nil {
		return nil, false, nil
	}
	if t.Class.Keyword == KindEnum {
		e := in.enumOf(t.Class)
		for i, n := range e.names {
			if strings.EqualFold(n, name) {
				return newEnum(t.Name, t.Class, n, e.numbers[i]), true, nil
			}
		}
		return nil, false, nil
	}
	m, statics, err := in.staticOwner(t.Class, name)
	if m == nil || err != nil {
		return nil, false, err
	}
	v, _ := statics.Get(name)
	return v, true, nil
}

// classSetStatic assigns to a static property.
func (in *Interpreter) classSetStatic(t *TypeRef, name string, v Value) (bool, error) {
	if t.Class == nil {
		return false, nil
	}
	m, statics, err := in.staticOwner(t.Class, name)
	if m == nil || err != nil {
		return false, err
	}
	if v, err = in.propertyValue(m, v); err != nil {
		return true, err
	}
	in.touch(statics)
	statics.Set(name, v)
	return true, nil
}

// classInvokeStatic calls a static method.
func (in *Interpreter) classInvokeStatic(t *TypeRef, name string, args []Value, src string) (Value, bool, error) {
	if t.Class == nil {
		return nil, false, nil
	}
	if equalFold(name, "new") {
		v, err := in.classNew(t, args)
		return v, true, err
	}
	list := in.methods(t.Class, name, true)
	if len(list) == 0 {
		return nil, false, nil
	}
	fitting := in.overload(list, args)
	if len(fitting) == 0 {
		return nil, true, in.noOverload(name, len(args))
	}
	v, err := in.anyOf(fitting, func(m classMethod) (Value, error) {
		if _, err := in.staticsOf(m.class); err != nil {
			return nil, err
		}
		return in.runMethod(m, nil, args)
	})
	return v, true, err
}
