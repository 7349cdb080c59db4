package powershell

import (
	"slices"
	"strings"
)

// assigningCommands set the variables that their -Name names.
var assigningCommands = []string{"set-variable", "new-variable", "sv", "nv", "set", "set-item", "si", "new-item", "ni", "set-content", "sc"}

// assigningParameters name variables that a command sets.
var assigningParameters = []string{
	"outvariable", "ov", "errorvariable", "ev", "warningvariable", "wv", "informationvariable", "iv", "pipelinevariable", "pv",
	"variable", "name",
}

// noteAssigned notes the names of the variables that a text assigns.
func (in *Interpreter) noteAssigned(t *Tree) {
	if t == nil || t.Root == nil {
		return
	}
	note := func(name string) {
		name = strings.TrimPrefix(foldCase(name), "variable:")
		in.assigned[strings.Trim(name, `+\/`)] = true
	}
	Walk(t.Root, func(n Node) bool {
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
		case *Parameter:
			note(n.Name.Name)
		case *Data:
			note(n.Variable)
		case *Convert:
			if foldCase(n.Type.Name) == "ref" {
				assignedNames(n.Operand, note)
			}
		case *Command:
			commandAssigns(n, note)
		}
		return true
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

// unreached lists the commands of the host that stand in the text of the
// blocks, by a constant name, and that no path reached.
func (in *Interpreter) unreached(blocks []Logged) []Place {
	var places []Place
	for i, b := range blocks {
		if b.Tree == nil || b.Tree.Root == nil {
			continue
		}
		Walk(b.Tree.Root, func(n Node) bool {
			c, ok := n.(*Command)
			if !ok || in.ran[c] || len(c.Elements) == 0 {
				return true
			}
			name, ok := c.Elements[0].(*String)
			if !ok || in.host.Command(withoutModule(name.Value)) == nil {
				return true
			}
			places = append(places, Place{
				Block: i, Span: c.Span, Home: i, At: c.Span,
				Statement: strings.Join(strings.Fields(b.Tree.Text[c.From:c.To]), " "),
			})
			return true
		})
	}
	return places
}
