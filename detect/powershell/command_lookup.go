package powershell

// Get-Command and its kin: commands as objects.

import (
	"slices"
	"strings"
)

// The types of commands as objects.
const (
	typeCmdletInfo      = "System.Management.Automation.CmdletInfo"
	typeFunctionInfo    = "System.Management.Automation.FunctionInfo"
	typeAliasInfo       = "System.Management.Automation.AliasInfo"
	typeApplicationInfo = "System.Management.Automation.ApplicationInfo"
)

// newCommandObject makes a command's object. What is not known of it (its
// parameters, its version) are unknown members.
func (in *Interpreter) newCommandObject(typeName, kind string, ref commandRef) *Object {
	o := newPayload(typeName, ref)
	o.Set("Name", ref.name)
	o.Set("CommandType", kind)
	verb, noun, ok := strings.Cut(ref.name, "-")
	if !ok {
		verb, noun = "", ""
	}
	o.Set("Verb", verb)
	o.Set("Noun", noun)
	for _, name := range []string{"Parameters", "ParameterSets", "Version", "Module", "HelpUri", "OutputType"} {
		u := in.derived("(Get-Command "+ref.name+")."+name, "command|"+foldCase(ref.name)+"|"+name)
		u.Origin = OriginCommand
		u.Many = name == "Parameters" || name == "ParameterSets" || name == "OutputType"
		o.Set(name, u)
	}
	return o
}

func (in *Interpreter) functionObject(name string, f *Closure) *Object {
	kind := "Function"
	if f.function != nil && f.function.Keyword == KindFilter {
		kind = "Filter"
	}
	o := in.newCommandObject(typeFunctionInfo, kind, commandRef{name: name, closure: f})
	o.Set("ScriptBlock", f)
	o.Set("Definition", closureText(f))
	o.Set("ModuleName", "")
	o.Set("Source", "")
	return o
}

func (in *Interpreter) aliasObject(name, target string) *Object {
	o := in.newCommandObject(typeAliasInfo, "Alias", commandRef{name: name})
	o.Set("Definition", target)
	o.Set("ReferencedCommand", target)
	o.Set("ResolvedCommandName", target)
	o.Set("DisplayName", name+" -> "+target)
	if next, ok := in.knownCommand(target); ok {
		o.Set("ReferencedCommand", next)
		o.Set("ResolvedCommand", next)
	}
	o.Set("ModuleName", "")
	o.Set("Source", "")
	return o
}

func (in *Interpreter) cmdletObject(name, module string) *Object {
	o := in.newCommandObject(typeCmdletInfo, "Cmdlet", commandRef{name: name, cmdlet: true})
	o.Set("ModuleName", module)
	o.Set("Source", module)
	o.Set("DLL", in.derived("(Get-Command "+name+").DLL", "command|"+foldCase(name)+"|dll"))
	return o
}

// knownCommand is the function or cmdlet of that name.
func (in *Interpreter) knownCommand(name string) (Value, bool) {
	if f := in.function(name); f != nil {
		return in.functionObject(f.Name, f), true
	}
	return in.knownCmdlet(name)
}

// knownCmdlet is the cmdlet of that name, or the proxy that is the same.
func (in *Interpreter) knownCmdlet(name string) (Value, bool) {
	plain := withoutModule(name)
	if h := in.host.Command(plain); h != nil {
		return in.cmdletObject(h.Name, h.Module), true
	}
	for _, n := range in.commands.names {
		if strings.EqualFold(n, plain) && strings.Contains(n, "-") {
			return in.cmdletObject(n, ""), true
		}
	}
	return nil, false
}

// commandFilter is what Get-Command looks for.
type commandFilter struct {
	verbs, nouns, kinds []string
	all                 bool // also what another command of the name hides
}

func (f *commandFilter) kind(kinds ...string) bool {
	return len(f.kinds) == 0 || slices.ContainsFunc(f.kinds, func(k string) bool {
		return strings.EqualFold(k, "all") || slices.ContainsFunc(kinds, func(kind string) bool { return strings.EqualFold(k, kind) })
	})
}

