package powershell

// Modules: those that a script makes, and the commands that a session or a
// module brings under names with a prefix.

import (
	"slices"
	"strings"
)

const typeModule = "System.Management.Automation.PSModuleInfo"

// module is the payload of a module that the script made.
type module struct {
	scope    *scope
	exported []string // names of functions
	members  *Hash    // what it exports, by name
}

// variableProperty is a property that is a variable of a module.
type variableProperty struct{ cell *variable }

// exports are the patterns of what a module exports; given is set where
// Export-ModuleMember says so, else all functions are.
type exports struct {
	given                         bool
	functions, aliases, variables []string
}

// newModuleCommand is New-Module.
//
// The rules are:
//   - The body runs in a scope of its own, in which the functions run, too.
//   - What it exports is defined for all; with -AsCustomObject it makes an
//     object's members instead, and with -ReturnResult the result is all.
func newModuleCommand(x *execution) error {
	in := x.in
	custom, result := x.Switch("AsCustomObject") == Yes, x.Switch("ReturnResult") == Yes
	blocks, args := x.blocks("ScriptBlock"), x.list("ArgumentList")
	if len(blocks) == 0 && len(args) > 0 { // behind a name
		if b, ok := args[0].(*Closure); ok {
			blocks, args = []*Closure{b}, args[1:]
		}
	}
	if len(blocks) == 0 {
		return x.Out(in.unknown(x.Source(), OriginCommand))
	}
	m := &module{scope: in.newScope(in.global)}
	m.scope.script = m.scope
	c, out := in.collectorSink()
	list := in.newCell(exports{})
	given := make([]argument, 0, len(args))
	for _, v := range args {
		given = append(given, argument{value: v, has: true, from: in.sources})
	}
	outer, exporting := in.scope, in.exporting
	in.scope, in.exporting = m.scope, list
	err := in.runBody(blocks[0], given, callOptions{dot: true}, out)
	in.scope, in.exporting = outer, exporting
	if err != nil {
		return err
	}
	m.members = in.exportedBy(m, list.v.(exports), x)
	if custom {
		return x.Out(moduleObject(m))
	}
	in.importModule(m, "", nil, outer.script)
	if result {
		return in.emit(resultOf(c.values), x.stage.put)
	}
	return x.Out(in.newModuleInfo(m, x))
}

// exportedBy binds the functions of a module to it and lists what it exports.
func (in *Interpreter) exportedBy(m *module, e exports, x *execution) *Hash {
	members := newOrdered()
	bound := map[string]*Closure{}
	for _, key := range sortedKeys(m.scope.functions) {
		f := *m.scope.functions[key]
		if f.Bound == nil {
			f.Bound = m.scope
		}
		bound[key] = &f
	}
	in.touch(m.scope)
	m.scope.functions = bound
	patterns := e.functions
	if only, _ := x.patterns("Function"); len(only) > 0 {
		patterns = only
	} else if !e.given {
		patterns = []string{"*"}
	}
	takes := func(patterns []string, name string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return in.like(name, p) })
	}
	for _, key := range sortedKeys(bound) {
		if takes(patterns, bound[key].Name) {
			m.exported = append(m.exported, bound[key].Name)
			members.Set(bound[key].Name, bound[key])
		}
	}
	for _, key := range sortedKeys(m.scope.aliases) {
		if a := m.scope.aliases[key]; takes(e.aliases, key) && !a.removed {
			in.setAlias(in.scope.script, key, a)
		}
	}
	for _, key := range sortedKeys(m.scope.variables) {
		if v := m.scope.variables[key]; takes(e.variables, v.name) && !isAutomatic(key) {
			members.Set(v.name, &variableProperty{v})
			if x.Switch("AsCustomObject") != Yes {
				in.store(in.declare(in.scope.script, v.name), v.value, in.sources)
			}
		}
	}
	return members
}

