package powershell

// Members of values: properties, methods, elements. What a type offers stands
// in tables; here is how a member is found.

import (
	"fmt"
	"strings"
)

const nullCall = "You cannot call a method on a null-valued expression."

// member reads target.name. A member that is not there is $null; of a
// collection without such a member it is that of each element.
func (in *Interpreter) member(target Value, name string, source string) (Value, error) {
	if v, ok, err := in.typeProperty(target, name, source); ok {
		return v, err
	}
	switch t := target.(type) {
	case nil:
		if lower := foldCase(name); lower == "count" || lower == "length" {
			return int32(0), nil
		}
		return nil, nil
	case *Unknown:
		return in.unknownMember(t, name, source), nil
	case *Text:
		if foldCase(name) == "length" {
			return in.unknownMember(t, name, source), nil
		}
		return in.boundOrNothing(t, name), nil
	case *Hash:
		return in.hashMember(t, name, source)
	case *Object:
		return in.objectMember(t, name, source)
	case *Array, *List:
		return in.collectionMember(t, name, source)
	}
	if p, ok := in.lib().properties[typeNameOf(target)][foldCase(name)]; ok {
		return p(in, target), nil
	}
	if p, ok := in.lib().properties[typeObject][foldCase(name)]; ok {
		return p(in, target), nil
	}
	return in.boundOrNothing(target, name), nil
}

// boundOrNothing is a method taken as a value, or $null.
func (in *Interpreter) boundOrNothing(target Value, name string) Value {
	if _, ok := in.findMethod(target, name); ok {
		return newPayload(typePSMethod, &boundMethod{target, name})
	}
	return nil
}

// findMethod finds a method in the tables of the target's type.
func (in *Interpreter) findMethod(target Value, name string) (method, bool) {
	lower := foldCase(name)
	for _, typeName := range lookupTypes(target) {
		if m, ok := in.lib().methods[typeName][lower]; ok {
			return m, true
		}
	}
	return method{}, false
}

// lookupTypes are the tables in which members of a value stand.
func lookupTypes(v Value) []string {
	switch v := v.(type) {
	case *Array:
		return []string{"System.Array", typeObject}
	case *List:
		return []string{v.Type, "List", typeObject}
	case *Hash:
		return []string{v.Type, "Hash", typeObject}
	case *Object:
		if v.Base != nil {
			return v.ownTypes()
		}
		if _, ok := v.Payload.(*enumValue); ok {
			return []string{"Enum", typeObject}
		}
		return []string{v.Type, typeObject}
	case *TypeRef:
		return []string{"System.Type", typeObject}
	}
	if isNumber(v) {
		return []string{typeNameOf(v), "Number", typeObject}
	}
	return []string{typeNameOf(v), typeObject}
}

// ownTypes are the tables of an object that wraps a value: none if it only
// adds members to it.
func (o *Object) ownTypes() []string {
	if o.Type == typeNameOf(o.Base) || o.Type == typePSCustomObject {
		return nil
	}
	return []string{o.Type}
}

// unknownMember is a member of an unknown value. The number of items of an
// unknown collection is one number, and other members are as many as items.
func (in *Interpreter) unknownMember(target Value, name, source string) Value {
	expression := operand(expressionOf(target)) + "." + memberText(name)
	u := derivedFrom(target, nameOf(expression, source), "."+foldCase(name))
	from, _ := target.(*Unknown)
	switch foldCase(name) {
	case "count", "length", "longlength":
		u.Type = "System.Int32"
	default:
		u.Many = from != nil && from.Many
	}
	if from == nil || !from.HasDefault {
		return u
	}
	return in.withDefault(u, []Value{target}, func(known []Value) (Value, error) { return in.member(known[0], name, source) })
}

// memberText writes a member's name, in quotes where it is no word.
func memberText(name string) string {
	for _, r := range name {
		if !isWord(r) {
			return "'" + strings.ReplaceAll(name, "'", "''") + "'"
		}
	}
	return name
}

