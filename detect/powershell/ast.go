package powershell

// Span is a stretch of the text, in bytes: [From, To). Offsets take half the
// room of an int, since trees are mostly offsets.
type Span struct{ From, To int32 }

// Pos returns the offset of the first byte.
func (s Span) Pos() int { return int(s.From) }

// End returns the offset behind the last byte.
func (s Span) End() int { return int(s.To) }

func (s Span) place() Span { return s }

// Node is a piece of syntax with its place in the text.
type Node interface {
	Pos() int
	End() int
	place() Span
}

// Statement is one of: *Pipeline, *PipelineChain, *Assignment, *If, *While,
// *DoLoop, *For, *ForEach, *Switch, *Try, *Trap, *Data, *Function, *TypeDef,
// *Using, *Flow, *Block, *ErrorStatement.
type Statement interface {
	Node
	statement()
}

// Expression is one of: *Number, *String, *ExpandableString, *Variable,
// *ArrayLiteral, *ArrayExpression, *SubExpression, *Paren, *Hashtable,
// *ScriptBlockExpression, *Unary, *Binary, *Ternary, *Convert, *TypeName,
// *Attributed, *Member, *Index, *UsingExpression, *ErrorExpression.
type Expression interface {
	Node
	expression()
}

// ScriptBlock is a script, the body of a function or what stands in {}.
type ScriptBlock struct {
	Span
	Usings     []*Using
	Attributes []*Attribute // before param
	Params     *ParamBlock  // nil: none
	// The named blocks, nil where there is none. Statements outside any named
	// block are EndBlock, which is then Unnamed.
	Dynamic, Begin, Process, EndBlock, Clean *Block
}

// ParamBlock is param(...), or the parameters in a function's parentheses.
type ParamBlock struct {
	Span
	Parameters []*Parameter
}

// Parameter is a parameter of a script block, function or method.
type Parameter struct {
	Span
	Attributes []*Attribute // type constraints among them, in order
	Name       *Variable
	Default    Expression // nil: none
}

// Attribute is [Name(...)], or a type constraint [Name] where Arguments is
// false.
type Attribute struct {
	Span
	Type       *TypeName
	Arguments  bool // parentheses stand there
	Positional []Expression
	Named      []NamedArgument
}

// NamedArgument is Name=Value of an attribute; Value is nil for a bare Name.
type NamedArgument struct {
	Span
	Name  string
	Value Expression
}

// Block is a list of statements: of a named block, a loop, a branch.
type Block struct {
	Span
	Unnamed bool // no braces and no keyword: the statements of a script
	// Keyword is set where the block is a statement: KindParallel or
	// KindSequence, of workflows.
	Keyword    TokenKind
	Statements []Statement
	Traps      []*Trap
}

// Pipeline is one or more commands joined by |. The first element may be a
// *CommandExpression; the others are commands, unless the text is wrong.
type Pipeline struct {
	Span
	Elements   []PipelineElement
	Background bool // ends in &
}

// PipelineElement is a *Command or a *CommandExpression.
type PipelineElement interface {
	Node
	pipelineElement()
}

// PipelineChain is Left && Right or Left || Right.
type PipelineChain struct {
	Span
	Left  Statement // *Pipeline or *PipelineChain
	Op    TokenKind // KindAndAnd, KindOrOr
	Right *Pipeline
	// Background is set if the whole chain ends in &.
	Background bool
}

// Command is the invocation of a command by name.
type Command struct {
	Span
	Invocation TokenKind // 0, KindAmpersand or KindDot
	// Elements are the name and what follows it: a *CommandParameter or an
	// Expression. The first is the name; it is absent only where the text is
	// wrong.
	Elements     []Node
	Redirections []*Redirection
}

// CommandParameter is -Name or -Name:Argument.
type CommandParameter struct {
	Span
	Name     string     // without dash and colon, as written
	Colon    bool       // a colon follows
	Argument Expression // behind the colon; nil: none
}

// CommandExpression is an expression as the element of a pipeline.
type CommandExpression struct {
	Span
	Expression   Expression
	Redirections []*Redirection
}

// Redirection is 2>&1, > file and the like.
type Redirection struct {
	Span
	From     int        // stream; 7 stands for all (*), 0 for <, which is an error
	Append   bool       // >>
	ToStream int        // of a merging one; 0: to a file
	File     Expression // nil for a merging one
}

