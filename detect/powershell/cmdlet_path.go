package powershell

// Commands on paths and on objects: Join-Path, Split-Path, Test-Path,
// New-Object, Add-Member.

import (
	"slices"
	"strings"
)

func pathCommands() []*cmdlet {
	return []*cmdlet{
		{Name: "Join-Path", Run: joinPathCommand, Parameters: slices.Concat([]ParameterInfo{
			{Name: "Path", Aliases: []string{"PSPath"}, Position: 0, Property: true}, positional("ChildPath", 1),
			{Name: "AdditionalChildPath", Position: 2, Remaining: true}, named("Credential"), named("Extension")}, switches("Resolve"))},
		{Name: "Split-Path", Run: splitPathCommand, Parameters: slices.Concat([]ParameterInfo{
			{Name: "Path", Position: 0, Property: true}, {Name: "LiteralPath", Aliases: []string{"PSPath", "LP"}, Position: -1}, named("Credential")},
			switches("Parent", "Leaf", "LeafBase", "Extension", "Qualifier", "NoQualifier", "IsAbsolute", "Resolve"))},
		{Name: "Test-Path", Run: testPath, Parameters: slices.Concat([]ParameterInfo{
			{Name: "Path", Position: 0, Property: true}, {Name: "LiteralPath", Aliases: []string{"PSPath", "LP"}, Position: -1}, named("Filter"),
			named("Include"), named("Exclude"), named("PathType"), named("Credential"), named("OlderThan"), named("NewerThan")}, switches("IsValid"))},
	}
}

// joinPathCommand joins each parent with the child. Windows PowerShell has no
// third part.
func joinPathCommand(x *execution) error {
	parents := x.list("Path")
	if parents == nil {
		parents = x.Input
	}
	rest := append(x.list("ChildPath"), x.list("AdditionalChildPath")...)
	if len(x.list("AdditionalChildPath")) > 0 && x.in.dialect() == WindowsPowerShell {
		return x.in.thrown("System.Management.Automation.ParameterBindingException",
			"A positional parameter cannot be found that accepts argument '"+knownPrefix(x.in.text(rest[len(rest)-1]))+"'.")
	}
	for _, p := range parents {
		joined := p
		if u, ok := p.(*Unknown); ok && u.Many {
			joined = elementOf(u, 0)
		}
		for _, c := range rest {
			v, err := x.in.joinPath(joined, c)
			if err != nil {
				return err
			}
			joined = v
		}
		if err := x.Out(joined); err != nil {
			return err
		}
	}
	return nil
}

// splitPathCommand takes a part of each path.
func splitPathCommand(x *execution) error {
	paths := x.list("Path")
	if paths == nil {
		paths = x.list("LiteralPath")
	}
	if paths == nil {
		paths = x.Input
	}
	for _, p := range paths {
		var v Value
		switch t := x.in.text(p).(type) {
		case string:
			v = x.splitPart(t)
		case *Text:
			v = x.splitText(t)
		default:
			v = x.splitUnknown(p)
		}
		if err := x.Out(v); err != nil {
			return err
		}
	}
	return nil
}

func (x *execution) splitPart(s string) Value {
	switch {
	case x.Switch("Leaf") == Yes:
		return splitLeaf(s)
	case x.Switch("LeafBase") == Yes:
		return stemOf(splitLeaf(s))
	case x.Switch("Extension") == Yes:
		return extensionOf(splitLeaf(s))
	case x.Switch("Qualifier") == Yes:
		if q, ok := qualifierOf(s); ok {
			return q
		}
		return x.in.unknown(x.Source(), OriginCommand)
	case x.Switch("NoQualifier") == Yes:
		q, _ := qualifierOf(s)
		return s[len(q):]
	case x.Switch("IsAbsolute") == Yes:
		if strings.HasPrefix(s, `\\`) {
			return x.in.unknown(x.Source(), OriginCommand)
		}
		_, ok := qualifierOf(s)
		return ok
	}
	return splitParent(s)
}

