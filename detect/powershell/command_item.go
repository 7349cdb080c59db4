package powershell

// The items of the drives variable:, function:, alias: and env:, which hold
// what the language itself knows, and the commands for items.

import (
	"slices"
	"strings"
)

// drives are the drives whose items are part of a session.
var drives = map[string]string{
	"function": "function", "variable": "variable", "alias": "alias", "env": "env",
	"environment": "env", // the provider's name, as in Environment::PATH
}

// cutDrive takes the drive from the path of an item of a session:
// function:\Name, Microsoft.PowerShell.Core\Variable::name.
func cutDrive(path string) (drive, rest string, ok bool) {
	name, rest, ok := strings.Cut(path, ":")
	if !ok {
		return "", "", false
	}
	if qualified, isProvider := strings.CutPrefix(rest, ":"); isProvider {
		rest = qualified
		name = name[strings.LastIndexByte(name, '\\')+1:]
	}
	drive, ok = drives[foldCase(name)]
	return drive, strings.TrimLeft(rest, `\/`), ok
}

// setDriveItem makes or changes an item of a drive. A function is made of a
// script block, or of text that is code.
func (in *Interpreter) setDriveItem(drive, name string, v Value) error {
	drive = foldCase(drive)
	name = strings.TrimLeft(name, `\/`)
	switch drives[drive] {
	case "env":
		in.setEnvironment(name, in.text(v))
	case "alias":
		return in.makeAlias(in.scope, false, name, v)
	case "variable":
		return in.setVariable(in.scope, name, v)
	case "function":
		return in.setFunction(name, v)
	}
	return nil
}

// setEnvironment sets a variable of the process; $null removes it.
func (in *Interpreter) setEnvironment(name string, v Value) {
	cell := in.declare(in.environment, name)
	in.store(cell, v, in.sources)
}

// setVariable gives a variable of a scope a value, and makes it if it is not
// there.
func (in *Interpreter) setVariable(s *scope, name string, v Value) error {
	if rest, at := in.splitScope(name); at != in.scope || rest != foldCase(name) {
		_, name, _ = strings.Cut(name, ":")
		s = at
	}
	return in.put(in.declare(s, name), v)
}

func (in *Interpreter) setFunction(name string, v Value) error {
	var body *Closure
	switch v := v.(type) {
	case nil:
		in.undefine(name)
		return nil
	case *Closure:
		body = v
	case *Object:
		if r, ok := v.Payload.(commandRef); ok {
			body = r.closure
		}
	}
	if body == nil {
		made, err := in.makeBlock(v, "function:")
		if err != nil {
			return err
		}
		var known bool
		if body, known = made.(*Closure); !known {
			in.opaqueHere(v)
			return nil
		}
	}
	c := *body
	c.Name = plainName(name)
	in.define(name, &c)
	return nil
}

// makeAlias makes an alias of a scope, of which global says that it is named as
// the global one. What the alias stands for may not be known.
func (in *Interpreter) makeAlias(s *scope, global bool, name string, v Value) error {
	target, ok := in.text(v).(string)
	if !ok {
		in.opaqueHere(v)
		return nil
	}
	a := alias{target: target}
	if s == in.global && !global {
		a.leaver = in.leaver(name)
	}
	in.setAlias(s, name, a)
	return nil
}

