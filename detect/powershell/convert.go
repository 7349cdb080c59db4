package powershell

// Casts: what a value becomes where a type is asked for.

import (
	"fmt"
	"math"
	"math/big"
	"strings"
)

// conversion makes a value of one type of any other, or fails as the engine
// does. The value is neither unknown nor of the type already.
type conversion func(in *Interpreter, v Value) (Value, error)

// conversions are the casts by the .NET name of the type.
func conversions() map[string]conversion {
	table := map[string]conversion{
		"System.String":  func(in *Interpreter, v Value) (Value, error) { return in.text(v), nil },
		"System.Boolean": toBool,
		"System.Char":    toChar,
		"System.Decimal": toDecimal,
		"System.Double":  func(in *Interpreter, v Value) (Value, error) { return in.toFloat(v, "System.Double") },
		"System.Single": func(in *Interpreter, v Value) (Value, error) {
			f, err := in.toFloat(v, "System.Single")
			if err != nil {
				return nil, err
			}
			return float32(f.(float64)), nil
		},
		"System.Numerics.BigInteger": toBigInteger,
		"System.Void":                func(*Interpreter, Value) (Value, error) { return nil, nil },
		"System.Array":               toArray,
		typeHashtable:                toHashtable,
		typeOrdered:                  toOrdered,
		typePSCustomObject:           toCustomObject,
		"System.Management.Automation.SwitchParameter": toSwitch,
		"System.Type":                 toType,
		typeScriptBlock:               toScriptBlock,
		typeDateTime:                  toDateTime,
		typeTimeSpan:                  toTimeSpan,
		typeGUID:                      toGUID,
		typeVersion:                   toVersion,
		typeURI:                       toURI,
		typeRegex:                     toRegex,
		"System.Net.IPAddress":        toIPAddress,
		typeXMLDocument:               toXML,
		"System.Net.Mail.MailAddress": toMailAddress,
	}
	for _, kept := range []string{
		typeObject, "System.Management.Automation.PSObject", "System.Collections.IEnumerable", "System.IComparable",
		"System.Collections.IDictionary", "System.Management.Automation.Language.NullString",
	} {
		table[kept] = func(_ *Interpreter, v Value) (Value, error) { return v, nil }
	}
	for name, r := range integerRanges {
		table[name] = func(in *Interpreter, v Value) (Value, error) { return in.toInteger(v, name, r) }
	}
	for _, name := range []string{typeArrayList, typeGenericList, typeQueue, typeStack, typeCollection, typeHashSet,
		"System.Collections.Generic.Queue`1", "System.Collections.Generic.Stack`1", "System.Collections.IList", "System.Collections.ICollection"} {
		table[name] = func(in *Interpreter, v Value) (Value, error) { return toList(in, v, name) }
	}
	return table
}

// integerRange is what an integer type holds, and how it is made.
type integerRange struct {
	low, high string
	make      func(*big.Int) Value
}

var integerRanges = map[string]integerRange{
	"System.SByte":  {"-128", "127", func(n *big.Int) Value { return int8(n.Int64()) }},
	"System.Byte":   {"0", "255", func(n *big.Int) Value { return uint8(n.Int64()) }},
	"System.Int16":  {"-32768", "32767", func(n *big.Int) Value { return int16(n.Int64()) }},
	"System.UInt16": {"0", "65535", func(n *big.Int) Value { return uint16(n.Int64()) }},
	"System.Int32":  {"-2147483648", "2147483647", func(n *big.Int) Value { return int32(n.Int64()) }},
	"System.UInt32": {"0", "4294967295", func(n *big.Int) Value { return uint32(n.Int64()) }},
	"System.Int64":  {"-9223372036854775808", "9223372036854775807", func(n *big.Int) Value { return n.Int64() }},
	"System.UInt64": {"0", "18446744073709551615", func(n *big.Int) Value { return n.Uint64() }},
}

func (r integerRange) holds(n *big.Int) bool {
	low, _ := new(big.Int).SetString(r.low, 10)
	high, _ := new(big.Int).SetString(r.high, 10)
	return n.Cmp(low) >= 0 && n.Cmp(high) <= 0
}