// hashMember is the value of a key, which comes before what a hashtable has of
// its own.
func (in *Interpreter) hashMember(h *Hash, name, source string) (Value, error) {
	if v, ok := h.Get(name); ok {
		return v, nil
	}
	if p, ok := in.lib().properties["Hash"][foldCase(name)]; ok {
		return p(in, h), nil
	}
	if h.Has(name) == Maybe {
		return in.unknownEntry(h, name, source), nil
	}
	if p, ok := in.lib().properties[typeObject][foldCase(name)]; ok {
		return p(in, h), nil
	}
	return in.boundOrNothing(h, name), nil
}

// unknownEntry is the value of a key in a hashtable whose keys are not all
// known.
func (in *Interpreter) unknownEntry(h *Hash, name, source string) Value {
	for _, k := range h.Keys() {
		if isUnknown(k) {
			return derivedFrom(k, nameOf(source, source), "entry "+name)
		}
	}
	return in.unknown(source, OriginVariable)
}

func (in *Interpreter) objectMember(o *Object, name, source string) (Value, error) {
	if n, ok := o.Payload.(*xmlNode); ok && n.outside != nil {
		return in.unknownMember(n.outside, name, source), nil
	}
	if l, ok := o.Payload.(*lost); ok {
		return in.unknownMember(l.was, name, source), nil
	}
	if v, ok := o.Get(name); ok {
		switch p := v.(type) {
		case *scriptProperty:
			return in.scriptPropertyValue(o, p)
		case *variableProperty:
			return in.read(p.cell), nil
		case *propertyOfAnother:
			if p.property.get == nil {
				return nil, nil
			}
			return in.callValue(p.property.get, nil, p.of)
		case *aliasProperty:
			other, _ := p.of.(string)
			if foldCase(other) == foldCase(name) {
				return nil, nil
			}
			return in.member(o, other, source)
		case *scriptMethod:
			return newPayload(typePSMethod, &boundMethod{o, name}), nil
		}
		return v, nil
	}
	if o.Class != nil {
		if v, ok, err := in.classMember(o, name); ok || err != nil {
			return v, err
		}
	}
	lower := foldCase(name)
	for _, typeName := range lookupTypes(o) {
		if p, ok := in.lib().properties[typeName][lower]; ok {
			return p(in, o), nil
		}
	}
	if o.Base != nil {
		if _, own := in.findMethod(o, name); !own {
			return in.member(o.Base, name, source)
		}
	}
	if items, ok := enumeratedPayload(o); ok {
		return in.eachMember(items, name, source)
	}
	if s, ok := o.Payload.(*syntax); ok {
		return in.unknownSyntax(s), nil
	}
	if v := in.boundOrNothing(o, name); v != nil || o.listsAll() {
		return v, nil
	}
	return in.maybeProperty(o, name, source), nil
}

// listsAll tells whether an object has no properties but those that are known.
func (o *Object) listsAll() bool {
	_, xml := o.Payload.(*xmlNode)
	return xml || o.Class != nil || o.Base != nil || o.Type == typePSCustomObject
}

// maybeProperty stands for a property that a value may have.
func (in *Interpreter) maybeProperty(v Value, name, source string) Value {
	if source == "" {
		source = operand(expressionOf(v)) + "." + memberText(name)
	}
	u := in.derived(source, identityOf(v)+"|."+foldCase(name), v)
	if u.Origin == "" {
		u.Origin = OriginCommand
	}
	return u
}

func (in *Interpreter) scriptPropertyValue(o *Object, p *scriptProperty) (Value, error) {
	if p.get == nil {
		return nil, nil
	}
	var this Value = o
	out, err := in.callBlock(p.get, nil, callOptions{This: this})
	return single(out), err
}

// single is how a pipeline's output is seen as a value: none is $null, one is
// itself, more are an array.
func single(items []Value) Value {
	switch len(items) {
	case 0:
		return nil
	case 1:
		return items[0]
	}
	return newArray(items)
}

