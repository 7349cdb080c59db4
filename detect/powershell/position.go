package powershell

import (
	"sort"
	"sync"
)

// lineIndex finds lines and UTF-16 columns. It is built at the first question
// and may be asked by several at once.
type lineIndex struct {
	once   sync.Once
	starts []int // of each line, in bytes
	// marks hold the UTF-16 offset at every markStride-th byte, so that a
	// question counts at most markStride bytes; nil if the text is ASCII.
	marks []int
}

const markStride = 256

// Position returns the line and the column of a byte offset as PowerShell
// counts them: from 1, columns in UTF-16 units, lines ending at CR LF, LF or
// CR. An offset beyond the text is taken as its end.
func (t *Tree) Position(offset int) (line, column int) {
	t.lines.once.Do(t.indexLines)
	offset = min(max(offset, 0), len(t.Text))
	line = sort.Search(len(t.lines.starts), func(i int) bool { return t.lines.starts[i] > offset })
	start := t.lines.starts[line-1]
	return line, 1 + t.UTF16Offset(offset) - t.UTF16Offset(start)
}

// UTF16Offset returns the offset in UTF-16 units of a byte offset, which
// should be that of a character's first byte.
func (t *Tree) UTF16Offset(offset int) int {
	t.lines.once.Do(t.indexLines)
	offset = min(max(offset, 0), len(t.Text))
	if t.lines.marks == nil {
		return offset
	}
	mark := offset / markStride
	units := t.lines.marks[mark]
	for i := mark * markStride; i < offset; i++ {
		units += unitsOfByte(t.Text[i])
	}
	return units
}

// unitsOfByte returns how many UTF-16 units the byte of a UTF-8 text adds: a
// character counts at its first byte.
func unitsOfByte(b byte) int {
	switch {
	case b >= 0xF0:
		return 2
	case b >= 0x80 && b < 0xC0:
		return 0
	}
	return 1
}

func (t *Tree) indexLines() {
	x := &t.lines
	x.starts = append(x.starts, 0)
	ascii := true
	for i := 0; i < len(t.Text); i++ {
		switch b := t.Text[i]; {
		case b == '\n', b == '\r' && (i+1 == len(t.Text) || t.Text[i+1] != '\n'):
			x.starts = append(x.starts, i+1)
		case b >= 0x80:
			ascii = false
		}
	}
	if ascii {
		return
	}
	x.marks = make([]int, 0, len(t.Text)/markStride+1)
	units := 0
	for i := 0; i <= len(t.Text); i++ {
		if i%markStride == 0 {
			x.marks = append(x.marks, units)
		}
		if i < len(t.Text) {
			units += unitsOfByte(t.Text[i])
		}
	}
}