// convert makes a value of the type, as a cast does. What is unknown stays
// unknown: text keeps its known parts where a string is asked for.
func (in *Interpreter) convert(v Value, t *TypeRef) (Value, error) {
	if len(t.Ranks) > 0 {
		return in.convertToArray(v, t)
	}
	if t.Class != nil {
		return in.convertToClass(v, t)
	}
	if u, ok := v.(*Unknown); ok {
		return in.convertUnknown(u, t)
	}
	if text, ok := v.(*Text); ok && t.Name != "System.String" {
		return in.convertText(text, t)
	}
	if o, ok := v.(*Object); ok && o.Type == t.Name && t.Name != typePSCustomObject {
		return v, nil
	}
	if typeNameOf(v) == t.Name && len(t.Args) == 0 && t.Name != typeOrdered {
		return v, nil
	}
	if convert, ok := in.lib().conversions[t.Name]; ok {
		return in.convertKnown(v, t, convert)
	}
	if isDelegate(t) && isCallable(v) {
		return v, nil
	}
	if enum, ok := in.lib().enums[t.Name]; ok {
		return in.toEnum(v, t.Name, enum)
	}
	if v == nil {
		return nil, nil
	}
	return in.castByConstructor(v, t)
}

// isDelegate tells whether a type is a delegate's, which stands for the script
// block or the method that it is made of.
func isDelegate(t *TypeRef) bool {
	name, _, _ := strings.Cut(foldCase(t.Name[strings.LastIndexByte(t.Name, '.')+1:]), "`")
	switch name {
	case "func", "action", "predicate", "converter", "comparison", "matchevaluator", "eventhandler", "threadstart", "parameterizedthreadstart",
		"waitcallback", "timercallback", "delegate", "multicastdelegate":
		return true
	}
	return false
}

func isCallable(v Value) bool {
	switch v := v.(type) {
	case *Closure:
		return true
	case *Object:
		_, ok := v.Payload.(*boundMethod)
		return ok
	}
	return false
}

func (in *Interpreter) convertKnown(v Value, t *TypeRef, convert conversion) (Value, error) {
	converted, err := convert(in, v)
	if list, ok := converted.(*List); ok && len(t.Args) == 1 && err == nil {
		list.Element = t.Args[0]
		for i, item := range list.Elements {
			if list.Elements[i], err = in.convert(item, t.Args[0]); err != nil {
				return nil, err
			}
		}
	}
	return converted, err
}

// castByConstructor is the cast by a constructor with one argument.
func (in *Interpreter) castByConstructor(v Value, t *TypeRef) (Value, error) {
	if _, ok := in.lib().constructors[t.Name]; ok {
		return in.new(t, []Value{v})
	}
	return in.unknown("["+t.String()+"]"+operand(expressionOf(v)), OriginVariable), nil
}

func (in *Interpreter) convertToClass(v Value, t *TypeRef) (Value, error) {
	if v == nil {
		return nil, nil
	}
	if o, ok := v.(*Object); ok && in.inherits(o, t) {
		return v, nil
	}
	return in.classConvert(v, t)
}

// renamingCasts are casts that keep the name of what is cast.
var renamingCasts = map[string]bool{
	"System.Array": true, typeObject: true, "System.Management.Automation.PSObject": true, typePSCustomObject: true,
	"System.Management.Automation.SwitchParameter": true, "System.Boolean": true,
}

func (in *Interpreter) convertUnknown(u *Unknown, t *TypeRef) (Value, error) {
	switch {
	case t.Name == "System.Void":
		return nil, nil
	case t.Name == "System.String":
		return &Text{Parts: []TextPart{{Hole: u}}}, nil
	case t.Name == u.Type, renamingCasts[t.Name]:
		return u, nil
	}
	in.risks++ // such a cast may fail
	c := derivedFrom(u, nameOf("["+acceleratorName(t)+"]"+operand(u.Expression), ""), "as "+t.String())
	c.Type = t.Name
	c.Many = u.Many && in.lib().conversions[t.Name] == nil
	return in.withDefault(c, []Value{u}, func(known []Value) (Value, error) { return in.convert(known[0], t) }), nil
}

func (in *Interpreter) convertText(text *Text, t *TypeRef) (Value, error) {
	if t.Name == typeScriptBlock {
		return toScriptBlock(in, text)
	}
	if renamingCasts[t.Name] {
		return text, nil
	}
	c := derivedFrom(text, nameOf("["+acceleratorName(t)+"]"+operand(textExpression(text)), ""), "as "+t.String())
	c.Type = t.Name
	return c, nil
}

// withDefault gives an unknown result the value that it has where the caller
// of the script leaves its parameters at their defaults.
func (in *Interpreter) withDefault(u *Unknown, operands []Value, again func([]Value) (Value, error)) *Unknown {
	known := make([]Value, len(operands))
	found := false
	for i, v := range operands {
		known[i] = v
		if from, ok := v.(*Unknown); ok && from.HasDefault {
			known[i], found = from.Default, true
		}
	}
	if !found || anyUnknown(known...) {
		return u
	}
	v, err := again(known)
	if err != nil || anyUnknown(v) {
		return u
	}
	u.Default, u.HasDefault = v, true
	return u
}

