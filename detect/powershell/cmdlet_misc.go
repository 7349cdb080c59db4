package powershell

// Commands of the clock, of chance, of secrets, and those whose output is for
// people.

import "slices"

func miscellaneousCommands() []*cmdlet {
	list := []*cmdlet{
		{Name: "Get-Date", Run: getDate, Parameters: slices.Concat([]ParameterInfo{
			{Name: "Date", Aliases: []string{"LastWriteTime"}, Position: 0}, named("Format"), named("UFormat"), named("Year"), named("Month"), named("Day"),
			named("Hour"), named("Minute"), named("Second"), named("Millisecond"), named("DisplayHint"), named("UnixTimeSeconds")}, switches("AsUTC"))},
		{Name: "Read-Host", Run: readHost, Parameters: slices.Concat([]ParameterInfo{{Name: "Prompt", Position: 0, Remaining: true}},
			switches("AsSecureString", "MaskInput"))},
		{Name: "New-TimeSpan", Run: newTimeSpanCommand, Parameters: []ParameterInfo{
			positional("Start", 0), positional("End", 1), named("Days"), named("Hours"), named("Minutes"), named("Seconds"), named("Milliseconds")}},
		{Name: "Get-Random", Run: getRandom, Parameters: slices.Concat([]ParameterInfo{
			positional("Maximum", 0), named("Minimum"), named("SetSeed"), named("Count"), input()}, switches("Shuffle"))},
		{Name: "New-Guid", Run: func(x *execution) error {
			u := x.in.unknown(x.Source(), OriginCommand)
			u.Type = typeGUID
			return x.Out(u)
		}, Parameters: slices.Concat([]ParameterInfo{input()}, switches("Empty"))},
		{Name: "ConvertTo-SecureString", Run: convertToSecureString, Parameters: slices.Concat([]ParameterInfo{
			positional("String", 0), named("Key"), named("SecureKey")}, switches("AsPlainText", "Force"))},
		{Name: "ConvertFrom-SecureString", Run: convertFromSecureString, Parameters: slices.Concat([]ParameterInfo{
			positional("SecureString", 0), named("Key"), named("SecureKey")}, switches("AsPlainText"))},
		{Name: "Start-Sleep", Run: nothing, Parameters: []ParameterInfo{
			positional("Seconds", 0), {Name: "Milliseconds", Aliases: []string{"ms"}, Position: -1}, named("Duration")}},
		{Name: "Clear-Host", Run: nothing},
		{Name: "Out-File", Run: outFile, Parameters: slices.Concat([]ParameterInfo{
			{Name: "FilePath", Aliases: []string{"Path"}, Position: 0}, positional("Encoding", 1), {Name: "LiteralPath", Aliases: []string{"PSPath"}, Position: -1},
			named("Width"), input()}, switches("Append", "Force", "NoClobber", "NoNewline"))},
		{Name: "Export-Csv", Run: nothing, Parameters: slices.Concat([]ParameterInfo{
			positional("Path", 0), positional("Delimiter", 1), named("LiteralPath"), named("Encoding"), named("QuoteFields"), named("UseQuotes"), input()},
			switches("Append", "Force", "NoClobber", "NoTypeInformation", "IncludeTypeInformation", "UseCulture"))},
		{Name: "Export-Clixml", Run: nothing, Parameters: slices.Concat([]ParameterInfo{
			positional("Path", 0), named("LiteralPath"), named("Depth"), named("Encoding"), input()}, switches("Force", "NoClobber"))},
		{Name: "Set-Clipboard", Run: setClipboard, Parameters: slices.Concat([]ParameterInfo{
			positional("Value", 0), positional("Path", 1), input()}, switches("Append", "AsHtml", "PassThru"))},
		{Name: "Out-Printer", Run: nothing, Parameters: []ParameterInfo{positional("Name", 0), input()}},
		{Name: "Out-GridView", Run: outGridView, Parameters: slices.Concat([]ParameterInfo{named("Title"), named("OutputMode"), input()},
			switches("Wait", "PassThru"))},
	}
	for _, name := range []string{"Format-Table", "Format-List", "Format-Wide", "Format-Custom"} {
		list = append(list, &cmdlet{Name: name, Run: formatted, Parameters: slices.Concat([]ParameterInfo{
			positional("Property", 0), named("GroupBy"), named("View"), named("Expand"), named("Column"), named("Depth"), input()},
			switches("AutoSize", "HideTableHeaders", "Wrap", "Force", "ShowError", "DisplayError", "RepeatHeader"))})
	}
	return list
}

func nothing(*execution) error { return nil }

func setClipboard(x *execution) error {
	v, given := x.Arg("Value")
	if !given {
		v = newArray(slices.Clone(x.Input))
	}
	x.in.stores(nil, v)
	return quiet(x)
}

func outFile(x *execution) error {
	x.storesUnder(newArray(slices.Clone(x.items())))
	return nil
}

// formatted is what Format-Table and its kin put out: records for the display,
// not the objects.
func formatted(x *execution) error {
	items := x.items()
	if len(items) == 0 {
		return nil
	}
	if err := x.shown(items); err != nil {
		return err
	}
	u := x.in.unknown(x.Source(), OriginCommand)
	u.Many = true
	return x.Out(u)
}