func (in *Interpreter) collectionMember(v Value, name, source string) (Value, error) {
	lower := foldCase(name)
	for _, typeName := range lookupTypes(v) {
		if p, ok := in.lib().properties[typeName][lower]; ok {
			return p(in, v), nil
		}
	}
	if _, ok := in.findMethod(v, name); ok {
		return newPayload(typePSMethod, &boundMethod{v, name}), nil
	}
	return in.eachMember(enumerate(v), name, source)
}

// eachMember reads a member of each item; what has none is left out.
func (in *Interpreter) eachMember(items []Value, name, source string) (Value, error) {
	if err := in.deeper(); err != nil {
		return nil, err
	}
	defer func() { in.nesting-- }()
	var values []Value
	for i, item := range items {
		if err := in.spend(1); err != nil {
			return nil, err
		}
		if i > 0 && isMore(item) {
			continue // with the item before it
		}
		v, err := in.member(item, name, source)
		if err != nil {
			return nil, err
		}
		if v == nil && !in.hasMember(item, name) {
			continue
		}
		if i+1 < len(items) && isMore(items[i+1]) {
			values = append(values, in.wholeItem(v, items[i+1]))
			continue
		}
		if inner, ok := Items(v); ok {
			values = append(values, inner...)
			continue
		}
		values = append(values, v)
	}
	return single(values), nil
}

func (in *Interpreter) hasMember(v Value, name string) bool {
	switch v := v.(type) {
	case *Object:
		_, ok := v.Get(name)
		return ok
	case *Hash:
		return v.Has(name) == Yes
	}
	return false
}

// setMember assigns to target.name.
func (in *Interpreter) setMember(target Value, name string, v Value) error {
	switch t := target.(type) {
	case nil:
		return in.thrown("System.Management.Automation.RuntimeException",
			fmt.Sprintf("The property '%s' cannot be found on this object. Verify that the property exists and can be set.", name))
	case *Hash:
		in.touchKey(t, name)
		t.Set(name, v)
		return nil
	case *Array, *List:
		return in.setEach(t, name, v)
	case *Object:
		return in.setObjectMember(t, name, v)
	}
	return nil
}

// touchKey prepares the change of one entry. An unknown key changes what is
// known of all others.
func (in *Interpreter) touchKey(h *Hash, key Value) {
	if isUnknown(key) || !h.Known() || sortedTypes[h.Type] {
		in.touch(h)
		return
	}
	in.touchEntry(h, key)
}

func (in *Interpreter) setEach(v Value, name string, value Value) error {
	if l, ok := v.(*List); ok && foldCase(name) == "capacity" && l != nil {
		return nil
	}
	if err := in.deeper(); err != nil {
		return err
	}
	defer func() { in.nesting-- }()
	for _, item := range enumerate(v) {
		if err := in.setMember(item, name, value); err != nil {
			return err
		}
	}
	return nil
}

func (in *Interpreter) setObjectMember(o *Object, name string, v Value) error {
	if r, ok := o.Payload.(*reference); ok && foldCase(name) == "value" {
		return r.set(v)
	}
	if p, ok := o.values[foldCase(name)].(*scriptProperty); ok {
		if p.set == nil {
			return nil
		}
		_, err := in.callBlock(p.set, []Value{v}, callOptions{This: o})
		return err
	}
	if p, ok := o.values[foldCase(name)].(*variableProperty); ok {
		return in.put(p.cell, v)
	}
	if _, ok := o.Payload.(*xmlNode); ok {
		in.setXMLMember(o, foldCase(name), v)
		return nil
	}
	if s, ok := o.Payload.(settable); ok {
		in.touch(o)
		if done, err := s.setProperty(in, foldCase(name), v); done || err != nil {
			return err
		}
	}
	if _, ok := o.Get(name); !ok && o.Base != nil {
		return in.setMember(o.Base, name, v)
	}
	if _, ok := o.Get(name); !ok && (o.Type == typePSCustomObject || in.isClosedObject(o)) {
		return in.thrown("System.Management.Automation.SetValueInvocationException",
			fmt.Sprintf("The property '%s' cannot be found on this object. Verify that the property exists and can be set.", name))
	}
	v, err := in.memberType(o, name, v)
	if err != nil {
		return err
	}
	in.touch(o)
	o.Set(name, v)
	return nil
}

