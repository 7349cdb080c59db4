// Package powershell reads PowerShell: a lexer and parser of the whole
// language, and an interpreter that works out what a script would do without
// doing it. It knows nothing of Exchange; what a command means beyond the
// language, its [Host] says.
package powershell

// TokenKind is the kind of a token, by the names of PowerShell's own.
type TokenKind uint8

// The kinds of tokens. String gives a kind's name without "Kind".
const (
	KindUnknown TokenKind = iota
	KindVariable
	KindSplattedVariable
	KindParameter
	KindNumber
	KindLabel
	KindIdentifier
	KindGeneric
	KindNewLine
	KindLineContinuation
	KindComment
	KindEndOfInput

	KindStringLiteral
	KindStringExpandable
	KindHereStringLiteral
	KindHereStringExpandable

	KindLParen
	KindRParen
	KindLCurly
	KindRCurly
	KindLBracket
	KindRBracket
	KindAtParen
	KindAtCurly
	KindDollarParen
	KindSemi

	KindAndAnd
	KindOrOr
	KindAmpersand
	KindPipe
	KindComma
	KindMinusMinus
	KindPlusPlus
	KindDotDot
	KindColonColon
	KindDot
	KindExclaim
	KindMultiply
	KindDivide
	KindRem
	KindPlus
	KindMinus
	KindEquals
	KindPlusEquals
	KindMinusEquals
	KindMultiplyEquals
	KindDivideEquals
	KindRemainderEquals
	KindQuestionQuestionEquals
	KindRedirection
	KindRedirectInStd
	KindColon
	KindQuestionMark
	KindQuestionQuestion
	KindQuestionDot
	KindQuestionLBracket

	KindFormat
	KindNot
	KindBnot
	KindAnd
	KindOr
	KindXor
	KindBand
	KindBor
	KindBxor
	KindJoin
	KindIeq
	KindIne
	KindIge
	KindIgt
	KindIlt
	KindIle
	KindIlike
	KindInotlike
	KindImatch
	KindInotmatch
	KindIreplace
	KindIcontains
	KindInotcontains
	KindIin
	KindInotin
	KindIsplit
	KindCeq
	KindCne
	KindCge
	KindCgt
	KindClt
	KindCle
	KindClike
	KindCnotlike
	KindCmatch
	KindCnotmatch
	KindCreplace
	KindCcontains
	KindCnotcontains
	KindCin
	KindCnotin
	KindCsplit
	KindIs
	KindIsNot
	KindAs
	KindShl
	KindShr
	KindPostfixPlusPlus   // of a Unary only, never of a token
	KindPostfixMinusMinus // of a Unary only, never of a token

	KindBegin
	KindBreak
	KindCatch
	KindClass
	KindContinue
	KindData
	KindDefine
	KindDo
	KindDynamicparam
	KindElse
	KindElseIf
	KindEnd
	KindExit
	KindFilter
	KindFinally
	KindFor
	KindForeach
	KindFrom
	KindFunction
	KindIf
	KindIn
	KindParam
	KindProcess
	KindReturn
	KindSwitch
	KindThrow
	KindTrap
	KindTry
	KindUntil
	KindUsing
	KindVar
	KindWhile
	KindWorkflow
	KindParallel
	KindSequence
	KindInlineScript
	KindConfiguration
	KindPublic
	KindPrivate
	KindStatic
	KindInterface
	KindEnum
	KindNamespace
	KindModule
	KindType
	KindAssembly
	KindCommand
	KindHidden
	KindBase
	KindDefault
	KindClean

	numKinds
)

// kindInfo holds what is known of a kind of token.
type kindInfo struct {
	name       string
	text       string // how an operator or keyword is written
	precedence uint8  // of a binary operator; 0: none
	traits     kindTraits
}

type kindTraits uint8

const (
	// unaryOperator: it may stand before an operand.
	unaryOperator kindTraits = 1 << iota
	assignOperator
	keyword
	// statementKeyword: it begins a statement before which no attribute may
	// stand.
	statementKeyword
	// blockName: begin, process, end, dynamicparam, clean.
	blockName
	// modeless: it is read alike in command and in expression mode.
	modeless
)

// The precedences of the binary operators.
const (
	precedenceLogical    = 1
	precedenceBitwise    = 2
	precedenceComparison = 5
	precedenceCoalesce   = 7
	precedenceAdd        = 9
	precedenceMultiply   = 10
	precedenceFormat     = 12
	precedenceRange      = 13
)