// isAutomatic tells whether every call has a variable of that name.
func isAutomatic(key string) bool {
	return slices.Contains([]string{"args", "input", "psboundparameters", "myinvocation", "this", "_", "pscmdlet", "matches"}, key)
}

// moduleObject is what -AsCustomObject returns.
func moduleObject(m *module) *Object {
	o := newCustomObject()
	for i, key := range m.members.Keys() {
		name, _ := key.(string)
		if f, ok := m.members.at(i).(*Closure); ok {
			o.Set(name, &scriptMethod{f})
		} else {
			o.Set(name, m.members.at(i))
		}
	}
	return o
}

func (in *Interpreter) newModuleInfo(m *module, x *execution) *Object {
	o := newPayload(typeModule, m)
	o.Set("Name", in.derived("("+x.Source()+").Name", "module name"))
	for _, name := range []string{"Name", "ScriptBlock"} {
		v, ok := x.Arg(name)
		if _, block := v.(*Closure); ok && !block {
			o.Set("Name", in.text(v))
			break
		}
	}
	table := newHash()
	for _, name := range m.exported {
		table.Set(name, in.functionObject(name, m.scope.functions[foldCase(name)]))
	}
	o.Set("ExportedFunctions", table)
	o.Set("ExportedCommands", table)
	return o
}

// importModule defines the functions of a module, in a scope, under names with a
// prefix before the noun.
func (in *Interpreter) importModule(m *module, prefix string, only []string, at *scope) {
	outer := in.scope
	in.scope = at
	defer func() { in.scope = outer }()
	for _, name := range m.exported {
		if len(only) > 0 && !slices.ContainsFunc(only, func(p string) bool { return in.like(name, p) }) {
			continue
		}
		f := *m.scope.functions[foldCase(name)]
		f.Name = prefixed(name, prefix)
		if f.leaver = 0; at == in.global {
			in.define("global:"+f.Name, &f)
		} else {
			in.define(f.Name, &f)
		}
	}
}

// prefixed puts a prefix before the noun of a command's name.
func prefixed(name, prefix string) string {
	verb, noun, ok := strings.Cut(name, "-")
	if !ok {
		return prefix + name
	}
	return verb + "-" + prefix + noun
}

// prepareInModule makes a stage of & $module {...}.
func (in *Interpreter) prepareInModule(s *stage, c *Command, m *module, args []argument) error {
	if len(args) == 0 || args[0].named() {
		return nil
	}
	var t target
	if block, ok := args[0].value.(*Closure); ok {
		t.closure = boundTo(block, m)
	} else {
		outer := in.scope
		in.scope = m.scope
		t = in.targetOfValue(args[0].value)
		in.scope = outer
	}
	return in.prepareTarget(s, c, t, args[1:])
}

func boundTo(block *Closure, m *module) *Closure {
	b := *block
	b.Bound = m.scope
	return &b
}

// invokeModule calls a method of a module.
func (in *Interpreter) invokeModule(m *module, key string, args []Value) (Value, bool, error) {
	if len(args) == 0 {
		return nil, false, nil
	}
	block, ok := args[0].(*Closure)
	if !ok {
		return nil, false, nil
	}
	switch key {
	case "newboundscriptblock":
		return boundTo(block, m), true, nil
	case "invoke":
		out, err := in.callBlock(boundTo(block, m), args[1:], callOptions{})
		return single(out), true, err
	}
	return nil, false, nil
}

// exportModuleMember is Export-ModuleMember.
func exportModuleMember(x *execution) error {
	in := x.in
	if in.exporting == nil {
		return nil
	}
	e := in.exporting.v.(exports)
	e.given = true
	for _, list := range []struct {
		to   *[]string
		name string
	}{{&e.functions, "Function"}, {&e.aliases, "Alias"}, {&e.variables, "Variable"}} {
		patterns, _ := x.patterns(list.name)
		*list.to = slices.Concat(*list.to, patterns)
	}
	in.setCell(in.exporting, e)
	return nil
}

