package powershell

// Pipelines of a script block that are run step by step, as a proxy runs the
// command that it stands for.

const typeSteppable = "System.Management.Automation.SteppablePipeline"

// steppable is the payload of a SteppablePipeline: the commands, and the scope
// and frame in which they were asked for. They are prepared by Begin, or with
// the first item where only that tells whether there is input.
type steppable struct {
	pipeline *Pipeline
	scope    *scope
	frame    *frame
	input    Tri // what Begin said
	piped    bool
	stages   []*stage // nil: not begun
	out      *collector
}

func (p *steppable) copied() any { c := *p; return &c }
func (p *steppable) equals(other any) bool {
	o, ok := other.(*steppable)
	return ok && o.pipeline == p.pipeline && o.input == p.input && len(o.stages) == len(p.stages) &&
		(len(p.stages) == 0 || o.stages[0] == p.stages[0])
}

// newSteppable is GetSteppablePipeline of a block; nil if it is no pipeline of
// commands, which the engine refuses.
func (in *Interpreter) newSteppable(c *Closure) Value {
	b := c.Body.EndBlock
	if b == nil || len(b.Statements) != 1 {
		return nil
	}
	p, ok := b.Statements[0].(*Pipeline)
	if !ok {
		return nil
	}
	for _, e := range p.Elements {
		if _, ok := e.(*Command); !ok {
			return nil
		}
	}
	f := *in.frame
	f.tree, f.home, f.closure, f.holes = c.Tree, c.Block, c, in.holes[c.Tree]
	s := in.scope
	if c.Bound != nil {
		s = c.Bound
	}
	return newPayload(typeSteppable, &steppable{pipeline: p, scope: s, frame: &f, input: Maybe})
}

// invokeSteppable calls a method of such a pipeline.
func (in *Interpreter) invokeSteppable(o *Object, key string, args []Value) (Value, bool, error) {
	in.touch(o)
	p := o.Payload.(*steppable)
	switch key {
	case "begin":
		if len(args) > 0 {
			p.input = expectsInput(args[0])
		}
		if p.input == Maybe {
			return nil, true, nil
		}
		return nil, true, in.beginSteps(p, p.input == Yes)
	case "process":
		given := len(args) > 0 && args[0] != nil
		if err := in.beginSteps(p, p.input == Yes || p.input == Maybe && given); err != nil {
			return nil, true, err
		}
		v, err := in.step(p, func(first *stage) error {
			switch {
			case !p.piped && first.alone != nil:
				return first.enter(first.alone)
			case !p.piped || len(args) == 0:
				return nil
			}
			return in.emit(args[0], first.take)
		})
		return v, true, err
	case "end":
		if err := in.beginSteps(p, p.input == Yes); err != nil {
			return nil, true, err
		}
		v, err := in.step(p, func(*stage) error {
			return in.eachStage(p.stages, func(s *stage) func() error { return s.end })
		})
		return v, true, err
	case "dispose", "clean":
		return nil, true, nil
	}
	return nil, false, nil
}

// expectsInput tells whether there is input by what Begin is given: that, or the
// cmdlet which hands on what it gets.
func expectsInput(v Value) Tri {
	if o, ok := v.(*Object); ok && o.Type == typeScriptCmdlet {
		v, _ = o.Get("MyInvocation")
		if o, ok = v.(*Object); ok {
			v, _ = o.Get("ExpectingInput")
		}
	}
	switch v {
	case true:
		return Yes
	case false:
		return No
	}
	return Maybe
}

// beginSteps prepares the commands and runs their beginnings.
func (in *Interpreter) beginSteps(p *steppable, piped bool) error {
	if p.stages != nil {
		return nil
	}
	scope, frame := in.scope, in.frame
	in.scope, in.frame = p.scope, p.frame
	defer func() { in.scope, in.frame = scope, frame }()
	c, out := in.collectorSink()
	stages, err := in.stages(p.pipeline.Elements, p.pipeline.Pos(), piped, out)
	if err != nil {
		return err
	}
	p.stages, p.piped, p.out = stages, piped, c
	_, err = in.step(p, func(*stage) error {
		return in.eachStage(stages, func(s *stage) func() error { return s.begin })
	})
	return err
}

// eachStage runs a part of each command, where it has one.
func (in *Interpreter) eachStage(stages []*stage, part func(*stage) func() error) error {
	return in.sequence(func(i int) error {
		if i == len(stages) {
			return errDone
		}
		if run := part(stages[i]); run != nil {
			return stages[i].enter(run)
		}
		return nil
	})
}

// step runs a part of the pipeline and returns what it put out.
func (in *Interpreter) step(p *steppable, run func(first *stage) error) (Value, error) {
	before := len(p.out.values)
	err := in.settled(in.stopped(in.newCell(least(0)), p.stages, run(p.stages[0])))
	return resultOf(p.out.values[min(before, len(p.out.values)):]), err
}
