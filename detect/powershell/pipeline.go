package powershell

// Pipelines: each command gets what the one before it puts out, item by item.

import (
	"errors"
	"slices"
	"strings"
)

// errStopPipeline is what a command returns that needs no more input.
var errStopPipeline = errors.New("no more input is needed")

// stage is a command in a pipeline.
type stage struct {
	in      *Interpreter
	scope   *scope
	frame   *frame
	begin   func() error
	process func(Value) error
	alone   func() error // without input
	end     func() error
	over    func() // when the pipeline is over
	piped   bool   // it has input
	before  Span   // what gives the input
	// The command, once it is prepared: what it is called and given.
	command *Command
	name    string
	args    []argument
	next    sink
	// variable is set to each item that is put out (-PipelineVariable); saved
	// collects them (-OutVariable).
	variable, saved string
	add             bool
	collected       *collector
	// ready is set when every stage of the pipeline has begun. Until then held
	// keeps what this one is given ([]Value).
	ready, held *cell
}

// enter runs a part of a stage in the scope and text of its pipeline.
func (s *stage) enter(run func() error) error {
	in := s.in
	scope, frame := in.scope, in.frame
	in.scope, in.frame = s.scope, s.frame
	defer func() { in.scope, in.frame = scope, frame }()
	return run()
}

func (s *stage) take(v Value) error {
	if s.ready != nil && !s.ready.v.(always) {
		held := s.held.v.([]Value)
		s.in.setCell(s.held, append(slices.Clip(held), v))
		return nil
	}
	return s.enter(func() error {
		return s.in.then(s.process(v), func(err error) error {
			if err == errStopPipeline {
				return &flow{kind: flowStop, stage: s}
			}
			return err
		})
	})
}

// put is the output of a stage.
func (s *stage) put(v Value) error {
	if err := s.in.spend(1); err != nil {
		return err
	}
	if s.variable != "" {
		item := v
		if u, ok := v.(*Unknown); ok && u.Many {
			return s.in.symbolicStatement(sourceOf(u), func() error { return s.put(s.in.element(u, "$"+s.variable)) })
		}
		s.in.store(s.in.declare(s.scope, s.variable), item, s.in.sources)
	}
	if s.collected != nil {
		if err := s.in.collect(s.collected, v); err != nil {
			return err
		}
	}
	return s.next(v)
}

// pipeline runs a pipeline and puts out what its last command does.
func (in *Interpreter) pipeline(p *Pipeline, out sink) error {
	if p.Background {
		return in.background(p, out)
	}
	if e := soleExpression(p); e != nil {
		return in.expressionStatement(e, out)
	}
	in.setCell(in.succeeded, true)
	var source *CommandExpression
	elements := p.Elements
	if e, ok := elements[0].(*CommandExpression); ok {
		source = e
		elements = elements[1:]
		if len(e.Redirections) > 0 {
			out = in.redirected(e.Redirections, out)
		}
	}
	if len(elements) == 0 {
		return in.putSource(source, out)
	}
	if key := in.asksWhetherGone(elements); key != "" {
		_, err := in.fork(key, 2, func(int) (Value, error) { return nil, in.pipeline(p, out) })
		return err
	}
	risks, hosted := in.risks, in.hosted
	stages, err := in.stages(elements, p.Pos(), source != nil, out)
	if err != nil {
		return err
	}
	err = in.runStages(stages, source != nil, func() error { return in.putSource(source, stages[0].take) })
	if in.risks == risks && in.hosted == hosted {
		return err
	}
	return in.then(err, func(err error) error {
		in.mayHaveFailed()
		return err
	})
}

// expressionStatement puts out the value of an expression.
func (in *Interpreter) expressionStatement(e Expression, out sink) error {
	v, nothing, err := in.evalValue(e)
	if err != nil {
		return err
	}
	in.setCell(in.succeeded, true)
	if nothing || v == nil && isCall(e) {
		return nil
	}
	return in.emit(v, out)
}

func isCall(e Expression) bool {
	m, ok := e.(*Member)
	return ok && m.Call
}

