package evtxscan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// This file says what is evidence.
//
// The rules are:
//   - An argument is a file or a folder; a folder is walked to its leaves.
//   - Content decides what a file is. A file that is no event log is listed
//     only if it was named as an argument or has an event log's name.
//   - A symbolic link that is an argument is followed. One met in the walk is
//     not: on a mounted image it would lead out of the evidence. If it has an
//     event log's name and its target is not reached otherwise, it is listed
//     as unread.
//   - What is neither file nor folder is never opened; opening a pipe hangs.
//   - A file reached twice is one item under its least path.

// ErrNoEvidence is returned by [Find] if nothing under the paths is, or by its
// name claims to be, an event log.
var ErrNoEvidence = errors.New("no event log found")

// MissingError is returned by [Find] for a path that does not exist.
type MissingError struct{ Path string }

func (e *MissingError) Error() string { return "no such file or folder: " + e.Path }

// Collection is evidence that was found and not yet read.
type Collection struct {
	items []*Item
}

// Find looks for event logs under paths. It reads at most the head of a file.
// Where exclude is not nil and returns true for a file, that file is left out.
// It returns a *[MissingError], [ErrNoEvidence] or the context's error.
func Find(ctx context.Context, paths []string, exclude func(path string, info fs.FileInfo) bool) (*Collection, error) {
	f := finder{ctx: ctx, exclude: exclude}
	for _, path := range paths {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, &MissingError{path}
		}
	}
	for _, path := range paths {
		f.argument(filepath.Clean(path))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	items := f.merge()
	if !slices.ContainsFunc(items, func(it *Item) bool { return it.claims }) {
		return nil, ErrNoEvidence
	}
	for i, it := range items {
		it.ID = "e" + strconv.Itoa(i+1)
	}
	return &Collection{items: items}, nil
}

// Files returns the paths of the files that a scan will read, as the system
// knows them.
func (c *Collection) Files() []string {
	var files []string
	for _, it := range c.items {
		if it.file != "" {
			files = append(files, it.file)
		}
	}
	return files
}

// finder collects candidates in the order in which they are met.
type finder struct {
	ctx     context.Context
	exclude func(string, fs.FileInfo) bool
	found   []*candidate
	links   []*candidate // symbolic links with an event log's name
}

// candidate is an item that may still turn out to be another one's double.
type candidate struct {
	item  *Item
	real  string // absolute, links resolved; empty if unknown
	info  fs.FileInfo
	named bool // an argument
}

func (f *finder) argument(path string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		f.unread(path, "cannot be opened: "+cause(err))
	case info.IsDir():
		f.folder(path)
	default:
		f.file(path, info, true)
	}
}

// folder walks a folder that exists.
func (f *finder) folder(root string) {
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if ctxErr := f.ctx.Err(); ctxErr != nil {
			return ctxErr
		}
		if err != nil {
			what := "cannot be opened: "
			if entry != nil && entry.IsDir() {
				what = "folder cannot be read: "
			}
			f.unread(path, what+cause(err))
			return nil
		}
		switch {
		case entry.IsDir():
		case entry.Type()&fs.ModeSymlink != 0:
			if HasLogName(path) {
				f.link(path)
			}
		default:
			info, err := entry.Info()
			if err != nil {
				f.unread(path, "cannot be opened: "+cause(err))
				return nil
			}
			f.file(path, info, false)
		}
		return nil
	})
	if err != nil && f.ctx.Err() == nil {
		f.unread(root, "folder cannot be read: "+cause(err))
	}
}

func (f *finder) file(path string, info fs.FileInfo, named bool) {
	if f.exclude != nil && f.exclude(path, info) {
		return
	}
	claims := HasLogName(path)
	if !info.Mode().IsRegular() {
		if named || claims {
			it := f.unread(path, fmt.Sprintf("not a regular file (%s); not opened", info.Mode().Type()))
			it.claims = claims
		}
		return
	}
	head, err := readHead(path)
	if err != nil {
		if named || claims {
			f.unread(path, "cannot be opened: "+cause(err)).Size = info.Size()
		}
		return
	}
	isLog := beginsLog(head)
	if !isLog && !named && !claims {
		return
	}
	it := &Item{
		Path: displayPath(path), Size: info.Size(), Kind: KindEVTX,
		file: path, modified: info.ModTime(), head: head, claims: isLog || claims,
	}
	f.found = append(f.found, &candidate{item: it, info: info, named: named, real: realPath(path)})
}

