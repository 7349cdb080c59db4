package powershell

import (
	"slices"
	"strings"
)

// This file tells what variables, functions and aliases outlive, and what
// missing fragments may change.
//
// The rules are:
//   - A script file runs in a scope of its own, unless it is dot-sourced: what
//     it defined is gone for what is typed later, but for global functions and
//     aliases. That it was dot-sourced is known of profiles, and of files that a
//     command with a dot names where that runs in no such scope itself.
//   - The functions and aliases of a file that is a module, or imported as one,
//     stay.
//   - What a script file calls, and what it dot-sources, sees what it defined.
//     Where the command that ran the file is known, scopes tell all this: see
//     scriptfile.go.
//   - A block whose text is wrong was not run, if it stands there as it was. In
//     what is left of a text, an early end is no fault.
//   - What is missing of a block may have assigned any variable that the block
//     could assign.
//   - A command that ends in a script block, and the text with it, may give the
//     block arguments in what is missing.
//   - Of a loop whose body goes on in what is missing, the first round is known.
//   - Where one of these leaves a doubt, the value is not known. Of a function or
//     an alias that may be gone, both is seen: what the name means without it,
//     and what it does, which the calls say that are made through it. That it is
//     logged on its own behind the block that calls it tells that it was there.

// outliving is what of a session's blocks decides about what they define.
type outliving struct {
	blocks   []Logged
	dotted   map[string][]int // the blocks that dot-source files, by their names in lower case
	imported map[string]bool  // names of files that are imported as modules
	own      []bool           // by block: it may have run in a scope of its own
	broken   []bool           // by block: it cannot have run as it stands there
	cuts     []int            // the blocks of which something is missing
	files    map[string][]int // the blocks of files, by the names of these, lower case
	named    map[naming]bool
	typed    map[int]int    // the next typed blocks, by block
	texts    map[int]string // of blocks, in lower case
}

// naming asks whether a block names a file.
type naming struct {
	block int
	file  string // lower case, without its folder
}

func newOutliving(blocks []Logged) outliving {
	o := outliving{
		blocks: blocks, dotted: map[string][]int{}, imported: map[string]bool{}, own: make([]bool, len(blocks)), broken: make([]bool, len(blocks)),
		files: map[string][]int{}, named: map[naming]bool{}, typed: map[int]int{}, texts: map[int]string{},
	}
	for i, b := range blocks {
		if b.File != "" {
			leaf := leafKey(b.File)
			o.files[leaf] = append(o.files[leaf], i)
			o.own[i] = !strings.HasSuffix(leaf, "profile.ps1")
		}
		o.broken[i] = !b.Aside && b.Tree != nil && slices.ContainsFunc(b.Tree.Errors, func(e SyntaxError) bool { return !e.Incomplete || !b.Cut })
		if b.Cut && !b.Aside {
			o.cuts = append(o.cuts, i)
		}
	}
	for i := 0; len(o.files) > 0 && i < len(blocks); i++ {
		o.noteFiles(i)
	}
	for changed := len(o.files) > 0; changed; {
		changed = false
		for i, b := range blocks {
			if o.own[i] && slices.ContainsFunc(o.dotted[leafKey(b.File)], func(by int) bool { return !o.own[by] }) {
				o.own[i], changed = false, true
			}
		}
	}
	return o
}

// noteFiles notes which files a block dot-sources or imports.
func (o *outliving) noteFiles(block int) {
	t := o.blocks[block].Tree
	if t == nil || !strings.Contains(t.Text, ".") {
		return
	}
	name := func(n Node) string { return foldCase(strings.Trim(leafOf(t.Text[n.Pos():n.End()]), `"')`)) }
	Walk(t.Root, func(n Node) bool {
		c, ok := n.(*Command)
		if !ok || len(c.Elements) == 0 {
			return true
		}
		switch command := name(c.Elements[0]); {
		case c.Invocation == KindDot:
			o.dotted[command] = append(o.dotted[command], block)
		case command == "import-module" || command == "ipmo":
			for _, e := range c.Elements[1:] {
				o.imported[name(e)] = true
			}
		}
		return true
	})
}

