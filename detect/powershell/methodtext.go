package powershell

// The text of a method that is taken as a value: the definitions of its
// overloads, from which scripts take letters.

import "strings"

// methodTexts are the definitions of the methods of strings. What ends in a
// parenthesis that is not closed goes on with overloads and their order, which
// differ from version to version; what stands behind a bar is so in 5.1 only.
var methodTexts = map[string]string{
	"chars": "char Chars(int index) {get;}", "clone": "System.Object Clone(", "compareto": "int CompareTo(", "contains": "bool Contains(|string value)",
	"copyto": "void CopyTo(", "endswith": "bool EndsWith(", "equals": "bool Equals(", "getenumerator": "System.CharEnumerator GetEnumerator(",
	"gethashcode": "int GetHashCode(|)", "gettype": "type GetType()", "gettypecode": "System.TypeCode GetTypeCode(", "indexof": "int IndexOf(",
	"indexofany": "int IndexOfAny(", "insert": "string Insert(int startIndex, string value)", "isnormalized": "bool IsNormalized(",
	"lastindexof": "int LastIndexOf(", "lastindexofany": "int LastIndexOfAny(", "normalize": "string Normalize(", "padleft": "string PadLeft(",
	"padright": "string PadRight(", "remove": "string Remove(|int startIndex, int count), string Remove(int startIndex)",
	"replace": "string Replace(|char oldChar, char newChar), string Replace(string oldValue, string newValue)", "split": "string[] Split(",
	"startswith": "bool StartsWith(", "substring": "string Substring(int startIndex), string Substring(int startIndex, int length)",
	"tochararray": "char[] ToCharArray(", "tolower": "string ToLower(", "tolowerinvariant": "string ToLowerInvariant()", "tostring": "string ToString(",
	"toupper": "string ToUpper(", "toupperinvariant": "string ToUpperInvariant()", "trim": "string Trim(", "trimend": "string TrimEnd(",
	"trimstart": "string TrimStart(",
}

// staticMethodTexts are those of [string].
var staticMethodTexts = map[string]string{
	"compare": "static int Compare(", "concat": "static string Concat(", "format": "static string Format(", "join": "static string Join(",
	"isnullorempty": "static bool IsNullOrEmpty(string value)", "isnullorwhitespace": "static bool IsNullOrWhiteSpace(string value)",
	"copy": "static string Copy(", "intern": "static string Intern(", "equals": "static bool Equals(",
}

// methodText is a method as text, as far as it is sure.
func (in *Interpreter) methodText(b *boundMethod) Value {
	text, of := "", b.target
	switch t := b.target.(type) {
	case string, *Text:
		text = methodTexts[foldCase(b.name)]
	case staticTarget:
		of = t.of
		if t.of.Name == typeString && len(t.of.Ranks) == 0 {
			text = staticMethodTexts[foldCase(b.name)]
		}
	}
	text, older, _ := strings.Cut(text, "|")
	if in == nil || in.dialect() == WindowsPowerShell {
		text += older
	}
	if text != "" && !strings.HasSuffix(text, "(") {
		return text
	}
	expression := operand(expressionOf(of)) + "." + memberText(b.name)
	rest := &Unknown{Expression: "[string]" + expression, Origin: OriginEnvironment, Type: typeString, Identity: "method|" + foldCase(expression)}
	if text == "" {
		return rest
	}
	return &Text{Parts: []TextPart{{Text: text}, {Hole: rest}}}
}

// knownUnit is a character of a text of which its beginning or end is known, if
// it stands there.
func knownUnit(t *Text, i Value) (Value, bool) {
	n, ok := smallInt(i)
	if !ok {
		return nil, false
	}
	prefix, suffix := knownEnds(t)
	k := int(n)
	switch {
	case k >= 0 && k < unitLen(prefix):
		return chars(prefix)[k], true
	case k < 0 && -k <= unitLen(suffix):
		return chars(suffix)[unitLen(suffix)+k], true
	}
	return nil, false
}

func addMethodMembers(l *library) {
	unknown := func(name string) property {
		return func(in *Interpreter, v Value) Value {
			return in.unknownMember(in.methodText(v.(*Object).Payload.(*boundMethod)), name, "")
		}
	}
	l.addProperties(typePSMethod, map[string]property{
		"overloaddefinitions": unknown("OverloadDefinitions"), "value": unknown("Value"),
		"name": func(in *Interpreter, v Value) Value {
			b := v.(*Object).Payload.(*boundMethod)
			if _, ok := b.target.(string); ok {
				_, text, _ := strings.Cut(methodTexts[foldCase(b.name)], " ")
				if name, _, found := strings.Cut(text, "("); found {
					return name
				}
			}
			return in.unknownMember(in.methodText(b), "Name", "")
		},
		"membertype": func(_ *Interpreter, v Value) Value { return "Method" },
	})
}
