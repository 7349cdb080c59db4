package powershell

// Methods as objects: [string]::Concat without a call, [Convert].GetMethod(...),
// [scriptblock].InvokeMember(...).

import "slices"

const (
	typeMethodInfo = "System.Reflection.MethodInfo"
	typeAssembly   = "System.Reflection.Assembly"
)

// staticTarget is the target of a static method taken as a value.
type staticTarget struct{ of *TypeRef }

// invokeBound calls a method that was taken as a value.
func (in *Interpreter) invokeBound(b *boundMethod, args []Value, source string) (Value, error) {
	if s, ok := b.target.(staticTarget); ok {
		return in.callStatic(s.of, b.name, args, source)
	}
	if v, ok, err := in.specialInvoke(b.target, b.name, args, source); ok || err != nil {
		return v, err
	}
	return in.invoke(b.target, b.name, args, source)
}

// callStatic calls a static method, a constructor or what makes code.
func (in *Interpreter) callStatic(t *TypeRef, name string, args []Value, source string) (Value, error) {
	if foldCase(name) == "new" {
		return in.construct(t, args)
	}
	if v, ok, err := in.specialInvokeStatic(t, name, args, source); ok || err != nil {
		return v, err
	}
	return in.invokeStatic(t, name, args, source)
}

// hasStatic tells whether a type is known to have a static method.
func (in *Interpreter) hasStatic(t *TypeRef, name string) bool {
	_, ok := in.lib().staticMethods[t.Name][foldCase(name)]
	return ok || specialStatics[t.Name+"::"+foldCase(name)]
}

// specialStatics are the methods of [Interpreter.specialInvokeStatic].
var specialStatics = map[string]bool{
	typeScriptBlock + "::create": true, typePowerShell + "::create": true, "System.Diagnostics.Process::start": true,
}

// reflected are methods by the names under which .NET has them, since a look-up
// by reflection heeds the case. The value tells whether there is only one of the
// name: a look-up of others without types is ambiguous and fails.
var reflected = map[string]bool{
	"FromBase64String": true, "FromBase64CharArray": true, "IsNullOrEmpty": true, "IsNullOrWhiteSpace": true, "ToCharArray": false,
	"Create": false, "Concat": false, "Join": false, "Format": false, "GetString": false, "GetBytes": false, "Replace": false,
	"Substring": false, "Insert": true, "Remove": false, "Split": false, "ToLower": false, "ToUpper": false, "Trim": false,
	"ToBase64String": false, "ToInt32": false, "ToByte": false, "ToChar": false, "ToString": false, "Reverse": false, "Parse": false,
	"GetEncoding": false, "UrlDecode": false, "ReadToEnd": true, "Start": false, "Invoke": false, "PadLeft": false, "PadRight": false,
}

// methodInfo is the payload of a method as reflection gives it.
type methodInfo struct {
	of   *TypeRef
	name string
}

func (m *methodInfo) key() string { return m.of.String() + "." + m.name }

// getMethod is Type.GetMethod. What is not sure to be found is unknown.
func (c *call) getMethod() (Value, error) {
	t := c.target.(*TypeRef)
	name, ok := c.arg(0).(string)
	one, listed := reflected[name]
	if t.Name == typeScriptBlock && name == "Create" {
		one = true
	}
	typed := slices.ContainsFunc(c.args[min(1, len(c.args)):], func(v Value) bool {
		a, ok := v.(*Array)
		return ok && a.Type == "System.Type"
	})
	if !ok || !listed || len(t.Ranks) > 0 || t.Class != nil || !one && !typed {
		return c.unknown(), nil
	}
	_, method := c.in.lib().methods[t.Name][foldCase(name)]
	if !method && !c.in.hasStatic(t, name) {
		return c.unknown(), nil
	}
	return newPayload(typeMethodInfo, &methodInfo{t, name}), nil
}

// invokeMember is Type.InvokeMember(name, flags, binder, target, arguments).
func (c *call) invokeMember() (Value, error) {
	t := c.target.(*TypeRef)
	name, ok := c.arg(0).(string)
	_, listed := reflected[name]
	if !ok || !listed || !c.invokesMethod() || t.Class != nil || len(c.args) < 5 {
		return c.unknown(), c.mayRun()
	}
	return c.in.invokeMethod(&methodInfo{t, name}, c.arg(3), c.arg(4), c.source)
}

// invokesMethod tells whether the flags of InvokeMember say so.
func (c *call) invokesMethod() bool {
	flags, err := c.in.convert(c.arg(1), &TypeRef{Name: "System.Reflection.BindingFlags"})
	o, ok := flags.(*Object)
	if !ok || err != nil {
		return false
	}
	e, ok := o.Payload.(*enumValue)
	return ok && e.Number&0x100 != 0
}

// invokeMethod calls a method of reflection: without a target, a static one.
func (in *Interpreter) invokeMethod(m *methodInfo, target, args Value, source string) (Value, error) {
	list, many := Items(args)
	switch {
	case args == nil:
		list = nil
	case !many:
		list = []Value{args}
	}
	if target == nil {
		return in.callStatic(m.of, m.name, list, source)
	}
	return in.invokeBound(&boundMethod{target, m.name}, list, source)
}

func addReflection(l *library) {
	l.addMethods("System.Type", map[string]method{
		"getmethod":    opened((*call).getMethod),
		"invokemember": opened((*call).invokeMember),
	})
	l.addProperties("System.RuntimeType", map[string]property{
		"assembly": func(_ *Interpreter, v Value) Value { return newObject(typeAssembly) },
	})
	l.addMethods(typeAssembly, map[string]method{
		// Of which assembly a type is, is not looked at.
		"gettype": known(func(c *call) (Value, error) {
			name, ok := c.arg(0).(string)
			if t := c.in.typeNamed(name); ok && t.Class == nil && t.Name == name && c.in.isListed(t) {
				return t, nil
			}
			return c.unknown(), nil
		}),
	})
	l.addMethods(typeMethodInfo, map[string]method{
		"invoke": opened(func(c *call) (Value, error) {
			m := c.target.(*Object).Payload.(*methodInfo)
			if len(c.args) == 2 {
				return c.in.invokeMethod(m, c.arg(0), c.arg(1), c.source)
			}
			return c.unknown(), c.mayRun()
		}),
	})
	l.addProperties(typeMethodInfo, map[string]property{
		"name": func(_ *Interpreter, v Value) Value { return v.(*Object).Payload.(*methodInfo).name },
	})
}

// isListed tells whether a type is one of which something is known.
func (in *Interpreter) isListed(t *TypeRef) bool {
	l := in.lib()
	return l.methods[t.Name] != nil || l.staticMethods[t.Name] != nil || l.constructors[t.Name].run != nil || t.Name == typePowerShell || t.Name == typeScriptBlock
}
