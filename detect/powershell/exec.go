package powershell

// The statements.

// sink takes what a statement or command puts out, item by item.
type sink func(Value) error

func discard(Value) error { return nil }

// emit puts out a value as an expression does: collections item by item.
func (in *Interpreter) emit(v Value, out sink) error {
	items, ok := enumerable(v)
	if !ok {
		return out(v)
	}
	if len(items) == 1 && !isMore(items[0]) {
		return out(items[0])
	}
	return in.feed(items, out)
}

// feed puts out items one after the other. One that stands for many of its
// like is put out in a stretch that happens any number of times.
func (in *Interpreter) feed(items []Value, out sink) error {
	return in.sequence(func(i int) error {
		switch {
		case i >= len(items):
			return errDone
		case isMore(items[i]):
			return nil
		case i+1 < len(items) && isMore(items[i+1]) && !isMany(items[i]):
			source := ""
			if h := holeIn(items[i], 3); h != nil {
				source = sourceOf(h)
			}
			return in.symbolicStatement(source, func() error { return out(items[i]) })
		}
		return out(items[i])
	})
}

// collectorSink returns a sink into a new collector.
func (in *Interpreter) collectorSink() (*collector, sink) {
	c := in.newCollector()
	return c, func(v Value) error { return in.collect(c, v) }
}

// resultOf is what a list of output is as a value: $null, the one item, or an
// array.
func resultOf(items []Value) Value {
	switch len(items) {
	case 0:
		return nil
	case 1:
		return items[0]
	}
	return newArray(append([]Value(nil), items...))
}

// valueOf runs a statement as the right side of an assignment. Nothing is true
// if it put out nothing.
func (in *Interpreter) valueOf(s Statement) (v Value, nothing bool, err error) {
	if e := soleExpression(s); e != nil {
		return in.evalValue(e)
	}
	if a, ok := s.(*Assignment); ok {
		// As a condition, and wherever it is no statement of a block.
		v, err := in.assignment(a)
		return v, false, err
	}
	c, out := in.collectorSink()
	defer func() { c.over = true }()
	if err := in.settled(in.statement(s, out)); err != nil {
		return nil, false, err
	}
	return resultOf(c.values), len(c.values) == 0, nil
}

// evalValue evaluates an expression and tells whether it is the output of a
// command that had none.
func (in *Interpreter) evalValue(e Expression) (Value, bool, error) {
	switch e := e.(type) {
	case *Variable:
		v, err := in.eval(e)
		if err == nil && v == nil && !e.Splatted {
			if cell := in.scope.find(e.Name); cell != nil && e.Scope == "" {
				return nil, cell.nothing, nil
			}
		}
		return v, false, err
	case *Paren:
		return in.valueOfParen(e)
	case *SubExpression:
		c, out := in.collectorSink()
		if err := in.settled(in.statements(e.Body, out)); err != nil {
			return nil, false, err
		}
		return resultOf(c.values), len(c.values) == 0, nil
	}
	v, err := in.eval(e)
	return v, isVoid(e), err
}

func (in *Interpreter) valueOfParen(e *Paren) (Value, bool, error) {
	if inner := soleExpression(e.Pipeline); inner != nil {
		if u, ok := inner.(*Unary); ok {
			v, err := in.unaryExpression(u)
			return v, false, err
		}
	}
	return in.valueOf(e.Pipeline)
}

// soleExpression returns the expression that a statement consists of, or nil.
func soleExpression(s Statement) Expression {
	p, ok := s.(*Pipeline)
	if !ok || len(p.Elements) != 1 || p.Background {
		return nil
	}
	if e, ok := p.Elements[0].(*CommandExpression); ok && len(e.Redirections) == 0 {
		return e.Expression
	}
	return nil
}

// isVoid tells whether an expression puts out nothing as a statement.
func isVoid(e Expression) bool {
	switch e := e.(type) {
	case *Convert:
		return isVoidName(e.Type)
	case *Unary:
		switch e.Op {
		case KindPlusPlus, KindMinusMinus, KindPostfixPlusPlus, KindPostfixMinusMinus:
			return true
		}
	}
	return false
}