// putSource puts out the value of the expression that a pipeline begins with.
func (in *Interpreter) putSource(e *CommandExpression, out sink) error {
	if v, ok := e.Expression.(*Variable); ok && foldCase(v.Name) != "_" && foldCase(v.Name) != "psitem" {
		put := out
		out = func(v Value) error { return put(perhapsMany(v)) }
	}
	return in.expressionStatement(e.Expression, out)
}

// perhapsMany is a value of which nothing is known, not even whether it is one
// or a list: that of a parameter or of a variable that was set elsewhere. What
// commands put out is known to be many, and what they were run over one.
func perhapsMany(v Value) Value {
	u, ok := v.(*Unknown)
	if !ok || u.Many || u.Type != "" || u.HasDefault || u.Origin != OriginParameter && u.Origin != OriginVariable {
		return v
	}
	many := *u
	many.Many = true
	return &many
}

// given is the source of what gives a stage its input, as text in front of its
// command; empty where it has none or that is long.
func (s *stage) given() string {
	c := s.command
	if !s.piped || c.End()-int(s.before.From) > maxExpression {
		return ""
	}
	return strings.TrimRight(s.in.source(&Command{Span: s.before}), " ") + " "
}

// named is the source of the command with the variables it was given by value,
// where that is known: what it gives depends on them.
func (s *stage) named() string {
	in, c := s.in, s.command
	text, at := s.frame.tree.Text, c.From
	var b strings.Builder
	put := func(v *Variable, value string) {
		if value == "" || len(value) > 200 {
			return
		}
		if strings.ContainsAny(value, " \t\r\n'\"`$(){}[];,|&@#") {
			value = "'" + strings.ReplaceAll(value, "'", "''") + "'"
		}
		b.WriteString(text[at:v.From])
		b.WriteString(value)
		at = v.To
	}
	if len(c.Elements) > 0 {
		if v, ok := c.Elements[0].(*Variable); ok {
			put(v, s.name)
		}
	}
	for _, a := range s.args {
		if a.variable == nil {
			continue
		}
		value, _ := a.value.(string)
		if isNumber(a.value) {
			value, _ = in.text(a.value).(string)
		}
		put(a.variable, value)
	}
	if at == c.From {
		return in.source(c)
	}
	b.WriteString(text[at:c.To])
	return strings.Join(strings.Fields(in.fill(b.String())), " ")
}

// stages makes the stages of commands, of a pipeline that starts there.
func (in *Interpreter) stages(elements []PipelineElement, start int, piped bool, out sink) ([]*stage, error) {
	stages := make([]*stage, len(elements))
	for i := range elements {
		c, ok := elements[i].(*Command)
		if !ok {
			if e, ok := elements[i].(*CommandExpression); ok {
				// An expression behind a pipe is an error of the parser's.
				c = &Command{Span: e.place()}
			}
		}
		f := *in.frame
		f.running = c
		if f.home == in.frame.block {
			f.site = c.Span
		}
		s := &stage{in: in, scope: in.scope, frame: &f, piped: i > 0 || piped}
		if s.piped {
			s.before = Span{int32(start), c.From}
		}
		s.next = out
		if i+1 < len(elements) {
			s.next = func(v Value) error { return stages[i+1].take(v) }
		}
		if len(c.Redirections) > 0 {
			s.next = in.redirected(c.Redirections, s.next)
		}
		stages[i] = s
		if err := s.enter(func() error { return in.prepare(s, c) }); err != nil {
			return nil, err
		}
	}
	return stages, nil
}