// Assignment is Left op Right. Right is any statement.
type Assignment struct {
	Span
	Left  Expression
	Op    TokenKind // KindEquals, KindPlusEquals, KindMinusEquals, ...
	Right Statement
}

// If is if, elseif, else.
type If struct {
	Span
	Clauses []IfClause
	Else    *Block // nil: none
}

// IfClause is a condition and what it guards.
type IfClause struct {
	Condition Statement
	Body      *Block
}

// While is a while loop.
type While struct {
	Span
	Label     string
	Condition Statement
	Body      *Block
}

// DoLoop is do {} while or do {} until.
type DoLoop struct {
	Span
	Label     string
	Until     bool
	Body      *Block
	Condition Statement
}

// For is for (Init; Condition; Next); each may be nil.
type For struct {
	Span
	Label                 string
	Init, Condition, Next Statement
	Body                  *Block
}

// ForEach is the foreach statement.
type ForEach struct {
	Span
	Label    string
	Parallel bool
	Variable *Variable
	Source   Statement
	Body     *Block
}

// Switch is the switch statement.
type Switch struct {
	Span
	Label                                       string
	Regex, Wildcard, Exact, CaseSensitive, File bool
	Parallel                                    bool      // means nothing
	Source                                      Statement // with File: the file's name
	Clauses                                     []SwitchClause
	Default                                     *Block // nil: none
}

// SwitchClause is one label of a switch and its body.
type SwitchClause struct {
	Label Expression
	Body  *Block
}

// Try is try, catch, finally.
type Try struct {
	Span
	Body    *Block
	Catches []*Catch
	Finally *Block // nil: none
}

// Catch catches the types, or all where there is none.
type Catch struct {
	Span
	Types []*TypeName
	Body  *Block
}

// Trap is a trap statement; Type is nil for one that traps all.
type Trap struct {
	Span
	Type *TypeName
	Body *Block
}

// Data is a data section.
type Data struct {
	Span
	Variable string
	Commands []Expression // -SupportedCommand
	Body     *Block
}

// Function is a function, filter, workflow or configuration.
type Function struct {
	Span
	Keyword TokenKind // KindFunction, KindFilter, KindWorkflow, KindConfiguration
	Name    string    // with its scope or drive, as written
	// Params are those in parentheses behind the name; nil: none.
	Params *ParamBlock
	Body   *ScriptBlock // from { to }
}

// TypeDef is a class, interface or enum.
type TypeDef struct {
	Span
	Keyword    TokenKind // KindClass, KindEnum
	Name       string
	Attributes []*Attribute
	Bases      []*TypeName
	Members    []*TypeMember
}

// TypeMember is a property, an enum value or a method.
type TypeMember struct {
	Span
	Attributes     []*Attribute // the type among them
	Static, Hidden bool
	Name           string
	Initial        Expression // of a property or enum value; nil: none
	// Of a method, else nil. Base are the arguments of : base(...), nil
	// where there is none.
	Params *ParamBlock
	Base   []Expression
	Body   *ScriptBlock
}

// Using is a using statement at the head of a script.
type Using struct {
	Span
	Kind  TokenKind // KindNamespace, KindModule, KindAssembly, KindType, KindCommand
	Name  Expression
	Alias Expression // behind =, nil: none
}

// Flow is break, continue, return, throw or exit.
type Flow struct {
	Span
	Keyword TokenKind
	Label   Expression // of break and continue; nil: none
	Value   Statement  // of return, throw and exit; nil: none
}

// ErrorStatement is text that is no statement. What could be read of it is in
// Nodes, in order.
type ErrorStatement struct {
	Span
	Nodes []Node
}

// Number is a numeric constant.
type Number struct {
	Span
	Text string // as written
	// Value is int32, int64, uint8, int8, uint16, int16, uint32, uint64,
	// float64, Decimal or *big.Int, as PowerShell types it; nil: overflow.
	Value any
}

// StringKind says how a string is written.
type StringKind uint8

// The kinds of strings.
const (
	BareWord StringKind = iota
	SingleQuoted
	DoubleQuoted
	SingleHere
	DoubleHere
)

// String is a string without anything to expand, unescaped.
type String struct {
	Span
	Kind  StringKind
	Value string
}

// ExpandableString is a string, here-string or bare word that holds variables
// or subexpressions.
type ExpandableString struct {
	Span
	Kind StringKind
	// Raw is the content with the variables as written and the rest unescaped.
	Raw   string
	Parts []StringPart
}

// StringPart is unescaped text, or an expression: *Variable or *SubExpression.
type StringPart struct {
	Text       string
	Expression Expression // nil: Text
}

