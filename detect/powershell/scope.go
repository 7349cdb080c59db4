package powershell

import (
	"maps"
	"slices"
	"strings"
)

// scope is a table of variables, functions and aliases; its parent is the
// scope that called.
type scope struct {
	stamp
	parent    *scope
	script    *scope               // what $script: means here
	variables map[string]*variable // by lower-case name
	functions map[string]*Closure
	aliases   map[string]alias
	over      bool // the call is over: nothing refers to it
	kept      bool // a [ref] may outlive the call
}

// alias is another name of a command; removed hides a built-in one. One of an
// import is that of a command of the host, whatever hides it.
type alias struct {
	target   string
	removed  bool
	imported bool
	leaver   int // as of a Closure
}

// variable is a cell of a scope.
type variable struct {
	stamp
	name  string // as first written
	owner *scope
	variableState

	// The digest of a value that does not change, and the value.
	digest   checksum
	digested Value
}

type variableState struct {
	value    Value
	blocks   []int        // earlier blocks that the value came from, ascending
	block    int          // that assigned it
	typ      *TypeRef     // a type constraint; nil: none
	checks   []*Attribute // that a value has to pass
	readOnly bool
	constant bool // readOnly whatever -Force says
	allScope bool // inner scopes have it too
	private  bool
	// nothing is set if the value is the output of a command that had none,
	// which is no item in a pipeline where $null is one.
	nothing bool
}

func (v *variable) save() any     { return v.variableState }
func (v *variable) restore(s any) { v.variableState = s.(variableState) }
func (v *variable) equalContents(saved any) bool {
	s := saved.(variableState)
	return sameResult(v.value, s.value) && v.readOnly == s.readOnly && v.nothing == s.nothing &&
		v.private == s.private
}

type scopeState struct {
	variables map[string]*variable
	functions map[string]*Closure
	aliases   map[string]alias
}

func (s *scope) save() any {
	return scopeState{maps.Clone(s.variables), maps.Clone(s.functions), maps.Clone(s.aliases)}
}

func (s *scope) restore(saved any) {
	t := saved.(scopeState)
	s.variables, s.functions, s.aliases = maps.Clone(t.variables), maps.Clone(t.functions), maps.Clone(t.aliases)
}

func (s *scope) equalContents(saved any) bool {
	t := saved.(scopeState)
	return maps.EqualFunc(s.functions, t.functions, sameClosure) && maps.Equal(s.aliases, t.aliases) &&
		maps.EqualFunc(s.variables, t.variables, func(a, b *variable) bool { return a.equalContents(b.save()) })
}

func sameClosure(a, b *Closure) bool {
	return a == b || a != nil && b != nil && a.Body == b.Body && a.Bound == b.Bound && a.Block == b.Block
}

// nameBefore is a name of a scope before a variable of that name is added.
type nameBefore struct {
	scope *scope
	name  string
}

func (n nameBefore) revert() { delete(n.scope.variables, n.name) }

func (in *Interpreter) newScope(parent *scope) *scope {
	s := &scope{stamp: in.born(), parent: parent, variables: map[string]*variable{}}
	if parent != nil {
		s.script = parent.script
	}
	return s
}

// find returns the variable of that name that s sees, or nil.
func (s *scope) find(name string) *variable {
	key := foldCase(name)
	for at := s; at != nil; at = at.parent {
		if v, ok := at.variables[key]; ok && (!v.private || at == s) {
			return v
		}
	}
	return nil
}

// declare makes a variable in s, or returns the one that is there.
func (in *Interpreter) declare(s *scope, name string) *variable {
	key := foldCase(name)
	if v, ok := s.variables[key]; ok {
		return v
	}
	in.trail.note(s, nameBefore{s, key})
	v := &variable{stamp: in.born(), name: name, owner: s}
	in.trail.entries = append(in.trail.entries, trailEntry{object: v, before: unchanged{}, last: v.epoch, made: true})
	s.variables[key] = v
	return v
}

// scopeNamed returns the scope that a qualifier names, as seen from here; nil
// for none (find it where it is, make it here).
func (in *Interpreter) scopeNamed(qualifier string) *scope {
	switch qualifier {
	case "global":
		return in.global
	case "script":
		return in.scope.script
	case "local", "private":
		return in.scope
	}
	return nil
}

// scopeAt returns the n-th parent of the present scope; 0 is the present one.
func (in *Interpreter) scopeAt(n int) *scope {
	s := in.scope
	for ; n > 0 && s.parent != nil; n-- {
		s = s.parent
	}
	return s
}