var kinds = [numKinds]kindInfo{
	KindUnknown:          {name: "Unknown"},
	KindVariable:         {name: "Variable"},
	KindSplattedVariable: {name: "SplattedVariable"},
	KindParameter:        {name: "Parameter"},
	KindNumber:           {name: "Number"},
	KindLabel:            {name: "Label"},
	KindIdentifier:       {name: "Identifier"},
	KindGeneric:          {name: "Generic"},
	KindNewLine:          {name: "NewLine", traits: modeless},
	KindLineContinuation: {name: "LineContinuation", traits: modeless},
	KindComment:          {name: "Comment", traits: modeless},
	KindEndOfInput:       {name: "EndOfInput", traits: modeless},

	KindStringLiteral:        {name: "StringLiteral", traits: modeless},
	KindStringExpandable:     {name: "StringExpandable", traits: modeless},
	KindHereStringLiteral:    {name: "HereStringLiteral", traits: modeless},
	KindHereStringExpandable: {name: "HereStringExpandable", traits: modeless},

	KindLParen:      {name: "LParen", text: "(", traits: modeless},
	KindRParen:      {name: "RParen", text: ")", traits: modeless},
	KindLCurly:      {name: "LCurly", text: "{", traits: modeless},
	KindRCurly:      {name: "RCurly", text: "}", traits: modeless},
	KindLBracket:    {name: "LBracket", text: "["},
	KindRBracket:    {name: "RBracket", text: "]", traits: modeless},
	KindAtParen:     {name: "AtParen", text: "@(", traits: modeless},
	KindAtCurly:     {name: "AtCurly", text: "@{", traits: modeless},
	KindDollarParen: {name: "DollarParen", text: "$(", traits: modeless},
	KindSemi:        {name: "Semi", text: ";", traits: modeless},

	KindAndAnd:                 {name: "AndAnd", text: "&&", traits: modeless},
	KindOrOr:                   {name: "OrOr", text: "||", traits: modeless},
	KindAmpersand:              {name: "Ampersand", text: "&", traits: modeless},
	KindPipe:                   {name: "Pipe", text: "|", traits: modeless},
	KindComma:                  {name: "Comma", text: ",", traits: unaryOperator | modeless},
	KindMinusMinus:             {name: "MinusMinus", text: "--", traits: unaryOperator},
	KindPlusPlus:               {name: "PlusPlus", text: "++", traits: unaryOperator},
	KindDotDot:                 {name: "DotDot", text: "..", precedence: precedenceRange},
	KindColonColon:             {name: "ColonColon", text: "::"},
	KindDot:                    {name: "Dot", text: "."},
	KindExclaim:                {name: "Exclaim", text: "!", traits: unaryOperator},
	KindMultiply:               {name: "Multiply", text: "*", precedence: precedenceMultiply},
	KindDivide:                 {name: "Divide", text: "/", precedence: precedenceMultiply},
	KindRem:                    {name: "Rem", text: "%", precedence: precedenceMultiply},
	KindPlus:                   {name: "Plus", text: "+", precedence: precedenceAdd, traits: unaryOperator},
	KindMinus:                  {name: "Minus", text: "-", precedence: precedenceAdd, traits: unaryOperator},
	KindEquals:                 {name: "Equals", text: "=", traits: assignOperator},
	KindPlusEquals:             {name: "PlusEquals", text: "+=", traits: assignOperator},
	KindMinusEquals:            {name: "MinusEquals", text: "-=", traits: assignOperator},
	KindMultiplyEquals:         {name: "MultiplyEquals", text: "*=", traits: assignOperator},
	KindDivideEquals:           {name: "DivideEquals", text: "/=", traits: assignOperator},
	KindRemainderEquals:        {name: "RemainderEquals", text: "%=", traits: assignOperator},
	KindQuestionQuestionEquals: {name: "QuestionQuestionEquals", text: "??=", traits: assignOperator},
	KindRedirection:            {name: "Redirection"},
	KindRedirectInStd:          {name: "RedirectInStd", text: "<", traits: modeless},
	KindColon:                  {name: "Colon", text: ":"},
	KindQuestionMark:           {name: "QuestionMark", text: "?"},
	KindQuestionQuestion:       {name: "QuestionQuestion", text: "??", precedence: precedenceCoalesce},
	KindQuestionDot:            {name: "QuestionDot", text: "?."},
	KindQuestionLBracket:       {name: "QuestionLBracket", text: "?["},

	KindFormat:            {name: "Format", text: "-f", precedence: precedenceFormat},
	KindNot:               {name: "Not", text: "-not", traits: unaryOperator},
	KindBnot:              {name: "Bnot", text: "-bnot", traits: unaryOperator},
	KindAnd:               {name: "And", text: "-and", precedence: precedenceLogical},
	KindOr:                {name: "Or", text: "-or", precedence: precedenceLogical},
	KindXor:               {name: "Xor", text: "-xor", precedence: precedenceLogical},
	KindBand:              {name: "Band", text: "-band", precedence: precedenceBitwise},
	KindBor:               {name: "Bor", text: "-bor", precedence: precedenceBitwise},
	KindBxor:              {name: "Bxor", text: "-bxor", precedence: precedenceBitwise},
	KindJoin:              {name: "Join", text: "-join", precedence: precedenceComparison, traits: unaryOperator},
	KindIeq:               {name: "Ieq", text: "-eq", precedence: precedenceComparison},
	KindIne:               {name: "Ine", text: "-ne", precedence: precedenceComparison},
	KindIge:               {name: "Ige", text: "-ge", precedence: precedenceComparison},
	KindIgt:               {name: "Igt", text: "-gt", precedence: precedenceComparison},
	KindIlt:               {name: "Ilt", text: "-lt", precedence: precedenceComparison},
	KindIle:               {name: "Ile", text: "-le", precedence: precedenceComparison},
	KindIlike:             {name: "Ilike", text: "-like", precedence: precedenceComparison},
	KindInotlike:          {name: "Inotlike", text: "-notlike", precedence: precedenceComparison},
	KindImatch:            {name: "Imatch", text: "-match", precedence: precedenceComparison},
	KindInotmatch:         {name: "Inotmatch", text: "-notmatch", precedence: precedenceComparison},
	KindIreplace:          {name: "Ireplace", text: "-replace", precedence: precedenceComparison},
	KindIcontains:         {name: "Icontains", text: "-contains", precedence: precedenceComparison},
	KindInotcontains:      {name: "Inotcontains", text: "-notcontains", precedence: precedenceComparison},
	KindIin:               {name: "Iin", text: "-in", precedence: precedenceComparison},
	KindInotin:            {name: "Inotin", text: "-notin", precedence: precedenceComparison},
	KindIsplit:            {name: "Isplit", text: "-split", precedence: precedenceComparison, traits: unaryOperator},
	KindCeq:               {name: "Ceq", text: "-ceq", precedence: precedenceComparison},
	KindCne:               {name: "Cne", text: "-cne", precedence: precedenceComparison},
	KindCge:               {name: "Cge", text: "-cge", precedence: precedenceComparison},
	KindCgt:               {name: "Cgt", text: "-cgt", precedence: precedenceComparison},
	KindClt:               {name: "Clt", text: "-clt", precedence: precedenceComparison},
	KindCle:               {name: "Cle", text: "-cle", precedence: precedenceComparison},
	KindClike:             {name: "Clike", text: "-clike", precedence: precedenceComparison},
	KindCnotlike:          {name: "Cnotlike", text: "-cnotlike", precedence: precedenceComparison},
	KindCmatch:            {name: "Cmatch", text: "-cmatch", precedence: precedenceComparison},
	KindCnotmatch:         {name: "Cnotmatch", text: "-cnotmatch", precedence: precedenceComparison},
	KindCreplace:          {name: "Creplace", text: "-creplace", precedence: precedenceComparison},
	KindCcontains:         {name: "Ccontains", text: "-ccontains", precedence: precedenceComparison},
	KindCnotcontains:      {name: "Cnotcontains", text: "-cnotcontains", precedence: precedenceComparison},
	KindCin:               {name: "Cin", text: "-cin", precedence: precedenceComparison},
	KindCnotin:            {name: "Cnotin", text: "-cnotin", precedence: precedenceComparison},
	KindCsplit:            {name: "Csplit", text: "-csplit", precedence: precedenceComparison, traits: unaryOperator},
	KindIs:                {name: "Is", text: "-is", precedence: precedenceComparison},
	KindIsNot:             {name: "IsNot", text: "-isnot", precedence: precedenceComparison},
	KindAs:                {name: "As", text: "-as", precedence: precedenceComparison},
	KindShl:               {name: "Shl", text: "-shl", precedence: precedenceComparison},
	KindShr:               {name: "Shr", text: "-shr", precedence: precedenceComparison},
	KindPostfixPlusPlus:   {name: "PostfixPlusPlus", text: "++"},
	KindPostfixMinusMinus: {name: "PostfixMinusMinus", text: "--"},

	KindBegin:         {name: "Begin", text: "begin", traits: keyword | blockName},
	KindBreak:         {name: "Break", text: "break", traits: keyword | statementKeyword},
	KindCatch:         {name: "Catch", text: "catch", traits: keyword},
	KindClass:         {name: "Class", text: "class", traits: keyword},
	KindContinue:      {name: "Continue", text: "continue", traits: keyword | statementKeyword},
	KindData:          {name: "Data", text: "data", traits: keyword | statementKeyword},
	KindDefine:        {name: "Define", text: "define", traits: keyword | statementKeyword},
	KindDo:            {name: "Do", text: "do", traits: keyword | statementKeyword},
	KindDynamicparam:  {name: "Dynamicparam", text: "dynamicparam", traits: keyword | blockName},
	KindElse:          {name: "Else", text: "else", traits: keyword},
	KindElseIf:        {name: "ElseIf", text: "elseif", traits: keyword},
	KindEnd:           {name: "End", text: "end", traits: keyword | blockName},
	KindExit:          {name: "Exit", text: "exit", traits: keyword | statementKeyword},
	KindFilter:        {name: "Filter", text: "filter", traits: keyword | statementKeyword},
	KindFinally:       {name: "Finally", text: "finally", traits: keyword},
	KindFor:           {name: "For", text: "for", traits: keyword | statementKeyword},
	KindForeach:       {name: "Foreach", text: "foreach", traits: keyword | statementKeyword},
	KindFrom:          {name: "From", text: "from", traits: keyword | statementKeyword},
	KindFunction:      {name: "Function", text: "function", traits: keyword | statementKeyword},
	KindIf:            {name: "If", text: "if", traits: keyword | statementKeyword},
	KindIn:            {name: "In", text: "in", traits: keyword},
	KindParam:         {name: "Param", text: "param", traits: keyword},
	KindProcess:       {name: "Process", text: "process", traits: keyword | blockName},
	KindReturn:        {name: "Return", text: "return", traits: keyword | statementKeyword},
	KindSwitch:        {name: "Switch", text: "switch", traits: keyword | statementKeyword},
	KindThrow:         {name: "Throw", text: "throw", traits: keyword | statementKeyword},
	KindTrap:          {name: "Trap", text: "trap", traits: keyword | statementKeyword},
	KindTry:           {name: "Try", text: "try", traits: keyword | statementKeyword},
	KindUntil:         {name: "Until", text: "until", traits: keyword},
	KindUsing:         {name: "Using", text: "using", traits: keyword | statementKeyword},
	KindVar:           {name: "Var", text: "var", traits: keyword | statementKeyword},
	KindWhile:         {name: "While", text: "while", traits: keyword | statementKeyword},
	KindWorkflow:      {name: "Workflow", text: "workflow", traits: keyword | statementKeyword},
	KindParallel:      {name: "Parallel", text: "parallel", traits: keyword | statementKeyword},
	KindSequence:      {name: "Sequence", text: "sequence", traits: keyword | statementKeyword},
	KindInlineScript:  {name: "InlineScript", text: "inlinescript", traits: keyword | statementKeyword},
	KindConfiguration: {name: "Configuration", text: "configuration", traits: keyword},
	KindPublic:        {name: "Public", text: "public", traits: keyword},
	KindPrivate:       {name: "Private", text: "private", traits: keyword},
	KindStatic:        {name: "Static", text: "static", traits: keyword},
	KindInterface:     {name: "Interface", text: "interface", traits: keyword},
	KindEnum:          {name: "Enum", text: "enum", traits: keyword},
	KindNamespace:     {name: "Namespace", text: "namespace", traits: keyword},
	KindModule:        {name: "Module", text: "module", traits: keyword},
	KindType:          {name: "Type", text: "type", traits: keyword},
	KindAssembly:      {name: "Assembly", text: "assembly", traits: keyword},
	KindCommand:       {name: "Command", text: "command", traits: keyword},
	KindHidden:        {name: "Hidden", text: "hidden", traits: keyword},
	KindBase:          {name: "Base", text: "base", traits: keyword},
	KindDefault:       {name: "Default", text: "default", traits: keyword},
	KindClean:         {name: "Clean", text: "clean", traits: keyword | blockName},
}

