package powershell

// The commands for variables and aliases.

import (
	"slices"
	"strings"
)

// variableRef is the payload of what Get-Variable returns: assigning to its
// Value is assigning to the variable.
type variableRef struct{ cell *variable }

func (r variableRef) setProperty(in *Interpreter, name string, v Value) (bool, error) {
	if name != "value" {
		return false, nil
	}
	return false, in.put(r.cell, v)
}

func (in *Interpreter) variableObject(cell *variable) *Object {
	o := newPayload(typePSVariable, variableRef{cell})
	o.Set("Name", cell.name)
	o.Set("Value", in.read(cell))
	return o
}

// scopeGiven is the scope that -Scope names: Global, Local, Script, or a number
// of parents. The first result is nil where -Scope is not given.
func (x *execution) scopeGiven() (s *scope, known bool) {
	v, ok := x.Arg("Scope")
	if !ok {
		return nil, true
	}
	if n, ok := smallInt(v); ok {
		return x.in.scopeAt(int(n)), true
	}
	name, ok := x.in.text(v).(string)
	if !ok {
		return nil, false
	}
	if name != "" && strings.Trim(name, "0123456789") == "" && len(name) < 6 {
		n := 0
		for _, digit := range name {
			n = n*10 + int(digit-'0')
		}
		return x.in.scopeAt(n), true
	}
	return x.in.scopeNamed(foldCase(name)), true
}

// texts are the elements of an argument as strings. What is not known stays a
// *Text or *Unknown.
func (x *execution) texts(name string) []Value {
	var list []Value
	for _, item := range x.list(name) {
		list = append(list, x.in.text(item))
	}
	return list
}

// variableName is the name under which a variable is kept whose name is partly
// unknown: its name as an expression. A later use of the same name finds it.
func variableName(v Value) (name string, known bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case *Text:
		return textExpression(v), false
	}
	return expressionOf(v), false
}