// store gives v a value and says where the value came from.
func (in *Interpreter) store(v *variable, value Value, from []int) {
	if m, ok := value.(mutable); ok && *m.lastSaved() == 0 {
		*m.lastSaved() = in.trail.epoch
	}
	in.touch(v)
	v.value, v.blocks, v.block, v.nothing = value, from, in.frame.block, false
}

// reached notes that a value came from the block that assigned v.
func (in *Interpreter) reached(v *variable) {
	if len(v.blocks) > 0 {
		in.sources = union(in.sources, v.blocks)
	}
	if v.block != in.frame.block && v.block >= 0 {
		in.sources = union(in.sources, []int{v.block})
	}
}

// union merges ascending lists of blocks.
func union(a, b []int) []int {
	if len(b) == 0 {
		return a
	}
	if len(a) == 0 {
		return b
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// function returns the function of that name that the present scope sees, and
// whether the name is hidden from the host by it.
func (in *Interpreter) function(name string) *Closure {
	name, at := in.splitScope(name)
	for s := at; s != nil; s = s.parent {
		if f, ok := s.functions[name]; ok {
			return f // nil: removed here
		}
		if at != in.scope {
			break
		}
	}
	return nil
}

// splitScope takes the scope from a name such as global:f; without one it is the
// present scope.
func (in *Interpreter) splitScope(name string) (string, *scope) {
	if q, rest, ok := strings.Cut(name, ":"); ok {
		if s := in.scopeNamed(foldCase(q)); s != nil {
			return foldCase(rest), s
		}
	}
	return foldCase(name), in.scope
}

// define makes a function; a nil one removes it.
func (in *Interpreter) define(name string, f *Closure) {
	key, s := in.splitScope(name)
	in.touch(s)
	if s.functions == nil {
		s.functions = map[string]*Closure{}
	}
	if f == nil {
		delete(s.functions, key)
		return
	}
	if leaver := in.leaver(name); leaver > 0 && s == in.global {
		left := *f
		left.leaver, left.under = leaver, s.functions[key]
		if u := left.under; u != nil && u.leaver == leaver {
			left.under = u.under
		}
		f = &left
	}
	s.functions[key] = f
}

// undefine removes a function wherever the present scope sees it.
func (in *Interpreter) undefine(name string) {
	key, at := in.splitScope(name)
	for s := at; s != nil; s = s.parent {
		if _, ok := s.functions[key]; ok {
			in.touch(s)
			delete(s.functions, key)
			return
		}
	}
}

// aliasTarget returns what an alias stands for.
func (in *Interpreter) aliasTarget(name string) (string, bool) {
	a, ok := in.aliasNamed(name)
	return a.target, ok
}

// aliasNamed returns the alias of a name.
func (in *Interpreter) aliasNamed(name string) (alias, bool) {
	key := foldCase(name)
	for s := in.scope; s != nil; s = s.parent {
		if a, ok := s.aliases[key]; ok {
			return a, !a.removed
		}
	}
	target, ok := in.commands.aliases[key]
	return alias{target: target}, ok
}

func (in *Interpreter) setAlias(s *scope, name string, a alias) {
	in.touch(s)
	if s.aliases == nil {
		s.aliases = map[string]alias{}
	}
	s.aliases[foldCase(name)] = a
}

// functionNames lists the functions that are seen, each once, in a fixed
// order.
func (in *Interpreter) functionNames() []string {
	seen := map[string]bool{}
	var names []string
	for s := in.scope; s != nil; s = s.parent {
		for _, key := range slices.Sorted(maps.Keys(s.functions)) {
			if !seen[key] && s.functions[key] != nil {
				names = append(names, s.functions[key].Name)
			}
			seen[key] = true
		}
	}
	return names
}

// aliasNames lists the aliases that the script made and that are seen.
func (in *Interpreter) aliasNames() []string {
	seen := map[string]bool{}
	for s := in.scope; s != nil; s = s.parent {
		for key, a := range s.aliases {
			if !a.removed {
				seen[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// variableNames lists the variables that are seen, each once, in a fixed
// order, by lower-case name.
func (in *Interpreter) variableNames() []string {
	seen := map[string]bool{}
	for s := in.scope; s != nil; s = s.parent {
		for key, v := range s.variables {
			if !v.private || s == in.scope {
				seen[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
