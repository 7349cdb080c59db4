package powershell

// Variables as they are read.

import "strings"

// variable reads a variable.
func (in *Interpreter) variable(e *Variable) (Value, error) {
	name := foldCase(e.Name)
	switch e.Scope {
	case "", "global", "local", "script", "private", "variable", "workflow":
	case "using":
		return in.usingVariable(&Variable{Span: e.Span, Name: e.Name})
	default:
		return in.driveItem(e.Scope, e.Name), nil
	}
	if e.Scope == "" || e.Scope == "variable" {
		switch name {
		case "true":
			return true, nil
		case "false":
			return false, nil
		case "null":
			return nil, nil
		case "?":
			return in.success(), nil
		case "args", "psboundparameters", "myinvocation", "pscmdlet":
			if v, ok := in.frame.ownVariable(in, name); ok {
				return v, nil
			}
		case "psitem":
			name = "_"
		case "psscriptroot", "pscommandpath":
			if path, ok := in.scriptVariable(name); ok {
				return path, nil
			}
		}
	}
	s := in.scopeNamed(e.Scope)
	if s == nil {
		s = in.scope
	}
	cell := s.find(name)
	if cell == nil && (e.Scope == "variable" || e.Scope == "private") {
		return nil, nil
	}
	if e.Scope == "local" || e.Scope == "private" || e.Scope == "script" || e.Scope == "global" {
		cell = s.variables[name]
		if cell == nil && e.Scope == "script" {
			cell = s.find(name)
		}
	}
	if cell != nil {
		return in.read(cell), nil
	}
	return in.unset(e.Name)
}

// lookupVariable returns a variable that the present scope sees.
func (in *Interpreter) lookupVariable(name string) (Value, bool) {
	if cell := in.scope.find(name); cell != nil {
		return in.read(cell), true
	}
	return nil, false
}

// usingVariable is $using:name: the caller's variable.
func (in *Interpreter) usingVariable(v *Variable) (Value, error) {
	s := in.scope
	if in.using != nil {
		s = in.using
	}
	if cell := s.find(v.Name); cell != nil {
		return in.read(cell), nil
	}
	return in.unset(v.Name)
}

// driveItem reads $drive:name.
func (in *Interpreter) driveItem(drive, name string) Value {
	switch drive {
	case "env":
		return in.environmentVariable(name)
	case "function":
		if f := in.function(name); f != nil {
			return f
		}
	case "alias":
		if target, ok := in.aliasTarget(name); ok {
			return target
		}
	default:
		if len(drive) != 1 || drive != "c" && !strings.ContainsAny(name, `\/`) {
			return nil // a drive that is not there holds nothing: "$user:x"
		}
		u := in.derived("${"+drive+":"+name+"}", "drive|"+drive+"|"+foldCase(name))
		u.Origin = OriginFile
		return u
	}
	return in.driveUnknown(drive, name)
}

// environmentVariable is what the script set, else unknown.
func (in *Interpreter) environmentVariable(name string) Value {
	if cell := in.environment.variables[foldCase(name)]; cell != nil {
		return in.read(cell)
	}
	return &Unknown{Expression: "$env:" + name, Origin: OriginEnvironment, Type: typeString, Identity: "env|" + foldCase(name), session: true}
}

// setMatches sets $Matches.
func (in *Interpreter) setMatches(v Value) {
	in.store(in.declare(in.scope, "Matches"), v, in.sources)
}

func (in *Interpreter) setGlobal(name string, v Value) {
	in.store(in.declare(in.global, name), v, in.sources)
}
