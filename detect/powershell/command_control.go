package powershell

// The commands that run code, or are part of the language in all but name.

import (
	"slices"
	"strings"
)

func named(name string) ParameterInfo { return ParameterInfo{Name: name, Position: -1} }

func positional(name string, at int) ParameterInfo { return ParameterInfo{Name: name, Position: at} }

func switches(names ...string) []ParameterInfo {
	list := make([]ParameterInfo, len(names))
	for i, n := range names {
		list[i] = ParameterInfo{Name: n, Type: typeSwitch, Position: -1}
	}
	return list
}

// controlCommands are the commands of this kind.
func controlCommands() []*cmdlet {
	nothing := func(*execution) error { return nil }
	list := []*cmdlet{
		{Name: "ForEach-Object", Alone: true, Stream: forEachObject, Parameters: []ParameterInfo{
			positional("Process", 0), named("Begin"), named("End"), {Name: "RemainingScripts", Position: -1, Remaining: true},
			named("MemberName"), {Name: "ArgumentList", Aliases: []string{"Args"}, Position: -1}, named("Parallel"), named("ThrottleLimit"), named("TimeoutSeconds"),
			{Name: "AsJob", Type: typeSwitch, Position: -1}, named("InputObject"),
		}},
		{Name: "Where-Object", Stream: whereObject, Parameters: slices.Concat([]ParameterInfo{
			positional("Property", 0), positional("Value", 1), named("FilterScript"), named("InputObject")},
			switches(sortedKeys(whereOperators)...), switches("Not"))},
		{Name: "Write-Output", Stream: writeOutput, Alone: true, Parameters: append([]ParameterInfo{
			{Name: "InputObject", Position: -1, Remaining: true}}, switches("NoEnumerate")...)},
		{Name: "Out-Null", Stream: func(*execution) (func(Value) error, func() error) { return discard, nil },
			Parameters: []ParameterInfo{named("InputObject")}},
		{Name: "Out-Host", Run: nothing, Parameters: append([]ParameterInfo{named("InputObject")}, switches("Paging")...)},
		{Name: "Out-Default", Run: nothing, Parameters: []ParameterInfo{named("InputObject")}},
		{Name: "Write-Error", Run: writeError, Parameters: []ParameterInfo{
			positional("Message", 0), named("Exception"), named("ErrorRecord"), named("Category"), named("ErrorId"),
			named("TargetObject"), named("RecommendedAction"), named("CategoryActivity"), named("CategoryReason"),
			named("CategoryTargetName"), named("CategoryTargetType")}},
		{Name: "Tee-Object", Stream: teeObject, Parameters: append([]ParameterInfo{
			positional("FilePath", 0), named("LiteralPath"), named("Variable"), named("InputObject"), named("Encoding")},
			switches("Append")...)},
		{Name: "Invoke-Expression", Run: invokeExpression, Parameters: []ParameterInfo{positional("Command", 0)}},
		{Name: "Invoke-Command", Run: invokeCommand, Parameters: slices.Concat([]ParameterInfo{
			{Name: "ScriptBlock", Aliases: []string{"Command"}, Position: 0}, {Name: whereItRuns, Position: 1, Exact: true},
			{Name: "ComputerName", Aliases: []string{"Cn"}, Position: -1}, named("Session"), {Name: "ArgumentList", Aliases: []string{"Args"}, Position: -1},
			named("InputObject"), named("Credential"), named("FilePath"), named("ConfigurationName"), named("ConnectionUri"),
			named("Authentication"), named("JobName"), named("ThrottleLimit"), named("Port"), named("ApplicationName"),
			named("SessionOption"), named("SessionName"), named("VMName"), named("VMId"), named("ContainerId"), named("HostName"),
			named("UserName"), named("KeyFilePath"), named("CertificateThumbprint")},
			switches("NoNewScope", "AsJob", "HideComputerName", "UseSSL", "InDisconnectedSession", "AllowRedirection",
				"EnableNetworkAccess", "RemoteDebug", "RunAsAdministrator"))},
		{Name: "Set-StrictMode", Run: setStrictMode, Parameters: append([]ParameterInfo{named("Version")}, switches("Off")...)},
	}
	for _, name := range []string{"Write-Host", "Write-Verbose", "Write-Debug", "Write-Warning", "Write-Information"} {
		list = append(list, &cmdlet{Name: name, Run: nothing, Parameters: slices.Concat([]ParameterInfo{
			{Name: "Object", Aliases: []string{"Message", "Msg", "MessageData"}, Position: -1, Remaining: true},
			named("ForegroundColor"), named("BackgroundColor"), named("Separator"), named("Tags")}, switches("NoNewline"))})
	}
	list = append(list, &cmdlet{Name: "Write-Progress", Run: nothing, Parameters: append([]ParameterInfo{
		positional("Activity", 0), positional("Status", 1), positional("Id", 2), named("PercentComplete"), named("SecondsRemaining"),
		named("CurrentOperation"), named("ParentId"), named("SourceId")}, switches("Completed")...)})
	return slices.Concat(list, itemCommands(), lookupCommands(), moduleCommands(), jobCommands())
}

