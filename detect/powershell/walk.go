package powershell

// Walk visits n and what is below it, in the order of the text as far as the
// tree has one. Where visit returns false, it goes no deeper there. It does not
// recurse, so that no text can exhaust the stack.
func Walk(n Node, visit func(Node) bool) {
	stack := []Node{n}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if isNil(n) || !visit(n) {
			continue
		}
		from := len(stack)
		stack = appendChildren(stack, n)
		for i, k := from, len(stack)-1; i < k; i, k = i+1, k-1 {
			stack[i], stack[k] = stack[k], stack[i]
		}
	}
}

// isNil reports whether n is absent: the tree holds typed nil pointers where a
// part may be missing.
func isNil(n Node) bool {
	switch n := n.(type) {
	case nil:
		return true
	case *Block:
		return n == nil
	case *ParamBlock:
		return n == nil
	case *ScriptBlock:
		return n == nil
	case *Pipeline:
		return n == nil
	case *Variable:
		return n == nil
	case *TypeName:
		return n == nil
	case *Attribute:
		return n == nil
	}
	return false
}

// appendChildren appends the parts of n, absent ones too.
func appendChildren(to []Node, n Node) []Node {
	switch n := n.(type) {
	case *ScriptBlock:
		to = appendAll(to, n.Usings)
		to = appendAll(to, n.Attributes)
		to = append(to, n.Params, n.Dynamic, n.Begin, n.Process, n.EndBlock, n.Clean)
	case *ParamBlock:
		to = appendAll(to, n.Parameters)
	case *Parameter:
		to = appendAll(to, n.Attributes)
		to = append(to, n.Name, n.Default)
	case *Attribute:
		to = append(to, n.Type)
		to = appendAll(to, n.Positional)
		for _, a := range n.Named {
			to = append(to, a.Value)
		}
	case *Block:
		to = appendAll(to, n.Statements)
		to = appendAll(to, n.Traps)
	case *Pipeline:
		to = appendAll(to, n.Elements)
	case *PipelineChain:
		to = append(to, n.Left, n.Right)
	case *Command:
		to = appendAll(to, n.Elements)
		to = appendAll(to, n.Redirections)
	case *CommandParameter:
		to = append(to, n.Argument)
	case *CommandExpression:
		to = append(to, n.Expression)
		to = appendAll(to, n.Redirections)
	case *Redirection:
		to = append(to, n.File)
	case *Assignment:
		to = append(to, n.Left, n.Right)
	case *If:
		for _, c := range n.Clauses {
			to = append(to, c.Condition, c.Body)
		}
		to = append(to, n.Else)
	case *While:
		to = append(to, n.Condition, n.Body)
	case *DoLoop:
		to = append(to, n.Body, n.Condition)
	case *For:
		to = append(to, n.Init, n.Condition, n.Next, n.Body)
	case *ForEach:
		to = append(to, n.Variable, n.Source, n.Body)
	case *Switch:
		to = append(to, n.Source)
		for _, c := range n.Clauses {
			to = append(to, c.Label, c.Body)
		}
		to = append(to, n.Default)
	case *Try:
		to = append(to, n.Body)
		to = appendAll(to, n.Catches)
		to = append(to, n.Finally)
	case *Catch:
		to = appendAll(to, n.Types)
		to = append(to, n.Body)
	case *Trap:
		to = append(to, n.Type, n.Body)
	case *Data:
		to = appendAll(to, n.Commands)
		to = append(to, n.Body)
	case *Function:
		to = append(to, n.Params, n.Body)
	case *TypeDef:
		to = appendAll(to, n.Attributes)
		to = appendAll(to, n.Bases)
		to = appendAll(to, n.Members)
	case *TypeMember:
		to = appendAll(to, n.Attributes)
		to = append(to, n.Initial, n.Params)
		to = appendAll(to, n.Base)
		to = append(to, n.Body)
	case *Using:
		to = append(to, n.Name, n.Alias)
	case *Flow:
		to = append(to, n.Label, n.Value)
	case *ErrorStatement:
		to = append(to, n.Nodes...)
	case *ExpandableString:
		for _, p := range n.Parts {
			to = append(to, p.Expression)
		}
	case *ArrayLiteral:
		to = appendAll(to, n.Elements)
	case *ArrayExpression:
		to = append(to, n.Body)
	case *SubExpression:
		to = append(to, n.Body)
	case *Paren:
		to = append(to, n.Pipeline)
	case *Hashtable:
		for _, e := range n.Entries {
			to = append(to, e.Key, e.Value)
		}
	case *ScriptBlockExpression:
		to = append(to, n.Body)
	case *Unary:
		to = append(to, n.Operand)
	case *Binary:
		to = append(to, n.Left, n.Right)
	case *Ternary:
		to = append(to, n.Condition, n.Then, n.Else)
	case *Convert:
		to = append(to, n.Type, n.Operand)
	case *TypeName:
		to = appendAll(to, n.Args)
	case *Attributed:
		to = append(to, n.Attribute, n.Operand)
	case *Member:
		to = append(to, n.Target, n.Name)
		to = appendAll(to, n.TypeArgs)
		to = appendAll(to, n.Arguments)
	case *Index:
		to = append(to, n.Target, n.Index)
	case *UsingExpression:
		to = append(to, n.Variable)
	case *ErrorExpression:
		to = append(to, n.Nodes...)
	}
	return to
}

func appendAll[N Node](to []Node, nodes []N) []Node {
	for _, n := range nodes {
		to = append(to, n)
	}
	return to
}
