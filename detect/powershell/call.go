package powershell

// Running script blocks and functions.

import "slices"

// callOptions say how a script block is called.
type callOptions struct {
	Underscore *Value
	Input      []Value
	HasInput   bool
	This       Value

	dot     bool   // it runs in the present scope
	dotted  bool   // the operator . said so
	local   bool   // $_ and the like are set in a scope of its own
	top     bool   // it is a logged block itself, or may be given more than is known
	script  bool   // others may have given its parameters
	unknown bool   // its parameters are not known
	session string // of a session on another machine: what tells it from others
	file    *scriptRun
}

// activation is a script block that runs.
type activation struct {
	in      *Interpreter
	closure *Closure
	sig     *signature
	scope   *scope
	frame   *frame
	binding *binding
	sets    []string // parameter sets that the call may be of
	input   *collector
	last    *cell // the last item of the input
	taken   *cell // takenByItem: what the item before was bound to
	piped   bool  // it has input
	// sources are the earlier blocks that the input came from, as known when
	// the first item came (fed): what the body reads is not the input's.
	fed     bool
	sources []int
	out     sink
	options callOptions
}

// callBlock calls a script block and returns what it puts out.
func (in *Interpreter) callBlock(c *Closure, args []Value, options callOptions) ([]Value, error) {
	given := make([]argument, len(args))
	for i, v := range args {
		given[i] = argument{value: v, has: true, from: in.sources}
	}
	col, out := in.collectorSink()
	err := in.runBody(c, given, options, out)
	return col.values, err
}

// runBody calls a script block with arguments.
func (in *Interpreter) runBody(c *Closure, args []argument, options callOptions, out sink) error {
	return in.settled(in.body(c, args, options, out))
}

// body is runBody where nothing follows that needs a decision.
func (in *Interpreter) body(c *Closure, args []argument, options callOptions, out sink) error {
	a, err := in.activate(c, args, options, out)
	if err != nil {
		return err
	}
	a.piped = options.HasInput
	defer a.over()
	return in.sequence(func(i int) error {
		switch i {
		case 0:
			return a.begin()
		case 1:
			if !options.HasInput {
				return a.process(nil)
			}
			return in.feed(options.Input, a.process)
		case 2:
			return a.end()
		}
		return errDone
	})
}

// activate binds the arguments and makes the scope of a call.
func (in *Interpreter) activate(c *Closure, args []argument, options callOptions, out sink) (*activation, error) {
	if in.goesOn(c) {
		options.top, options.unknown = true, true
	}
	a := &activation{in: in, closure: c, sig: in.signatureOf(c), out: out, options: options}
	a.scope = in.scope
	if !options.dot {
		parent := in.scope
		if c.Bound != nil {
			parent = c.Bound
		}
		a.scope = in.newScope(parent)
	}
	f := *in.frame
	f.tree, f.home, f.closure, f.holes = c.Tree, c.Block, c, in.holes[c.Tree]
	if options.This != nil {
		f.this = options.This
	}
	if c.Name != "" {
		f.via = append(slices.Clone(f.via), "function "+c.Name)
		f.command = c.Name
	}
	if f.doubt == "" && in.goneFunction(c) != "" {
		f.doubt = in.leftBehind(c.Name, c.leaver)
	}
	a.frame = &f
	a.input, _ = in.collectorSink()
	a.last = in.newCell(nil)
	a.taken = in.newCell(takenByItem(""))
	a.binding = in.bind(binder{params: a.sig.all, simple: !a.sig.advanced, open: c.Body.Dynamic != nil, sig: a.sig}, args)
	if len(a.binding.faults) > 0 {
		fault := a.binding.faults[0]
		return nil, in.bindingError(string(fault.Kind) + ": " + fault.Text)
	}
	if a.sets = a.sig.possibleSets(a.binding, options.HasInput); len(a.sets) == 0 {
		return nil, in.bindingError("no parameter set takes these parameters together")
	}
	if options.file != nil {
		options.file.enter(a, &f)
	}
	f.args = nil
	if !options.dot || options.top || options.dotted {
		f.own = nil
	}
	if options.dotted {
		f.own = &ownVariables{given: in.newCell(nil)}
	}
	if options.dot && !options.top {
		f.args = in.nothingPassed
		if len(a.binding.rest) > 0 {
			f.args = a.remaining()
		}
	}
	if options.file == nil || options.dot {
		in.began(c.Body)
	}
	return a, nil
}

// remaining is $args: what no parameter took.
func (a *activation) remaining() *Array {
	var items []Value
	for _, r := range a.binding.rest {
		items = append(items, a.in.passing(r)...)
	}
	args := newArray(items)
	a.in.passed[args] = a.binding.rest
	return args
}

// over says that the call is over on all paths.
func (a *activation) over() {
	a.input.over, a.last.over, a.taken.over = true, true, true
	if own := a.frame.own; a.options.dotted {
		own.given.over = true
	}
	if !a.options.dot {
		a.scope.over = !a.scope.kept
	}
}

// within runs a part of the call in its scope and text.
func (a *activation) within(run func() error) error {
	in := a.in
	scope, frame := in.scope, in.frame
	in.depth++
	in.active[a.closure.Body]++
	defer func() {
		in.scope, in.frame = scope, frame
		in.depth--
		in.active[a.closure.Body]--
	}()
	if in.depth > in.budget.Depth {
		return in.exceeded("depth")
	}
	in.scope, in.frame = a.scope, a.frame
	if file := a.options.file; file != nil && !file.sure {
		defer func(doubtful bool) { in.doubtful = doubtful }(in.doubtful)
		in.doubtful = true
	}
	return run()
}