func (f *finder) link(path string) {
	it := &Item{Path: displayPath(path), Kind: KindOther, State: Unread, Records: RecordCount{Lost: -1}, claims: true}
	it.addIssue(Issue{Kind: IssueNotRead, Detail: "symbolic link, not followed; name it to have it read", Lost: -1})
	c := &candidate{item: it}
	c.info, _ = os.Stat(path)
	f.links = append(f.links, c)
}

func (f *finder) unread(path, why string) *Item {
	it := &Item{Path: displayPath(path), Kind: KindOther, State: Unread, Records: RecordCount{Lost: -1}, claims: true}
	it.addIssue(Issue{Kind: IssueNotRead, Detail: why, Lost: -1})
	f.found = append(f.found, &candidate{item: it})
	return it
}

// merge sorts the candidates by path and drops those that were reached twice.
func (f *finder) merge() []*Item {
	slices.SortStableFunc(f.found, func(a, b *candidate) int { return strings.Compare(a.item.Path, b.item.Path) })
	type identity struct {
		size     int64
		modified int64
	}
	same := map[identity][]*candidate{} // files that may be one; then os.SameFile decides
	var items []*Item
	isKnown := func(c *candidate) *candidate {
		if c.info == nil {
			return nil
		}
		id := identity{c.info.Size(), c.info.ModTime().UnixNano()}
		for _, o := range same[id] {
			if os.SameFile(o.info, c.info) {
				return o
			}
		}
		same[id] = append(same[id], c)
		return nil
	}
	for i, c := range f.found {
		if c.info == nil {
			if i > 0 && f.found[i-1].item.Path == c.item.Path {
				continue
			}
			items = append(items, c.item)
			continue
		}
		first := isKnown(c)
		if first == nil {
			items = append(items, c.item)
			continue
		}
		// A hard link is another place of the same content; the same place
		// reached by another argument is not worth a word.
		if first.real != c.real {
			first.item.addAlso(ItemPath{Path: c.item.Path})
		}
		first.item.claims = first.item.claims || c.item.claims
	}
	for _, l := range f.links {
		if l.info != nil && (!l.info.Mode().IsRegular() && !l.info.IsDir() || isKnown(l) != nil) {
			continue
		}
		items = append(items, l.item)
	}
	slices.SortStableFunc(items, func(a, b *Item) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(items, func(a, b *Item) bool { return a.Path == b.Path && a.file == b.file })
}

// HasLogName reports whether a file's name claims an event log.
func HasLogName(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	return ext == ".evtx" || ext == ".evt"
}

// IsLog reports whether the file at path is, by its first bytes, an event log
// or a part of one.
func IsLog(path string) (bool, error) {
	head, err := readHead(path)
	return beginsLog(head), err
}

func beginsLog(head []byte) bool {
	return bytes.HasPrefix(head, []byte(fileMagic)) || bytes.HasPrefix(head, []byte(chunkMagic))
}

// readHead returns the first bytes of a file, as many as a file header has
// meaning, fewer if the file is shorter.
func readHead(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return head[:n], err
}

// realPath returns path absolute and with its links resolved, or path itself.
func realPath(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		return resolved
	}
	return abs
}

// displayPath returns a path as a report shows it: with '/', and a byte that is
// not UTF-8 as \xNN.
func displayPath(path string) string {
	path = filepath.ToSlash(path)
	if utf8.ValidString(path) {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); {
		r, n := utf8.DecodeRuneInString(path[i:])
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, path[i])
		} else {
			b.WriteString(path[i : i+n])
		}
		i += n
	}
	return b.String()
}

// cause returns an error of the system without the path, which stands beside.
func cause(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
