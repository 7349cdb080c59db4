package powershell

// Value is a PowerShell value, known, partly known or unknown:
//
//	nil                      $null
//	bool, string, Char       text is generalized UTF-8, a Char one UTF-16 unit
//	int8 ... uint64, float32, float64, Decimal, *big.Int
//	*Array                   an array of fixed length, object[] or typed
//	*List                    ArrayList, List[T] and the like; StringBuilder is *Object
//	*Hash                    hashtable, ordered or not, and dictionaries
//	*Object                  an object with properties
//	*Closure                 a script block
//	*TypeRef                 a type, as [string] yields it
//	*Text                    a string of which parts are unknown
//	*Unknown                 a value of which nothing is known but where it came from
//
// Known values behave as in the engine. What can be changed in place is
// changed only after [Interpreter.touch].
type Value any

// Char is System.Char.
type Char uint16

// Origin says where an unknown value came from, in the words of the report.
type Origin string

// The origins.
const (
	OriginMailbox     Origin = "mailbox"
	OriginFile        Origin = "file"
	OriginPrompt      Origin = "prompt"
	OriginParameter   Origin = "parameter"
	OriginDirectory   Origin = "directory"
	OriginEnvironment Origin = "environment"
	OriginClock       Origin = "clock"
	OriginVariable    Origin = "variable"
	OriginCommand     Origin = "command"
	OriginLimit       Origin = "limit"
)

// Unknown is a value that the text does not decide. It is not changed once it
// is made.
type Unknown struct {
	// Expression is the source text an analyst would recognise: $m.Alias.
	Expression string
	Origin     Origin
	// Source is the command that enumerates what this is an element of:
	// Get-Mailbox -Database DB01. Empty where it is no element.
	Source string
	// Many is set where this stands for any number of items, none among them:
	// the output of a command, an unknown collection.
	Many bool
	// Default is the value of a script's parameter that its caller may have
	// overridden; HasDefault tells whether there is one.
	Default    Value
	HasDefault bool
	// Type is the .NET type where that is known ("System.String"), else empty.
	Type string
	// noText is set where this may be a number or something else that text added
	// to it is not joined to.
	noText bool
	// session is set where other blocks of the session may tell what this is.
	session bool
	// Identity tells two unknown values of the same expression apart, and is
	// equal for what must be equal: the same member of the same unknown value.
	Identity string
	// encoded is the text of which this is the UTF-16 bytes, or those in
	// base64; nil: none.
	encoded Value
	// choices are the script blocks that this may be; none: not known.
	choices []*Closure
	// secret is the text that this is an encryption of; nil: not known.
	secret Value
}

// TextPart is known text, or a hole.
type TextPart struct {
	Text string
	Hole *Unknown // nil: Text
}

// Text is a string of which parts are unknown: at least one hole, no empty
// text, no two texts side by side. It is not changed once it is made.
type Text struct{ Parts []TextPart }

// stamp says since when an object need not be saved again; see trail.
type stamp struct{ epoch uint64 }

func (s *stamp) lastSaved() *uint64 { return &s.epoch }

// Closure is a script block with the scope it sees when it has been bound by
// GetNewClosure, else nil.
type Closure struct {
	Body     *ScriptBlock
	Tree     *Tree     // that Body belongs to
	Bound    *scope    // nil: runs in the scope of its caller
	Block    int       // index of the logged block it came from
	Name     string    // of a function, empty for a literal
	function *Function // its definition, with the parameters in parentheses
	// leaver is 1 + the index of the block that defined a function which may be
	// gone when the block is done, and under what its name meant before.
	leaver int
	under  *Closure
	// choices are the functions that one of this name may be, in place of this.
	choices []*Closure
}

// TypeRef is a type. Name is the .NET name where it is known, else as written.
type TypeRef struct {
	Name  string
	Class *TypeDef // one that the script defines
	Args  []*TypeRef
	Ranks []int
}
