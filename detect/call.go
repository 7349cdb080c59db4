package detect

import (
	"cmp"
	"slices"
	"strings"

	"pstrail/detect/powershell"
	"pstrail/evtxscan"
)

// This file turns an invocation that the interpreter saw into a call of a
// report.

// callOf describes an event of the cmdlet in the block whose tree is given;
// given are the turns that the event counts.
func callOf(ev powershell.Event, tree *powershell.Tree, given []*turn) *Call {
	c := &Call{
		Cmdlet:      exportCmdlet,
		Statement:   ev.Place.Statement,
		WhatIf:      whatIf(ev.Invocation),
		Conditional: ev.Conditional,
		Via:         slices.Clone(ev.Place.Via),
		Outcome:     OutcomeNotShown,
		refused:     len(ev.Faults) > 0,
		many:        ev.Many,
	}
	c.Line, c.Column = tree.Position(ev.Place.Pos())
	if home := ev.Place.Home; home >= 0 {
		c.home, c.at = given[home].block, ev.Place.At
	}
	own := given[ev.Place.Block].block
	for _, a := range ev.Arguments {
		v := valueOf(a, slices.ContainsFunc(a.Blocks, func(i int) bool { return given[i].block != own }))
		c.Parameters = append(c.Parameters, Parameter{Name: a.Name, Value: v})
		switch a.Name {
		case "Mailbox":
			c.Mailbox = &v
		case "FilePath":
			c.PSTPath = &v
		}
	}
	c.PST = classifyPST(c.PSTPath)
	c.Targets = targetsOf(ev.Invocation, c.Mailbox)
	for _, f := range ev.Faults {
		c.Problems = append(c.Problems, faultText(f))
	}
	c.Problems = append(c.Problems, refusals(c)...)
	return c
}

// faultText says why PowerShell's binder refuses a call.
func faultText(f powershell.Fault) string {
	text := f.Text
	switch f.Kind {
	case powershell.FaultPositional:
		return "second positional argument " + text + ": only the mailbox has a position"
	case powershell.FaultNoValue:
		return "no value for " + dashed(text)
	case powershell.FaultConversion:
		return "value of a wrong type for " + dashed(text)
	case powershell.FaultTwice:
		return "given twice: " + dashed(text)
	}
	return string(f.Kind) + " " + dashed(text)
}

func dashed(name string) string {
	if strings.HasPrefix(name, "-") || strings.ContainsAny(name, " \t") {
		return name
	}
	return "-" + name
}

// refusals says why Exchange would refuse a call that binds.
func refusals(c *Call) []string {
	var out []string
	if c.Mailbox == nil {
		out = append(out, "no -Mailbox: PowerShell asks for it")
	}
	if c.PSTPath == nil || c.PSTPath.Text() == "" {
		return append(out, "no -FilePath")
	}
	switch c.PST.Kind {
	case PathDrive:
		out = append(out, "local path: Exchange accepts UNC paths only")
	case PathRelative, PathOther:
		out = append(out, "no UNC path: Exchange accepts UNC paths only")
	}
	return out
}

// targetsOf says how many mailboxes an invocation addresses, whose -Mailbox is
// given.
func targetsOf(inv *powershell.Invocation, mailbox *Value) Targets {
	switch {
	case inv.Rounds && mailbox != nil && mailbox.Resolved():
		return Targets{Count: 1} // however often
	case inv.Rounds: // a condition enumerates nothing
		return Targets{Count: -1}
	case inv.Many:
		return Targets{Count: -1, EnumeratedBy: inv.Source}
	}
	for _, a := range inv.Arguments {
		if u, ok := a.Value.(*powershell.Unknown); ok && a.Name == "Mailbox" && u.Many {
			if source := cmp.Or(u.Source, u.Expression); asksFor(source) != oneObject {
				return Targets{Count: -1, EnumeratedBy: source}
			}
		}
	}
	return Targets{Count: 1}
}

// foldRounds makes one call of those that a reader cannot tell apart and of
// which one stands for any number: a loop makes the same call again in its
// later rounds. Calls for what different commands list are not the same.
func foldRounds(calls []*Call) []*Call {
	type key struct {
		home     *evtxscan.ScriptBlock
		at       powershell.Span
		text, by string
	}
	const anything = "\x00" // by what it may be
	first := map[key]*Call{}
	kept := calls[:0]
	for _, c := range calls {
		k := key{home: c.home, at: c.at, text: c.Statement}
		for _, p := range c.Parameters {
			k.text += "\x00" + p.Name + "\x00" + p.Value.Text()
		}
		k.text += "\x00" + strings.Join(c.Problems, "\x00")
		any, unlisted, same := k, k, k
		any.by, same.by = anything, c.Targets.EnumeratedBy
		f := cmp.Or(first[same], first[unlisted])
		if same.by == "" {
			f = first[any]
		}
		if f == nil || !c.many && !f.many {
			for _, k := range []key{any, same} {
				if first[k] == nil {
					first[k] = c
				}
			}
			kept = append(kept, c)
			continue
		}
		f.many = true
		f.Conditional = f.Conditional && c.Conditional
		if c.Targets.Count < 0 && f.Targets.Count >= 0 {
			f.Targets = c.Targets
		}
	}
	return kept
}

// valueOf describes what is known of an argument, and whether that is so from
// earlier blocks.
func valueOf(a powershell.Argument, earlier bool) Value {
	v := describe(a.Value)
	switch {
	case a.Literal:
		v.Basis = BasisLiteral
	case earlier:
		v.Basis = BasisEarlier
	case a.Default || onlyDefaults(v):
		v.Basis = BasisDefault
	default:
		v.Basis = BasisComputed
	}
	for i := range v.Values {
		v.Values[i].Basis = v.Basis
	}
	return v
}

// onlyDefaults reports whether all that is not known of a value has a default.
func onlyDefaults(v Value) bool {
	some := false
	for _, p := range v.Parts {
		if p.Expression != "" {
			if p.Default == nil {
				return false
			}
			some = true
		}
	}
	return some
}

// maxDepth is how deep arrays in arrays are described.
const maxDepth = 8

func describe(v powershell.Value) Value { return describeAt(v, 0) }

func describeAt(v powershell.Value, depth int) Value {
	if items, ok := powershell.Items(v); ok && depth < maxDepth {
		out := Value{}
		for _, item := range items {
			out.Values = append(out.Values, describeAt(item, depth+1))
		}
		if len(out.Values) == 0 {
			out.Parts = []Part{{}}
		}
		return out
	}
	var out Value
	for _, p := range powershell.Parts(v) {
		if p.Hole == nil {
			out.Parts = append(out.Parts, Part{Text: p.Text})
			continue
		}
		part := Part{Expression: p.Hole.Expression, Origin: string(p.Hole.Origin)}
		if p.Hole.HasDefault {
			text := describeAt(p.Hole.Default, depth+1).Text()
			part.Default = &text
		}
		out.Parts = append(out.Parts, part)
	}
	if len(out.Parts) == 0 {
		out.Parts = []Part{{}} // $null or the empty string: known, and nothing
	}
	return out
}
