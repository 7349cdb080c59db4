package powershell

import (
	"fmt"
	"slices"
	"strings"
)

// The budget of a run where the caller gives none.
const (
	defaultSteps  = 2_000_000
	defaultDepth  = 200 // calls within calls
	defaultPaths  = 32  // states that a stretch may leave
	defaultText   = 16 << 20
	defaultEvents = 100_000
	// maxNesting bounds expressions within expressions, which are walked on
	// the stack.
	maxNesting = 4000
)

// Interpreter works out what blocks would do. It runs in one goroutine and is
// used once.
type Interpreter struct {
	host     Host
	budget   Budget
	library  *library
	commands *commandTable

	// The state of the script, on the trail.
	trail         trail
	global, scope *scope
	assumptions   *assumptions
	counters      map[string]*counter
	succeeded     *cell  // $?
	foreign       *cell  // code that is not known may have set variables
	strict        *cell  // Set-StrictMode
	environment   *scope // variables of env:
	exporting     *cell  // exports of the module whose body runs; nil: none
	using         *scope // where $using: looks; nil: here
	events        *eventList

	path     *path
	doubtful bool // an end was dropped: what follows is conditional

	fresh     bool                       // the session began with the first block
	assigned  map[*ScriptBlock]*assigned // what bodies assign
	assigning map[string][]*assigned     // the same by name

	frame      *frame
	sources    []int        // earlier blocks that what is evaluated came from
	many       []repetition // around
	loops      []int        // the same, by number
	trying     int          // try statements around
	risks      int          // what may have thrown so far
	hosted     int          // commands of the host that may have failed so far
	forks      int          // so far
	doubts     int          // forks and unknown loops around
	replays    int          // runs of a stretch after its first, around
	signatures map[*ScriptBlock]*signature
	// hostParameters are the parameters of the host's commands, with the common
	// ones.
	hostParameters map[*CommandInfo][]ParameterInfo
	active         map[*ScriptBlock]int // calls on the stack
	holes          map[*Tree][]*Unknown
	passed         map[*Array][]argument // as what $args was given
	stored         []storedText
	registered     []registered
	sessions       map[string]*scope // the global scopes of sessions on other machines
	typeData       map[typeMember]addedMember
	// nothingPassed is $args of a body that is given nothing: it has nothing that
	// could be changed.
	nothingPassed *Array
	outliving     outliving
	started       map[int]bool      // script files that a block before them ran
	root          int               // index of the block that runs and that no other ran
	ran           map[*Command]bool // commands of the host that a path reached
	opaque        []Opaque
	rescues       map[*Catch]bool // whether it calls a command of the host
	classes       map[string]*classInfo
	jobs          *cell // those started, []*Object; nil: none yet

	walk                  walk
	steps, depth, nesting int
	limit                 *limitError
}

// frame is the text that runs and how it was reached.
type frame struct {
	tree *Tree
	home int // index of the block whose text it is; -1: it was made
	// block is the index of the block that runs: what it started, or what was
	// logged because it ran.
	block int
	// site is the innermost command in the running block's own text.
	site          Span
	via           []string
	child, remote bool
	later         bool   // it is only registered to run
	doubt         string // why it may not be what runs
	this          Value
	command       string
	closure       *Closure
	running       *Command   // the command that is prepared; nil: none
	statement     Span       // the pipeline that runs
	holes         []*Unknown // that stand as marks in the text
	// method is the body of a method where that runs: what it returns goes to
	// results, and nothing else does.
	method  *Closure
	results *collector
	// args is $args of a body that runs in the scope of its caller, and own what
	// else such a body has of its own; nil: it has none.
	args *Array
	own  *ownVariables
}