// splitText takes a part of a path of which the end is known.
func (x *execution) splitText(t *Text) Value {
	var v Value
	ok := false
	switch {
	case x.Switch("Leaf") == Yes:
		v, ok = leafOfText(t)
	case x.Switch("LeafBase") == Yes:
		v, ok = stemOfText(t)
	case x.Switch("Extension") == Yes:
		v, ok = extensionOfText(t)
	case x.Switch("NoQualifier") == Yes:
		v, ok = withoutQualifier(t)
	case x.Switch("Qualifier") == Yes:
		if first := t.Parts[0]; first.Hole == nil {
			v, ok = qualifierOf(first.Text)
		}
	case x.Switch("IsAbsolute") == Yes:
	default:
		v, ok = directoryOfText(t)
	}
	if ok {
		return v
	}
	return x.splitUnknown(t)
}

// qualifierOf is the drive or the provider that a path begins with.
func qualifierOf(path string) (string, bool) {
	if i := strings.Index(path, "::"); i > 0 {
		return path[:i+2], true
	}
	i := strings.IndexByte(path, ':')
	return path[:i+1], i > 0
}

// withoutQualifier is a path without its drive, where what is known of it shows
// where that ends: in the text at its beginning, or in the one unknown part there.
func withoutQualifier(t *Text) (Value, bool) {
	first, rest := t.Parts[0], t.Parts[1:]
	var b textBuilder
	if first.Hole == nil {
		q, ok := qualifierOf(first.Text)
		if !ok {
			return nil, false
		}
		b.write(first.Text[len(q):])
	} else {
		if len(rest) != 1 || strings.Contains(rest[0].Text, ":") {
			return nil, false
		}
		b.write(derivedFrom(first.Hole, nameOf("Split-Path "+operand(first.Hole.Expression)+" -NoQualifier", ""), "without qualifier"))
	}
	for _, p := range rest {
		if p.Hole != nil {
			b.write(p.Hole)
		} else {
			b.write(p.Text)
		}
	}
	return b.value(), true
}

func (x *execution) splitUnknown(p Value) Value {
	u := x.unknown(p)
	u.Type = typeString
	return u
}

// testPath is not known. The same path gives the same answer.
func testPath(x *execution) error {
	paths := x.list("Path")
	if paths == nil {
		paths = x.list("LiteralPath")
	}
	if paths == nil {
		paths = x.Input
	}
	u := &Unknown{
		Expression: truncated(x.Source()), Origin: OriginFile, Type: "System.Boolean",
		Identity: shortIdentity("exists|" + foldCase(identityOf(newArray(paths)))),
	}
	return x.Out(u)
}

func objectCommands() []*cmdlet {
	return []*cmdlet{
		{Name: "New-Object", Run: newObjectCommand, Parameters: slices.Concat([]ParameterInfo{
			positional("TypeName", 0), {Name: "ArgumentList", Aliases: []string{"Args"}, Position: 1}, named("Property"), named("ComObject")},
			switches("Strict"))},
		{Name: "Add-Member", Run: addMember, Parameters: slices.Concat([]ParameterInfo{
			positional("MemberType", 0), positional("Name", 1), positional("Value", 2), positional("SecondValue", 3), named("TypeName"),
			named("NotePropertyName"), named("NotePropertyValue"), named("NotePropertyMembers"), input()}, switches("Force", "PassThru"))},
		{Name: "Get-Member", Run: getMember, Parameters: slices.Concat([]ParameterInfo{
			positional("Name", 0), named("MemberType"), named("View"), input()}, switches("Force", "Static"))},
	}
}

func unknownMany(x *execution) error {
	u := x.unknown(x.items()...)
	u.Many = true
	return x.Out(u)
}

func newObjectCommand(x *execution) error {
	in := x.in
	name, given, known := x.Text("TypeName")
	if _, com := x.Arg("ComObject"); com || !given || !known {
		return x.Out(x.unknown(x.list("TypeName")...))
	}
	t := in.typeNamed(name)
	var args []Value
	if v, ok := x.Arg("ArgumentList"); ok {
		items, isList := Items(v)
		if !isList {
			items = []Value{v}
		}
		args = items
	}
	v, err := in.new(t, args)
	if err != nil {
		return err
	}
	if u, ok := v.(*Unknown); ok {
		u.Expression = truncated(x.Source())
	}
	if p, ok := x.Arg("Property"); ok {
		if v, err = x.withProperties(v, p); err != nil {
			return err
		}
	}
	return x.Out(v)
}