// joined keeps what either way exports.
func (e exports) joined(other any) any {
	o := other.(exports)
	if e.same(o) {
		return e
	}
	return exports{
		given: e.given || o.given, functions: slices.Concat(e.functions, o.functions),
		aliases: slices.Concat(e.aliases, o.aliases), variables: slices.Concat(e.variables, o.variables),
	}
}

func (e exports) same(other any) bool {
	o, ok := other.(exports)
	return ok && e.given == o.given && slices.Equal(e.functions, o.functions) && slices.Equal(e.aliases, o.aliases) &&
		slices.Equal(e.variables, o.variables)
}

// importModuleCommand is Import-Module: of modules that the script made their
// functions, of others only that they may bring commands of the host.
func importModuleCommand(x *execution) error {
	in := x.in
	in.risks++
	prefix, given, known := x.Text("Prefix")
	only, _ := x.patterns("Function")
	others := 0
	for _, v := range slices.Concat(x.Input, x.list("Name"), x.list("ModuleInfo")) {
		o, _ := v.(*Object)
		if o == nil {
			others++
			continue
		}
		m, ok := o.Payload.(*module)
		if !ok {
			others++
			continue
		}
		if x.Switch("AsCustomObject") == Yes {
			return x.Out(moduleObject(m))
		}
		in.importModule(m, prefix, only, in.scope.script)
	}
	if given && known && others > 0 {
		cmdlets, _ := x.patterns("Cmdlet")
		in.importPrefixed(prefix, slices.Concat(only, cmdlets))
	}
	if x.Switch("PassThru") == No && x.Switch("AsCustomObject") == No {
		return nil
	}
	return x.unknownOut(in.host.Origin(x.Name))
}

// importSession is Import-PSSession.
func importSession(x *execution) error {
	in := x.in
	in.risks++
	if prefix, given, known := x.Text("Prefix"); given && known {
		names, _ := x.patterns("CommandName")
		in.importPrefixed(prefix, names)
	}
	return x.Out(in.unknown(x.Source(), in.host.Origin(x.Name)))
}

// importPrefixed makes the commands of the host, or those of them that the
// patterns name, known by names with a prefix before the noun.
func (in *Interpreter) importPrefixed(prefix string, patterns []string) {
	if prefix == "" {
		return
	}
	for _, name := range in.host.Commands() {
		if len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return in.like(name, p) }) {
			in.setAlias(in.global, prefixed(name, prefix), alias{target: name, imported: true})
		}
	}
}

// moduleCommands are the commands of this kind.
func moduleCommands() []*cmdlet {
	patterns := []ParameterInfo{named("Alias"), named("Variable"), named("Cmdlet")}
	return []*cmdlet{
		{Name: "New-Module", Run: newModuleCommand, Parameters: slices.Concat([]ParameterInfo{
			positional("ScriptBlock", 0), named("Name"), named("Function"), named("Cmdlet"),
			{Name: "ArgumentList", Aliases: []string{"Args"}, Position: -1, Remaining: true}},
			switches("ReturnResult", "AsCustomObject"))},
		{Name: "Export-ModuleMember", Run: exportModuleMember, Parameters: slices.Concat([]ParameterInfo{positional("Function", 0)}, patterns)},
		{Name: "Import-Module", Run: importModuleCommand, Open: true, Parameters: slices.Concat([]ParameterInfo{
			positional("Name", 0), named("ModuleInfo"), named("Prefix"), named("Function"),
			{Name: "ArgumentList", Aliases: []string{"Args"}, Position: -1}}, patterns,
			switches("PassThru", "AsCustomObject", "Force", "Global", "DisableNameChecking", "NoClobber"))},
		{Name: "Import-PSSession", Run: importSession, Open: true, Parameters: slices.Concat([]ParameterInfo{
			positional("Session", 0), positional("CommandName", 1), named("Prefix"), named("FormatTypeName"), named("Module"), named("ArgumentList"),
			named("CommandType")}, switches("AllowClobber", "DisableNameChecking"))},
	}
}
