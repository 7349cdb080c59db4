package powershell

// Commands that make text of values and values of text: Out-String,
// Select-String, CSV, JSON, string data.

import (
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

func textCommands() []*cmdlet {
	unknownText := func(x *execution) error {
		u := x.unknown(x.items()...)
		u.Type = typeString
		u.Many = false
		return x.Out(u)
	}
	return []*cmdlet{
		{Name: "Out-String", Run: outString, Parameters: slices.Concat([]ParameterInfo{named("Width"), input()}, switches("Stream", "NoNewline"))},
		{Name: "Select-Xml", Run: selectXML, Parameters: []ParameterInfo{positional("XPath", 0), named("Path"), named("LiteralPath"), named("Content"),
			{Name: "Xml", Aliases: []string{"Node"}, Position: 1}, named("Namespace")}},
		{Name: "Select-String", Run: selectString, Parameters: slices.Concat([]ParameterInfo{
			positional("Pattern", 0), positional("Path", 1), named("LiteralPath"), named("Include"), named("Exclude"), named("Encoding"),
			named("Context"), named("Culture"), input()}, switches("SimpleMatch", "CaseSensitive", "Quiet", "List", "NotMatch", "AllMatches", "Raw", "NoEmphasis"))},
		{Name: "ConvertFrom-Csv", Run: convertFromCSV, Parameters: slices.Concat([]ParameterInfo{
			positional("InputObject", 0), positional("Delimiter", 1), named("Header")}, switches("UseCulture"))},
		{Name: "ConvertTo-Csv", Run: convertToCSV, Parameters: slices.Concat([]ParameterInfo{
			positional("InputObject", 0), positional("Delimiter", 1), named("QuoteFields"), named("UseQuotes")},
			switches("UseCulture", "NoTypeInformation", "IncludeTypeInformation", "NoHeader"))},
		{Name: "ConvertFrom-Json", Run: convertFromJSON, Parameters: slices.Concat([]ParameterInfo{
			positional("InputObject", 0), named("Depth"), named("DateKind")}, switches("AsHashtable", "NoEnumerate"))},
		{Name: "ConvertTo-Json", Run: convertToJSON, Parameters: slices.Concat([]ParameterInfo{
			positional("InputObject", 0), named("Depth"), named("EscapeHandling")}, switches("Compress", "EnumsAsStrings", "AsArray"))},
		{Name: "ConvertFrom-StringData", Run: convertFromStringData, Parameters: []ParameterInfo{positional("StringData", 0), named("Delimiter")}},
		{Name: "ConvertTo-Html", Run: func(x *execution) error {
			if err := x.shown(x.items()); err != nil {
				return err
			}
			return unknownText(x)
		}, Parameters: slices.Concat([]ParameterInfo{
			positional("Property", 0), positional("Head", 1), positional("Title", 2), positional("Body", 3), named("As"), named("CssUri"),
			named("PreContent"), named("PostContent"), input()}, switches("Fragment"))},
		{Name: "ConvertTo-Xml", Run: unknownText, Parameters: slices.Concat([]ParameterInfo{
			positional("InputObject", 0), named("As"), named("Depth")}, switches("NoTypeInformation"))},
	}
}

// outString is known of text only; how objects are shown is not.
func outString(x *execution) error {
	var lines []Value
	for _, item := range x.items() {
		switch item.(type) {
		case string, *Text:
			lines = append(lines, item)
			continue
		}
		u := x.unknown(x.items()...)
		u.Type = typeString
		u.Many = x.Switch("Stream") == Yes
		return x.Out(u)
	}
	if x.Switch("Stream") == Yes {
		for _, l := range lines {
			if err := x.Out(l); err != nil {
				return err
			}
		}
		return nil
	}
	parts := make([]Value, 0, 2*len(lines))
	for _, l := range lines {
		parts = append(parts, l)
		if x.Switch("NoNewline") != Yes {
			parts = append(parts, "\r\n")
		}
	}
	v, err := x.in.boundedText(parts...)
	if err != nil {
		return err
	}
	return x.Out(v)
}

// selectString finds the lines that match, as objects; those of files are not
// known.
func selectString(x *execution) error {
	in := x.in
	patterns := x.list("Pattern")
	unknownText := func(v Value) bool { _, ok := in.text(v).(string); return !ok }
	if _, ok := x.Arg("Path"); ok || slices.ContainsFunc(patterns, unknownText) || slices.ContainsFunc(x.items(), unknownText) {
		u := x.unknown(append(slices.Clone(x.items()), patterns...)...)
		u.Many = x.Switch("Quiet") != Yes
		if _, ok := x.Arg("Path"); ok {
			u.Origin = OriginFile
		}
		return x.Out(u)
	}
	options := optIgnoreCase
	if x.Switch("CaseSensitive") == Yes {
		options = 0
	}
	found := false
	for n, item := range x.items() {
		line := in.text(item).(string)
		m, err := matchLine(x, line, patterns, options)
		if err != nil {
			return err
		}
		if (m != nil) == (x.Switch("NotMatch") == Yes) {
			continue
		}
		found = true
		if x.Switch("Quiet") == Yes {
			break
		}
		if err := x.Out(matchInfo(x, line, n+1, m)); err != nil {
			return err
		}
	}
	if x.Switch("Quiet") == Yes {
		return x.Out(found)
	}
	return nil
}

// matchLine returns the matches of the first pattern that matches; nil: none.
func matchLine(x *execution, line string, patterns []Value, options regexOptions) ([]Value, error) {
	for _, p := range patterns {
		pattern := x.in.text(p).(string)
		if x.Switch("SimpleMatch") == Yes {
			pattern = escapeRegex(pattern)
		}
		re, ok, err := x.in.compiled(pattern, options)
		if err != nil || !ok {
			return nil, err
		}
		limit := 1
		if x.Switch("AllMatches") == Yes {
			limit = 0
		}
		text := utf16Units(line)
		matches, _, err := x.in.matchesOf(re, text, re.begin(text), limit)
		if err != nil {
			return nil, err
		}
		var list []Value
		for _, m := range matches {
			list = append(list, newMatch(re, text, m))
		}
		if list != nil {
			return list, nil
		}
	}
	return nil, nil
}

// lineValue is the payload of a MatchInfo, whose text is its line.
type lineValue string

func (l lineValue) String() string { return string(l) }

func matchInfo(x *execution, line string, number int, matches []Value) Value {
	if x.Switch("Raw") == Yes {
		return line
	}
	o := newPayload("Microsoft.PowerShell.Commands.MatchInfo", lineValue(line))
	o.Set("IgnoreCase", x.Switch("CaseSensitive") != Yes)
	o.Set("LineNumber", int32(number))
	o.Set("Line", line)
	o.Set("Filename", "InputStream")
	o.Set("Path", "InputStream")
	o.Set("Matches", newTypedArray(typeMatch, matches))
	return o
}

// csvFields reads the records of a CSV text: quotes double within quotes.
func csvFields(s string, delimiter rune) [][]string {
	var records [][]string
	var record []string
	var field strings.Builder
	quoted, started := false, false
	end := func() {
		record = append(record, field.String())
		field.Reset()
		started = false
	}
	for i, r := range s {
		switch {
		case quoted && r == '"':
			if strings.HasPrefix(s[i+1:], `"`) {
				field.WriteByte('"')
			}
			quoted = false
		case quoted:
			field.WriteRune(r)
		case r == '"' && (!started || i > 0 && s[i-1] == '"'):
			quoted, started = true, true
		case r == delimiter:
			end()
		case r == '\n':
			if len(record) > 0 || field.Len() > 0 || started {
				end()
				records = append(records, record)
			}
			record = nil
		case r == '\r':
		case !started && r == ' ':
		default:
			field.WriteRune(r)
			started = true
		}
	}
	if len(record) > 0 || field.Len() > 0 || started {
		end()
		records = append(records, record)
	}
	return records
}

// delimiterOf is -Delimiter, a comma where there is none.
func (x *execution) delimiterOf() rune {
	if s, given, known := x.Text("Delimiter"); given && known && s != "" {
		r, _ := decodeRune(s)
		return r
	}
	return ','
}

func convertFromCSV(x *execution) error {
	in := x.in
	var text strings.Builder
	for _, item := range x.items() {
		for _, line := range enumerate(item) {
			s, ok := in.text(line).(string)
			if !ok {
				u := x.unknown(x.items()...)
				u.Many = true
				return x.Out(u)
			}
			text.WriteString(s + "\n")
		}
	}
	if err := in.charge(int64(text.Len()) * 8); err != nil {
		return err
	}
	records := csvFields(text.String(), x.delimiterOf())
	for len(records) > 0 && strings.HasPrefix(records[0][0], "#TYPE ") {
		records = records[1:]
	}
	var header []string
	if names := x.list("Header"); names != nil {
		for _, n := range names {
			s, _ := in.text(n).(string)
			header = append(header, s)
		}
	} else if len(records) > 0 {
		header, records = records[0], records[1:]
	}
	for i, name := range header {
		if name == "" {
			header[i] = "H" + strconv.Itoa(i+1)
		}
	}
	for _, record := range records {
		o := newCustomObject()
		for i, name := range header {
			var v Value
			if i < len(record) {
				v = record[i]
			}
			o.Set(name, v)
		}
		if err := x.Out(o); err != nil {
			return err
		}
	}
	return nil
}

func convertToCSV(x *execution) error {
	in := x.in
	in.seeProperties()
	delimiter := string(x.delimiterOf())
	var names []string
	for _, item := range x.items() {
		o, ok := item.(*Object)
		if !ok {
			u := x.unknown(x.items()...)
			u.Many = true
			return x.Out(u)
		}
		if names == nil {
			names = o.Names()
			quoted := make([]string, len(names))
			for i, n := range names {
				quoted[i] = `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
			}
			if x.Switch("NoTypeInformation") != Yes && in.dialect() == WindowsPowerShell {
				if err := x.Out("#TYPE " + o.Type); err != nil {
					return err
				}
			}
			if err := x.Out(strings.Join(quoted, delimiter)); err != nil {
				return err
			}
		}
		var parts []Value
		for i, n := range names {
			if i > 0 {
				parts = append(parts, delimiter)
			}
			v, _ := o.Get(n)
			if v == nil {
				continue
			}
			text := in.scalarText(v)
			if s, ok := text.(string); ok {
				text = strings.ReplaceAll(s, `"`, `""`)
			}
			parts = append(parts, `"`, text, `"`)
		}
		if err := x.Out(in.joinText(parts)); err != nil {
			return err
		}
	}
	return nil
}

const maxJSONDepth = 100

var errJSONDepth = errors.New("nested too deep")

func convertFromJSON(x *execution) error {
	in := x.in
	var text strings.Builder
	for _, item := range x.items() {
		s, ok := in.text(item).(string)
		if !ok {
			u := x.unknown(x.items()...)
			u.Many = true
			return x.Out(u)
		}
		text.WriteString(s + "\n")
	}
	if err := in.charge(int64(text.Len()) * 8); err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(text.String()))
	d.UseNumber()
	v, err := jsonValue(d, in.dialect(), x.Switch("AsHashtable") == Yes, 0)
	if errors.Is(err, io.EOF) && strings.TrimSpace(text.String()) == "" {
		return nil
	}
	if err == nil {
		_, err = d.Token()
	}
	if !errors.Is(err, io.EOF) {
		return in.thrown("System.ArgumentException", "Conversion from JSON failed.")
	}
	if items, ok := Items(v); ok && (in.dialect() == PowerShellCore && x.Switch("NoEnumerate") != Yes) {
		return in.feed(items, x.stage.put)
	}
	return x.Out(v)
}

