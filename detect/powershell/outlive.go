package powershell

import (
	"slices"
	"strings"
)

// This file tells what variables outlive, and what missing fragments may change.
//
// The rules are:
//   - A script file runs in a scope of its own, unless it is dot-sourced: what
//     it assigned is gone for what is typed later. That it was dot-sourced is
//     known of profiles, and of files that a command with a dot names.
//   - What a script file calls sees its variables. Where the command that ran the
//     file is known, scopes tell all this: see scriptfile.go.
//   - What is missing of a block may have assigned any variable that the block
//     could assign.
//   - A command that ends in a script block, and the text with it, may give the
//     block arguments in what is missing.
//   - Of a loop whose body goes on in what is missing, the first round is known.
//   - Where one of these leaves a doubt, the value is not known.

// outliving is what of a session's blocks decides about variables.
type outliving struct {
	blocks []Logged
	dotted map[string]bool  // names of files that are dot-sourced, lower case
	cuts   []int            // the blocks of which something is missing
	files  map[string][]int // the blocks of files, by the names of these, lower case
	named  map[naming]bool
	nexts  map[naming]int
	texts  map[int]string // of blocks, in lower case
}

// naming asks whether a block names a file.
type naming struct {
	block int
	file  string // lower case, without its folder
}

func newOutliving(blocks []Logged) outliving {
	o := outliving{blocks: blocks, dotted: map[string]bool{}, files: map[string][]int{}, named: map[naming]bool{}, nexts: map[naming]int{}, texts: map[int]string{}}
	for i, b := range blocks {
		if b.File != "" {
			leaf := leafKey(b.File)
			o.files[leaf] = append(o.files[leaf], i)
		}
		if b.Cut && !b.Aside {
			o.cuts = append(o.cuts, i)
		}
	}
	for i := 0; len(o.files) > 0 && i < len(blocks); i++ {
		if blocks[i].Tree == nil || !strings.Contains(blocks[i].Tree.Text, ".") {
			continue
		}
		Walk(blocks[i].Tree.Root, func(n Node) bool {
			if c, ok := n.(*Command); ok && c.Invocation == KindDot && len(c.Elements) > 0 {
				name := blocks[i].Tree.Text[c.Elements[0].Pos():c.Elements[0].End()]
				o.dotted[foldCase(strings.Trim(leafOf(name), `"')`))] = true
			}
			return true
		})
	}
	return o
}

// ownScope tells whether the variables of a block may have been in a scope of
// its own.
func (o *outliving) ownScope(block int) bool {
	file := o.blocks[block].File
	if file == "" {
		return false
	}
	leaf := leafKey(file)
	return !o.dotted[leaf] && !strings.HasSuffix(leaf, "profile.ps1")
}

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

// nextNaming is the next block after one that names a file and is not of it.
func (o *outliving) nextNaming(block int, file string) int {
	key := naming{block, file}
	next, ok := o.nexts[key]
	if !ok {
		for next = block + 1; next < len(o.blocks); next++ {
			if b := &o.blocks[next]; !b.Aside && leafKey(b.File) != file && o.names(next, file) {
				break
			}
		}
		o.nexts[key] = next
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
	home := in.frame.home
	if home < 0 {
		home = in.frame.block
	}
	file := o.blocks[v.block].File
	if v.owner != in.environment && o.ownScope(v.block) && !in.started[v.block] && !strings.EqualFold(file, o.blocks[home].File) && !o.callsFile(v.block, home) {
		return true
	}
	return in.cutSince(v.block, file)
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
