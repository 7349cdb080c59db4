package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pstrail/evtxscan"
	"pstrail/report"
)

// This file says where reports go.
//
// The rules are:
//   - Without --output the report goes to standard output. With --output
//     nothing goes there.
//   - An output is never an event log, by content or by name, never a file
//     that was named as evidence, and never in a folder that directly holds
//     event logs. --force does not change that.
//   - An output that exists is refused without --force. One that exists and
//     lies below the evidence is no evidence.
//   - All of that is decided before evidence is read. Then the reports are
//     written beside their targets, and put in place once all are complete and
//     on the disk: a failed run leaves no report, nor half of one.

// output is a file that a report is written to.
type output struct {
	path   string // as typed
	format report.Format
	folder string      // where it lies, links resolved
	target string      // folder and name
	info   fs.FileInfo // of the file that it replaces, or nil
	temp   *os.File    // beside the target, once it is open
	force  bool
}

// outputs are where a run's reports go.
type outputs struct {
	files    []*output
	stdout   report.Format
	evidence []fs.FileInfo // what the arguments name
	own      []fs.FileInfo // files that the run writes to
}

// planOutputs decides where the reports go and checks that they may. It reads
// at most the first bytes of files that would be replaced.
func planOutputs(o *options, stdout io.Writer) (*outputs, error) {
	out := &outputs{}
	for _, path := range o.evidence {
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			out.evidence = append(out.evidence, info)
		}
	}
	if len(o.outputs) == 0 {
		return out, out.planStdout(o.format, stdout)
	}
	for _, path := range o.outputs {
		format, err := formatOf(path, o)
		if err != nil {
			return nil, err
		}
		f := &output{path: path, format: format, force: o.force}
		if err := f.locate(); err != nil {
			return nil, err
		}
		if f.info != nil && out.isEvidence(f.info) {
			return nil, &refusedError{path, "is evidence", "an output never replaces evidence"}
		}
		if i := slices.IndexFunc(out.files, f.same); i >= 0 {
			return nil, &refusedError{path, "is the same file as " + out.files[i].path, "name each --output once"}
		}
		out.files = append(out.files, f)
		if f.info != nil {
			out.own = append(out.own, f.info)
		}
	}
	return out, nil
}