func (f *commandFilter) takes(in *Interpreter, name string) bool {
	if len(f.verbs) == 0 && len(f.nouns) == 0 {
		return true
	}
	verb, noun, ok := strings.Cut(name, "-")
	like := func(patterns []string, s string) bool {
		return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return in.like(s, p) })
	}
	return ok && like(f.verbs, verb) && like(f.nouns, noun)
}

// findCommands lists the commands that a name or pattern means: aliases,
// functions, cmdlets, each in the order of their names.
func (in *Interpreter) findCommands(pattern string, f commandFilter) []Value {
	if !hasWildcard(pattern) {
		return in.findCommand(pattern, f)
	}
	var list []Value
	if f.kind("Alias") && len(f.verbs)+len(f.nouns) == 0 {
		for _, name := range in.driveMatches("alias", pattern) {
			target, _ := in.aliasTarget(name)
			list = append(list, in.aliasObject(name, target))
		}
	}
	seen := map[string]bool{}
	if f.kind("Function", "Filter") {
		for _, name := range in.functionNames() {
			closure := in.function(name)
			if !in.like(name, pattern) || !f.takes(in, name) || closure == nil {
				continue
			}
			seen[foldCase(name)] = true
			list = append(list, in.functionObject(name, closure))
		}
	}
	modules := map[string]string{}
	var names []string
	for _, name := range in.host.Commands() {
		names = append(names, name)
		if h := in.host.Command(name); h != nil {
			modules[name] = h.Module
		}
	}
	if f.kind("Cmdlet") || f.kind("Function") { // a command of the host may be a proxy
		if f.kind("Cmdlet") {
			names = append(names, in.commands.names...)
		}
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(foldCase(a), foldCase(b)) })
		for _, name := range slices.Compact(names) {
			if seen[foldCase(name)] && !f.all || !strings.Contains(name, "-") || !in.like(name, pattern) || !f.takes(in, name) {
				continue
			}
			list = append(list, in.cmdletObject(name, modules[name]))
		}
	}
	return list
}

// findCommand finds a command by its name as a call would: alias, function,
// cmdlet.
func (in *Interpreter) findCommand(name string, f commandFilter) []Value {
	var list []Value
	if target, ok := in.aliasTarget(name); ok && f.kind("Alias") && len(f.verbs)+len(f.nouns) == 0 {
		list = append(list, in.aliasObject(name, target))
	}
	if f.takes(in, withoutModule(name)) {
		closure := in.function(name)
		if closure != nil && f.kind("Function", "Filter") {
			list = append(list, in.functionObject(closure.Name, closure))
		}
		if f.kind("Cmdlet") || f.kind("Function") && closure == nil { // a command of the host may be a proxy
			if c, ok := in.knownCmdlet(name); ok {
				list = append(list, c)
			}
		}
	}
	if name := programName(name); len(list) == 0 && shells[name] && f.kind("Application") && len(f.verbs)+len(f.nouns) == 0 {
		list = append(list, in.applicationObject(name+".exe"))
	}
	if len(list) > 1 && !f.all {
		list = list[:1]
	}
	return list
}

// shells are the programs that run code.
var shells = map[string]bool{"powershell": true, "pwsh": true, "cmd": true}