// setVariableCommand is Set-Variable and New-Variable.
//
// The rules are:
//   - Without -Scope it is a variable of the caller's own scope.
//   - Set-Variable takes patterns for variables that are there.
//   - A name that is partly unknown is kept as an expression, which the same
//     name finds again; variables that it may be become either value.
func setVariableCommand(x *execution) error {
	in := x.in
	v, given := x.Arg("Value")
	if x.HasInput && !given {
		v = resultOf(slices.Clone(x.Input))
	}
	s, _ := x.scopeGiven()
	if s == nil {
		s = in.scope
	}
	isNew := x.Name == "New-Variable"
	if _, named := x.Arg("Name"); !named {
		list, err := x.namedItems()
		for _, l := range list {
			if name, ok := l.name.(string); ok && err == nil {
				value := l.value
				if given {
					value = v
				}
				err = x.setVariable(s, name, value, isNew)
			}
		}
		return err
	}
	for _, n := range x.texts("Name") {
		name, known := variableName(n)
		if !known {
			in.maySetNamed(s, n, v)
			in.store(in.declare(s, name), v, in.sources)
			continue
		}
		names := []string{name}
		if !isNew && hasWildcard(name) {
			names = names[:0]
			for _, key := range sortedKeys(s.variables) {
				if in.like(key, name) {
					names = append(names, s.variables[key].name)
				}
			}
		}
		for _, name := range names {
			if err := x.setVariable(s, name, v, isNew); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *execution) setVariable(s *scope, name string, v Value, isNew bool) error {
	in := x.in
	force := x.Switch("Force") == Yes
	if rest, at := in.splitScope(name); at != in.scope {
		name, s = rest, at
	}
	if s.variables[foldCase(name)] != nil && isNew && !force {
		return in.thrown("System.Management.Automation.SessionStateException", "A variable with name '"+name+"' already exists.")
	}
	cell := in.declare(s, name)
	if cell.readOnly && force && !cell.constant {
		in.touch(cell)
		cell.readOnly = false
	}
	_, given := x.Arg("Value")
	if given || x.HasInput || isNew {
		if err := in.put(cell, v); err != nil {
			return err
		}
	}
	for _, option := range x.texts("Option") {
		text, _ := option.(string)
		for _, o := range strings.Split(text, ",") {
			in.touch(cell)
			switch foldCase(strings.TrimSpace(o)) {
			case "constant":
				cell.readOnly, cell.constant = true, true
			case "readonly":
				cell.readOnly = true
			case "allscope":
				cell.allScope = true
			case "private":
				cell.private = true
			}
		}
	}
	if x.Switch("PassThru") == Yes {
		return x.Out(in.variableObject(cell))
	}
	return nil
}

// maySetNamed makes the variables of a scope that a partly unknown name may mean
// either what they are or the value. Of a wholly unknown name nothing is
// assumed but that it may be one that nothing else sets.
func (in *Interpreter) maySetNamed(s *scope, name, v Value) {
	in.setCell(in.foreign, once(true))
	t, ok := name.(*Text)
	if !ok || len(t.Parts) == 1 {
		return
	}
	for _, key := range sortedKeys(s.variables) {
		cell := s.variables[key]
		if !cell.readOnly && fitsName(t, cell.name) {
			in.store(cell, in.either("$"+cell.name, cell.value, v), in.sources)
		}
	}
}

// fitsName tells whether a text with holes may be that name.
func fitsName(t *Text, name string) bool {
	rest := foldCase(name)
	for i, p := range t.Parts {
		if p.Hole != nil {
			continue
		}
		at := strings.Index(rest, foldCase(p.Text))
		if at < 0 || i == 0 && at > 0 {
			return false
		}
		if i == len(t.Parts)-1 {
			return strings.HasSuffix(rest, foldCase(p.Text))
		}
		rest = rest[at+len(p.Text):]
	}
	return true
}

// getVariableCommand is Get-Variable.
func getVariableCommand(x *execution) error {
	in := x.in
	s, known := x.scopeGiven()
	if !known {
		return x.unknownOut(OriginVariable)
	}
	names := x.texts("Name")
	if len(names) == 0 {
		for _, item := range x.Input {
			names = append(names, in.text(item))
		}
	}
	if len(names) == 0 {
		names = []Value{"*"}
	}
	valueOnly := x.Switch("ValueOnly") == Yes
	for _, n := range names {
		name, known := variableName(n)
		cells := in.cells(s, name, known)
		if len(cells) == 0 {
			if !known || !hasWildcard(name) && in.maySet(name) {
				u := in.derived(x.Source(), "variable|"+identityOf(n), n)
				if u.Origin == "" {
					u.Origin = OriginVariable
				}
				if err := x.Out(u); err != nil {
					return err
				}
				continue
			}
			if !hasWildcard(name) {
				return in.thrown("System.Management.Automation.ItemNotFoundException", "Cannot find a variable with the name '"+name+"'.")
			}
		}
		for _, cell := range cells {
			var err error
			if valueOnly {
				err = x.stage.put(in.read(cell))
			} else {
				err = x.Out(in.variableObject(cell))
			}
			if err = in.settled(err); err != nil {
				return err
			}
		}
	}
	return nil
}

// cells are the variables that a name or pattern means, as seen from here or in
// one scope.
func (in *Interpreter) cells(s *scope, name string, known bool) []*variable {
	find := in.scope.find
	if s != nil {
		find = func(name string) *variable { return s.variables[foldCase(name)] }
	}
	if !known || !hasWildcard(name) {
		if rest, at := in.splitScope(name); known && at != in.scope {
			name, find = rest, func(name string) *variable { return at.variables[name] }
		}
		if cell := find(name); cell != nil {
			return []*variable{cell}
		}
		return nil
	}
	var list []*variable
	for _, key := range in.variableNames() {
		if cell := find(key); cell != nil && in.like(key, name) {
			list = append(list, cell)
		}
	}
	return list
}

// unknownOut puts out what nothing is known of.
func (x *execution) unknownOut(origin Origin) error {
	u := x.in.unknown(x.Source(), origin)
	u.Many = true
	return x.Out(u)
}

// removeVariableCommand is Remove-Variable.
func removeVariableCommand(x *execution) error {
	in := x.in
	s, _ := x.scopeGiven()
	if s == nil {
		s = in.scope
	}
	for _, n := range x.texts("Name") {
		name, known := variableName(n)
		for _, cell := range in.cells(nil, name, known) {
			if cell.readOnly && (cell.constant || x.Switch("Force") != Yes) {
				continue
			}
			in.removeVariable(s, cell.name)
		}
	}
	return nil
}

// clearVariableCommand is Clear-Variable: the variable of the present scope
// becomes $null, which hides one of an outer scope.
func clearVariableCommand(x *execution) error {
	in := x.in
	s, _ := x.scopeGiven()
	at := s
	if at == nil {
		at = in.scope
	}
	for _, n := range x.texts("Name") {
		name, known := variableName(n)
		for _, cell := range in.cells(s, name, known) {
			if cell.readOnly && (cell.constant || x.Switch("Force") != Yes) {
				continue
			}
			in.store(in.declare(at, cell.name), nil, in.sources)
		}
	}
	return nil
}

// namedItem is a name and a value.
type namedItem struct{ name, value Value }

// namedItems are the properties Name and Value of what is piped to a command.
func (x *execution) namedItems() ([]namedItem, error) {
	var list []namedItem
	for _, item := range x.Input {
		name, err := x.in.member(item, "Name", "")
		if err != nil {
			return nil, err
		}
		value, err := x.in.member(item, "Value", "")
		if err != nil {
			return nil, err
		}
		if name != nil {
			list = append(list, namedItem{x.in.text(name), value})
		}
	}
	return list, nil
}

// setAliasCommand is Set-Alias and New-Alias.
func setAliasCommand(x *execution) error {
	in := x.in
	s, _ := x.scopeGiven()
	given := s == in.global
	if s == nil {
		s = in.scope
	}
	v, hasValue := x.Arg("Value")
	var list []namedItem
	for _, n := range x.texts("Name") {
		list = append(list, namedItem{n, v})
	}
	if _, ok := x.Arg("Name"); !ok {
		var err error
		if list, err = x.namedItems(); err != nil {
			return err
		}
	}
	for _, l := range list {
		name, ok := l.name.(string)
		if !hasValue {
			v = l.value
		}
		if !ok {
			in.opaqueHere()
			continue
		}
		if err := in.makeAlias(s, given, name, v); err != nil {
			return err
		}
		if target, ok := in.text(v).(string); ok && x.Switch("PassThru") == Yes {
			if err := x.Out(in.aliasObject(name, target)); err != nil {
				return err
			}
		}
	}
	return nil
}

// getAliasCommand is Get-Alias.
func getAliasCommand(x *execution) error {
	in := x.in
	patterns, definitions := x.texts("Name"), x.texts("Definition")
	for _, item := range x.Input {
		patterns = append(patterns, in.text(item))
	}
	if len(patterns) == 0 {
		patterns = []Value{"*"}
	}
	for _, p := range patterns {
		pattern, ok := p.(string)
		if !ok {
			if err := x.unknownOut(OriginCommand); err != nil {
				return err
			}
			continue
		}
		for _, name := range in.driveMatches("alias", pattern) {
			target, _ := in.aliasTarget(name)
			if len(definitions) > 0 && !slices.ContainsFunc(definitions, func(d Value) bool {
				s, ok := d.(string)
				return !ok || in.like(target, s)
			}) {
				continue
			}
			if err := x.Out(in.aliasObject(name, target)); err != nil {
				return err
			}
		}
	}
	return nil
}

func removeAliasCommand(x *execution) error {
	for _, n := range x.texts("Name") {
		if name, ok := n.(string); ok {
			x.in.removeAlias(name)
		}
	}
	return nil
}

// variableCommands are the commands of this kind.
func variableCommands() []*cmdlet {
	variable := func(more ...ParameterInfo) []ParameterInfo {
		return slices.Concat([]ParameterInfo{positional("Name", 0), named("Scope"), named("Include"), named("Exclude")},
			switches("Force", "PassThru", "WhatIf", "Confirm"), more)
	}
	valued := []ParameterInfo{positional("Value", 1), named("Option"), named("Visibility"), named("Description")}
	return []*cmdlet{
		{Name: "Set-Variable", Run: setVariableCommand, Parameters: variable(valued...)},
		{Name: "New-Variable", Run: setVariableCommand, Parameters: variable(valued...)},
		{Name: "Get-Variable", Run: getVariableCommand, Parameters: variable(switches("ValueOnly")...)},
		{Name: "Remove-Variable", Run: removeVariableCommand, Parameters: variable()},
		{Name: "Clear-Variable", Run: clearVariableCommand, Parameters: variable()},
		{Name: "Set-Alias", Run: setAliasCommand, Parameters: variable(valued...)},
		{Name: "New-Alias", Run: setAliasCommand, Parameters: variable(valued...)},
		{Name: "Get-Alias", Run: getAliasCommand, Parameters: variable(named("Definition"))},
		{Name: "Remove-Alias", Run: removeAliasCommand, Parameters: variable()},
	}
}
