package powershell

// State of the interpreter's own, such as what a command in a pipeline
// remembers, which differs by path as the script's does.

import (
	"fmt"
	"slices"
)

// cell holds a piece of such state: a joinable, or values of the script. What
// is in it is not changed.
type cell struct {
	stamp
	v    any
	over bool // nothing asks for it any more
}

func (in *Interpreter) newCell(v any) *cell {
	return &cell{stamp: in.born(), v: v}
}

func (in *Interpreter) setCell(c *cell, v any) {
	in.touch(c)
	c.v = v
}

func (c *cell) save() any     { return c.v }
func (c *cell) restore(v any) { c.v = v }

func (c *cell) equalContents(saved any) bool { return sameState(c.v, saved) }

// sameState tells whether two states of a cell are the same.
func sameState(a, b any) bool {
	switch x := a.(type) {
	case interface{ same(other any) bool }:
		return x.same(b)
	case joinable:
		return x == b
	case []Value:
		y, ok := b.([]Value)
		return ok && slices.EqualFunc(x, y, sameResult)
	}
	return sameResult(a, b)
}

// joinable is state that knows what stands for it and another of its type,
// where it is not known which there is. One that cannot be compared by == has a
// method same.
type joinable interface{ joined(other any) any }

// always is what holds as long as it holds on all paths.
type always bool

func (a always) joined(other any) any { return a && other.(always) }

// once is what holds from when it holds on one path.
type once bool

func (o once) joined(other any) any { return o || other.(once) }

// least is a number that is as low as on any path.
type least int

func (l least) joined(other any) any { return min(l, other.(least)) }

// eitherState stands for two states of a cell.
func (in *Interpreter) eitherState(a, b any) any {
	switch x := a.(type) {
	case joinable:
		return x.joined(b)
	case []Value:
		return in.eitherItems("items", x, b.([]Value))
	}
	return in.either("value", a, b)
}

func (d *digester) state(v any) {
	switch v := v.(type) {
	case switchState:
		d.word(fmt.Sprint(v.matched))
		d.value(v.literal, digestDepth)
	case joinable:
		d.word(fmt.Sprintf("%T %+v", v, v))
	case []Value:
		d.items(v, digestDepth)
	default:
		d.value(v, digestDepth)
	}
}