// shown runs the blocks of the properties that a command shows of items.
func (x *execution) shown(items []Value) error {
	for _, s := range x.selectors("Property") {
		if s.block == nil {
			continue
		}
		for _, item := range items {
			err := x.in.eachItem(item, "$_", func(item Value) error {
				_, err := s.of(x, item)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// outGridView lets a person choose.
func outGridView(x *execution) error {
	_, mode := x.Arg("OutputMode")
	if !mode && x.Switch("PassThru") != Yes {
		return nil
	}
	u := x.unknown(x.items()...)
	u.Origin = OriginPrompt
	u.Many = true
	return x.Out(u)
}

// readHost is one line that a person types.
func readHost(x *execution) error {
	x.in.risks++
	u := x.in.unknown(x.Source(), OriginPrompt)
	u.Type = typeString
	if x.Switch("AsSecureString") != No {
		u.Type = ""
	}
	return x.Out(u)
}

func newTimeSpanCommand(x *execution) error {
	var total timeSpan
	counted := false
	for _, unit := range []struct {
		name  string
		ticks int64
	}{{"Days", 86400 * ticksPerSecond}, {"Hours", 3600 * ticksPerSecond}, {"Minutes", 60 * ticksPerSecond}, {"Seconds", ticksPerSecond},
		{"Milliseconds", ticksPerSecond / 1000}} {
		n, given, known := x.number(unit.name)
		if !known {
			v, _ := x.Arg(unit.name)
			return x.Out(x.unknown(v))
		}
		counted = counted || given
		total += timeSpan(int64(n) * unit.ticks)
	}
	if counted {
		return x.Out(newTimeSpan(total))
	}
	start, hasStart := x.Arg("Start")
	end, hasEnd := x.Arg("End")
	if hasStart && hasEnd && !isUnknown(start) && !isUnknown(end) {
		a, err := x.in.convert(start, &TypeRef{Name: typeDateTime})
		if err != nil {
			return err
		}
		b, err := x.in.convert(end, &TypeRef{Name: typeDateTime})
		if err != nil {
			return err
		}
		from, ok := dateOf(a)
		to, ok2 := dateOf(b)
		if ok && ok2 {
			return x.Out(newTimeSpan(timeSpan(to.ticks - from.ticks)))
		}
	}
	u := x.in.unknown(x.Source(), OriginClock)
	u.Type = typeTimeSpan
	return x.Out(u)
}

// getRandom gives a number, or some of its input.
func getRandom(x *execution) error {
	items := x.items()
	if len(items) == 1 {
		if inner, ok := Items(items[0]); ok {
			items = inner
		}
	}
	n, counted, known := x.number("Count")
	u := x.in.unknown(x.Source(), OriginCommand)
	if h := firstHole(newArray(items)); h != nil {
		u.Origin, u.Source = h.Origin, h.Source
	}
	u.Many = counted && (n != 1 || !known) || x.Switch("Shuffle") == Yes
	if len(items) == 0 {
		items = x.smallNumbers()
	}
	if len(items) > 0 && !hasMany(items) && !u.Many && len(items) <= maxAlternatives {
		one, err := x.in.oneOf(u, x.Source(), items)
		if err != nil {
			return err
		}
		return x.Out(one)
	}
	return x.Out(u)
}

// smallNumbers are the whole numbers of which Get-Random gives one, if these are
// few.
func (x *execution) smallNumbers() (numbers []Value) {
	v, given := x.Arg("Maximum")
	most, whole := v.(int32)
	least, _, known := x.number("Minimum")
	if m, given := x.Arg("Minimum"); given {
		_, isWhole := m.(int32)
		known = known && isWhole
	}
	if !given || !whole || !known || int64(most)-int64(least) > maxAlternatives/2 {
		return nil
	}
	for n := int32(least); n < most; n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

func convertToSecureString(x *execution) error {
	texts := x.Input
	if v, ok := x.Arg("String"); ok {
		texts = []Value{v}
	}
	for _, t := range texts {
		if x.Switch("AsPlainText") == Yes {
			if err := x.Out(newSecureString(x.in.text(t))); err != nil {
				return err
			}
			continue
		}
		if secret, ok := x.unsealedText(t); ok {
			if err := x.Out(secret); err != nil {
				return err
			}
			continue
		}
		u := x.in.unknown(x.Source(), OriginCommand)
		u.Type = typeSecureString
		if err := x.Out(u); err != nil {
			return err
		}
	}
	return nil
}

func convertFromSecureString(x *execution) error {
	secrets := x.Input
	if v, ok := x.Arg("SecureString"); ok {
		secrets = []Value{v}
	}
	for _, s := range secrets {
		text, ok := secretOf(s)
		if !ok || x.Switch("AsPlainText") != Yes {
			u := x.unknown(s)
			u.Type = typeString
			u.secret = text
			text = u
		}
		if err := x.Out(text); err != nil {
			return err
		}
	}
	return nil
}