// ownScope tells whether what a block defines may have been in a scope of its
// own.
func (o *outliving) ownScope(block int) bool { return o.own[block] }

// seen tells whether the text of one block surely sees what another one left in
// the scope of its file.
func (o *outliving) seen(block, home, depth int) bool {
	file := o.blocks[block].File
	return strings.EqualFold(file, o.blocks[home].File) || o.callsFile(block, home) ||
		depth > 0 && slices.ContainsFunc(o.dotted[leafKey(file)], func(by int) bool { return o.own[by] && o.seen(by, home, depth-1) })
}

// maxDotted is how many files one within another are dot-sourced.
const maxDotted = 4

// callsFile tells whether the text of a block names the file of another.
func (o *outliving) callsFile(caller, called int) bool {
	file := o.blocks[called].File
	return file != "" && o.names(caller, leafKey(file))
}

// names tells whether the text of a block holds the name of a file.
func (o *outliving) names(block int, file string) bool {
	key := naming{block, file}
	is, ok := o.named[key]
	if !ok {
		text, ok := o.texts[block]
		if !ok {
			text = foldCase(o.blocks[block].Tree.Text)
			o.texts[block] = text
		}
		is = strings.Contains(text, file)
		o.named[key] = is
	}
	return is
}

// nextTyped is the next block after one that was typed, or made by code: what
// the one ran before it.
func (o *outliving) nextTyped(block int) int {
	next, ok := o.typed[block]
	if !ok {
		for next = block + 1; next < len(o.blocks); next++ {
			if b := &o.blocks[next]; !b.Aside && b.File == "" && b.Tree != nil && invoked(b.Tree.Root) == nil {
				break
			}
		}
		o.typed[block] = next
	}
	return next
}

// leafKey is the name of a file without its folder, in lower case.
func leafKey(path string) string { return foldCase(leafOf(path)) }

// read returns the value of a variable and notes from which blocks it came.
func (in *Interpreter) read(v *variable) Value {
	in.reached(v)
	if !in.doubted(v) {
		return v.value
	}
	u := in.derived("$"+v.name, "doubted|"+foldCase(v.name)+"|"+decimalText(v.block))
	u.Origin = OriginVariable
	return u
}

// doubted tells whether a variable may have another value than the one that the
// code which is known gave it.
func (in *Interpreter) doubted(v *variable) bool {
	o := &in.outliving
	if v.block < 0 || v.block == in.frame.block {
		return false
	}
	return o.broken[v.block] || v.owner != in.environment && in.unseen(v.block) || in.cutSince(v.block, o.blocks[v.block].File)
}

// unseen tells whether what a block left in its scope may be gone for the text
// that runs.
func (in *Interpreter) unseen(block int) bool {
	home := in.frame.home
	if home < 0 {
		home = in.frame.block
	}
	return in.outliving.own[block] && !in.started[block] && !in.outliving.seen(block, home, maxDotted)
}

// leaver is the block that runs where what it defines may be gone behind it, as
// 1 + index; else 0. What it runs in turn leaves that to the same scope.
func (in *Interpreter) leaver(name string) int {
	o := &in.outliving
	if in.root < 0 || in.root >= len(o.blocks) {
		return 0
	}
	file := foldCase(o.blocks[in.root].File)
	switch {
	case o.broken[in.root]:
	case !o.own[in.root], strings.HasSuffix(file, ".psm1"), o.imported[leafOf(file)], strings.HasPrefix(foldCase(name), "global:"):
		return 0
	}
	return in.root + 1
}

