// Package powershell reads PowerShell: a lexer and parser of the whole
// language, and an interpreter that works out what a script would do without
// doing it. It knows nothing of Exchange; what a command means beyond the
// language, its [Host] says.
package powershell

// TokenKind is the kind of a token, by the names of PowerShell's own.
type TokenKind uint8

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