// run is Run in one order of tables that have none.
func run(host Host, blocks []Logged, budget Budget, w walk) (*Result, *Interpreter) {
	in := newInterpreter(host, budget)
	in.walk = w
	in.fresh = len(blocks) > 0 && blocks[0].Fresh
	in.outliving = newOutliving(blocks)
	for _, b := range blocks {
		in.noteAssigned(b.Tree)
	}
	done := 0
	for stop := false; done < len(blocks) && !stop; done++ {
		switch b := blocks[done]; {
		case b.Aside:
			stop = in.runAside(done, b)
		case !in.started[done]:
			stop = in.runBlock(done, b)
		}
	}
	result := &Result{Events: in.events.list(), Opaque: in.opaque, Done: done}
	if in.limit != nil {
		result.Limit = in.limit.what
	}
	result.Unreached = in.unreached(blocks)
	return result, in
}

func newInterpreter(host Host, budget Budget) *Interpreter {
	for _, b := range []struct {
		value    *int
		standard int
	}{
		{&budget.Steps, defaultSteps}, {&budget.Depth, defaultDepth}, {&budget.Paths, defaultPaths},
		{&budget.Text, defaultText}, {&budget.Events, defaultEvents},
	} {
		if *b.value <= 0 {
			*b.value = b.standard
		}
	}
	in := &Interpreter{
		host: host, budget: budget,
		assumptions: &assumptions{}, counters: map[string]*counter{}, succeeded: &cell{v: true},
		foreign: &cell{v: once(false)}, strict: &cell{v: least(0)}, environment: &scope{variables: map[string]*variable{}},
		signatures: map[*ScriptBlock]*signature{}, hostParameters: map[*CommandInfo][]ParameterInfo{},
		active: map[*ScriptBlock]int{}, assigned: map[*ScriptBlock]*assigned{}, assigning: map[string][]*assigned{}, holes: map[*Tree][]*Unknown{}, passed: map[*Array][]argument{}, ran: map[*Command]bool{},
		rescues: map[*Catch]bool{}, classes: map[string]*classInfo{}, started: map[int]bool{}, root: -1,
	}
	in.nothingPassed = newArray(nil)
	// What runs in no stretch is one way.
	in.path = &path{join: true, mark: in.trail.mark(), since: in.trail.epoch}
	in.global = in.newScope(nil)
	in.global.script = in.global
	in.scope = in.global
	in.frame = &frame{tree: &Tree{}, home: -1, block: -1}
	in.commands = sharedCommands()
	in.setUp()
	return in
}

// runBlock runs one block and tells whether the session ends with it.
func (in *Interpreter) runBlock(i int, b Logged) (stop bool) {
	defer func() {
		if r := recover(); r != nil {
			in.limit = &limitError{fmt.Sprintf("internal: %v", r)}
			stop = true
		}
	}()
	in.root = i
	in.scope, in.many, in.loops, in.sources, in.trying, in.depth, in.nesting = in.global, nil, nil, nil, 0, 0, 0
	in.frame = &frame{tree: b.Tree, home: i, block: i, site: b.Tree.Root.Span}
	base := in.trail.mark()
	outs, _, err := in.explore(func() (Value, error) { return nil, in.runLogged(b) })
	if outs != nil {
		err = in.settleBlock(outs)
	}
	if !b.Aside {
		in.trail.entries = in.trail.entries[:base]
		in.trail.mark()
	}
	f, ok := err.(*flow)
	return isLimit(err) || ok && f.kind == flowExit && !in.doubtful && !b.Script
}

// runAside runs one block and undoes it. It tells whether the session ends,
// which it does only where a budget is exceeded.
func (in *Interpreter) runAside(i int, b Logged) (stop bool) {
	doubtful := in.doubtful
	defer in.trail.within(in.trail.outer)()
	mark := in.trail.mark()
	in.trail.outer = in.trail.epoch
	in.runBlock(i, b)
	if in.limit != nil {
		return true
	}
	in.trail.revert(mark)
	in.doubtful = doubtful
	return false
}

// settleBlock leaves in place what a block that ends in several ways leaves to
// those after it: of those in which the session goes on, what they have in
// common.
func (in *Interpreter) settleBlock(outs []outcome) error {
	ends := in.joinByEnd(outs)
	last := ends[0]
	for _, o := range ends[1:] {
		in.doubtful = true
		events := mergeEvents(last.events, o.events)
		if o.err == nil {
			last = o
		}
		last.events = events
	}
	in.trail.redo(last.changes)
	in.events = last.events
	return last.err
}

