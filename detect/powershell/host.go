package powershell

// Host knows the commands that are no part of the language: what they are
// called, how their parameters bind, and what comes of them. Its methods are
// called from one goroutine at a time.
type Host interface {
	// Command returns the command of that name in any case, without module
	// prefix, or nil.
	Command(name string) *CommandInfo
	// Commands returns the full names of all its commands, for look-ups with
	// wildcards, in a fixed order.
	Commands() []string
	// Origin says of what kind the output of a command is that neither the
	// language nor Command knows.
	Origin(command string) Origin
}

// CommandInfo describes a command of the host.
type CommandInfo struct {
	Name       string
	Module     string
	Parameters []ParameterInfo
	// Open says that it takes parameters beyond those listed; what they are
	// bound to is kept under the names as written.
	Open bool
	// Fails says that it may write an error, end in an exception or not be there
	// at all.
	Fails bool
	// Run is told of an invocation: once for each item that binds from the
	// pipeline, else once. It returns what the command puts out.
	Run func(*Invocation) []Value
}

// ParameterInfo is one parameter of a command.
type ParameterInfo struct {
	Name      string
	Aliases   []string
	Type      string // .NET name, "System.String"; "switch" for a switch
	Position  int    // 0-based; -1: named only
	Mandatory bool
	// Pipeline and Property tell whether it takes pipeline input by value and
	// by property name.
	Pipeline, Property bool
	Remaining          bool // takes what no other parameter took
	Exact              bool // no prefix of the name is taken for it
	common             bool // the engine adds it: prefixes of others win
	// Convert says what a value becomes; nil leaves it. An error means that the
	// engine would refuse to bind it.
	Convert func(Value) (Value, error)
}

// Invocation is a command with its arguments bound.
type Invocation struct {
	Command *CommandInfo
	// Arguments are in the order written; names are full. Those from the
	// pipeline come last.
	Arguments []Argument
	// Faults are the reasons why the engine would refuse the invocation as
	// written; it then does not run.
	Faults []Fault
	// Many is set if this stands for any number of invocations: for the elements
	// of the source that Source names or, if Rounds is set, as often as the loop
	// goes round whose condition it gives.
	Many   bool
	Rounds bool
	Source string
	Place  Place
}

// Argument is a bound argument.
type Argument struct {
	Name     string
	Value    Value
	Literal  bool  // written as a constant in the command itself
	Blocks   []int // earlier blocks that the value came from, ascending
	Pipeline bool
	Default  bool   // from $PSDefaultParameterValues or a preference variable
	source   string // text of the value, empty if it is not written in the command
}

// Fault is why an invocation cannot bind.
type Fault struct {
	Kind FaultKind
	Text string // the parameter or argument as written
}

// FaultKind is a kind of fault.
type FaultKind string

// The kinds of faults.
const (
	FaultUnknownParameter FaultKind = "unknown parameter"
	FaultAmbiguous        FaultKind = "ambiguous parameter"
	FaultTwice            FaultKind = "parameter given twice"
	FaultPositional       FaultKind = "argument in no position"
	FaultNoValue          FaultKind = "parameter without a value"
	FaultConversion       FaultKind = "value of a wrong type"
)

// Place says where and how a command is reached.
type Place struct {
	Block int // index of the block that runs
	// Span is of the innermost command in that block's own text through which
	// this one is reached: the command itself where it stands there, inside a
	// function or not; else what called the function of another block, or what
	// decoded the text.
	Span
	// Home is the block whose text holds the command itself, and At where; -1
	// where it stands in text that was made.
	Home int
	At   Span
	// Statement is the command itself, also where it stands in decoded text.
	Statement string
	// Via lists how it was reached, outermost first: "function Export-One",
	// "Invoke-Expression", "powershell -EncodedCommand".
	Via []string
	// Child is set if another process makes the call, Remote if another
	// machine does.
	Child, Remote bool
	// Later is set if the block does not make the call, but registers a command
	// that would: a scheduled task, a service.
	Later bool
	// Doubt says why the call may not be made: it is made through a function or
	// an alias that may be gone. Empty: it is not so.
	Doubt string
}

// Event is an invocation of a host's command on a path through the script.
type Event struct {
	*Invocation
	// Conditional is set if a condition that is not known decides about it.
	Conditional bool
	// Again is set if, on top of that, it is one before it in everything: a
	// loop that tries until there is no error makes it again.
	Again bool
}

// Began is a function or script block that is logged on its own: a piece of a
// text, and where that begins.
type Began struct {
	Tree *Tree
	At   int
}

// Logged is a logged block as part of a conversation.
type Logged struct {
	Tree *Tree
	// Invoked says that a text which is one {...} was logged because it ran.
	Invoked bool
	// Fresh is set on the first block if the session began with it: a variable
	// that nothing has set is $null then. Else it may have been set before.
	Fresh bool
	// Script is set if the block is a script file, whose param block others
	// may have given values.
	Script bool
	// File is the file that the block stands in; empty if it was typed.
	File string
	// Began are the pieces of texts that it ran, as records of theirs tell.
	Began []Began
	// Cut is set if fragments behind the text are missing.
	Cut bool
	// Aside is set if the block did not run, and what it would do is asked: it
	// leaves nothing to those after it.
	Aside bool
}

// Budget bounds a run.
type Budget struct {
	Steps  int // evaluations
	Depth  int // calls within calls
	Paths  int // that one region may take
	Text   int // bytes of one value
	Events int
}

// Result is what running the blocks, one after another in one session, would
// do.
type Result struct {
	Events []Event
	// Done is how many blocks were run, the last of them perhaps not to its end:
	// a budget was exceeded in it, or the session ended with it.
	Done int
	// Limit says which budget was exceeded, and is empty if none was; what
	// follows is then not known.
	Limit string
	// Unreached are the commands of the host that stand in the text of a block
	// and that no path reached, in order of place.
	Unreached []Place
	// Opaque lists places where text that is not known became code.
	Opaque []Opaque
}

// Opaque is a place where text that is not known became code.
type Opaque struct {
	Place
	// Code is what the text was made of, as far as that is to be told: the
	// expressions of the unknown values in it.
	Code string
	// Open is set if other blocks of the session may tell what it is. What is
	// the name of a command only, is so if a [Taker] may be given what that is.
	Open bool
	// Made is set if it became a script block and no more: what runs that stands
	// elsewhere.
	Made bool
}

// Taker is a [Host] that can tell what its commands can be given.
type Taker interface {
	// Takes reports whether a command which it is about may be given parameters
	// of these names, in full or as prefixes; more that there may be others.
	Takes(names []string, more bool) bool
}
