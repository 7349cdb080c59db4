package powershell

import (
	"slices"
	"strings"
)

// What the engine refuses of classes and enums before anything runs. The rules
// are:
//   - a block defines a type once;
//   - members of one name are methods, with parameters of other types;
//   - methods have one parameter list and no named blocks;
//   - what their type says is returned at every end, and nothing else;
//   - their variables are assigned in them, or are the engine's own;
//   - static methods have no $this.

// checkMethod looks at a method; constructor: it has the name of its class.
func (p *parser) checkMethod(m *TypeMember, constructor bool) {
	if m.Body.Params != nil {
		p.invalid(m.Body.Params.Span, "a method has no param block")
	}
	if b := m.Body; b.Begin != nil || b.Process != nil || b.Dynamic != nil || b.EndBlock == nil || !b.EndBlock.Unnamed {
		p.invalid(Span{m.From, m.Params.To}, "a method has no named blocks")
		return
	}
	void := true
	for _, a := range m.Attributes {
		if !a.Arguments {
			void = isVoidName(a.Type)
			if constructor && !m.Static {
				p.invalid(a.Span, "a constructor has no type")
			}
		}
	}
	eachFlow(m.Body.EndBlock, func(s *Flow) {
		switch {
		case s.Keyword != KindReturn:
		case void && s.Value != nil:
			p.invalid(s.Span, "a method without a type returns nothing")
		case !void && s.Value == nil:
			p.report(s.Span, "a method with a type returns a value", p.endsHere())
		}
	})
	if !void && (!leaves(m.Body.EndBlock) || reachesEnd(m.Body.EndBlock)) {
		p.report(Span{m.From, m.Params.To}, "a method with a type returns a value", p.endsHere())
	}
	if !p.endsHere() {
		p.checkVariables(m)
	}
}

func isVoidName(t *TypeName) bool {
	return equalFold(t.Name, "void") || equalFold(t.Name, "system.void")
}

// reachesEnd reports whether there surely is a way to a block's end. Conditions
// are not looked at, but where they are constant, it is not sure.
func reachesEnd(b *Block) bool {
	return b == nil || len(b.Traps) == 0 && !slices.ContainsFunc(b.Statements, func(s Statement) bool { return !passes(s) })
}

// passes reports whether there surely is a way through a statement.
func passes(s Statement) bool {
	open := func(condition Statement) bool { return condition != nil && !isConstantStatement(condition, 0) }
	switch s := s.(type) {
	case *Flow:
		return false
	case *If:
		constant, through := false, s.Else == nil || reachesEnd(s.Else)
		for _, c := range s.Clauses {
			constant = constant || !open(c.Condition)
			through = through || reachesEnd(c.Body)
		}
		return through && !constant
	case *While:
		return open(s.Condition)
	case *For:
		return open(s.Condition)
	case *DoLoop:
		return open(s.Condition) && reachesEnd(s.Body)
	case *Switch:
		return s.Default == nil
	case *Try:
		return reachesEnd(s.Finally) &&
			(reachesEnd(s.Body) || slices.ContainsFunc(s.Catches, func(c *Catch) bool { return reachesEnd(c.Body) }))
	case *Block:
		return reachesEnd(s)
	case *Assignment, *Pipeline, *PipelineChain:
		return !leaves(s)
	}
	return true
}

// checkVariables looks at the variables of a method, but not at those of script
// blocks and functions within it, which have scopes of their own.
func (p *parser) checkVariables(m *TypeMember) {
	assigned := map[string]bool{}
	for _, x := range m.Params.Parameters {
		assigned[foldCase(x.Name.Name)] = true
	}
	var used []*Variable
	Walk(m.Body.EndBlock, func(n Node) bool {
		switch n := n.(type) {
		case *ScriptBlock, *Function, *TypeDef:
			return false
		case *Variable:
			if n.Scope == "" {
				used = append(used, n)
			}
		}
		nodeAssigns(n, func(name string) { assigned[foldCase(name)] = true })
		return true
	})
	for _, v := range used {
		switch name := foldCase(v.Name); {
		case name == "this" && m.Static:
			p.invalid(v.Span, "a static method has no $this")
		case !assigned[name] && !isEngines(name):
			p.invalid(v.Span, "$"+v.Name+" is not assigned in the method")
		}
	}
}

// isEngines reports whether a variable, by its name in lower case, may be one of
// the engine's.
func isEngines(name string) bool {
	return strings.HasSuffix(name, "preference") || strings.HasPrefix(name, "ps") || strings.HasPrefix(name, "maximum") ||
		slices.Contains(engineVariables, name)
}

var engineVariables = []string{
	"$", "?", "^", "_", "args", "consolefilename", "enabledexperimentalfeatures", "error", "event", "eventargs", "eventsubscriber",
	"executioncontext", "false", "foreach", "formatenumerationlimit", "home", "host", "input", "iscoreclr", "islinux", "ismacos",
	"iswindows", "lastexitcode", "matches", "myinvocation", "nestedpromptlevel", "null", "ofs", "outputencoding", "pid", "profile",
	"pwd", "sender", "shellid", "stacktrace", "switch", "this", "true",
}

// checkMembers looks at the names of a type's members.
func (p *parser) checkMembers(c *TypeDef) {
	var values names // properties, or values of an enum
	methods := map[string]bool{}
	for _, m := range c.Members {
		if m.Params == nil {
			if values.repeat(m.Name) {
				p.report(m.Span, "there is a member "+m.Name+" already", p.endsHere())
			}
			continue
		}
		var signature strings.Builder
		signature.WriteString(foldCase(m.Name))
		if m.Static {
			signature.WriteString(" static")
		}
		for _, x := range m.Params.Parameters {
			signature.WriteString("," + foldCase(typeOfParameter(x)))
		}
		if s := signature.String(); methods[s] {
			p.report(m.Span, "there is a method "+m.Name+" with such parameters already", p.endsHere())
		} else {
			methods[s] = true
		}
	}
}

// typeOfParameter is the type of a parameter as it is written; empty where it
// has none.
func typeOfParameter(x *Parameter) string {
	for _, a := range x.Attributes {
		if !a.Arguments {
			return Print(a)
		}
	}
	return ""
}

// checkTypes looks at the names of the types that a block defines.
func (p *parser) checkTypes(b *Block) {
	var types names
	for _, s := range b.Statements {
		if t, ok := s.(*TypeDef); ok && types.repeat(t.Name) {
			p.invalid(t.Span, "there is a type "+t.Name+" already")
		}
	}
}

// eachFlow calls f for the statements of a method's body that leave it or its
// loops, but not for those in script blocks within it.
func eachFlow(b *Block, f func(*Flow)) {
	if b == nil {
		return
	}
	for _, t := range b.Traps {
		eachFlow(t.Body, f)
	}
	for _, s := range b.Statements {
		switch s := s.(type) {
		case *Flow:
			f(s)
		case *If:
			for _, c := range s.Clauses {
				eachFlow(c.Body, f)
			}
			eachFlow(s.Else, f)
		case *While:
			eachFlow(s.Body, f)
		case *DoLoop:
			eachFlow(s.Body, f)
		case *For:
			eachFlow(s.Body, f)
		case *ForEach:
			eachFlow(s.Body, f)
		case *Switch:
			for _, c := range s.Clauses {
				eachFlow(c.Body, f)
			}
			eachFlow(s.Default, f)
		case *Try:
			eachFlow(s.Body, f)
			for _, c := range s.Catches {
				eachFlow(c.Body, f)
			}
			eachFlow(s.Finally, f)
		case *Block:
			eachFlow(s, f)
		}
	}
}