// convertToArray casts to an array type: each element is cast, and one value
// becomes an array of one.
func (in *Interpreter) convertToArray(v Value, t *TypeRef) (Value, error) {
	if v == nil {
		return nil, nil
	}
	element := t.element()
	if s, ok := v.(string); ok && element.Name == "System.Char" && len(element.Ranks) == 0 {
		if err := in.chargeItems(int64(len(s))); err != nil {
			return nil, err
		}
		return newTypedArray("System.Char", chars(s)), nil
	}
	if u, ok := v.(*Unknown); ok {
		if u.Many {
			return u, nil
		}
		many := *u
		many.Many = true
		return &many, nil
	}
	if a, ok := v.(*Array); ok && (a.Type == element.String() || element.Name == typeObject && len(element.Ranks) == 0 && a.Type == typeObject) {
		return a, nil
	}
	items, ok := enumerable(v)
	if !ok {
		items = []Value{v}
	}
	if err := in.chargeItems(int64(len(items))); err != nil {
		return nil, err
	}
	converted := make([]Value, len(items))
	for i, item := range items {
		if isMany(item) {
			converted[i] = item
			continue
		}
		c, err := in.convert(item, element)
		if err != nil {
			return nil, err
		}
		converted[i] = c
	}
	return newTypedArray(element.String(), converted), nil
}

// cannotConvert is the error of a cast.
func (in *Interpreter) cannotConvert(v Value, typeName, reason string) error {
	shown, _ := in.text(v).(string)
	if _, isList := Items(v); isList {
		shown = typeNameOf(v)
	}
	message := fmt.Sprintf("Cannot convert value \"%s\" to type \"%s\".", shown, typeName)
	if reason != "" {
		message += fmt.Sprintf(" Error: \"%s\"", reason)
	}
	return in.thrown("System.Management.Automation.PSInvalidCastException", message)
}

func (in *Interpreter) badNumber(s string) string {
	if in.dialect() == PowerShellCore {
		return "The input string '" + s + "' was not in a correct format."
	}
	return "Input string was not in a correct format."
}

func toBool(in *Interpreter, v Value) (Value, error) {
	switch in.truth(v) {
	case Yes:
		return true, nil
	case No:
		return false, nil
	}
	u := derivedFrom(v, expressionOf(v), "as bool")
	u.Type = "System.Boolean"
	return u, nil
}

func toSwitch(in *Interpreter, v Value) (Value, error) {
	b, err := toBool(in, v)
	if known, ok := b.(bool); ok {
		return newPayload("System.Management.Automation.SwitchParameter", switchValue(known)), err
	}
	return b, err
}

func toChar(in *Interpreter, v Value) (Value, error) {
	switch x := v.(type) {
	case nil:
		return Char(0), nil
	case string:
		units := utf16Units(x[:min(len(x), 8)])
		if len(units) == 1 {
			return Char(units[0]), nil
		}
		return nil, in.cannotConvert(v, "System.Char", "String must be exactly one character long.")
	case bool, float32, float64, Decimal:
		if f := floatOf(v); f != math.Trunc(f) || f < 0 || f > 65535 {
			return nil, in.cannotConvert(v, "System.Char", "")
		}
		return Char(floatOf(v)), nil
	}
	n, ok := bigInt(numberOf(v))
	if !ok {
		return nil, in.cannotConvert(v, "System.Char", "")
	}
	if !n.IsInt64() || n.Int64() < 0 || n.Int64() > 65535 {
		return nil, in.cannotConvert(v, "System.Char", "Value was either too large or too small for a character.")
	}
	return Char(n.Int64()), nil
}

// toInteger rounds half to even, and reads text as a decimal or hexadecimal
// integer, else as a real number.
func (in *Interpreter) toInteger(v Value, typeName string, r integerRange) (Value, error) {
	n, reason := integerFrom(v)
	if n == nil {
		if s, ok := v.(string); ok {
			reason = in.badNumber(s)
		}
		return nil, in.cannotConvert(v, typeName, reason)
	}
	if !r.holds(n) {
		short := strings.TrimPrefix(typeName, "System.")
		return nil, in.cannotConvert(v, typeName, "Value was either too large or too small for an "+short+".")
	}
	return r.make(n), nil
}

func integerFrom(v Value) (n *big.Int, reason string) {
	switch x := v.(type) {
	case nil:
		return new(big.Int), ""
	case string:
		if strings.TrimFunc(x, isSpace) == "" {
			return new(big.Int), ""
		}
		if n, ok := parseInteger(x); ok {
			return n, ""
		}
		f, ok := parseFloat(x)
		if !ok {
			return nil, ""
		}
		return roundedFloat(f)
	case float32, float64:
		return roundedFloat(floatOf(v))
	case Decimal:
		return x.rounded(0).Unscaled, ""
	}
	n, ok := bigInt(numberOf(v))
	if !ok {
		return nil, ""
	}
	return n, ""
}