// runStages runs stages: their beginnings, then what was put out by these, the
// input, their ends.
func (in *Interpreter) runStages(stages []*stage, piped bool, feed func() error) error {
	first := in.newCell(least(0)) // the first stage that is not stopped
	defer func() {
		first.over = true
		for _, s := range stages {
			if s.over != nil {
				s.over()
			}
		}
	}()
	if len(stages) > 1 {
		ready := in.newCell(always(false))
		for _, s := range stages {
			s.ready, s.held = ready, in.newCell([]Value(nil))
		}
	}
	n := len(stages)
	return in.sequence(func(i int) error {
		switch {
		case i < n:
			s := stages[i]
			if s.begin == nil {
				return nil
			}
			return in.stopped(first, stages, s.enter(s.begin))
		case i == n:
			return in.stopped(first, stages, in.releaseHeld(stages))
		case i == n+1:
			if !piped {
				s := stages[0]
				if s.alone == nil {
					return nil
				}
				return in.stopped(first, stages, s.enter(s.alone))
			}
			return in.stopped(first, stages, feed())
		case i < 2*n+2:
			k := i - n - 2
			s := stages[k]
			if k < int(first.v.(least)) || s.end == nil && s.saved == "" {
				return nil
			}
			var err error
			if s.end != nil {
				err = in.stopped(first, stages, s.enter(s.end))
			}
			return in.then(err, func(err error) error {
				if err == nil && s.saved != "" {
					in.saveOutput(s)
				}
				return err
			})
		}
		return errDone
	})
}

// releaseHeld gives stages what they were given before all had begun, the last
// one's first, so that it stays in order.
func (in *Interpreter) releaseHeld(stages []*stage) error {
	if len(stages) == 1 {
		return nil
	}
	in.setCell(stages[0].ready, always(true))
	if !slices.ContainsFunc(stages, func(s *stage) bool { return len(s.held.v.([]Value)) > 0 }) {
		return nil
	}
	return in.sequence(func(i int) error {
		if i == len(stages) {
			return errDone
		}
		s := stages[len(stages)-1-i]
		held := s.held.v.([]Value)
		in.setCell(s.held, []Value(nil))
		return in.feed(held, s.take)
	})
}

// stopped takes note where a stage needs no more input.
func (in *Interpreter) stopped(first *cell, stages []*stage, err error) error {
	return in.then(err, func(err error) error {
		f, ok := err.(*flow)
		if !ok || f.kind != flowStop {
			return err
		}
		for i, s := range stages {
			if s == f.stage {
				in.setCell(first, least(i))
				return nil
			}
		}
		return err
	})
}

// saveOutput sets the variable of -OutVariable.
func (in *Interpreter) saveOutput(s *stage) {
	items := append([]Value(nil), s.collected.values...)
	if s.add {
		if v := s.scope.find(s.saved); v != nil {
			items = append(append([]Value(nil), enumerate(v.value)...), items...)
		}
	}
	in.store(in.declare(s.scope, s.saved), newList(typeArrayList, items...), in.sources)
}

// redirected is where the output goes that > sends elsewhere.
func (in *Interpreter) redirected(list []*Redirection, out sink) sink {
	for _, r := range list {
		if r.File != nil && (r.From == 1 || r.From == 7) {
			return in.fileSink(r)
		}
	}
	return out
}

// fileSink writes to a file; what comes after cannot read it here, except
// where the file is a variable or function of a drive.
func (in *Interpreter) fileSink(r *Redirection) sink {
	v, err := in.eval(r.File)
	if err != nil {
		return discard
	}
	elsewhere := func(item Value) error {
		in.stores(v, item)
		return nil
	}
	name, ok := in.text(v).(string)
	if !ok {
		return elsewhere
	}
	drive, rest, ok := cutDrive(name)
	if !ok {
		return elsewhere
	}
	return func(v Value) error { return in.setDriveItem(drive, rest, v) }
}

// background is a pipeline that ends in &: a job, which is a process of its
// own.
func (in *Interpreter) background(s Statement, out sink) error {
	var inner Statement = s
	if p, ok := s.(*Pipeline); ok {
		plain := *p
		plain.Background = false
		inner = &plain
	}
	f := *in.frame
	f.child = true
	f.via = append(append([]string(nil), f.via...), "background job")
	outer := in.frame
	in.frame = &f
	err := in.isolated(func() error { return in.settled(in.statement(inner, discard)) })
	in.frame = outer
	if err != nil {
		return err
	}
	return out(in.unknown("job", OriginCommand))
}