// memberType converts a value to the type that the script's class gives the
// property.
func (in *Interpreter) memberType(o *Object, name string, v Value) (Value, error) {
	if o.Class == nil {
		return v, nil
	}
	m := in.classProperty(o.Class, name)
	if m == nil {
		return v, nil
	}
	return in.propertyValue(m, v)
}

// settable is a payload with properties that can be set.
type settable interface {
	setProperty(in *Interpreter, name string, v Value) (bool, error)
}

// invoke calls target.name(args).
func (in *Interpreter) invoke(target Value, name string, args []Value, source string) (Value, error) {
	if err := in.spend(1); err != nil {
		return nil, err
	}
	c := &call{in: in, target: target, name: name, args: args, source: source}
	lower := foldCase(name)
	if target == nil {
		return nil, in.thrown("System.Management.Automation.RuntimeException", nullCall)
	}
	if v, ok, err := in.callbackMethod(c, lower); ok || err != nil {
		return v, err
	}
	if v, ok, err := in.typeMethod(c); ok {
		return v, err
	}
	switch t := target.(type) {
	case *Unknown:
		return in.unknownInvoke(c, t)
	case *Text:
		return in.textMethod(c, t, lower)
	case *Object:
		if v, ok, err := in.objectInvoke(c, t); ok || err != nil {
			return v, err
		}
	}
	if m, ok := in.findMethod(target, name); ok {
		return in.run(m, c)
	}
	if items, ok := enumerable(target); ok {
		return in.eachInvoke(c, items)
	}
	return in.noMethod(c)
}

// run calls a method. Its result is unknown where an argument is, unless it
// copes with that.
func (in *Interpreter) run(m method, c *call) (Value, error) {
	if !m.open && anyUnknown(c.args...) {
		return c.unknown(), nil
	}
	return m.run(c)
}

// unknown is the result of a call that cannot be worked out.
func (c *call) unknown() *Unknown {
	expression := c.expression()
	from := c.target
	if firstHole(from) == nil {
		from = newArray(c.args)
	}
	u := derivedFrom(from, nameOf(expression, c.source), "")
	u.Identity = shortIdentity(identityOf(c.target) + "." + foldCase(c.name) + "(" + identityOf(newArray(c.args)) + ")")
	if firstHole(from) == nil {
		u.Origin = OriginCommand
	}
	return u
}

// expression writes the call.
func (c *call) expression() string {
	args := make([]string, len(c.args))
	for i, a := range c.args {
		args[i] = expressionOf(a)
	}
	target := operand(expressionOf(c.target)) + "."
	if c.kind != nil {
		target = "[" + strings.TrimPrefix(acceleratorName(c.kind), "System.") + "]::"
	}
	return target + c.name + "(" + strings.Join(args, ", ") + ")"
}

// runners are methods that, whatever has them, may run the text they are given.
var runners = map[string]bool{
	"invoke": true, "begininvoke": true, "invokeasync": true, "invokescript": true, "invokecommand": true, "invokemember": true,
	"addscript": true, "addcommand": true, "addstatement": true, "createpipeline": true, "createnestedpipeline": true, "newscriptblock": true,
	"run": true, "runscript": true, "exec": true, "execute": true, "executescript": true, "executecommand": true, "executestatement": true,
	"eval": true, "evaluate": true, "shellexecute": true, "create": true, "start": true, "dynamicinvoke": true,
}

// mayRun notes that a method that is not known may run what it is given.
func (c *call) mayRun() error {
	if len(c.args) == 0 || !runners[foldCase(c.name)] {
		return nil
	}
	c.in.opaqueHere(newArray(c.args))
	return c.mayRunBlocks()
}