// planStdout heeds a shell's redirection into a file.
func (out *outputs) planStdout(format string, stdout io.Writer) error {
	if format == "" {
		out.stdout = report.Formats()[0]
	} else {
		f, err := namedFormat(format)
		if err != nil {
			return err
		}
		out.stdout = f
	}
	file, ok := stdout.(*os.File)
	if !ok {
		return nil
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	if out.isEvidence(info) {
		return &refusedError{"standard output", "is a file that was named as evidence", "redirect it elsewhere"}
	}
	out.own = append(out.own, info)
	return nil
}

// locate finds out where the output would be, and what is there.
func (f *output) locate() error {
	refuse := func(problem, fix string) error { return &refusedError{f.path, problem, fix} }
	if last := f.path[len(f.path)-1]; os.IsPathSeparator(last) {
		return refuse("names a folder", "name a file in it")
	}
	if evtxscan.HasLogName(f.path) {
		return refuse("has the name of an event log", "an output never looks like evidence; choose another ending")
	}
	target := f.path
	info, err := os.Stat(f.path)
	switch {
	case err == nil && info.IsDir():
		return refuse("is a folder", "name a file in it")
	case err == nil && !info.Mode().IsRegular():
		return refuse("is not a regular file", "without --output the report goes to standard output")
	case err == nil:
		f.info = info
		if isLog, err := evtxscan.IsLog(f.path); err != nil {
			return refuse("cannot be opened: "+cause(err), "")
		} else if isLog {
			return refuse("is an event log", "an output never replaces evidence")
		}
		if !f.force {
			return refuse("exists", "--force replaces it")
		}
		if target, err = filepath.EvalSymlinks(f.path); err != nil {
			return refuse("cannot be found: "+cause(err), "")
		}
		if evtxscan.HasLogName(target) {
			return refuse("leads to a file with the name of an event log", "an output never replaces evidence")
		}
	case !errors.Is(err, fs.ErrNotExist):
		return refuse("cannot be created: "+cause(err), "")
	default:
		if _, err := os.Lstat(f.path); err == nil {
			return refuse("is a symbolic link to nothing", "remove it, or name another file")
		}
	}
	folder := filepath.Dir(target)
	if f.folder, err = filepath.EvalSymlinks(folder); err != nil {
		return refuse(fmt.Sprintf("its folder %s cannot be used: %s", folder, cause(err)), "pstrail makes no folders; make it first")
	}
	f.target = filepath.Join(f.folder, filepath.Base(target))
	return nil
}

// same reports whether f and g are one file. Names that differ in case only
// are taken for one: on many systems they are.
func (f *output) same(g *output) bool {
	if f.info != nil && g.info != nil {
		return os.SameFile(f.info, g.info)
	}
	return strings.EqualFold(filepath.Base(f.target), filepath.Base(g.target)) && sameFolder(f.folder, g.folder)
}

func (out *outputs) isEvidence(info fs.FileInfo) bool {
	return slices.ContainsFunc(out.evidence, func(e fs.FileInfo) bool { return os.SameFile(e, info) })
}

// exclude keeps what the run writes to out of the walk.
func (out *outputs) exclude(_ string, info fs.FileInfo) bool {
	return slices.ContainsFunc(out.own, func(own fs.FileInfo) bool { return os.SameFile(own, info) })
}

// keepFrom refuses outputs beside event logs, among them the files that the
// walk has found.
func (out *outputs) keepFrom(found []string) error {
	if len(out.files) == 0 {
		return nil
	}
	folders := map[string]bool{} // of logs that their names do not tell
	for _, path := range found {
		resolved, err := filepath.EvalSymlinks(path)
		if err != nil || evtxscan.HasLogName(resolved) {
			continue
		}
		if isLog, err := evtxscan.IsLog(resolved); err == nil && isLog {
			folders[filepath.Dir(resolved)] = true
		}
	}
	for _, f := range out.files {
		beside, err := holdsNamedLogs(f.folder)
		if err != nil {
			return &refusedError{f.path, "its folder cannot be read: " + cause(err), "choose another folder"}
		}
		for folder := range folders {
			beside = beside || sameFolder(f.folder, folder)
		}
		if beside {
			return &refusedError{f.path, "lies in a folder that holds event logs", "choose a folder apart from the evidence"}
		}
	}
	return nil
}

// open makes the temporary files, so that a folder that cannot be written to
// is known before hours of reading.
func (out *outputs) open() error {
	for _, f := range out.files {
		for n := 0; f.temp == nil; n++ {
			name := filepath.Join(f.folder, fmt.Sprintf(".pstrail-%d-%d.tmp", os.Getpid(), n))
			temp, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
			if err == nil {
				f.temp = temp
			} else if !errors.Is(err, fs.ErrExist) {
				return &refusedError{f.path, "cannot be created: " + cause(err), ""}
			}
		}
	}
	return nil
}

// discard removes what was not put in place.
func (out *outputs) discard() {
	for _, f := range out.files {
		if f.temp != nil {
			f.temp.Close()
			os.Remove(f.temp.Name())
			f.temp = nil
		}
	}
}

// write writes the report to all outputs, or to standard output if there are
// none.
func (out *outputs) write(ctx context.Context, r *report.Report, stdout io.Writer, terminal report.Terminal) error {
	if len(out.files) == 0 {
		if err := writeReport(ctx, stdout, out.stdout, r, terminal); err != nil {
			return fmt.Errorf("write to standard output: %w", err)
		}
		return nil
	}
	for _, f := range out.files {
		err := writeReport(ctx, f.temp, f.format, r, report.Terminal{})
		if err == nil {
			err = errors.Join(f.temp.Sync(), f.temp.Close())
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
	}
	if err := ctx.Err(); err != nil { // the last moment: all reports, or none
		return err
	}
	for _, f := range out.files {
		if err := f.place(); err != nil {
			return err
		}
	}
	return nil
}

// place gives a complete report its name.
func (f *output) place() error {
	if _, err := os.Lstat(f.target); err == nil && !f.force {
		return &refusedError{f.path, "was created by another program meanwhile", "--force replaces it"}
	}
	if err := os.Rename(f.temp.Name(), f.target); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	f.temp = nil
	return nil
}

func writeReport(ctx context.Context, w io.Writer, format report.Format, r *report.Report, terminal report.Terminal) error {
	buffered := bufio.NewWriterSize(interruptibleWriter{ctx, w}, 1<<16)
	if err := format.Write(buffered, r, terminal); err != nil {
		return err
	}
	return buffered.Flush()
}

// interruptibleWriter fails once its context is done.
type interruptibleWriter struct {
	ctx context.Context
	w   io.Writer
}

func (w interruptibleWriter) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(p)
}

func sameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// holdsNamedLogs reports whether files with an event log's name lie directly
// in folder.
func holdsNamedLogs(folder string) (bool, error) {
	dir, err := os.Open(folder)
	if err != nil {
		return false, err
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(1000)
		for _, entry := range entries {
			if !entry.IsDir() && evtxscan.HasLogName(entry.Name()) {
				return true, nil
			}
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}