// blocks returns the script blocks among values; what is not known is opaque.
func (x *execution) blocks(names ...string) []*Closure {
	var list []*Closure
	for _, name := range names {
		v, ok := x.Arg(name)
		if !ok {
			continue
		}
		items, many := enumerable(v)
		if !many {
			items = []Value{v}
		}
		for _, item := range items {
			switch item := item.(type) {
			case *Closure:
				list = append(list, item)
			case *Unknown, *Text:
				x.in.became(x.command, item)
			}
		}
	}
	return list
}

// eachItem runs a stretch for an item; one that stands for many is an element
// of them.
func (in *Interpreter) eachItem(v Value, name string, run func(Value) error) error {
	if u, ok := v.(*Unknown); ok && u.Many {
		return in.symbolicStatement(sourceOf(u), func() error { return run(in.element(u, name)) })
	}
	return run(v)
}

// inCaller runs a script block in the scope of its caller, as ForEach-Object
// does, with $_ set.
func (in *Interpreter) inCaller(c *Closure, v Value, out sink) error {
	return in.withUnderscore(v, func() error {
		return in.body(c, nil, callOptions{dot: c.Bound == nil}, out)
	})
}

func forEachObject(x *execution) (func(Value) error, func() error) {
	in := x.in
	if b, ok := x.Arg("Parallel"); ok {
		block, _ := b.(*Closure)
		return func(v Value) error {
			if block == nil {
				return nil
			}
			return in.eachItem(v, "$_", func(v Value) error {
				return in.inCaller(block, v, x.stage.put)
			})
		}, nil
	}
	if name, ok := forEachMember(x); ok {
		return forEachNamed(x, name)
	}
	blocks := x.blocks("Process", "RemainingScripts")
	begin, end := x.blocks("Begin"), x.blocks("End")
	if len(begin) == 0 && len(blocks) > 1 {
		begin, blocks = blocks[:1], blocks[1:]
	}
	if len(end) == 0 && len(blocks) > 1 {
		end, blocks = blocks[len(blocks)-1:], blocks[:len(blocks)-1]
	}
	for _, b := range begin {
		if x.err = in.settled(in.inCaller(b, nil, x.Out)); x.err != nil {
			return discard, nil
		}
	}
	first := in.newCell(once(false))
	process := func(v Value) error {
		if !x.HasInput {
			v, _ = x.Arg("InputObject")
		}
		if slices.ContainsFunc(blocks, func(b *Closure) bool { return in.unclosed(b.Tree, b.Body.Span) }) {
			if bool(first.v.(once)) {
				return nil
			}
			in.setCell(first, once(true))
		}
		return in.eachItem(v, "$_", func(v Value) error {
			return in.inTurn(blocks, v, x.stage.put)
		})
	}
	return process, func() error { return in.inTurn(end, nil, x.stage.put) }
}

// inTurn runs script blocks one after the other in the scope of their caller.
func (in *Interpreter) inTurn(blocks []*Closure, v Value, out sink) error {
	return in.sequence(func(i int) error {
		if i >= len(blocks) {
			return errDone
		}
		return in.inCaller(blocks[i], v, out)
	})
}

// forEachMember returns the member that ForEach-Object is to read or call.
func forEachMember(x *execution) (Value, bool) {
	if v, ok := x.Arg("MemberName"); ok {
		return x.in.text(v), true
	}
	v, ok := x.Arg("Process")
	if !ok {
		return nil, false
	}
	switch v := v.(type) {
	case string, *Text:
		return v, true
	}
	return nil, false
}

func forEachNamed(x *execution, name Value) (func(Value) error, func() error) {
	in := x.in
	var args []Value
	for _, p := range []string{"ArgumentList", "RemainingScripts"} {
		if v, ok := x.Arg(p); ok {
			items, many := enumerable(v)
			if !many {
				items = []Value{v}
			}
			args = append(args, items...)
		}
	}
	return func(v Value) error {
		n, ok := name.(string)
		if !ok {
			return x.Out(in.derived(x.Source(), identityOf(v)+"|"+identityOf(name), v, name))
		}
		if u, ok := v.(*Unknown); ok {
			r, err := in.member(u, n, "")
			if err != nil {
				return err
			}
			return in.emit(r, x.stage.put)
		}
		var r Value
		var err error
		if len(args) == 0 && !hasMethod(v, n) {
			r, err = in.member(v, n, x.Source())
		} else {
			r, err = in.invoke(v, n, args, x.Source())
		}
		if err != nil || r == nil {
			return err
		}
		return in.emit(r, x.stage.put)
	}, nil
}