// driveNames lists the items of a drive by name, in a fixed order.
func (in *Interpreter) driveNames(drive string) []string {
	switch drive {
	case "function":
		return in.functionNames()
	case "variable":
		return in.variableNames()
	case "env":
		var names []string
		for _, key := range sortedKeys(in.environment.variables) {
			names = append(names, in.environment.variables[key].name)
		}
		return names
	case "alias":
		names := in.aliasNames()
		for _, name := range sortedKeys(in.commands.aliases) {
			if _, ok := in.aliasTarget(name); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return names
	}
	return nil
}

// driveMatches lists the items whose names fit a pattern.
func (in *Interpreter) driveMatches(drive, pattern string) []string {
	if pattern == "" {
		pattern = "*"
	}
	var names []string
	for _, name := range in.driveNames(drive) {
		if in.like(name, pattern) {
			names = append(names, name)
		}
	}
	return names
}

// driveHas tells whether an item is there.
func (in *Interpreter) driveHas(drive, name string) Tri {
	switch drive {
	case "function":
		if in.function(name) == nil && (!in.fresh || in.host.Command(name) != nil) {
			return Maybe
		}
		return triOf(in.function(name) != nil)
	case "alias":
		_, ok := in.aliasTarget(name)
		if !ok && !in.fresh {
			return Maybe
		}
		return triOf(ok)
	case "variable":
		if in.scope.find(name) == nil && in.maySet(name) {
			return Maybe
		}
		return triOf(in.scope.find(name) != nil)
	}
	if in.environment.variables[foldCase(name)] != nil {
		return Yes
	}
	return Maybe
}

// driveObject is what Get-Item returns for an item that is there.
func (in *Interpreter) driveObject(drive, name string) Value {
	switch drive {
	case "function":
		if f := in.function(name); f != nil {
			return in.functionObject(f.Name, f)
		}
	case "alias":
		if target, ok := in.aliasTarget(name); ok {
			return in.aliasObject(name, target)
		}
	case "variable":
		if cell := in.scope.find(name); cell != nil {
			return in.variableObject(cell)
		}
	case "env":
		o := newObject("System.Collections.DictionaryEntry")
		o.Set("Key", name)
		o.Set("Name", name)
		o.Set("Value", in.environmentVariable(name))
		return o
	}
	return in.driveUnknown(drive, name)
}

// driveUnknown stands for an item that may be there: nil if it is not.
func (in *Interpreter) driveUnknown(drive, name string) Value {
	if in.driveHas(drive, name) == No {
		return nil
	}
	u := in.derived("$"+drive+":"+name, "drive|"+drive+"|"+foldCase(name))
	u.Origin = OriginVariable
	return u
}

// driveContent is what Get-Content returns for an item that is there.
func (in *Interpreter) driveContent(drive, name string) Value {
	if drive == "variable" {
		if cell := in.scope.find(name); cell != nil {
			return in.read(cell)
		}
		return in.driveUnknown(drive, name)
	}
	return in.driveItem(drive, name)
}

func (in *Interpreter) removeDriveItem(drive, name string) {
	switch drive {
	case "function":
		in.undefine(name)
	case "alias":
		in.removeAlias(name)
	case "variable":
		in.removeVariable(in.scope, name)
	case "env":
		in.setEnvironment(name, nil)
	}
}

// removeAlias removes an alias where it is seen; a built-in one is hidden.
func (in *Interpreter) removeAlias(name string) {
	key := foldCase(name)
	for s := in.scope; s != nil; s = s.parent {
		if a, ok := s.aliases[key]; ok && !a.removed {
			in.touch(s)
			delete(s.aliases, key)
			return
		}
	}
	if _, ok := in.commands.aliases[key]; ok {
		in.setAlias(in.global, name, alias{removed: true})
	}
}

// removeVariable removes a variable from the nearest scope that has it.
func (in *Interpreter) removeVariable(s *scope, name string) {
	key := foldCase(name)
	for ; s != nil; s = s.parent {
		if _, ok := s.variables[key]; ok {
			in.touch(s)
			delete(s.variables, key)
			return
		}
	}
}

// itemPath is a path that an item command is given.
type itemPath struct {
	drive, name string
	ok          bool // it is one of a session's drives
	value       Value
}

// paths are the items that a command is for: those of -Path or -LiteralPath, or
// what comes through the pipeline.
func (x *execution) paths() []itemPath {
	var values []Value
	for _, name := range []string{"Path", "LiteralPath"} {
		values = append(values, x.texts(name)...)
	}
	if len(values) == 0 {
		for _, item := range x.Input {
			values = append(values, x.in.pathOf(item))
		}
	}
	list := make([]itemPath, len(values))
	for i, v := range values {
		list[i].value = v
		if s, ok := v.(string); ok {
			list[i].drive, list[i].name, list[i].ok = cutDrive(s)
		}
	}
	return list
}

// pathOf is the path of an item that comes through the pipeline.
func (in *Interpreter) pathOf(v Value) Value {
	o, ok := v.(*Object)
	if !ok {
		return in.text(v)
	}
	name, _ := in.text(propertyOf(o, "Name")).(string)
	switch o.Type {
	case typeFunctionInfo:
		return "function:" + name
	case typeAliasInfo:
		return "alias:" + name
	case "System.Management.Automation.PSVariable":
		return "variable:" + name
	case "System.Collections.DictionaryEntry":
		return "env:" + name
	}
	return in.text(v)
}

func propertyOf(o *Object, name string) Value {
	v, _ := o.Get(name)
	return v
}

// names are the items that a path means.
func (in *Interpreter) pathNames(p itemPath, literal bool) []string {
	if literal || !hasWildcard(p.name) {
		return []string{p.name}
	}
	return in.driveMatches(p.drive, p.name)
}

// outside is the result of a command about what is in no session: files, the
// registry.
func (x *execution) outside() error {
	x.in.risks++
	u := x.in.unknown(x.Source(), x.in.host.Origin(x.Name))
	u.Many = x.Switch("Raw") != Yes
	return x.Out(u)
}

// eachItem calls run for each item of a session's drives that the command is
// for. What is elsewhere is put out as unknown, once, if that is asked for.
func (x *execution) eachItem(unknown bool, run func(drive, name string) error) error {
	_, literal := x.Arg("LiteralPath")
	told := false
	for _, p := range x.paths() {
		if !p.ok {
			if unknown && !told {
				told = true
				if err := x.outside(); err != nil {
					return err
				}
			}
			continue
		}
		for _, name := range x.in.pathNames(p, literal) {
			if err := run(p.drive, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (in *Interpreter) noItem(drive, name string) error {
	return in.thrown("System.Management.Automation.ItemNotFoundException", "Cannot find path '"+drive+":\\"+name+"' because it does not exist.")
}

func getItemCommand(x *execution) error {
	return x.eachItem(true, func(drive, name string) error {
		if x.in.driveHas(drive, name) == No {
			return x.in.noItem(drive, name)
		}
		return x.Out(x.in.driveObject(drive, name))
	})
}

func getContentCommand(x *execution) error {
	return x.eachItem(true, func(drive, name string) error {
		if x.in.driveHas(drive, name) == No {
			return x.in.noItem(drive, name)
		}
		return x.in.settled(x.in.emit(x.in.driveContent(drive, name), x.stage.put))
	})
}

// getChildItemCommand lists a drive.
func getChildItemCommand(x *execution) error {
	in := x.in
	filter := "*"
	if f, given, known := x.Text("Filter"); given && known {
		filter = f
	}
	told := false
	paths := x.paths()
	for _, p := range paths {
		if !p.ok {
			if !told {
				told = true
				if err := x.outside(); err != nil {
					return err
				}
			}
			continue
		}
		for _, name := range in.driveMatches(p.drive, p.name) {
			if !in.like(name, filter) || !x.included(name) {
				continue
			}
			if err := x.Out(in.driveObject(p.drive, name)); err != nil {
				return err
			}
		}
		if p.drive == "env" && (p.name == "" || hasWildcard(p.name)) {
			if err := x.unknownOut(OriginEnvironment); err != nil {
				return err
			}
		}
	}
	if len(paths) == 0 {
		return x.outside()
	}
	return nil
}

// included tells whether -Include and -Exclude leave an item.
func (x *execution) included(name string) bool {
	fits := func(patterns []Value) bool {
		return slices.ContainsFunc(patterns, func(p Value) bool {
			s, ok := p.(string)
			return !ok || x.in.like(name, s)
		})
	}
	if include := x.texts("Include"); len(include) > 0 && !fits(include) {
		return false
	}
	return !fits(x.texts("Exclude"))
}

// setItemCommand is Set-Item and Set-Content.
func setItemCommand(x *execution) error {
	v, given := x.Arg("Value")
	if !given && x.HasInput {
		v = resultOf(slices.Clone(x.Input))
		x.Input = nil
	}
	x.storesUnder(v)
	return x.eachItem(false, func(drive, name string) error {
		if err := x.in.setDriveItem(drive, name, v); err != nil || x.Switch("PassThru") != Yes {
			return err
		}
		return x.Out(x.in.driveObject(drive, name))
	})
}

// addContentCommand is Add-Content, which for a variable adds items.
func addContentCommand(x *execution) error {
	v, given := x.Arg("Value")
	if !given {
		v = newArray(slices.Clone(x.Input))
	}
	x.storesUnder(v)
	return x.eachItem(false, func(drive, name string) error {
		if drive != "variable" {
			return x.in.setDriveItem(drive, name, v)
		}
		sum, err := x.in.binary(KindPlus, newArray(slices.Clone(enumerate(x.in.driveContent(drive, name)))), v, nil)
		if err != nil {
			return err
		}
		return x.in.setDriveItem(drive, name, sum)
	})
}

// newItemCommand is New-Item: the item is Path, or Name in Path.
func newItemCommand(x *execution) error {
	in := x.in
	v, _ := x.Arg("Value")
	name, named, _ := x.Text("Name")
	paths := x.paths()
	if len(paths) == 0 && named {
		drive, rest, ok := cutDrive(name)
		paths, name, named = []itemPath{{drive: drive, name: rest, ok: ok, value: name}}, "", false
	}
	for _, p := range paths {
		if !p.ok {
			return x.outside()
		}
		if named {
			p.name = name
		}
		if err := in.setDriveItem(p.drive, p.name, v); err != nil {
			return err
		}
		if err := x.Out(in.driveObject(p.drive, p.name)); err != nil {
			return err
		}
	}
	return nil
}

func removeItemCommand(x *execution) error {
	return x.eachItem(false, func(drive, name string) error {
		x.in.removeDriveItem(drive, name)
		return nil
	})
}

func clearItemCommand(x *execution) error {
	return x.eachItem(false, func(drive, name string) error {
		if drive == "variable" {
			return x.in.setDriveItem(drive, name, nil)
		}
		x.in.removeDriveItem(drive, name)
		return nil
	})
}

// copyItemCommand is Copy-Item, Rename-Item and Move-Item.
func copyItemCommand(x *execution) error {
	in := x.in
	to, _ := x.Arg("Destination")
	if n, ok := x.Arg("NewName"); ok {
		to = n
	}
	target, known := in.text(to).(string)
	return x.eachItem(false, func(drive, name string) error {
		if !known {
			in.opaqueHere()
			return nil
		}
		at := target
		if _, rest, ok := cutDrive(target); ok {
			at = rest
		}
		if in.driveHas(drive, name) == No {
			return in.noItem(drive, name)
		}
		v := in.driveContent(drive, name)
		if x.Name != "Copy-Item" {
			in.removeDriveItem(drive, name)
		}
		return in.setDriveItem(drive, at, v)
	})
}

// testPathCommand is Test-Path: known for the drives of a session.
func testPathCommand(x *execution) error {
	in := x.in
	_, literal := x.Arg("LiteralPath")
	for _, p := range x.paths() {
		var v Value
		switch {
		case !p.ok:
			in.risks++
			u := in.derived(x.Source(), x.Source()+"|"+identityOf(p.value), p.value)
			if u.Origin == "" {
				u.Origin = OriginFile
			}
			u.Type = "System.Boolean"
			v = u
		case !literal && (hasWildcard(p.name) || p.name == ""):
			v = p.name == "" || len(in.driveMatches(p.drive, p.name)) > 0
		default:
			switch in.driveHas(p.drive, p.name) {
			case Yes:
				v = true
			case No:
				v = false
			default:
				u := in.derived(x.Source(), "test|"+p.drive+"|"+foldCase(p.name))
				u.Origin, u.Type = OriginEnvironment, "System.Boolean"
				v = u
			}
		}
		if err := x.Out(v); err != nil {
			return err
		}
	}
	return nil
}

// itemParameters are those that the item commands have in common.
func itemParameters(more ...ParameterInfo) []ParameterInfo {
	list := []ParameterInfo{
		positional("Path", 0), {Name: "LiteralPath", Aliases: []string{"PSPath", "LP"}, Position: -1},
		named("Filter"), named("Include"), named("Exclude"), named("Credential"), named("Stream"),
	}
	return slices.Concat(list, switches("Force", "WhatIf", "Confirm", "UseTransaction"), more)
}

// itemCommands are the commands of this kind.
func itemCommands() []*cmdlet {
	encoded := []ParameterInfo{named("Encoding"), named("Delimiter"), named("ReadCount"), {Name: "TotalCount", Aliases: []string{"First", "Head"}, Position: -1},
		{Name: "Tail", Aliases: []string{"Last"}, Position: -1}}
	raw := switches("Raw", "Wait", "AsByteStream")
	written := slices.Concat([]ParameterInfo{{Name: "Value", Position: 1}, named("Encoding")},
		switches("PassThru", "NoNewline", "AsByteStream"))
	listing := slices.Concat([]ParameterInfo{named("Depth"), named("Attributes")},
		switches("Recurse", "Name", "File", "Directory", "Hidden", "ReadOnly", "System", "FollowSymlink"))
	listed := itemParameters(listing...)
	for i := range listed {
		if listed[i].Name == "Filter" {
			listed[i].Position = 1
		}
	}
	list := []*cmdlet{
		{Name: "Get-Item", Run: getItemCommand, Parameters: itemParameters()},
		{Name: "Get-Content", Run: getContentCommand, Parameters: itemParameters(slices.Concat(encoded, raw)...)},
		{Name: "Get-ChildItem", Run: getChildItemCommand, Parameters: listed},
		{Name: "Set-Item", Run: setItemCommand, Parameters: itemParameters(slices.Concat([]ParameterInfo{positional("Value", 1)}, switches("PassThru"))...)},
		{Name: "Set-Content", Run: setItemCommand, Parameters: itemParameters(written...)},
		{Name: "Add-Content", Run: addContentCommand, Parameters: itemParameters(written...)},
		{Name: "New-Item", Run: newItemCommand, Parameters: itemParameters(
			named("Name"), ParameterInfo{Name: "ItemType", Aliases: []string{"Type"}, Position: -1}, ParameterInfo{Name: "Value", Aliases: []string{"Target"}, Position: -1})},
		{Name: "Remove-Item", Run: removeItemCommand, Parameters: itemParameters(switches("Recurse")...)},
		{Name: "Clear-Item", Run: clearItemCommand, Parameters: itemParameters()},
		{Name: "Clear-Content", Run: clearItemCommand, Parameters: itemParameters()},
		{Name: "Copy-Item", Run: copyItemCommand, Parameters: itemParameters(slices.Concat(
			[]ParameterInfo{positional("Destination", 1), named("ToSession"), named("FromSession")}, switches("Recurse", "Container", "PassThru"))...)},
		{Name: "Rename-Item", Run: copyItemCommand, Parameters: itemParameters(slices.Concat(
			[]ParameterInfo{positional("NewName", 1)}, switches("PassThru"))...)},
		{Name: "Move-Item", Run: copyItemCommand, Parameters: itemParameters(slices.Concat(
			[]ParameterInfo{positional("Destination", 1)}, switches("PassThru"))...)},
		{Name: "Test-Path", Run: testPathCommand, Parameters: itemParameters(slices.Concat(
			[]ParameterInfo{{Name: "PathType", Aliases: []string{"Type"}, Position: -1}, named("OlderThan"), named("NewerThan")}, switches("IsValid"))...)},
	}
	for _, c := range list {
		// A drive may add parameters of its own, such as -Options.
		c.Open = true
	}
	return slices.Concat(list, variableCommands())
}