// gone is what is asked of a name that a block defined which may be gone: a key
// for the two answers. It is empty where that is no question.
func (in *Interpreter) gone(name string, leaver int) string {
	block := leaver - 1
	if leaver == 0 || block == in.root || !in.outliving.broken[block] && !in.unseen(block) {
		return ""
	}
	return "left|" + decimalText(block) + "|" + foldCase(name)
}

// goneFunction is gone for a function.
func (in *Interpreter) goneFunction(f *Closure) string {
	if f.leaver == 0 || slices.Contains(in.logged().Began, Began{f.Tree, f.definedAt()}) {
		return ""
	}
	return in.gone(f.Name, f.leaver)
}

// functionThere is the function of a name, but for one that is said to be gone.
// Where that is not said, it is there unless the host has a command of its name.
func (in *Interpreter) functionThere(name string) *Closure {
	f := in.function(name)
	for ; f != nil; f = f.under {
		key := in.goneFunction(f)
		if key == "" {
			break
		}
		there, answered := in.answered(key)
		if there == 1 || !answered && in.host.Command(withoutModule(name)) == nil {
			break
		}
	}
	return f
}

// definedAt is where the definition of a function stands in its text.
func (c *Closure) definedAt() int {
	if c.function != nil {
		return c.function.Pos()
	}
	return c.Body.Pos()
}

// leftBehind says why it is in doubt that a name is what a block made it.
func (in *Interpreter) leftBehind(name string, leaver int) string {
	if in.outliving.broken[leaver-1] {
		return name + " is defined in a text that is no PowerShell that could run"
	}
	return name + " was defined when the script file " + leafOf(in.outliving.blocks[leaver-1].File) + " ran, and is gone when that ends unless it was dot-sourced"
}

// asksWhetherGone returns the question on which the commands of a pipeline
// depend and which is not answered yet; empty: there is none.
func (in *Interpreter) asksWhetherGone(elements []PipelineElement) string {
	for _, e := range elements {
		c, ok := e.(*Command)
		if !ok || len(c.Elements) == 0 {
			continue
		}
		s, ok := c.Elements[0].(*String)
		if !ok {
			continue
		}
		key := ""
		if a, ok := in.aliasNamed(s.Value); ok {
			key = in.gone(s.Value, a.leaver)
		} else if f := in.function(s.Value); f != nil {
			key = in.goneFunction(f)
		}
		if _, answered := in.answered(key); key != "" && !answered {
			return key
		}
	}
	return ""
}

// cutSince tells whether something is missing of a block since the one given
// that could assign what that one assigned.
func (in *Interpreter) cutSince(block int, file string) bool {
	for _, c := range in.outliving.cuts {
		if c >= block && c < in.frame.block && (!in.outliving.ownScope(c) || strings.EqualFold(file, in.outliving.blocks[c].File)) {
			return true
		}
	}
	return false
}

// goesOn tells whether the command that is given a script block goes on in what
// is missing of the text: with arguments for the block, maybe.
func (in *Interpreter) goesOn(c *Closure) bool {
	if c.Block != in.frame.block || c.Name != "" || c.Body == nil {
		return false
	}
	b := in.logged()
	if !b.Cut || c.Tree != b.Tree || c.Body == b.Tree.Root {
		return false
	}
	return in.unclosed(c.Tree, c.Body.Span) || c.Body.End() >= len(strings.TrimRight(b.Tree.Text, " \t"))
}

// unclosed tells whether a body goes on in what is missing of the text. Where it
// is that of a loop, nothing is known of what the loop does next.
func (in *Interpreter) unclosed(t *Tree, body Span) bool {
	if b := in.logged(); !b.Cut || t != b.Tree {
		return false
	}
	return slices.ContainsFunc(t.Errors, func(e SyntaxError) bool { return e.Incomplete && e.From == body.From })
}

// logged is the block that runs.
func (in *Interpreter) logged() Logged {
	if in.frame.block < 0 || in.frame.block >= len(in.outliving.blocks) {
		return Logged{}
	}
	return in.outliving.blocks[in.frame.block]
}