// hasMethod tells whether a name is more likely that of a method of v.
func hasMethod(v Value, name string) bool {
	switch v := v.(type) {
	case *Object:
		p, ok := v.Get(name)
		_, method := p.(*scriptMethod)
		return method || !ok && (v.Class != nil || foldCase(name) == "tostring" || foldCase(name) == "gettype")
	case *Hash:
		_, ok := v.Get(name)
		return !ok && !slices.Contains([]string{"keys", "values", "count"}, foldCase(name))
	case string, *Text:
		return foldCase(name) != "length"
	case *Closure:
		return strings.HasPrefix(foldCase(name), "invoke")
	}
	return foldCase(name) == "tostring" || foldCase(name) == "gettype"
}

// whereOperators are the switches of Where-Object that compare a property.
var whereOperators = map[string]TokenKind{
	"EQ": KindIeq, "CEQ": KindCeq, "NE": KindIne, "CNE": KindCne, "GT": KindIgt, "CGT": KindCgt, "LT": KindIlt, "CLT": KindClt,
	"GE": KindIge, "CGE": KindCge, "LE": KindIle, "CLE": KindCle, "Like": KindIlike, "CLike": KindClike,
	"NotLike": KindInotlike, "CNotLike": KindCnotlike, "Match": KindImatch, "CMatch": KindCmatch,
	"NotMatch": KindInotmatch, "CNotMatch": KindCnotmatch, "Contains": KindIcontains, "CContains": KindCcontains,
	"NotContains": KindInotcontains, "CNotContains": KindCnotcontains, "In": KindIin, "CIn": KindCin,
	"NotIn": KindInotin, "CNotIn": KindCnotin, "Is": KindIs, "IsNot": KindIsNot,
}

func whereObject(x *execution) (func(Value) error, func() error) {
	in := x.in
	test := whereTest(x)
	return func(v Value) error {
		if u, ok := v.(*Unknown); ok && u.Many {
			return whereMany(x, u, test)
		}
		keep, err := test(v)
		if err != nil {
			return err
		}
		return in.branchStatement(keep,
			func() error { return x.stage.put(v) },
			func() error { return nil })
	}, nil
}

// whereMany filters an unknown collection: what is left is one, too.
func whereMany(x *execution, u *Unknown, test func(Value) (Value, error)) error {
	in := x.in
	seen := map[Tri]bool{} // on all paths
	err := in.symbolic(sourceOf(u), func() error {
		v, err := test(in.element(u, "$_"))
		if err != nil {
			return err
		}
		seen[in.truth(v)] = true
		return nil
	})
	if err != nil || !seen[Yes] && !seen[Maybe] {
		return err
	}
	if !seen[No] && !seen[Maybe] {
		return x.Out(u)
	}
	kept := in.derived(sourceOf(u)+" | "+x.stage.named(), identityOf(u)+"|"+x.Source(), u)
	kept.Many, kept.Source, kept.Type = true, "", u.Type
	return x.Out(kept)
}

// whereTest is the condition of Where-Object.
func whereTest(x *execution) func(Value) (Value, error) {
	in := x.in
	for _, name := range []string{"FilterScript", "Property"} {
		v, _ := x.Arg(name)
		if block, ok := v.(*Closure); ok {
			return func(v Value) (Value, error) {
				c, out := in.collectorSink()
				err := in.settled(in.inCaller(block, v, out))
				return resultOf(c.values), err
			}
		}
	}
	property, _ := x.Arg("Property")
	value, compared := x.Arg("Value")
	return func(v Value) (Value, error) {
		name, ok := in.text(property).(string)
		if !ok {
			return in.derived(x.Source(), identityOf(v)+"|"+x.Source(), v, property), nil
		}
		p, err := in.member(v, name, expressionOf(v)+"."+name)
		if err != nil {
			return nil, err
		}
		op := TokenKind(0)
		for _, name := range sortedKeys(whereOperators) {
			if x.Switch(name) == Yes {
				op = whereOperators[name]
			}
		}
		if op == 0 {
			if x.Switch("Not") == Yes {
				return in.unary(KindNot, p, nil)
			}
			if compared {
				op = KindIeq
			} else {
				return p, nil
			}
		}
		return in.binary(op, p, value, nil)
	}
}

