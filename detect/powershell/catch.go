package powershell

// try, and which block catches what is thrown in it.

import "slices"

// try runs its body to its end; what in it may have thrown makes the catch
// blocks further paths.
func (in *Interpreter) try(s *Try, out sink) error {
	risks, hosted := in.risks, in.hosted
	err := in.then(in.tryBody(s.Body, out), func(err error) error {
		return in.catches(s, err, in.risks > risks || in.hosted > hosted && in.callsHost(s.Catches), out)
	})
	if s.Finally == nil {
		return err
	}
	return in.then(err, func(err error) error {
		if isLimit(err) {
			return err
		}
		return in.then(in.statements(s.Finally, out), func(instead error) error {
			if instead != nil {
				return instead
			}
			return err
		})
	})
}

func (in *Interpreter) tryBody(b *Block, out sink) error {
	in.trying++
	defer func() { in.trying-- }()
	return in.statements(b, out)
}

// catches runs the catch block for how the body ended. Risky tells whether
// something in it may have thrown.
func (in *Interpreter) catches(s *Try, ended error, risky bool, out sink) error {
	if t, ok := ended.(*Thrown); ok {
		possible := in.catchesFor(s.Catches, t)
		caught := func(k int) error {
			if possible[k] == nil {
				return t
			}
			in.recordError(t)
			return in.catch(possible[k], t.record, out)
		}
		if len(possible) == 1 {
			return caught(0)
		}
		return in.forkStatement("", len(possible), caught)
	}
	if !risky || len(s.Catches) == 0 || isLimit(ended) {
		return ended
	}
	return in.forkStatement("", 1+len(s.Catches), func(k int) error {
		if k == 0 {
			return ended
		}
		return in.catch(s.Catches[k-1], in.unknownError(), out)
	})
}

// callsHost tells whether one of the blocks calls a command of the host: that
// the command of the same kind in the body was not there is reason enough then
// to see what the block does.
func (in *Interpreter) callsHost(catches []*Catch) bool {
	for _, c := range catches {
		calls, ok := in.rescues[c]
		if !ok {
			Walk(c.Body, func(n Node) bool {
				if c, ok := n.(*Command); ok && len(c.Elements) > 0 {
					name, ok := c.Elements[0].(*String)
					calls = calls || ok && in.host.Command(withoutModule(name.Value)) != nil
				}
				return !calls
			})
			in.rescues[c] = calls
		}
		if calls {
			return true
		}
	}
	return false
}

// catchesFor returns the blocks that may catch an exception, nil among them if
// it may go on: by the type of the exception, and where that finds none or one
// for all, by that of what the engine wraps around it.
func (in *Interpreter) catchesFor(catches []*Catch, t *Thrown) []*Catch {
	var possible []*Catch
	var all *Catch
	for _, name := range []string{t.typeName, t.wrapper()} {
		for _, c := range catches {
			is := in.isFor(c, name)
			switch {
			case is == No:
			case in.isForAll(c):
				if all == nil {
					all = c
				}
			case is == Yes:
				return append(possible, c)
			case !slices.Contains(possible, c):
				possible = append(possible, c)
			}
		}
	}
	return append(possible, all)
}

// wrapper is the type of the exception that the engine wraps around another.
func (t *Thrown) wrapper() string {
	if e, _ := t.record.Get("Exception"); e != nil {
		if e, ok := e.(*Object); ok && e.Type != t.typeName {
			return e.Type
		}
	}
	return "System.Management.Automation.RuntimeException"
}

func (in *Interpreter) isForAll(c *Catch) bool {
	return len(c.Types) == 0 || len(c.Types) == 1 && foldCase(in.exceptionName(c.Types[0])) == "system.exception"
}

// isFor tells whether a catch block is for exceptions of that type. It is not
// known of types whose bases are not.
func (in *Interpreter) isFor(c *Catch, typeName string) Tri {
	if len(c.Types) == 0 {
		return Yes
	}
	is := No
	for _, t := range c.Types {
		name := in.exceptionName(t)
		switch {
		case in.isExceptionOf(typeName, name):
			return Yes
		case in.class(typeName) == nil && in.class(name) == nil && mayBeException(typeName, name):
			is = Maybe
		}
	}
	return is
}

func (in *Interpreter) exceptionName(t *TypeName) string {
	name := t.Name
	if r := in.resolveType(t); r != nil {
		name = r.Name
	}
	if _, ok := exceptionParents["system."+foldCase(name)]; ok {
		return "System." + name
	}
	return name
}

// unknownError is the record of an exception of which nothing is known.
func (in *Interpreter) unknownError() *Object {
	u := in.unknown("$_", OriginCommand)
	t := in.throwing("System.Exception", u, nil, false)
	return t.record
}

func (in *Interpreter) catch(c *Catch, record Value, out sink) error {
	return in.withUnderscore(record, func() error { return in.statements(c.Body, out) })
}