func jsonValue(d *json.Decoder, dialect Dialect, table bool, depth int) (Value, error) {
	if depth > maxJSONDepth {
		return nil, errJSONDepth
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '[' {
			return jsonArray(d, dialect, table, depth)
		}
		return jsonObject(d, dialect, table, depth)
	case json.Number:
		return jsonNumber(string(t), dialect), nil
	case string:
		return t, nil
	case bool:
		return t, nil
	}
	return nil, nil
}

func jsonArray(d *json.Decoder, dialect Dialect, table bool, depth int) (Value, error) {
	var items []Value
	for d.More() {
		v, err := jsonValue(d, dialect, table, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, v)
	}
	_, err := d.Token()
	return newArray(items), err
}

func jsonObject(d *json.Decoder, dialect Dialect, table bool, depth int) (Value, error) {
	o, h := newCustomObject(), newHash()
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := key.(string)
		v, err := jsonValue(d, dialect, table, depth+1)
		if err != nil {
			return nil, err
		}
		o.Set(name, v)
		h.Set(name, v)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if table {
		h.CaseSensitive = true
		return h, nil
	}
	return o, nil
}

// jsonNumber is an int where it fits in Windows PowerShell, a long in 7; real
// numbers are decimal in the former.
func jsonNumber(s string, dialect Dialect) Value {
	if n, ok := new(big.Int).SetString(s, 10); ok && len(s) < 400 {
		if n.IsInt64() {
			if dialect == WindowsPowerShell {
				return narrow(n, widthOf(n))
			}
			return n.Int64()
		}
		return n
	}
	if d, ok := parseDecimal(s); ok && dialect == WindowsPowerShell && !strings.ContainsAny(s, "eE") {
		return d
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// convertFromStringData reads lines of name = value, in which a backslash
// escapes as in regular expressions.
func convertFromStringData(x *execution) error {
	in := x.in
	texts := x.Input
	if v, ok := x.Arg("StringData"); ok {
		texts = []Value{v}
	}
	for _, text := range texts {
		s, ok := in.text(text).(string)
		if !ok {
			if err := x.Out(x.unknown(text)); err != nil {
				return err
			}
			continue
		}
		h := newHash()
		delimiter := "="
		if d, given, known := x.Text("Delimiter"); given && known && d != "" {
			delimiter = d
		}
		for _, line := range strings.Split(s, "\n") {
			line = strings.TrimFunc(line, isSpace)
			if line == "" || line[0] == '#' {
				continue
			}
			name, value, ok := strings.Cut(line, delimiter)
			plain, valid := unescapeRegex(strings.TrimFunc(value, isSpace))
			if !ok || !valid {
				return in.thrown("System.Management.Automation.PSInvalidOperationException", "Data line '"+line+"' is not in 'name=value' format.")
			}
			h.Set(strings.TrimFunc(name, isSpace), plain)
		}
		if err := x.Out(h); err != nil {
			return err
		}
	}
	return nil
}