func writeOutput(x *execution) (func(Value) error, func() error) {
	v, given := x.Arg("InputObject")
	whole := x.Switch("NoEnumerate") == Yes
	return func(item Value) error {
		if !given {
			if !x.HasInput {
				return nil
			}
			return x.Out(item)
		}
		if b := x.binding.find("InputObject"); b != nil && b.param.Remaining {
			if a, ok := v.(*Array); ok && len(a.Elements) == 1 && b.arg.name == "" {
				v = a.Elements[0]
			}
		}
		if whole {
			return x.Out(v)
		}
		items, ok := enumerable(v)
		if !ok {
			return x.Out(v)
		}
		return x.in.feed(items, func(item Value) error { return x.in.emit(item, x.stage.put) })
	}, nil
}

func writeError(x *execution) error {
	in := x.in
	var message Value = ""
	for _, name := range []string{"Message", "Exception", "ErrorRecord"} {
		if v, ok := x.Arg(name); ok {
			message = in.text(v)
			break
		}
	}
	if len(x.Input) > 0 {
		message = in.text(x.Input[0])
	}
	action := in.errorAction()
	if v, ok := x.Arg("ErrorAction"); ok {
		action = errorActionOf(in, v)
	}
	t := in.throwing("Microsoft.PowerShell.Commands.WriteErrorException", message, nil, true)
	if action == "stop" {
		return t
	}
	if action != "ignore" {
		in.recordError(t)
	}
	in.setCell(in.succeeded, false)
	return nil
}

func teeObject(x *execution) (func(Value) error, func() error) {
	in := x.in
	c := in.newCollector()
	return func(v Value) error {
			if err := in.collect(c, v); err != nil {
				return err
			}
			return x.stage.put(v)
		}, func() error {
			if name, given, known := x.Text("Variable"); given && known {
				in.store(in.declare(in.scope, name), resultOf(c.values), in.sources)
			}
			return nil
		}
}

func invokeExpression(x *execution) error {
	texts := x.Input
	if v, ok := x.Arg("Command"); ok {
		texts = []Value{v}
	}
	return x.in.sequence(func(i int) error {
		if i >= len(texts) {
			return errDone
		}
		return x.in.codeText(texts[i], "Invoke-Expression", x.stage.put)
	})
}

// session is how a block is called in the session that Invoke-Command is given,
// which keeps what the block leaves there.
func (x *execution) session() callOptions {
	v, ok := x.Arg("Session")
	if !ok {
		if v, ok = x.Arg(whereItRuns); ok && len(x.blocks(whereItRuns)) > 0 {
			v, ok = x.Arg("ScriptBlock")
		}
	}
	if u, unknown := v.(*Unknown); ok && unknown {
		return callOptions{dot: true, session: "session|" + identityOf(u)}
	}
	return callOptions{}
}

// whereItRuns is what Invoke-Command is given by position beside the block,
// before or after it: sessions or names of machines, by the parameter set.
const whereItRuns = "(position)"

func invokeCommand(x *execution) error {
	in := x.in
	blocks := x.blocks("ScriptBlock")
	_, remote := x.Arg(whereItRuns)
	if second := x.blocks(whereItRuns); len(second) > 0 {
		blocks = second
	}
	for _, name := range []string{"ComputerName", "Session", "ConnectionUri", "HostName", "VMName", "VMId", "ContainerId"} {
		if _, ok := x.Arg(name); ok {
			remote = true
		}
	}
	var args []Value
	if v, ok := x.Arg("ArgumentList"); ok {
		items, many := enumerable(v)
		if !many {
			items = []Value{v}
		}
		args = items
	}
	for _, b := range blocks {
		var err error
		switch {
		case remote || x.Switch("AsJob") == Yes:
			err = in.runChildWith(b, args, "Invoke-Command", remote, x.session(), x.Out)
		default:
			given := make([]argument, len(args))
			for i, v := range args {
				given[i] = argument{value: v, has: true, from: in.sources}
			}
			o := callOptions{dot: x.Switch("NoNewScope") == Yes, HasInput: x.HasInput, Input: x.Input}
			err = in.runBody(b, given, o, x.stage.put)
		}
		if err != nil {
			return err
		}
	}
	if len(blocks) == 0 || remote {
		in.risks++
	}
	if len(blocks) == 0 {
		u := in.unknown(x.Source(), OriginCommand)
		u.Many = true
		return x.Out(u)
	}
	return nil
}

func setStrictMode(x *execution) error {
	strict := strictMembers
	if v, ok := x.Arg("Version"); ok {
		if s, known := x.in.text(v).(string); known && (s == "1" || strings.HasPrefix(s, "1.")) {
			strict = strictVariables
		}
	}
	if x.Switch("Off") == Yes {
		strict = 0
	}
	x.in.setCell(x.in.strict, least(strict))
	return nil
}
