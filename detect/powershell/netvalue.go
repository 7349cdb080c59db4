package powershell

// Small .NET values: GUIDs, versions, URIs, addresses, enumeration values,
// secure strings.

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// guidValue is the payload of a Guid, in the order in which it is written.
type guidValue [16]byte

func (g guidValue) key() string { return g.String() }

func (g guidValue) String() string {
	s := hex.EncodeToString(g[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

func (g guidValue) format(spec string, _ Dialect) (string, bool) {
	switch strings.ToLower(spec) {
	case "", "d":
		return g.String(), true
	case "n":
		return hex.EncodeToString(g[:]), true
	case "b":
		return "{" + g.String() + "}", true
	case "p":
		return "(" + g.String() + ")", true
	}
	return "", false
}

func parseGUID(s string) (guidValue, bool) {
	s = strings.Trim(strings.TrimSpace(s), "{}()")
	s = strings.ReplaceAll(s, "-", "")
	var g guidValue
	if len(s) != 32 {
		return g, false
	}
	_, err := hex.Decode(g[:], []byte(s))
	return g, err == nil
}

func toGUID(in *Interpreter, v Value) (Value, error) {
	if s, ok := v.(string); ok {
		if g, ok := parseGUID(s); ok {
			return newPayload(typeGUID, g), nil
		}
	}
	if b, ok := bytesOf(v); ok && len(b) == 16 {
		return newPayload(typeGUID, guidValue{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]}), nil
	}
	return nil, in.cannotConvert(v, typeGUID, "")
}

// versionValue is the payload of a Version; -1 for parts that are not there.
type versionValue [4]int

func (v versionValue) key() string { return v.String() }

func (v versionValue) String() string {
	var parts []string
	for _, n := range v {
		if n < 0 {
			break
		}
		parts = append(parts, strconv.Itoa(n))
	}
	return strings.Join(parts, ".")
}

func (v versionValue) compare(other any) int {
	o := other.(versionValue)
	for i := range v {
		if v[i] != o[i] {
			return sign(v[i] - o[i])
		}
	}
	return 0
}

func parseVersion(s string) (versionValue, bool) {
	v := versionValue{-1, -1, -1, -1}
	parts := strings.Split(strings.TrimSpace(s), ".")
	if len(parts) < 2 || len(parts) > 4 {
		return v, false
	}
	for i, p := range parts {
		n, ok := atoiUnits(p)
		if !ok {
			return v, false
		}
		v[i] = n
	}
	return v, true
}

func toVersion(in *Interpreter, v Value) (Value, error) {
	s, ok := in.text(v).(string)
	if n, isInt := smallInt(v); isInt {
		s = strconv.FormatInt(n, 10) + ".0"
	}
	if version, valid := parseVersion(s); ok && valid {
		return newPayload(typeVersion, version), nil
	}
	return nil, in.cannotConvert(v, typeVersion, "")
}

// uriValue is the payload of a Uri.
type uriValue struct {
	original string
	parsed   *url.URL // nil: relative
	unc      bool
}

func (u uriValue) key() string { return u.String() }

func (u uriValue) String() string {
	if u.parsed == nil {
		return u.original
	}
	s := u.parsed.String()
	if plain, err := url.PathUnescape(s); err == nil {
		return plain
	}
	return s
}

// parseURI reads an absolute URI, a UNC or a drive path; anything else is
// relative.
func parseURI(s string) uriValue {
	trimmed := strings.TrimSpace(s)
	switch {
	case strings.HasPrefix(trimmed, `\\`):
		host, rest, _ := strings.Cut(trimmed[2:], `\`)
		path := "/" + strings.ReplaceAll(rest, `\`, "/")
		return uriValue{s, &url.URL{Scheme: "file", Host: strings.ToLower(host), Path: path}, true}
	case len(trimmed) > 2 && trimmed[1] == ':' && (trimmed[2] == '\\' || trimmed[2] == '/'):
		return uriValue{s, &url.URL{Scheme: "file", Path: "/" + strings.ReplaceAll(trimmed, `\`, "/")}, false}
	}
	u, err := url.Parse(trimmed)
	if err != nil || u.Scheme == "" {
		return uriValue{original: s}
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if u.Host != "" && u.Path == "" {
		u.Path = "/"
	}
	return uriValue{s, u, u.Scheme == "file" && u.Host != ""}
}

func toURI(in *Interpreter, v Value) (Value, error) {
	if s, ok := in.text(v).(string); ok && v != nil {
		return newPayload(typeURI, parseURI(s)), nil
	}
	return nil, in.cannotConvert(v, typeURI, "")
}

// localPath is LocalPath: a UNC or drive path of a file URI.
func (u uriValue) localPath() string {
	if u.parsed == nil {
		return ""
	}
	path := u.parsed.Path
	switch {
	case u.unc:
		return `\\` + u.parsed.Host + strings.ReplaceAll(path, "/", `\`)
	case u.parsed.Scheme == "file":
		return strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", `\`)
	}
	return path
}

// addressValue is the payload of an IPAddress.
type addressValue string

func (a addressValue) key() string    { return string(a) }
func (a addressValue) String() string { return string(a) }

func toIPAddress(in *Interpreter, v Value) (Value, error) {
	s, ok := in.text(v).(string)
	if ip, err := netip.ParseAddr(strings.TrimSpace(s)); ok && err == nil {
		return newPayload("System.Net.IPAddress", addressValue(ip.String())), nil
	}
	if ok && strings.Trim(s, "0123456789abcdefABCDEFxX.") == "" {
		return in.unknown("[ipaddress]'"+s+"'", OriginCommand), nil // 10.1 is 10.0.0.1
	}
	return nil, in.cannotConvert(v, "System.Net.IPAddress", "An invalid IP address was specified.")
}

// mailValue is the payload of a MailAddress.
type mailValue struct{ display, user, host string }

func (m mailValue) key() string { return m.String() }

func (m mailValue) String() string {
	if m.display != "" {
		return fmt.Sprintf("\"%s\" <%s@%s>", m.display, m.user, m.host)
	}
	return m.user + "@" + m.host
}

func toMailAddress(in *Interpreter, v Value) (Value, error) {
	s, ok := in.text(v).(string)
	if !ok {
		return nil, in.cannotConvert(v, "System.Net.Mail.MailAddress", "")
	}
	address, display := strings.TrimSpace(s), ""
	if open := strings.LastIndexByte(address, '<'); open >= 0 && strings.HasSuffix(address, ">") {
		display, address = strings.Trim(address[:open], " \""), address[open+1:len(address)-1]
	}
	at := strings.LastIndexByte(address, '@')
	if at <= 0 || at == len(address)-1 {
		return nil, in.cannotConvert(v, "System.Net.Mail.MailAddress", "The specified string is not in the form required for an e-mail address.")
	}
	return newPayload("System.Net.Mail.MailAddress", mailValue{display, address[:at], address[at+1:]}), nil
}

// secureValue is the payload of a SecureString, of a pointer to one and of
// credentials: the text they hold.
type secureValue struct{ text Value }

func newSecureString(text Value) *Object { return newPayload(typeSecureString, &secureValue{text}) }

// secretOf returns the text that a secure string, or a pointer to one, holds.
func secretOf(v Value) (Value, bool) {
	if o, ok := v.(*Object); ok {
		if s, ok := o.Payload.(*secureValue); ok {
			return s.text, true
		}
	}
	return nil, false
}

// enumValue is the payload of an enumeration's value.
type enumValue struct {
	Name   string
	Number int64
}

func (e *enumValue) key() string    { return strconv.FormatInt(e.Number, 10) }
func (e *enumValue) String() string { return e.Name }
func (e *enumValue) compare(other any) int {
	return compareNumbers(e.Number, other.(*enumValue).Number)
}

func (e *enumValue) format(spec string, dialect Dialect) (string, bool) {
	switch strings.ToLower(spec) {
	case "d":
		return strconv.FormatInt(e.Number, 10), true
	case "x":
		return fmt.Sprintf("%08X", uint32(e.Number)), true
	}
	return e.Name, true
}

// newEnum makes a value of an enumeration, .NET's or the script's.
func newEnum(typeName string, class *TypeDef, name string, number int64) *Object {
	return &Object{Type: typeName, Class: class, Payload: &enumValue{name, number}}
}

// enumType lists the names of an enumeration in order.
type enumType struct {
	names   []string
	numbers []int64
	flags   bool
}

// defines reports whether a number is a value of the type: one with a name, or
// some of its flags.
func (t *enumType) defines(n int64) bool {
	var all int64
	for _, number := range t.numbers {
		all |= number
	}
	return slices.Contains(t.numbers, n) || t.flags && n&^all == 0
}

// name is the name of a number, or of the flags that make it up.
func (t *enumType) name(n int64) string {
	for i, number := range t.numbers {
		if number == n {
			return t.names[i]
		}
	}
	if t.flags {
		var set []string
		rest := n
		for i := len(t.numbers) - 1; i >= 0; i-- {
			if f := t.numbers[i]; f != 0 && rest&f == f {
				set = append([]string{t.names[i]}, set...)
				rest &^= f
			}
		}
		if rest == 0 && len(set) > 0 {
			return strings.Join(set, ", ")
		}
	}
	return strconv.FormatInt(n, 10)
}

func (t *enumType) number(name string) (int64, bool) {
	var sum int64
	for _, part := range strings.Split(name, ",") {
		part = strings.TrimSpace(part)
		n, ok := t.one(part)
		if !ok {
			return 0, false
		}
		sum |= n
	}
	return sum, true
}

// one finds a value by its name, by the beginning of its name if that is
// unambiguous, or by its number.
func (t *enumType) one(name string) (int64, bool) {
	found, value := 0, int64(0)
	for i, n := range t.names {
		if strings.EqualFold(n, name) {
			return t.numbers[i], true
		}
		if len(name) > 0 && strings.HasPrefix(foldCase(n), foldCase(name)) {
			found, value = found+1, t.numbers[i]
		}
	}
	if found == 1 {
		return value, true
	}
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		return n, true
	}
	return 0, false
}

func (in *Interpreter) toEnum(v Value, typeName string, t *enumType) (Value, error) {
	if s, ok := in.text(v).(string); ok && !isNumber(v) {
		if n, ok := t.number(s); ok {
			return newEnum(typeName, nil, t.name(n), n), nil
		}
		return nil, in.cannotConvert(v, typeName, "Unable to match the identifier name "+s+" to a valid enumerator name.")
	}
	if n, ok := smallInt(v); ok {
		return newEnum(typeName, nil, t.name(n), n), nil
	}
	return nil, in.cannotConvert(v, typeName, "")
}

// enumNumber finds the number of a name in the enumeration that o is of.
func (in *Interpreter) enumNumber(o *Object, name string) (int64, bool) {
	if o.Class != nil {
		v, err := in.classConvert(name, &TypeRef{Name: o.Type, Class: o.Class})
		if err != nil {
			return 0, false
		}
		return smallInt(v)
	}
	if t, ok := in.lib().enums[o.Type]; ok {
		return t.number(name)
	}
	return 0, false
}

func (in *Interpreter) enumBitwise(op TokenKind, e *Object, r Value) (Value, error) {
	left := e.Payload.(*enumValue).Number
	right, ok := smallInt(r)
	if s, isString := r.(string); isString {
		right, ok = in.enumNumber(e, s)
	}
	if !ok {
		return nil, in.cannotConvert(r, e.Type, "")
	}
	n := left & right
	switch op {
	case KindBor:
		n = left | right
	case KindBxor:
		n = left ^ right
	}
	name := strconv.FormatInt(n, 10)
	if e.Class != nil {
		name = in.enumOf(e.Class).name(n)
	} else if t, ok := in.lib().enums[e.Type]; ok {
		name = t.name(n)
	}
	return newEnum(e.Type, e.Class, name, n), nil
}