// mayRunBlocks runs the script blocks among the arguments as ones that may run.
func (c *call) mayRunBlocks() error {
	for _, a := range c.args {
		if block, ok := a.(*Closure); ok {
			if err := c.in.maybe(block); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *Interpreter) unknownInvoke(c *call, u *Unknown) (Value, error) {
	if err := c.mayRun(); err != nil {
		return nil, err
	}
	lower := foldCase(c.name)
	if lower == "tostring" && len(c.args) == 0 && !u.Many {
		return &Text{Parts: []TextPart{{Hole: u}}}, nil
	}
	r := c.unknown()
	r.Many = u.Many && lower != "tostring" || lower == "split" || lower == "tochararray" || lower == "getenumerator"
	return in.withDefault(r, append([]Value{u}, c.args...), func(known []Value) (Value, error) {
		return in.invoke(known[0], c.name, known[1:], c.source)
	}), nil
}

// objectInvoke calls methods that an object has by itself: those of the
// script, and those of a class.
func (in *Interpreter) objectInvoke(c *call, o *Object) (Value, bool, error) {
	if l, ok := o.Payload.(*lost); ok {
		v, err := in.unknownInvoke(&call{in: in, target: l.was, name: c.name, args: c.args, source: c.source}, l.was)
		return v, true, err
	}
	switch v, _ := o.Get(c.name); m := v.(type) {
	case *scriptMethod:
		r, err := in.callValue(m.body, c.args, o)
		return r, true, err
	case *Closure:
		if o.Type != typePSCustomObject {
			break
		}
	}
	if b, ok := o.Payload.(*boundMethod); ok && foldCase(c.name) == "invoke" {
		v, err := in.invokeBound(b, c.args, c.source)
		return v, true, err
	}
	if o.Class != nil {
		if v, ok, err := in.classInvoke(o, c.name, c.args, c.source); ok || err != nil {
			return v, true, err
		}
	}
	if o.Base != nil {
		if _, own := in.findMethod(o, c.name); !own {
			v, err := in.invoke(o.Base, c.name, c.args, c.source)
			return v, true, err
		}
	}
	return nil, false, nil
}

func (in *Interpreter) callValue(block *Closure, args []Value, this Value) (Value, error) {
	out, err := in.callBlock(block, args, callOptions{This: this})
	return single(out), err
}

// deeper counts a step into a collection, which may be within itself. Callers
// count nesting down again.
func (in *Interpreter) deeper() error {
	if in.nesting++; in.nesting > maxNesting {
		in.nesting--
		return in.exceeded("depth")
	}
	return nil
}

// eachInvoke calls a method of each item.
func (in *Interpreter) eachInvoke(c *call, items []Value) (Value, error) {
	if err := in.deeper(); err != nil {
		return nil, err
	}
	defer func() { in.nesting-- }()
	var results []Value
	for _, item := range items {
		if item == nil {
			continue
		}
		v, err := in.invoke(item, c.name, c.args, c.source)
		if err != nil {
			return nil, err
		}
		if inner, ok := Items(v); ok {
			results = append(results, inner...)
		} else if v != nil {
			results = append(results, v)
		}
	}
	return single(results), nil
}

// closedTypes are those whose methods are all in the tables: any other is the
// engine's error. A method of another type may exist.
var closedTypes = map[string]bool{
	"System.String": true, "System.Boolean": true, "System.Char": true, typeHashtable: true, typePSCustomObject: true, typeOrdered: true,
}

func (in *Interpreter) noMethod(c *call) (Value, error) {
	name := typeNameOf(c.target)
	if !closedTypes[name] && !isNumber(c.target) && !c.in.isClosedObject(c.target) {
		return c.unknown(), nil
	}
	return nil, in.thrown("System.Management.Automation.RuntimeException",
		fmt.Sprintf("Method invocation failed because [%s] does not contain a method named '%s'.", name, c.name))
}
