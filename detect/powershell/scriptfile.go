package powershell

import "strings"

// This file finds the script files that commands run among the logged blocks.
//
// The rules are:
//   - The block of a file that follows a block with a command which names it was
//     started by that command, unless something typed stands between them: then
//     the command was over. It runs with what the command gives it, as the block
//     that it is.
//   - Else the command ran the text that the file had the last time: PowerShell
//     logs the text of a file once in a process. What that calls, the block with
//     the command calls. Where the command tells the end of the path only, it may
//     be another file's, and the calls are conditional.
//   - A block that is not whole, or is no PowerShell, tells nothing.

// scriptRun is a script file that a command runs.
type scriptRun struct {
	block   int
	started bool // the block was logged because the command ran it
	sure    bool // it is that file, and not one of the same name
}

// scriptRun finds the script file that a command's name stands for.
func (in *Interpreter) scriptRun(t target) (run scriptRun, ok bool) {
	f, o := in.frame, &in.outliving
	name, full := scriptName(t)
	leaf := leafKey(name)
	files := o.files[leaf]
	if len(files) == 0 || f.block < 0 || f.child || f.remote || f.later || in.logged().Aside {
		return run, false
	}
	in.steps += len(files) / 16
	for _, k := range files {
		b := &o.blocks[k]
		switch {
		case k == f.block || !isScriptNamed(b.File, name, full) || !b.isFile():
		case k < f.block:
			run, ok = scriptRun{k, false, full}, true
		case k > o.nextTyped(f.block):
			return run, ok
		default:
			run, ok = scriptRun{k, true, true}, true
			if !in.started[k] || in.doubts+in.replays > 0 {
				return run, true // else it is logged once more for another run
			}
		}
	}
	return run, ok
}

// isFile reports whether a block may be a whole script file: one that consists of
// a function is logged like the function.
func (b *Logged) isFile() bool {
	if b.Aside || b.Cut || b.Tree == nil || len(b.Tree.Errors) > 0 {
		return false
	}
	only := invoked(b.Tree.Root)
	return b.Script || only != nil && only.function != nil
}

// scriptName is the path of a script file in lower case, and whether that is the
// whole of it; else its end, in front of which a separator stands. It is empty
// where a name is no such path.
func scriptName(t target) (name string, full bool) {
	name = t.written
	if u, ok := t.unknown.(*Text); ok {
		tail := strings.ReplaceAll(afterHoles(u), "/", `\`)
		_, name, _ = strings.Cut(tail, `\`)
	} else if t.unknown != nil || !isPath(name) {
		return "", false
	}
	name = foldCase(strings.ReplaceAll(name, "/", `\`))
	full = t.unknown == nil && (strings.HasPrefix(name, `\\`) || len(name) > 2 && name[1:3] == `:\`)
	if !full {
		if i := strings.LastIndex(name, `..\`); i >= 0 {
			name = name[i+3:]
		}
		name = strings.TrimPrefix(strings.TrimPrefix(name, `.`), `\`)
	}
	switch extensionOf(name) {
	case ".ps1":
	case "":
		if name != "" {
			name += ".ps1"
		}
	default:
		return "", false
	}
	return name, full
}

// isScriptNamed reports whether a file has that name, see scriptName.
func isScriptNamed(file, name string, full bool) bool {
	file = foldCase(strings.ReplaceAll(file, "/", `\`))
	return file == name || !full && strings.HasSuffix(file, `\`+name)
}

// prepareScript makes a stage of a script file.
func (in *Interpreter) prepareScript(s *stage, c *Command, t target, run scriptRun, args []argument) error {
	b := &in.outliving.blocks[run.block]
	body := &Closure{Body: b.Tree.Root, Tree: b.Tree, Block: run.block}
	if run.started {
		sig := in.signatureOf(body)
		if in.bind(binder{params: sig.all, simple: !sig.advanced, open: body.Body.Dynamic != nil, sig: sig}, args).faults != nil {
			return in.prepareUnknown(s, c, t, args) // it did run, so this is not what it was given
		}
		for i := range args {
			args[i].from = union(args[i].from, []int{in.frame.block})
		}
	}
	return in.prepareClosure(s, c, target{closure: body, script: &run}, args)
}

// enter makes the frame and the scope of a call those of the script file.
func (run *scriptRun) enter(a *activation, f *frame) {
	if !a.options.dot {
		a.scope.script = a.scope
	}
	if !run.started {
		f.via = append(f.via[:len(f.via):len(f.via)], "script "+leafOf(a.in.outliving.blocks[run.block].File))
		return
	}
	a.in.started[run.block] = true
	f.block, f.via, f.site = run.block, nil, a.closure.Body.Span
}

// exited takes exit, which ends a script file and no more.
func (a *activation) exited(err error) error {
	if a.options.file == nil {
		return err
	}
	return a.in.then(err, func(err error) error {
		if f, ok := err.(*flow); ok && f.kind == flowExit {
			return nil
		}
		return err
	})
}

// file is the script file that the text which runs stands in; empty where it is
// no file's.
func (in *Interpreter) file() string {
	if home := in.frame.home; home >= 0 && home < len(in.outliving.blocks) {
		return in.outliving.blocks[home].File
	}
	return ""
}

// scriptVariable is $PSScriptRoot or $PSCommandPath, unless something else set
// it.
func (in *Interpreter) scriptVariable(name string) (Value, bool) {
	file := in.file()
	if cell := in.scope.find(name); file == "" || cell == nil || cell.block >= 0 {
		return nil, false
	}
	if name == "psscriptroot" {
		folder, _ := directoryOf(file)
		return folder, folder != ""
	}
	return file, true
}

// scriptInvocation is $MyInvocation of a script file, nil where none runs.
func (in *Interpreter) scriptInvocation() *Object {
	file := in.file()
	if file == "" || in.frame.closure.Body != in.outliving.blocks[in.frame.home].Tree.Root {
		return nil
	}
	command := newObject("System.Management.Automation.ExternalScriptInfo")
	command.Set("Name", leafOf(file))
	for _, name := range []string{"Path", "Source", "Definition"} {
		command.Set(name, file)
	}
	o := newObject("System.Management.Automation.InvocationInfo")
	o.Set("MyCommand", command)
	return o
}