// statements runs the statements of a block one after the other.
func (in *Interpreter) statements(b *Block, out sink) error {
	if b == nil {
		return nil
	}
	for _, s := range b.Statements {
		if t, ok := s.(*TypeDef); ok {
			in.defineType(t)
		}
	}
	return in.sequence(func(i int) error {
		if i >= len(b.Statements) {
			return errDone
		}
		return in.guarded(b, b.Statements[i], out)
	})
}

// guarded runs a statement and does with an exception what the block does:
// traps it, goes on with the next statement, or ends.
func (in *Interpreter) guarded(b *Block, s Statement, out sink) error {
	return in.then(in.statement(s, out), func(err error) error {
		if t, ok := err.(*Thrown); ok {
			return in.guard(b, t, out)
		}
		return err
	})
}

func (in *Interpreter) guard(b *Block, t *Thrown, out sink) error {
	for _, trap := range b.Traps {
		if trap.Type != nil && !in.isExceptionOf(t.typeName, in.exceptionName(trap.Type)) {
			continue
		}
		return in.trapped(trap, t, out)
	}
	if in.trying > 0 {
		return t
	}
	preference := in.errorAction()
	if preference == "stop" {
		fatal := *t
		fatal.fatal = true
		return &fatal
	}
	if t.fatal && preference != "silentlycontinue" && preference != "ignore" {
		return t
	}
	in.recordError(t)
	return nil
}

// trapped runs the body of a trap, which has a scope of its own.
func (in *Interpreter) trapped(trap *Trap, t *Thrown, out sink) error {
	in.recordError(t)
	outer := in.scope
	in.scope = in.newScope(outer)
	err := in.withUnderscore(t.record, func() error { return in.statements(trap.Body, out) })
	in.scope = outer
	return in.then(err, func(err error) error {
		if f, ok := err.(*flow); ok && f.label == "" {
			switch f.kind {
			case flowContinue:
				return nil
			case flowBreak:
				fatal := *t
				fatal.fatal = true
				return &fatal
			}
		}
		return err
	})
}

// errorAction is $ErrorActionPreference in lower case.
func (in *Interpreter) errorAction() string {
	v, _ := in.lookupVariable("ErrorActionPreference")
	return errorActionOf(in, v)
}

func errorActionOf(in *Interpreter, v Value) string {
	if n, ok := smallInt(v); ok && n >= 0 && n < 5 {
		return []string{"silentlycontinue", "stop", "continue", "inquire", "ignore"}[n]
	}
	s, _ := in.text(v).(string)
	return foldCase(s)
}

// recordError puts an exception in front of $Error.
func (in *Interpreter) recordError(t *Thrown) {
	in.setCell(in.succeeded, false)
	v := in.global.find("Error")
	if v == nil {
		return
	}
	if l, ok := v.value.(*List); ok {
		in.touch(l)
		in.steps += len(l.Elements) / 8
		l.Elements = append([]Value{t.record}, l.Elements[:min(len(l.Elements), 255)]...)
	}
}

// perhaps is what $? is, and what stands in front of $Error, where a command
// may have failed without ending what runs. It is the same value each time, so
// that paths that differ in nothing else stay alike.
var perhaps = &Unknown{Expression: "$?", Origin: OriginCommand, Identity: "perhaps", Many: true}

// mayHaveFailed notes that a pipeline may have written an error.
func (in *Interpreter) mayHaveFailed() {
	if in.succeeded.v == true {
		in.setCell(in.succeeded, perhaps)
	}
	v := in.global.find("Error")
	if v == nil {
		return
	}
	if l, ok := v.value.(*List); ok && (len(l.Elements) == 0 || l.Elements[0] != perhaps) {
		in.touch(l)
		l.Elements = append([]Value{perhaps}, l.Elements[:min(len(l.Elements), 255)]...)
	}
}

// success is $?.
func (in *Interpreter) success() Value {
	if in.succeeded.v == perhaps {
		return in.unknown("$?", OriginCommand)
	}
	return in.succeeded.v
}