func roundedFloat(f float64) (*big.Int, string) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, "Value was either too large or too small."
	}
	n, _ := big.NewFloat(math.RoundToEven(f)).Int(nil)
	return n, ""
}

func (in *Interpreter) toFloat(v Value, typeName string) (Value, error) {
	switch x := v.(type) {
	case nil:
		return float64(0), nil
	case string:
		if strings.TrimFunc(x, isSpace) == "" {
			return float64(0), nil
		}
		if f, ok := parseFloat(x); ok {
			return f, nil
		}
		if n, ok := parseInteger(x); ok {
			return floatOf(n), nil
		}
		return nil, in.cannotConvert(v, typeName, in.badNumber(x))
	case bool:
		return floatOf(v), nil
	}
	if n := numberOf(v); isNumber(n) {
		if _, isChar := v.(Char); isChar && typeName == "" {
			return nil, in.cannotConvert(v, typeName, "")
		}
		return floatOf(n), nil
	}
	return nil, in.cannotConvert(v, typeName, "")
}

func toDecimal(in *Interpreter, v Value) (Value, error) {
	if s, ok := v.(string); ok {
		trimmed := strings.ReplaceAll(strings.TrimFunc(s, isSpace), ",", "")
		if trimmed == "" {
			return Decimal{new(big.Int), 0}, nil
		}
		if d, ok := parseDecimal(trimmed); ok {
			return d, nil
		}
		if n, ok := numberFromLiteral(trimmed); ok {
			v = n
		} else {
			return nil, in.cannotConvert(v, "System.Decimal", in.badNumber(s))
		}
	}
	if v == nil {
		return Decimal{new(big.Int), 0}, nil
	}
	if n := numberOf(v); isNumber(n) {
		if d, ok := decimalOf(n); ok {
			return d, nil
		}
		return nil, in.cannotConvert(v, "System.Decimal", "Value was either too large or too small for a Decimal.")
	}
	return nil, in.cannotConvert(v, "System.Decimal", "")
}

func toBigInteger(in *Interpreter, v Value) (Value, error) {
	if s, ok := v.(string); ok && len(s) > 4096 {
		return nil, in.exceeded("text")
	}
	n, reason := integerFrom(v)
	if n == nil {
		return nil, in.cannotConvert(v, "System.Numerics.BigInteger", reason)
	}
	return n, nil
}

func toArray(_ *Interpreter, v Value) (Value, error) {
	switch v.(type) {
	case nil, *Array:
		return v, nil
	}
	if items, ok := enumerable(v); ok {
		return newArray(items), nil
	}
	return newArray([]Value{v}), nil
}

func toList(in *Interpreter, v Value, typeName string) (Value, error) {
	if v == nil {
		return nil, nil
	}
	items, ok := enumerable(v)
	if !ok {
		items = []Value{v}
	}
	if err := in.chargeItems(int64(len(items))); err != nil {
		return nil, err
	}
	return newList(typeName, append([]Value(nil), items...)...), nil
}

func toHashtable(in *Interpreter, v Value) (Value, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case *Hash:
		c := v.Copy()
		c.Type, c.Ordered = typeHashtable, false
		return c, nil
	}
	return nil, in.cannotConvert(v, typeHashtable, "")
}

func toOrdered(in *Interpreter, v Value) (Value, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case *Hash:
		if v.Type == typeOrdered {
			return v, nil
		}
		c := v.Copy()
		c.Type, c.Ordered = typeOrdered, true
		return c, nil
	}
	return nil, in.cannotConvert(v, typeOrdered, "")
}

// toCustomObject makes the entries of a hashtable properties.
func toCustomObject(in *Interpreter, v Value) (Value, error) {
	h, ok := v.(*Hash)
	if !ok {
		return v, nil
	}
	o := newCustomObject()
	for _, k := range in.propertiesOf(h) {
		name, ok := in.text(k).(string)
		if !ok {
			return derivedFrom(k, "[pscustomobject] with a property "+expressionOf(k), "as object"), nil
		}
		value, _ := h.Get(k)
		o.Set(name, value)
	}
	return o, nil
}

func toType(in *Interpreter, v Value) (Value, error) {
	switch v := v.(type) {
	case nil, *TypeRef:
		return v, nil
	case string:
		return in.typeNamed(v), nil
	}
	return nil, in.cannotConvert(v, "System.Type", "")
}

func toScriptBlock(in *Interpreter, v Value) (Value, error) {
	switch v.(type) {
	case nil, *Closure:
		return v, nil
	}
	return in.makeBlock(v, "[scriptblock]")
}