// String returns the engine's name of the kind.
func (k TokenKind) String() string { return kinds[k].name }

// Text returns how an operator or keyword is written; empty for other kinds.
func (k TokenKind) Text() string { return kinds[k].text }

func (k TokenKind) has(t kindTraits) bool { return kinds[k].traits&t != 0 }

// Token is a piece of the text that the grammar knows. Offsets are in bytes.
type Token struct {
	Kind TokenKind
	Span
	// Value is what the text means: the unescaped text of strings and words,
	// a variable's name without its scope, a parameter's name.
	Value string
	Colon bool // of a parameter: a colon ends it
	// Number is the value of a number, as [Number.Value].
	Number any
	// Nested are the tokens inside an expandable string or word.
	Nested []Token
}

// Dialect is a version of the language.
type Dialect uint8

// The dialects. What only PowerShell 7 knows is read in both; they differ
// where the same text means two things, as `e in a string.
const (
	WindowsPowerShell Dialect = iota // 5.1
	PowerShellCore                   // 7
)

// Tree is a parsed text.
type Tree struct {
	Text    string
	Dialect Dialect
	Root    *ScriptBlock
	Errors  []SyntaxError // by position
	Tokens  []Token       // only from ParseTokens

	lines lineIndex
}

// SyntaxError is a place where the text is not PowerShell. The parser goes on
// behind it.
type SyntaxError struct {
	Span
	Message string
	// Incomplete is set if the text ends too early: what would follow could
	// have made it right.
	Incomplete bool
}