// applicationObject is what Get-Command returns for a program, of whose path
// only the end is known.
func (in *Interpreter) applicationObject(name string) *Object {
	o := in.newCommandObject(typeApplicationInfo, "Application", commandRef{name: name})
	folder := in.derived("(Get-Command "+name+").Path", "command|"+name+"|path")
	folder.Origin = OriginEnvironment
	path := in.joinText([]Value{folder, `\` + name})
	for _, property := range []string{"Path", "Source", "Definition"} {
		o.Set(property, path)
	}
	o.Set("Extension", ".exe")
	return o
}

// commandObject returns what Get-Command does for a name or pattern; an unknown
// value where that is not known.
func (in *Interpreter) commandObject(pattern Value, f commandFilter, src string) (Value, error) {
	if name, ok := in.text(pattern).(string); ok {
		list := in.findCommands(name, f)
		if len(list) > 0 || hasWildcard(name) {
			return resultOf(list), nil
		}
	}
	u := in.derived(src, "command|"+identityOf(pattern), pattern)
	if u.Origin == "" {
		u.Origin = OriginCommand
	}
	return u, nil
}

// commandKinds are the names of the CommandTypes that a value has; none if it is
// not known.
func (in *Interpreter) commandKinds(v Value) []string {
	if n, ok := smallInt(v); ok {
		var kinds []string
		for i, kind := range []string{"Alias", "Function", "Filter", "Cmdlet", "ExternalScript", "Application"} {
			if n>>i&1 == 1 {
				kinds = append(kinds, kind)
			}
		}
		return kinds
	}
	s, _ := in.text(v).(string)
	return splitKinds(s)
}

func splitKinds(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// patterns are the known elements of an argument; known is false if one is not.
func (x *execution) patterns(name string) (list []string, known bool) {
	known = true
	for _, v := range x.texts(name) {
		s, ok := v.(string)
		known = known && ok
		list = append(list, s)
	}
	return list, known
}

// getCommand is Get-Command. A command that nothing is known of may be there or
// not.
func getCommand(x *execution) error {
	in := x.in
	f := commandFilter{all: x.Switch("All") == Yes}
	var known [3]bool
	f.verbs, known[0] = x.patterns("Verb")
	f.nouns, known[1] = x.patterns("Noun")
	f.kinds, known[2] = x.patterns("CommandType")
	if len(f.kinds) == 1 {
		f.kinds = splitKinds(f.kinds[0])
	}
	names := x.texts("Name")
	for _, item := range x.Input {
		names = append(names, in.text(item))
	}
	switch {
	case slices.Contains(known[:], false), x.Switch("Syntax") == Yes:
		return x.unknownOut(OriginCommand)
	case len(names) == 0 && len(f.verbs)+len(f.nouns) == 0:
		return x.unknownOut(OriginCommand)
	case len(names) == 0:
		names = []Value{"*"}
	}
	for _, n := range names {
		name, ok := n.(string)
		var found []Value
		if ok {
			found = in.findCommands(name, f)
		}
		if len(found) == 0 {
			if ok && hasWildcard(name) {
				continue
			}
			in.risks++
			u := in.derived(x.Source(), "command|"+identityOf(n), n)
			if u.Origin == "" {
				u.Origin = OriginCommand
			}
			found = []Value{u}
		}
		if err := in.settled(in.feed(found, x.stage.put)); err != nil {
			return err
		}
	}
	return nil
}

// lookupCommands are the commands of this kind.
func lookupCommands() []*cmdlet {
	return []*cmdlet{
		{Name: "Get-Command", Run: getCommand, Parameters: slices.Concat([]ParameterInfo{
			{Name: "Name", Position: 0}, {Name: "ArgumentList", Aliases: []string{"Args"}, Position: 1}, named("Verb"), named("Noun"),
			{Name: "Module", Aliases: []string{"PSSnapin"}, Position: -1}, {Name: "CommandType", Aliases: []string{"Type"}, Position: -1},
			named("FullyQualifiedModule"), named("TotalCount"), named("ParameterName"), named("ParameterType")},
			switches("All", "ListImported", "Syntax", "ShowCommandInfo", "UseFuzzyMatching", "UseAbbreviationExpansion"))},
	}
}

// withoutModule takes the module from a name such as Module\Name.
func withoutModule(name string) string {
	i := strings.LastIndexByte(name, '\\')
	if i <= 0 || i == len(name)-1 || strings.ContainsAny(name[:i], `:/*?"`) || strings.HasPrefix(name, `\`) || strings.HasPrefix(name, ".") {
		return name
	}
	return name[i+1:]
}
