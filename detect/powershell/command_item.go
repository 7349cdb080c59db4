package powershell

// The commands for items: Get-Item, Set-Item, Get-ChildItem and their like.

import "slices"

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
