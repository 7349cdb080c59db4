package powershell

// Variables that nothing has set, and whether what is not known may have.

import (
	"slices"
	"strings"
)

// unset is the value of a variable that nothing has set yet: $null, or
// unknown.
func (in *Interpreter) unset(name string) (Value, error) {
	strict := in.strict.v.(least) >= strictVariables && name != "_"
	if in.maySet(name) && (!strict || bool(in.foreign.v.(once))) {
		u := in.derived("$"+name, "foreign|"+foldCase(name))
		u.Origin, u.session = OriginVariable, true
		return u, nil
	}
	if strict {
		return nil, in.thrown("System.Management.Automation.RuntimeException",
			"The variable '$"+name+"' cannot be retrieved because it has not been set.")
	}
	return nil, nil
}

// maySet tells whether something else may have set a variable that no code
// which is known has: code that is not known, or, where the session may have
// begun before, what came before; but not where code that ran assigns it.
func (in *Interpreter) maySet(name string) bool {
	return bool(in.foreign.v.(once)) || !in.fresh && (!in.assigns(foldCase(name)) || in.cutSince(0, in.logged().File))
}

// assigningCommands set the variables that their -Name names.
var assigningCommands = []string{"set-variable", "new-variable", "sv", "nv", "set", "set-item", "si", "new-item", "ni", "set-content", "sc"}

// assigningParameters name variables that a command sets.
var assigningParameters = []string{
	"outvariable", "ov", "errorvariable", "ev", "warningvariable", "wv", "informationvariable", "iv", "pipelinevariable", "pv",
	"variable", "name",
}

// assigned is what the text of a script block, function or script assigns,
// without what is nested in it.
type assigned struct {
	names map[string]bool // of variables, lower case
	outer *ScriptBlock    // that this one stands in; nil: none
	ran   string          // the key of the assumption that it ran
}

// noteAssigned notes the names of the variables that a text assigns.
func (in *Interpreter) noteAssigned(t *Tree) {
	if t == nil || t.Root == nil {
		return
	}
	bodies := []*ScriptBlock{t.Root}
	in.assigned[t.Root] = &assigned{}
	for len(bodies) > 0 {
		body := bodies[len(bodies)-1]
		bodies = bodies[:len(bodies)-1]
		a := in.assigned[body]
		a.names, a.ran = map[string]bool{}, "ran|"+decimalText(len(in.assigned))
		note := func(name string) {
			name = strings.Trim(strings.TrimPrefix(foldCase(name), "variable:"), `+\/`)
			if !a.names[name] {
				a.names[name] = true
				in.assigning[name] = append(in.assigning[name], a)
			}
		}
		Walk(body, func(n Node) bool {
			if inner, ok := n.(*ScriptBlock); ok && inner != body {
				if inner != nil {
					in.assigned[inner] = &assigned{outer: body}
					bodies = append(bodies, inner)
				}
				return false
			}
			nodeAssigns(n, note)
			return true
		})
	}
}

// nodeAssigns notes the variables that a part of a text assigns itself. The
// parameters of a function are not those of what is around it.
func nodeAssigns(n Node, note func(string)) {
	switch n := n.(type) {
	case *Assignment:
		assignedNames(n.Left, note)
	case *Unary:
		switch n.Op {
		case KindPlusPlus, KindMinusMinus, KindPostfixPlusPlus, KindPostfixMinusMinus:
			assignedNames(n.Operand, note)
		}
	case *ForEach:
		note(n.Variable.Name)
	case *Data:
		note(n.Variable)
	case *Convert:
		if foldCase(n.Type.Name) == "ref" {
			assignedNames(n.Operand, note)
		}
	case *Command:
		commandAssigns(n, note)
	}
}

// began notes that a body runs, unless a condition that is not known decides
// about it.
func (in *Interpreter) began(body *ScriptBlock) {
	a := in.assigned[body]
	if a == nil || len(a.names) == 0 || in.doubts > 0 {
		return
	}
	if _, ok := in.answered(a.ran); !ok {
		in.assume(a.ran, 1)
	}
}

// assigns tells whether what runs assigns a variable of that name somewhere, or
// what has run does. What only an uncalled function would assign is not the
// script's own.
func (in *Interpreter) assigns(name string) bool {
	if c := in.frame.closure; c != nil {
		for a := in.assigned[c.Body]; a != nil; a = in.assigned[a.outer] {
			if a.names[name] {
				return true
			}
		}
	}
	return slices.ContainsFunc(in.assigning[name], func(a *assigned) bool {
		_, ok := in.answered(a.ran)
		return ok
	})
}

func assignedNames(e Expression, note func(string)) {
	switch e := stripTypes(e).(type) {
	case *Variable:
		note(e.Name)
	case *ArrayLiteral:
		for _, x := range e.Elements {
			assignedNames(x, note)
		}
	}
}

// commandAssigns notes the variables that a command names to set them.
func commandAssigns(c *Command, note func(string)) {
	if len(c.Elements) == 0 {
		return
	}
	name, _ := c.Elements[0].(*String)
	sets := name != nil && slices.Contains(assigningCommands, foldCase(withoutModule(name.Value)))
	for i, e := range c.Elements[1:] {
		switch e := e.(type) {
		case *CommandParameter:
			if !slices.Contains(assigningParameters, foldCase(e.Name)) {
				continue
			}
			if s, ok := e.Argument.(*String); ok {
				note(s.Value)
			} else if i+2 < len(c.Elements) {
				if s, ok := c.Elements[i+2].(*String); ok {
					note(s.Value)
				}
			}
		case *String:
			if sets {
				note(e.Value)
			}
		}
	}
}
