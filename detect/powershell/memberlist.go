package powershell

// Lists of members, from which scripts take names: Get-Member, and
// .PSObject.Methods.

import (
	"slices"
	"strings"
)

// memberNames are the members of a type in the order of Get-Member.
type memberNames struct{ methods, indexers, properties []string }

// memberLists are those of types whose members scripts look up by name, as of
// Windows PowerShell 5.1.
var memberLists = map[string]memberNames{
	typeEngine: {
		methods:    strings.Fields("Equals GetHashCode GetType ToString"),
		properties: strings.Fields("Events Host InvokeCommand InvokeProvider SessionState"),
	},
	typeIntrinsics: {
		methods: strings.Fields(`Equals ExpandString GetCmdlet GetCmdletByTypeName GetCmdlets GetCommand GetCommandName GetCommands
			GetHashCode GetType InvokeScript NewScriptBlock ToString`),
		properties: strings.Fields("CommandNotFoundAction HasErrors LocationChangedAction PostCommandLookupAction PreCommandLookupAction"),
	},
	typeString: {
		methods: strings.Fields(`Clone CompareTo Contains CopyTo EndsWith Equals GetEnumerator GetHashCode GetType GetTypeCode IndexOf IndexOfAny
			Insert IsNormalized LastIndexOf LastIndexOfAny Normalize PadLeft PadRight Remove Replace Split StartsWith Substring ToBoolean ToByte
			ToChar ToCharArray ToDateTime ToDecimal ToDouble ToInt16 ToInt32 ToInt64 ToLower ToLowerInvariant ToSByte ToSingle ToString ToType
			ToUInt16 ToUInt32 ToUInt64 ToUpper ToUpperInvariant Trim TrimEnd TrimStart`),
		indexers: []string{"Chars"}, properties: []string{"Length"},
	},
}

// listedMember is a member and its MemberType.
type listedMember struct{ kind, name string }

// membersOf lists the members of a value as Get-Member does; ok is false where
// they are not all known.
func (in *Interpreter) membersOf(v Value) (list []listedMember, ok bool) {
	add := func(kind string, names []string) {
		for _, n := range names {
			list = append(list, listedMember{kind, n})
		}
	}
	if _, isText := v.(string); isText {
		v = newObject(typeString)
	}
	o, isObject := v.(*Object)
	if !isObject || isUnknown(v) || len(in.typeData) > 0 {
		return nil, false
	}
	if o.Type == typePSCustomObject && o.Class == nil && o.Base == nil && o.Payload == nil {
		add("Method", memberLists[typeEngine].methods)
		names := o.Names()
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(foldCase(a), foldCase(b)) })
		for _, n := range names {
			switch o.values[foldCase(n)].(type) {
			case *scriptProperty, *aliasProperty:
				return nil, false
			}
		}
		add("NoteProperty", names)
		return list, len(names) == len(o.names)
	}
	m, known := memberLists[o.Type]
	add("Method", m.methods)
	add("ParameterizedProperty", m.indexers)
	add("Property", m.properties)
	return list, known
}

// getMember is Get-Member, which tells of each type once.
func getMember(x *execution) error {
	in := x.in
	patterns, known := x.patterns("Name")
	kinds, kindsKnown := x.patterns("MemberType")
	if !known || !kindsKnown || x.Switch("Static") != No || x.Switch("Force") != No {
		return unknownMany(x)
	}
	var out []Value
	var seen []string
	items := x.items()
	for _, item := range items {
		list, ok := in.membersOf(item)
		if !ok {
			return unknownMany(x)
		}
		of := typeNameOf(item)
		if slices.Contains(seen, of) {
			continue
		}
		seen = append(seen, of)
		for _, m := range list {
			if len(patterns) > 0 && !slices.ContainsFunc(patterns, func(p string) bool { return in.like(m.name, p) }) || !m.isOf(kinds) {
				continue
			}
			o := newObject("Microsoft.PowerShell.Commands.MemberDefinition")
			o.Set("TypeName", of)
			o.Set("Name", m.name)
			o.Set("MemberType", m.kind)
			o.Set("Definition", in.unknown(x.Source()+".Definition", OriginCommand))
			out = append(out, o)
		}
	}
	if len(items) == 0 {
		return unknownMany(x)
	}
	return in.settled(in.feed(out, x.stage.put))
}

// isOf tells whether a member is of one of the kinds that -MemberType names.
func (m listedMember) isOf(kinds []string) bool {
	if len(kinds) == 1 {
		kinds = splitKinds(kinds[0])
	}
	return len(kinds) == 0 || slices.ContainsFunc(kinds, func(k string) bool {
		switch foldCase(k) {
		case "all":
			return true
		case "methods":
			return m.kind == "Method"
		case "properties":
			return m.kind == "Property" || m.kind == "NoteProperty"
		}
		return strings.EqualFold(k, m.kind)
	})
}

// methodsOf is .PSObject.Methods of a value, of which the methods can be
// enumerated where they are known.
func methodsOf(v Value) *Object {
	o := newPayload("System.Management.Automation.PSMethodList", &methodList{v})
	t := v
	if _, isText := v.(string); isText {
		t = newObject(typeString)
	}
	of, ok := t.(*Object)
	if !ok {
		return o
	}
	m, known := memberLists[of.Type]
	if !known {
		return o
	}
	items := make([]Value, len(m.methods))
	for i, name := range m.methods {
		method := newPayload(typePSMethod, &boundMethod{v, name})
		method.Set("Name", name)
		method.Set("MemberType", "Method")
		items[i] = method
	}
	o.Base = newList(typeCollection, items...)
	return o
}