// withProperties sets the properties that a table lists; a custom object gets
// them.
func (x *execution) withProperties(v, properties Value) (Value, error) {
	h, ok := properties.(*Hash)
	if !ok {
		return x.unknown(properties), nil
	}
	o, isObject := v.(*Object)
	for _, k := range x.in.propertiesOf(h) {
		name, ok := x.in.text(k).(string)
		if !ok {
			return x.unknown(k), nil
		}
		value, _ := h.Get(k)
		if isObject && o.Type == typePSCustomObject {
			o.Set(name, value)
			continue
		}
		if err := x.in.setMember(v, name, value); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// addition is a member that Add-Member adds.
type addition struct {
	name  string
	value Value
}

func addMember(x *execution) error {
	in := x.in
	added, ok := x.additions()
	for _, item := range x.items() {
		o, isObject := item.(*Object)
		switch {
		case isUnknown(item) || !ok:
		case !isObject:
			o = &Object{Type: typeNameOf(item), Base: item}
			item = o
		default:
			in.touch(o)
		}
		if o != nil {
			for _, a := range added {
				o.Set(a.name, a.value)
			}
			if name, given, known := x.Text("TypeName"); given && known {
				o.Set("PSTypeNames", newList(typeCollection, name, o.Type, typeObject))
			}
		}
		if x.Switch("PassThru") == Yes {
			if err := x.Out(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// additions reads the ways in which members are given: by type, name and
// value; by name and value; as a table. ok is false where a name is unknown.
func (x *execution) additions() ([]addition, bool) {
	if v, ok := x.Arg("NotePropertyMembers"); ok {
		return x.tableAdditions(v)
	}
	kind, given := x.Arg("MemberType")
	if h, ok := kind.(*Hash); ok {
		return x.tableAdditions(h)
	}
	name, _ := x.Arg("Name")
	value, hasValue := x.Arg("Value")
	if n, ok := x.Arg("NotePropertyName"); ok {
		v, _ := x.Arg("NotePropertyValue")
		return x.addition(n, v, "noteproperty")
	}
	text, _ := x.in.text(kind).(string)
	if given && !hasValue && !isMemberType(text) {
		return x.addition(kind, name, "noteproperty")
	}
	if !given {
		text = "noteproperty"
	}
	return x.addition(name, value, foldCase(text))
}

func isMemberType(s string) bool {
	return slices.Contains([]string{"noteproperty", "scriptproperty", "scriptmethod", "aliasproperty", "codeproperty", "codemethod",
		"propertyset", "memberset"}, foldCase(s))
}

func (x *execution) addition(name, value Value, kind string) ([]addition, bool) {
	s, ok := x.in.text(name).(string)
	if !ok {
		return nil, false
	}
	block, _ := value.(*Closure)
	switch kind {
	case "scriptproperty":
		second, _ := x.Arg("SecondValue")
		set, _ := second.(*Closure)
		return []addition{{s, &scriptProperty{get: block, set: set}}}, true
	case "scriptmethod":
		return []addition{{s, &scriptMethod{block}}}, true
	case "aliasproperty":
		other, _ := x.in.text(value).(string)
		var list []addition
		for _, item := range x.items() {
			v, _ := x.in.member(item, other, x.Source())
			list = append(list, addition{s, v})
		}
		return list, true
	}
	return []addition{{s, value}}, true
}

func (x *execution) tableAdditions(v Value) ([]addition, bool) {
	h, ok := v.(*Hash)
	if !ok {
		return nil, false
	}
	var list []addition
	for _, k := range x.in.propertiesOf(h) {
		name, ok := x.in.text(k).(string)
		if !ok {
			return nil, false
		}
		value, _ := h.Get(k)
		list = append(list, addition{name, value})
	}
	return list, true
}