// runLogged runs a block as it was logged.
func (in *Interpreter) runLogged(b Logged) error {
	root := b.Tree.Root
	body := &Closure{Body: root, Tree: b.Tree, Block: in.frame.block}
	params := callOptions{dot: true, script: b.Script}
	if b.Invoked {
		if inner := invoked(root); inner != nil {
			body.Body, body.function = inner.Body, inner.function
			params.unknown = true
			if f := inner.function; f != nil {
				in.frame.via = append(in.frame.via, "function "+plainName(f.Name))
			}
		}
	}
	params.top = true
	return in.then(in.body(body, nil, params, discard), func(err error) error {
		if t, ok := err.(*Thrown); ok {
			in.recordError(t)
			return nil
		}
		return err
	})
}

// invoked returns the script block or function that a text consists of.
func invoked(root *ScriptBlock) *Closure {
	if root.EndBlock == nil || len(root.EndBlock.Statements) != 1 {
		return nil
	}
	switch s := root.EndBlock.Statements[0].(type) {
	case *Function:
		return &Closure{Body: s.Body, function: s}
	case *Pipeline:
		if len(s.Elements) == 1 {
			if e, ok := s.Elements[0].(*CommandExpression); ok {
				if b, ok := e.Expression.(*ScriptBlockExpression); ok {
					return &Closure{Body: b.Body}
				}
			}
		}
	}
	return nil
}

// spend uses up n steps of the budget.
func (in *Interpreter) spend(n int) error {
	in.steps += n
	if in.steps > in.budget.Steps {
		return in.exceeded("steps")
	}
	return nil
}

// exceeded records that a budget is exceeded, and returns the error that ends
// the run.
func (in *Interpreter) exceeded(what string) error {
	if in.limit == nil {
		in.limit = &limitError{what}
	}
	return in.limit
}

func (in *Interpreter) dialect() Dialect {
	if in.frame == nil || in.frame.tree == nil {
		return WindowsPowerShell
	}
	return in.frame.tree.Dialect
}

// source returns the text of a node, on one line.
func (in *Interpreter) source(n Node) string {
	if isNilNode(n) {
		return ""
	}
	text := in.frame.tree.Text
	from, to := n.Pos(), n.End()
	if from < 0 || to > len(text) || from > to {
		return ""
	}
	s := in.fill(text[from:to])
	if strings.ContainsAny(s, "\n\r\t") {
		s = strings.Join(strings.Fields(s), " ")
	}
	return s
}