// statement runs one statement.
func (in *Interpreter) statement(s Statement, out sink) error {
	if err := in.spend(1); err != nil {
		return err
	}
	in.nesting++
	defer func() { in.nesting-- }()
	if in.nesting > maxNesting {
		return in.exceeded("nesting")
	}
	switch s := s.(type) {
	case *Pipeline:
		defer in.at(s.Span)()
		return in.pipeline(s, out)
	case *PipelineChain:
		return in.chain(s, out)
	case *Assignment:
		defer in.at(s.Span)()
		_, err := in.assignment(s)
		return err
	case *If:
		return in.ifStatement(s, 0, out)
	case *While:
		return in.loop(loop{label: s.Label, condition: s.Condition, body: s.Body}, out)
	case *DoLoop:
		return in.loop(loop{label: s.Label, condition: s.Condition, body: s.Body, first: true, until: s.Until}, out)
	case *For:
		if s.Init != nil {
			if err := in.settled(in.statement(s.Init, discard)); err != nil {
				return err
			}
		}
		return in.loop(loop{label: s.Label, condition: s.Condition, next: s.Next, body: s.Body}, out)
	case *ForEach:
		return in.forEach(s, out)
	case *Switch:
		return in.switchStatement(s, out)
	case *Try:
		return in.try(s, out)
	case *Data:
		return in.data(s, out)
	case *Function:
		in.defineFunction(s)
		return nil
	case *TypeDef:
		in.defineType(s)
		return nil
	case *Flow:
		return in.flowStatement(s, out)
	case *Block:
		return in.statements(s, out)
	}
	return nil // traps, using, and what is no statement
}

// at notes the pipeline that runs, until the function that it returns is called.
func (in *Interpreter) at(span Span) func() {
	f, before := in.frame, *in.frame
	f.statement, f.running = span, nil
	if f.home == in.frame.block {
		f.site = span
	}
	return func() { f.statement, f.running, f.site = before.statement, before.running, before.site }
}

func (in *Interpreter) defineFunction(s *Function) {
	body := s.Body
	in.define(s.Name, &Closure{Body: body, Tree: in.frame.tree, Block: in.frame.home, Name: plainName(s.Name), function: s})
}

// plainName is a function's name without scope.
func plainName(name string) string {
	for i := range name {
		if name[i] == ':' {
			switch foldCase(name[:i]) {
			case "global", "script", "local", "private":
				return name[i+1:]
			}
		}
	}
	return name
}

// conditionKey names an unknown condition so that equal ones have equal names.
func conditionKey(v Value) string { return "if|" + identityOf(v) }

// branchStatement is branch where nothing follows that needs a decision.
func (in *Interpreter) branchStatement(condition Value, then, otherwise func() error) error {
	return in.branchOn(in.truth(condition), conditionKey(condition), then, otherwise)
}

// branchOn is branchStatement for a condition that is judged already.
func (in *Interpreter) branchOn(t Tri, key string, then, otherwise func() error) error {
	switch t {
	case Yes:
		return then()
	case No:
		return otherwise()
	}
	return in.forkStatement(key, 2, func(k int) error {
		if k == 0 {
			return then()
		}
		return otherwise()
	})
}

// branch runs one of two ways by a condition's value.
func (in *Interpreter) branch(condition Value, then, otherwise func() (Value, error)) (Value, error) {
	switch in.truth(condition) {
	case Yes:
		return then()
	case No:
		return otherwise()
	}
	return in.fork(conditionKey(condition), 2, func(k int) (Value, error) {
		if k == 0 {
			return then()
		}
		return otherwise()
	})
}

func (in *Interpreter) ifStatement(s *If, i int, out sink) error {
	if i >= len(s.Clauses) {
		return in.statements(s.Else, out)
	}
	condition, _, err := in.valueOf(s.Clauses[i].Condition)
	if err != nil {
		return err
	}
	return in.branchStatement(condition,
		func() error { return in.statements(s.Clauses[i].Body, out) },
		func() error { return in.ifStatement(s, i+1, out) })
}

func (in *Interpreter) chain(s *PipelineChain, out sink) error {
	if s.Background {
		return in.background(s.Left, out)
	}
	return in.then(in.statement(s.Left, out), func(err error) error {
		if err != nil {
			return err
		}
		run := func() error { return in.statement(s.Right, out) }
		skip := func() error { return nil }
		if s.Op == KindOrOr {
			run, skip = skip, run
		}
		return in.branchStatement(in.success(), run, skip)
	})
}

