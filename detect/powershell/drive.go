package powershell

// The drives of what a session holds: variables, functions, aliases, environment
// variables.

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
