package powershell

// Syntax trees as objects, as far as scripts take code from them: a script
// block's tree, its text, and the block that it is again.

const (
	typeScriptAst = "System.Management.Automation.Language.ScriptBlockAst"
	typeNamedAst  = "System.Management.Automation.Language.NamedBlockAst"
	typeExtent    = "System.Management.Automation.Language.InternalScriptExtent"
)

// syntax is the payload of a tree, of a block in it, and of its extent.
type syntax struct {
	block *Closure
	text  string
}

func (s *syntax) String() string { return s.text }

// blockText is the text of a script block, with the braces of a literal one.
func blockText(c *Closure) string {
	if c.Tree == nil || c.Body == nil || c.Body.End() > len(c.Tree.Text) {
		return ""
	}
	return c.Tree.Text[c.Body.From:c.Body.To]
}

func (in *Interpreter) syntaxOf(c *Closure) Value {
	if len(in.holes[c.Tree]) > 0 || c.function != nil {
		u := in.unknown("{"+truncated(closureText(c))+"}.Ast", OriginCommand)
		return u
	}
	return newPayload(typeScriptAst, &syntax{c, blockText(c)})
}

func addSyntaxMembers(l *library) {
	l.addProperties(typeScriptBlock, map[string]property{
		"ast": func(in *Interpreter, v Value) Value { return in.syntaxOf(v.(*Closure)) },
	})
	extent := func(_ *Interpreter, v Value) Value { return newPayload(typeExtent, v.(*Object).Payload) }
	l.addProperties(typeScriptAst, map[string]property{
		"extent": extent,
		"endblock": func(in *Interpreter, v Value) Value {
			s := v.(*Object).Payload.(*syntax)
			b := s.block.Body
			if b.EndBlock == nil || !b.EndBlock.Unnamed || len(b.EndBlock.Statements) == 0 {
				return in.unknownSyntax(s)
			}
			list := b.EndBlock.Statements
			from, to := list[0].Pos(), list[len(list)-1].End()
			return newPayload(typeNamedAst, &syntax{s.block, s.block.Tree.Text[from:to]})
		},
	})
	l.addProperties(typeNamedAst, map[string]property{"extent": extent})
	l.addProperties(typeExtent, map[string]property{
		"text": func(_ *Interpreter, v Value) Value { return v.(*Object).Payload.(*syntax).text },
	})
	for _, typeName := range []string{typeScriptAst, typeNamedAst, typeExtent} {
		l.addMethods(typeName, map[string]method{
			"getscriptblock": known(func(c *call) (Value, error) {
				s := c.target.(*Object).Payload.(*syntax)
				if c.target.(*Object).Type != typeScriptAst {
					return c.unknown(), nil
				}
				return s.block, nil
			}),
		})
	}
	l.addStatics("System.Management.Automation.Language.Parser", map[string]method{
		"parseinput": opened(func(c *call) (Value, error) {
			block, err := c.in.makeBlock(c.arg(0), "ParseInput")
			if _, ok := err.(*Thrown); ok {
				return c.unknown(), nil // errors are put into an argument
			}
			if b, ok := block.(*Closure); ok && err == nil {
				return c.in.syntaxOf(b), nil
			}
			return c.unknown(), err
		}),
	})
}

// unknownSyntax is a part of a tree of which nothing is known but whose it is.
func (in *Interpreter) unknownSyntax(s *syntax) *Unknown {
	u := in.unknown("{"+truncated(s.text)+"}.Ast", OriginCommand)
	u.Many = true
	return u
}
