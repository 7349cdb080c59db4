package powershell

// Text that a script puts where it may read it back or run it: a file, the
// clipboard, the registry. What is read there is not known; but where such text
// becomes code, it may be what was put there.

import "strings"

// Bounds of the texts that are kept.
const (
	maxStored     = 64
	maxStoredText = 256 << 10
)

// storedText is a text and the path that it was put under, if it has one.
type storedText struct{ path, text string }

// stores notes that values were put under a path.
func (in *Interpreter) stores(path Value, values ...Value) {
	for _, v := range values {
		text := expressionOf(in.text(v))
		if items, ok := enumerable(v); ok {
			list := make([]string, len(items))
			for i, item := range items {
				list[i] = expressionOf(in.text(item))
			}
			text = strings.Join(list, "\n")
		}
		size := len(text)
		for _, s := range in.stored {
			size += len(s.text)
		}
		if text == "" || size > maxStoredText || len(in.stored) >= maxStored {
			continue
		}
		in.stored = append(in.stored, storedText{pathKey(in.text(path)), text})
	}
}

// storesUnder is stores of a command with a Path.
func (x *execution) storesUnder(v Value) {
	for _, name := range []string{"Path", "LiteralPath", "FilePath"} {
		if path, given := x.Arg(name); given {
			x.in.stores(path, v)
			return
		}
	}
	x.in.stores(nil, v)
}

func pathKey(path Value) string {
	s := foldCase(strings.Trim(strings.TrimSpace(expressionOf(path)), `"'`))
	return strings.TrimPrefix(s, `.\`)
}

// readBack is what an unknown value may be that was read from a place where text
// was put.
func (in *Interpreter) readBack(v Value) string {
	u := firstHole(v)
	if u == nil || len(in.stored) == 0 {
		return ""
	}
	if e := foldCase(u.Expression); u.Origin != OriginFile && !strings.Contains(e, "clipboard") && !strings.Contains(e, "itemproperty") {
		return ""
	}
	var b strings.Builder
	for _, s := range in.stored {
		b.WriteString(s.text + "\n")
	}
	return b.String()
}

// runsFile notes that a script file is run, of which the text may be known.
func (in *Interpreter) runsFile(path Value) {
	key := pathKey(path)
	if key == "" {
		return
	}
	for _, s := range in.stored {
		if s.path == key {
			in.opaqueHere(s.text)
		}
	}
}