func (in *Interpreter) flowStatement(s *Flow, out sink) error {
	switch s.Keyword {
	case KindBreak, KindContinue:
		f := &flow{kind: flowBreak}
		if s.Keyword == KindContinue {
			f.kind = flowContinue
		}
		if s.Label != nil {
			v, err := in.eval(s.Label)
			if err != nil {
				return err
			}
			if label, ok := in.text(v).(string); ok {
				f.label = foldCase(label)
			}
		}
		return f
	case KindReturn:
		if s.Value != nil {
			if f := in.frame; f.method != nil && f.closure == f.method {
				out = in.returned(f.results)
			}
			return in.then(in.output(s.Value, out), func(err error) error {
				if err != nil {
					return err
				}
				return &flow{kind: flowReturn}
			})
		}
		return &flow{kind: flowReturn}
	case KindExit:
		if s.Value != nil {
			v, _, err := in.valueOf(s.Value)
			if err != nil {
				return err
			}
			in.setGlobal("LASTEXITCODE", v)
		}
		return &flow{kind: flowExit}
	}
	return in.throwStatement(s)
}

// output runs a statement whose value is put out, assignments included.
func (in *Interpreter) output(s Statement, out sink) error {
	if a, ok := s.(*Assignment); ok {
		v, err := in.assignment(a)
		if err != nil {
			return err
		}
		return in.emit(v, out)
	}
	return in.statement(s, out)
}

func (in *Interpreter) throwStatement(s *Flow) error {
	if s.Value == nil {
		if v, _ := in.lookupVariable("_"); v != nil {
			if t := in.asThrown(v); t != nil {
				return t
			}
		}
		return in.throwing("System.Management.Automation.RuntimeException", "ScriptHalted", nil, true)
	}
	v, _, err := in.valueOf(s.Value)
	if err != nil {
		return err
	}
	if t := in.asThrown(v); t != nil {
		return t
	}
	t := in.throwing("System.Management.Automation.RuntimeException", in.text(v), v, true)
	if u, ok := v.(*Unknown); ok {
		t.typeName = u.Type // it may be an exception
	}
	return t
}

// asThrown returns the exception that throwing an exception or error record
// is, or nil.
func (in *Interpreter) asThrown(v Value) *Thrown {
	o, ok := v.(*Object)
	if !ok {
		return nil
	}
	if r, ok := o.Payload.(errorRecord); ok {
		t := &Thrown{typeName: "System.Management.Automation.RuntimeException", message: r.message, fatal: true, record: o}
		if e, _ := o.Get("Exception"); e != nil {
			if e, ok := e.(*Object); ok {
				t.typeName = e.Type
			}
		}
		return t
	}
	message, ok := o.Get("Message")
	if _, known := exceptionParents[foldCase(o.Type)]; ok && (known || in.isExceptionOf(o.Type, "") || len(o.Type) > 9 && foldCase(o.Type[len(o.Type)-9:]) == "exception") {
		return in.throwingException(o, message, nil, true)
	}
	return nil
}

// withUnderscore runs a stretch in which $_ is v.
func (in *Interpreter) withUnderscore(v Value, run func() error) error {
	return in.withVariable("_", v, run)
}

// withVariable runs a stretch in which a variable of the present scope is v.
func (in *Interpreter) withVariable(name string, v Value, run func() error) error {
	s := in.scope
	cell := in.declare(s, name)
	before := cell.variableState
	in.store(cell, v, in.sources)
	return in.then(run(), func(err error) error {
		cell := in.declare(s, name)
		in.touch(cell)
		cell.variableState = before
		return err
	})
}

// data is a data section: its value is put out, or assigned to its variable.
func (in *Interpreter) data(s *Data, out sink) error {
	if s.Variable == "" {
		return in.statements(s.Body, out)
	}
	c, into := in.collectorSink()
	if err := in.settled(in.statements(s.Body, into)); err != nil {
		return err
	}
	in.store(in.declare(in.scope, s.Variable), resultOf(c.values), in.sources)
	return nil
}