// ended takes return at the end of a block.
func (in *Interpreter) ended(err error) error {
	return in.then(err, func(err error) error {
		if f, ok := err.(*flow); ok && f.kind == flowReturn {
			return nil
		}
		return err
	})
}

func (a *activation) begin() error {
	return a.within(func() error {
		if err := a.bindParameters(); err != nil {
			return err
		}
		if a.closure.Body.Dynamic != nil {
			// What it puts out are parameters; which they are is not looked at.
			if err := a.in.settled(a.in.ended(a.in.statements(a.closure.Body.Dynamic, discard))); err != nil {
				return err
			}
		}
		if a.closure.Body.Begin == nil {
			return nil
		}
		return a.in.ended(a.in.statements(a.closure.Body.Begin, a.out))
	})
}

// process runs the process block for an item of the input, or once without.
func (a *activation) process(v Value) error {
	in := a.in
	if !a.piped {
		if !a.sig.process {
			return nil
		}
		return a.within(func() error { return a.runProcess() })
	}
	if u, ok := v.(*Unknown); ok && u.Many && a.sig.process {
		return in.symbolicStatement(sourceOf(u), func() error { return a.process(in.element(u, "$_")) })
	}
	if !a.sig.process {
		in.setCell(a.last, v)
		return in.collect(a.input, v)
	}
	return a.within(func() error {
		if err := a.bindItem(v); err != nil {
			return in.itemRefused(err)
		}
		if !a.fed {
			a.fed, a.sources = true, in.sources
		}
		in.store(in.declare(a.scope, "_"), v, a.sources)
		in.store(in.declare(a.scope, "input"), newArray([]Value{v}), a.sources)
		return a.runProcess()
	})
}

func (a *activation) runProcess() error {
	body := a.closure.Body
	block := body.Process
	if block == nil {
		block = body.EndBlock
	}
	return a.in.ended(a.in.statements(block, a.out))
}

func (a *activation) end() error {
	in, body := a.in, a.closure.Body
	if body.EndBlock == nil || a.sig.process && body.Process == nil {
		return a.within(func() error { return in.ended(in.statements(body.Clean, a.out)) })
	}
	return a.within(func() error {
		if a.piped && body.Process == nil {
			in.store(in.declare(a.scope, "input"), newEnumerator(slices.Clone(a.input.values)), in.sources)
			if n := len(a.input.values); n > 0 {
				last := a.input.values[n-1]
				if u, ok := last.(*Unknown); ok && u.Many {
					last = in.element(u, "$_")
				}
				if err := a.bindItem(last); err != nil {
					if err = in.itemRefused(err); err != nil {
						return err
					}
				}
			}
		}
		return in.ended(in.statements(body.EndBlock, a.out))
	})
}

// automatic sets the variables that every call has.
func (a *activation) automatic(given *Hash) {
	in := a.in
	set := func(name string, v Value) { in.store(in.declare(a.scope, name), v, in.sources) }
	set("PSBoundParameters", given)
	switch {
	case a.sig.advanced:
		set("PSCmdlet", a.scriptCmdlet())
	case a.options.top, a.options.unknown:
		u := in.unknown("$args", OriginParameter)
		u.Many = true
		set("args", u)
	default:
		set("args", a.remaining())
	}
	if a.options.Underscore != nil {
		set("_", *a.options.Underscore)
	} else if a.options.unknown {
		set("_", in.unknown("$_", OriginVariable))
	}
	if a.options.This != nil {
		set("this", a.options.This)
	}
	if a.closure.Name != "" {
		set("MyInvocation", a.invocation())
	}
}

// invocation is $MyInvocation.
func (a *activation) invocation() *Object {
	o := newObject("System.Management.Automation.InvocationInfo")
	command := newObject("System.Management.Automation.FunctionInfo")
	command.Set("Name", a.closure.Name)
	command.Set("ScriptBlock", a.closure)
	command.Set("Definition", closureText(a.closure))
	o.Set("MyCommand", command)
	o.Set("InvocationName", a.closure.Name)
	if !a.options.top && !a.options.unknown {
		o.Set("ExpectingInput", a.options.HasInput)
	}
	return o
}

// ownVariables are the variables that what is run by the operator . has of its
// own although it runs in the scope of its caller.
type ownVariables struct {
	given              *cell // $PSBoundParameters
	invocation, cmdlet *Object
}

// ownVariable is the variable of a body that runs in the scope of its caller
// which hides the caller's.
func (f *frame) ownVariable(in *Interpreter, name string) (Value, bool) {
	switch {
	case name == "myinvocation" && f.closure != nil && f.closure.Name == "": // of the command that runs the body
		if o := in.scriptInvocation(); o != nil {
			return o, true
		}
		return in.parameterUnknown("$MyInvocation", OriginEnvironment), true
	case f.args == nil:
	case name == "args":
		return f.args, true
	case f.own == nil:
	case name == "myinvocation":
		return f.own.invocation, true
	case name == "psboundparameters":
		return f.own.given.v, true
	case name == "pscmdlet" && f.own.cmdlet != nil:
		return f.own.cmdlet, true
	}
	return nil, false
}

// given is what $PSBoundParameters of the call holds.
func (a *activation) given() Value {
	if a.options.dotted {
		return a.frame.own.given.v
	}
	if v := a.scope.variables["psboundparameters"]; v != nil {
		return v.value
	}
	return nil
}

// newClosure binds a script block to the variables that are seen here.
func (in *Interpreter) newClosure(c *Closure) *Closure {
	bound := in.newScope(in.global)
	for _, name := range sortedKeys(in.scope.variables) {
		v := in.scope.variables[name]
		cell := in.declare(bound, v.name)
		cell.variableState = v.variableState
	}
	bound.functions = in.scope.functions
	bound.script = bound
	n := *c
	n.Bound = bound
	return &n
}