// Variable is $name, ${name}, $scope:name or @name.
type Variable struct {
	Span
	// Scope is what stands before the first colon, in lower case: global,
	// local, script, private, using, workflow, or a drive such as env, function,
	// variable; empty: none.
	Scope    string
	Name     string // without it; backticks resolved
	Splatted bool
	Braced   bool
}

// ArrayLiteral is a, b, c. Elements has one entry for the unary comma.
type ArrayLiteral struct {
	Span
	Elements []Expression
}

// ArrayExpression is @(...).
type ArrayExpression struct {
	Span
	Body *Block
}

// SubExpression is $(...).
type SubExpression struct {
	Span
	Body *Block
}

// Paren is (...) around one pipeline or assignment.
type Paren struct {
	Span
	Pipeline Statement
}

// Hashtable is @{...}.
type Hashtable struct {
	Span
	Entries []HashEntry
}

// HashEntry is key = value.
type HashEntry struct {
	Key   Expression
	Value Statement
}

// ScriptBlockExpression is {...}. Its Body's span is that of the braces.
type ScriptBlockExpression struct {
	Span
	Body *ScriptBlock
}

// Unary is -not x, -x, ++x, x++, -join x, -split x and so on; x++ and x-- are
// KindPostfixPlusPlus and KindPostfixMinusMinus.
type Unary struct {
	Span
	Op      TokenKind
	Operand Expression
}

// Binary is Left op Right.
type Binary struct {
	Span
	Op          TokenKind
	Left, Right Expression
}

// Ternary is Condition ? Then : Else.
type Ternary struct {
	Span
	Condition, Then, Else Expression
}

// Convert is [Type]Operand.
type Convert struct {
	Span
	Type    *TypeName
	Operand Expression
}

// TypeName is [Name], or the name within an attribute.
type TypeName struct {
	Span
	Name  string // as written, without white space: System.Collections.Generic.List, without generic part
	Args  []*TypeName
	Ranks []int // one entry per [] or [,]: its dimensions
	// Assembly is what follows a comma behind the name; empty: nothing.
	Assembly string
}

// Attributed is [Attribute()]$x, an attribute before an expression.
type Attributed struct {
	Span
	Attribute *Attribute
	Operand   Expression
}

// Member is Target.Name, Target::Name, and with Call Target.Name(Arguments).
type Member struct {
	Span
	Target    Expression
	Static    bool // ::
	Nullable  bool // ?.
	Name      Expression
	Call      bool
	Arguments []Expression
	TypeArgs  []*TypeName // of a generic method
}

// Index is Target[Index].
type Index struct {
	Span
	Target   Expression
	Nullable bool // ?[
	Index    Expression
}

// UsingExpression is $using:name.
type UsingExpression struct {
	Span
	Variable *Variable
}

// ErrorExpression is text that is no expression.
type ErrorExpression struct {
	Span
	Nodes []Node
}

func (*Pipeline) statement()       {}
func (*PipelineChain) statement()  {}
func (*Assignment) statement()     {}
func (*If) statement()             {}
func (*While) statement()          {}
func (*DoLoop) statement()         {}
func (*For) statement()            {}
func (*ForEach) statement()        {}
func (*Switch) statement()         {}
func (*Try) statement()            {}
func (*Trap) statement()           {}
func (*Data) statement()           {}
func (*Function) statement()       {}
func (*TypeDef) statement()        {}
func (*Using) statement()          {}
func (*Flow) statement()           {}
func (*Block) statement()          {}
func (*ErrorStatement) statement() {}

func (*Command) pipelineElement()           {}
func (*CommandExpression) pipelineElement() {}

func (*Number) expression()                {}
func (*String) expression()                {}
func (*ExpandableString) expression()      {}
func (*Variable) expression()              {}
func (*ArrayLiteral) expression()          {}
func (*ArrayExpression) expression()       {}
func (*SubExpression) expression()         {}
func (*Paren) expression()                 {}
func (*Hashtable) expression()             {}
func (*ScriptBlockExpression) expression() {}
func (*Unary) expression()                 {}
func (*Binary) expression()                {}
func (*Ternary) expression()               {}
func (*Convert) expression()               {}
func (*TypeName) expression()              {}
func (*Attributed) expression()            {}
func (*Member) expression()                {}
func (*Index) expression()                 {}
func (*UsingExpression) expression()       {}
func (*ErrorExpression) expression()       {}