// fill puts the expressions of holes in the place of their marks.
func (in *Interpreter) fill(s string) string {
	if len(in.frame.holes) == 0 {
		return s
	}
	var b strings.Builder
	for _, p := range in.marked(s) {
		if p.Hole != nil {
			b.WriteString("$(" + p.Hole.Expression + ")")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// unknown makes an unknown value of its own.
func (in *Interpreter) unknown(expression string, origin Origin) *Unknown {
	n := in.count(expression)
	return &Unknown{Expression: truncated(expression), Origin: origin, Identity: fmt.Sprintf("%d", n)}
}

// derived makes an unknown value that depends on others. Equal identities are
// equal values.
func (in *Interpreter) derived(expression, identity string, from ...Value) *Unknown {
	u := &Unknown{Expression: truncated(expression), Identity: shortIdentity(identity)}
	for _, v := range from {
		if h := holeIn(v, 3); h != nil && u.Origin == "" {
			u.Origin, u.Source = h.Origin, h.Source
		}
		u.session = u.session || ofSession(v)
	}
	return u
}

// holeIn returns the first unknown in v, also within collections.
func holeIn(v Value, depth int) *Unknown {
	if h := firstHole(v); h != nil || depth == 0 {
		return h
	}
	var inner []Value
	switch v := v.(type) {
	case *Hash:
		inner = v.values
	case *Object:
		for _, name := range v.names {
			inner = append(inner, v.values[foldCase(name)])
		}
	default:
		inner, _ = enumerable(v)
	}
	for _, item := range inner[:min(len(inner), 64)] {
		if h := holeIn(item, depth-1); h != nil {
			return h
		}
	}
	return nil
}

// element is one of the items that an unknown collection stands for.
func (in *Interpreter) element(u *Unknown, name string) *Unknown {
	e := *u
	e.Many = false
	if _, list := Items(u.Default); list {
		e.Default, e.HasDefault = nil, false
	}
	if u.Source == "" {
		e.Source = u.Expression
	}
	e.Expression = name
	e.Identity = shortIdentity(identityOf(u) + "|element")
	return &e
}

// currentCommand is the command that is prepared, or stands for the expression
// that is evaluated.
func (in *Interpreter) currentCommand() *Command {
	if in.frame.running != nil {
		return in.frame.running
	}
	return &Command{Span: in.frame.statement}
}

func (in *Interpreter) place(c *Command) Place {
	p := Place{
		Block: in.frame.block, Span: in.frame.site, Home: in.frame.home, At: Span{-1, -1},
		Via: slices.Clone(in.frame.via), Child: in.frame.child, Remote: in.frame.remote, Later: in.frame.later,
		Doubt: in.frame.doubt,
	}
	p.Statement = in.source(c)
	if p.Home >= 0 {
		p.At = c.Span
	}
	if p.Home == in.frame.block {
		p.Span = c.Span
	}
	return p
}

// became notes that text which is not known became code: what is known of it is
// where it came from.
func (in *Interpreter) became(c *Command, code ...Value) {
	in.noteOpaque(c, Opaque{Open: slices.ContainsFunc(code, ofSession)}, code)
}

// noteOpaque is became, of a place of that kind.
func (in *Interpreter) noteOpaque(c *Command, place Opaque, code []Value) {
	const most, mostOfOne = 8 * maxExpression, 64 << 10
	if in.frame.later {
		return
	}
	place.Place = in.place(c)
	for _, v := range code {
		if u := firstHole(v); u != nil && u.Source != "" && u.Source != u.Expression {
			place.Code += u.Source + "\n"
		}
		if text := in.readBack(v); text != "" {
			place.Code += text[:min(len(text), mostOfOne)]
		}
		expression := expressionOf(v)
		place.Code += expression[:min(len(expression), mostOfOne)] + "\n"
	}
	for i := range in.opaque {
		o := &in.opaque[i]
		if o.Block == place.Block && o.Span == place.Span && o.Statement == place.Statement && o.Made == place.Made {
			if len(o.Code) < most && !strings.Contains(o.Code, place.Code) {
				o.Code += place.Code
			}
			o.Open = o.Open || place.Open
			return
		}
	}
	in.opaque = append(in.opaque, place)
}

// ofSession tells whether a part of v may be known from other blocks of the
// session.
func ofSession(v Value) bool {
	switch v := v.(type) {
	case *Unknown:
		return v.session
	case *Text:
		return slices.ContainsFunc(v.Parts, func(p TextPart) bool { return p.Hole != nil && ofSession(p.Hole) })
	}
	items, _ := enumerable(v)
	return slices.ContainsFunc(items, func(v Value) bool { return isUnknown(v) && ofSession(v) })
}

// takes tells whether the host's command may be given these arguments.
func (in *Interpreter) takes(args []argument) bool {
	host, ok := in.host.(Taker)
	if !ok {
		return false
	}
	var names []string
	more := false
	for _, a := range args {
		if a.named() {
			names = append(names, a.name)
		}
		more = more || a.unknown
	}
	return host.Takes(names, more)
}

func isNilNode(n Node) bool {
	switch n := n.(type) {
	case nil:
		return true
	case *Binary:
		return n == nil
	case *Unary:
		return n == nil
	case *Command:
		return n == nil
	}
	return false
}
