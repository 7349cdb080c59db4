package powershell

import "testing"

// Contents are compared by what is in them, whatever a cell holds.
func TestCellContents(t *testing.T) {
	in := newInterpreter(newExportHost(), Budget{})
	a, b := newObject(typeJob), newObject(typeJob)
	list := func(v ...Value) *Array { return newArray(v) }
	for _, states := range [][]any{ // each other than those beside it
		{[]Value(nil), []Value{"a"}, []Value{"a", int32(1)}, []Value{list("a")}, []Value{list("b")}},
		{always(true), always(false)},
		{least(1), least(2)},
		{jobList(nil), jobList{a}, jobList{b}, jobList{a, b}},
		{exports{}, exports{given: true}, exports{functions: []string{"f"}}},
		{switchState{}, switchState{matched: Yes}, switchState{literal: "1"}, switchState{literal: int32(1)}},
		{takenByItem("y"), takenByItem("n")},
		{nil, "a", list("a"), list("a", "b")},
	} {
		for i, x := range states {
			for j, y := range states {
				c := in.newCell(x)
				if got := c.equalContents(copied(y)); got != (i == j) {
					t.Errorf("%#v and %#v: equal %v", x, y, got)
				}
				one, _ := digest(c)
				other, _ := digest(in.newCell(copied(y)))
				if (one == other) != (i == j) {
					t.Errorf("%#v and %#v: the same digest: %v", x, y, one == other)
				}
			}
		}
	}
}

// copied is a state with lists of its own.
func copied(v any) any {
	switch v := v.(type) {
	case []Value:
		return append([]Value(nil), v...)
	case *Array:
		return newArray(append([]Value(nil), v.Elements...))
	case jobList:
		return append(jobList(nil), v...)
	}
	return v
}
