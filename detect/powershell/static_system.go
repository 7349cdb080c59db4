package powershell

// Static members of System types that scripts use: the environment, files,
// secure strings, web escapes, enumerations.

import (
	"html"
	"slices"
	"strings"
)

const typeCulture = "System.Globalization.CultureInfo"

func addSystemStatics(l *library) {
	addEnvironment(l)
	addFiles(l)
	addSecrets(l)
	addTypeStatics(l)
	web := func(f func(string) string) method {
		return known(func(c *call) (Value, error) { return f(c.text(0)), nil })
	}
	formEscape := func(s string) string { return strings.ReplaceAll(escapeData(s), "%20", "+") }
	formUnescape := func(s string) string { return unescapeData(s, true) }
	for _, name := range []string{"System.Net.WebUtility", "System.Web.HttpUtility"} {
		l.addStatics(name, map[string]method{
			"urldecode": web(formUnescape), "urlencode": web(formEscape), "htmldecode": web(html.UnescapeString),
			"htmlencode": web(func(s string) string {
				return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace(s)
			}),
		})
	}
	comparers := map[string]staticProperty{}
	for _, name := range []string{"ordinal", "invariantculture", "currentculture"} {
		comparers[name] = constant(newPayload("System.StringComparer", comparerValue{}))
		comparers[name+"ignorecase"] = constant(newPayload("System.StringComparer", comparerValue{true}))
	}
	l.addStaticProperties("System.StringComparer", comparers)
	culture := constant(newObject(typeCulture))
	l.addStaticProperties(typeCulture, map[string]staticProperty{
		"invariantculture": culture, "currentculture": culture, "currentuiculture": culture,
	})
	l.addStatics(typeCulture, map[string]method{"getcultureinfo": known(func(*call) (Value, error) { return newObject(typeCulture), nil })})
	l.constructors[typeCulture] = known(func(*call) (Value, error) { return newObject(typeCulture), nil })
	l.addProperties(typeCulture, map[string]property{
		"textinfo": func(*Interpreter, Value) Value { return newObject("System.Globalization.TextInfo") },
		"name":     func(*Interpreter, Value) Value { return "en-US" },
	})
	l.addMethods("System.Globalization.TextInfo", map[string]method{
		"totitlecase": known(func(c *call) (Value, error) { return titleCase(c.text(0)), nil }),
		"toupper":     known(func(c *call) (Value, error) { return toUpper(c.text(0)), nil }),
		"tolower":     known(func(c *call) (Value, error) { return toLower(c.text(0)), nil }),
	})
	nothing := opened(func(*call) (Value, error) { return nil, nil })
	l.addStatics("System.Threading.Thread", map[string]method{"sleep": nothing})
	l.addStatics("System.Console", map[string]method{
		"write": nothing, "writeline": nothing, "beep": nothing, "clear": nothing,
		"readline": opened(func(c *call) (Value, error) { return c.in.unknown("[Console]::ReadLine()", OriginPrompt), nil }),
		"readkey":  opened(func(c *call) (Value, error) { return c.in.unknown("[Console]::ReadKey()", OriginPrompt), nil }),
	})
	l.addStatics("System.GC", map[string]method{"collect": nothing, "waitforpendingfinalizers": nothing})
	l.addStatics("System.Buffer", map[string]method{"blockcopy": opened((*call).arrayCopy)})
	l.addStatics("System.Management.Automation.WildcardPattern", map[string]method{
		"escape": known(func(c *call) (Value, error) {
			return strings.NewReplacer("*", "`*", "?", "`?", "[", "`[", "]", "`]").Replace(c.text(0)), nil
		}),
		"containswildcardcharacters": known(func(c *call) (Value, error) { return hasWildcard(c.text(0)), nil }),
	})
	l.addStatics("Microsoft.VisualBasic.Strings", map[string]method{
		"strreverse": known(func(c *call) (Value, error) { return reverseUnits(c.text(0)), nil }),
		"left":       known(func(c *call) (Value, error) { return c.end(true) }),
		"right":      known(func(c *call) (Value, error) { return c.end(false) }),
	})
}

func reverseUnits(s string) string {
	u := utf16Units(s)
	slices.Reverse(u)
	return stringFromUnits(u)
}

func (c *call) end(left bool) (Value, error) {
	n, err := c.integer(1)
	if err != nil || n < 0 {
		return nil, err
	}
	s := c.text(0)
	n = min(n, unitLen(s))
	if left {
		return unitSlice(s, 0, n), nil
	}
	return unitSlice(s, unitLen(s)-n, unitLen(s)), nil
}

// titleCase makes the first letter of each word a capital; words in capitals
// stay.
func titleCase(s string) string {
	var b strings.Builder
	for s != "" {
		end := strings.IndexFunc(s, func(r rune) bool { return !isWord(r) && r != '\'' })
		if end == 0 {
			r, n := decodeRune(s)
			b.WriteRune(r)
			s = s[n:]
			continue
		}
		if end < 0 {
			end = len(s)
		}
		word := s[:end]
		s = s[end:]
		if word == toUpper(word) && unitLen(word) > 1 {
			b.WriteString(word)
			continue
		}
		_, n := decodeRune(word)
		b.WriteString(toUpper(word[:n]) + toLower(word[n:]))
	}
	return b.String()
}

func addEnvironment(l *library) {
	properties := map[string]staticProperty{
		"newline": constant("\r\n"), "is64bitprocess": outside("[Environment]::Is64BitProcess", OriginEnvironment),
		"currentmanagedthreadid": outside("[Environment]::CurrentManagedThreadId", OriginEnvironment),
	}
	for _, name := range []string{"MachineName", "UserName", "UserDomainName", "OSVersion", "CurrentDirectory", "ProcessorCount", "SystemDirectory",
		"Is64BitOperatingSystem", "Version", "CommandLine", "UserInteractive", "SystemPageSize"} {
		properties[foldCase(name)] = outside("[Environment]::"+name, OriginEnvironment)
	}
	properties["tickcount"] = outside("[Environment]::TickCount", OriginClock)
	l.addStaticProperties("System.Environment", properties)
	environment := opened(func(c *call) (Value, error) {
		u := c.in.derived(c.expression(), "environment|"+c.expression(), c.args...)
		u.Origin = OriginEnvironment
		return u, nil
	})
	l.addStatics("System.Environment", map[string]method{
		"getfolderpath": environment, "getenvironmentvariables": environment, "getcommandlineargs": environment,
		"getlogicaldrives": environment, "expandenvironmentvariables": opened((*call).expandVariables),
		"getenvironmentvariable": opened((*call).environmentVariable),
		"setenvironmentvariable": opened(func(c *call) (Value, error) {
			if name, ok := c.in.text(c.arg(0)).(string); ok {
				return nil, c.in.setDriveItem("env", name, c.in.text(c.arg(1)))
			}
			return nil, nil
		}),
	})
}

func (c *call) environmentVariable() (Value, error) {
	if name, ok := c.in.text(c.arg(0)).(string); ok {
		return c.in.environmentVariable(name), nil
	}
	u := c.unknown()
	u.Origin = OriginEnvironment
	return u, nil
}

// expandVariables replaces %NAME% by the variable's value.
func (c *call) expandVariables() (Value, error) {
	s, ok := c.in.text(c.arg(0)).(string)
	if !ok {
		return c.unknown(), nil
	}
	var parts []Value
	for {
		from := strings.IndexByte(s, '%')
		to := -1
		if from >= 0 {
			to = strings.IndexByte(s[from+1:], '%')
		}
		if to <= 0 {
			return c.in.boundedText(append(parts, s)...)
		}
		parts = append(parts, s[:from], c.in.environmentVariable(s[from+1:from+1+to]))
		s = s[from+to+2:]
	}
}

// addFiles gives what is read from files as unknown, and lets what is written
// vanish.
func addFiles(l *library) {
	reading := func(many bool) method {
		return opened(func(c *call) (Value, error) {
			u := c.in.unknown(c.expression(), OriginFile)
			u.Many = many
			u.Source = ""
			return u, nil
		})
	}
	nothing := opened(func(*call) (Value, error) { return nil, nil })
	write := opened(func(c *call) (Value, error) {
		if len(c.args) > 1 {
			c.in.stores(c.args[0], c.args[1])
		}
		return nil, nil
	})
	l.addStatics("System.IO.File", map[string]method{
		"readalltext": reading(false), "readalllines": reading(true), "readlines": reading(true), "readallbytes": reading(true),
		"exists": reading(false), "opentext": reading(false), "openread": reading(false), "open": reading(false),
		"getlastwritetime": reading(false), "getcreationtime": reading(false), "getattributes": reading(false),
		"writealltext": write, "writealllines": write, "writeallbytes": nothing, "appendalltext": write, "appendalllines": write,
		"delete": nothing, "copy": nothing, "move": nothing, "setattributes": nothing, "setlastwritetime": nothing, "setcreationtime": nothing,
		"create": reading(false), "createtext": reading(false), "openwrite": reading(false), "appendtext": reading(false),
	})
	l.addStatics("System.IO.Directory", map[string]method{
		"exists": reading(false), "getfiles": reading(true), "getdirectories": reading(true), "enumeratefiles": reading(true),
		"enumeratedirectories": reading(true), "getcurrentdirectory": reading(false), "createdirectory": reading(false),
		"delete": nothing, "move": nothing, "setcurrentdirectory": nothing,
	})
}

// addSecrets follows text into secure strings and credentials and back.
func addSecrets(l *library) {
	const marshal = "System.Runtime.InteropServices.Marshal"
	pointer := opened(func(c *call) (Value, error) {
		text, ok := secretOf(c.arg(0))
		if !ok {
			return c.unknown(), nil
		}
		return newPayload("System.IntPtr", &secureValue{text}), nil
	})
	secret := opened(func(c *call) (Value, error) {
		if text, ok := secretOf(c.arg(0)); ok {
			return text, nil
		}
		return c.unknown(), nil
	})
	nothing := opened(func(*call) (Value, error) { return nil, nil })
	methods := map[string]method{}
	for _, name := range []string{"securestringtobstr", "securestringtoglobalallocunicode", "securestringtocotaskmemunicode",
		"securestringtoglobalallocansi", "securestringtocotaskmemansi"} {
		methods[name] = pointer
	}
	for _, name := range []string{"ptrtostringauto", "ptrtostringbstr", "ptrtostringuni", "ptrtostringansi"} {
		methods[name] = secret
	}
	for _, name := range []string{"zerofreebstr", "zerofreeglobalallocunicode", "zerofreecotaskmemunicode", "freehglobal", "freebstr", "freecotaskmem"} {
		methods[name] = nothing
	}
	l.addStatics(marshal, methods)
	secure := opened(func(c *call) (Value, error) {
		password := c.arg(1)
		if text, ok := secretOf(password); ok {
			password = text
		}
		o := newPayload(c.kind.Name, &secureValue{c.in.text(password)})
		o.Set("UserName", c.in.text(c.arg(0)))
		if len(c.args) > 2 {
			o.Set("Domain", c.in.text(c.arg(2)))
		}
		if c.kind.Name == "System.Net.NetworkCredential" {
			o.Set("Password", c.in.text(password))
			o.Set("SecurePassword", newSecureString(c.in.text(password)))
		} else {
			o.Set("Password", newSecureString(c.in.text(password)))
		}
		return o, nil
	})
	l.constructors["System.Net.NetworkCredential"] = secure
	l.constructors["System.Management.Automation.PSCredential"] = secure
	l.addMethods("System.Management.Automation.PSCredential", map[string]method{
		"getnetworkcredential": opened(func(c *call) (Value, error) {
			user, _ := c.target.(*Object).Get("UserName")
			text, _ := secretOf(c.target)
			o := newPayload("System.Net.NetworkCredential", &secureValue{text})
			o.Set("UserName", user)
			o.Set("Password", text)
			o.Set("Domain", "")
			return o, nil
		}),
	})
	l.constructors[typeSecureString] = opened(func(*call) (Value, error) { return newSecureString(""), nil })
	l.addMethods(typeSecureString, map[string]method{
		"appendchar": opened(func(c *call) (Value, error) {
			o := c.target.(*Object)
			text, err := c.in.boundedText(o.Payload.(*secureValue).text, c.arg(0))
			c.in.touch(o)
			o.Payload = &secureValue{text}
			return nil, err
		}),
		"makereadonly": nothing, "dispose": nothing,
		"copy": opened(func(c *call) (Value, error) {
			return newSecureString(c.target.(*Object).Payload.(*secureValue).text), nil
		}),
	})
	l.addProperties(typeSecureString, map[string]property{"length": func(in *Interpreter, v Value) Value {
		text := v.(*Object).Payload.(*secureValue).text
		if s, ok := text.(string); ok {
			return int32(unitLen(s))
		}
		return in.unknownMember(text, "Length", "")
	}})
}

// addTypeStatics are those of Enum, Activator and Tuple.
func addTypeStatics(l *library) {
	enumOf := func(c *call) (*TypeRef, *enumType) {
		t, ok := c.arg(0).(*TypeRef)
		if !ok {
			t = c.in.typeNamed(c.text(0))
		}
		if t.Class != nil && t.Class.Keyword == KindEnum {
			return t, c.in.enumOf(t.Class)
		}
		return t, c.in.lib().enums[t.Name]
	}
	l.addStatics("System.Enum", map[string]method{
		"parse": known(func(c *call) (Value, error) {
			t, _ := enumOf(c)
			return c.in.convert(c.arg(1), t)
		}),
		"getnames": known(func(c *call) (Value, error) {
			_, e := enumOf(c)
			if e == nil {
				return c.unknown(), nil
			}
			var names []Value
			for _, n := range e.names {
				names = append(names, n)
			}
			return newTypedArray("System.String", names), nil
		}),
		"getvalues": known(func(c *call) (Value, error) {
			t, e := enumOf(c)
			if e == nil {
				return c.unknown(), nil
			}
			var values []Value
			for i, n := range e.names {
				values = append(values, newEnum(t.Name, t.Class, n, e.numbers[i]))
			}
			return newTypedArray(t.Name, values), nil
		}),
		"isdefined": known(func(c *call) (Value, error) {
			_, e := enumOf(c)
			if e == nil {
				return c.unknown(), nil
			}
			_, ok := e.number(c.text(1))
			return ok, nil
		}),
		"toobject": known(func(c *call) (Value, error) {
			t, _ := enumOf(c)
			return c.in.convert(c.arg(1), t)
		}),
	})
	l.addStatics("System.Activator", map[string]method{"createinstance": opened(func(c *call) (Value, error) {
		t, ok := c.arg(0).(*TypeRef)
		if !ok {
			return c.unknown(), nil
		}
		args := c.args[1:]
		if len(args) == 1 {
			if items, ok := Items(args[0]); ok {
				args = items
			}
		}
		return c.in.new(t, args)
	})})
	tuple := opened(func(c *call) (Value, error) {
		o := newObject("System.Tuple")
		for i, a := range c.args[:min(len(c.args), 8)] {
			o.Set("Item"+string(rune('1'+i)), a)
		}
		return o, nil
	})
	l.addStatics("System.Tuple", map[string]method{"create": tuple})
	l.constructors["System.Random"] = opened(func(c *call) (Value, error) { return c.in.unknown("[Random]", OriginCommand), nil })
	l.constructors[typeObject] = opened(func(*call) (Value, error) { return newObject(typeObject), nil })
	custom := opened(func(c *call) (Value, error) {
		if o, ok := c.arg(0).(*Object); ok {
			return o, nil
		}
		if c.arg(0) != nil {
			return &Object{Type: typePSCustomObject, Base: c.arg(0)}, nil
		}
		return newCustomObject(), nil
	})
	l.constructors["System.Management.Automation.PSObject"] = custom
	l.constructors[typePSCustomObject] = custom
	addMemberTypes(l)
	l.constructors["System.Management.Automation.PSNoteProperty"] = opened(func(c *call) (Value, error) {
		o := newObject(c.kind.Name)
		o.Set("Name", c.in.text(c.arg(0)))
		o.Set("Value", c.arg(1))
		return o, nil
	})
	for _, name := range []string{"System.Exception", "System.ArgumentException", "System.IO.IOException", "System.InvalidOperationException",
		"System.Management.Automation.RuntimeException", "System.ApplicationException", "System.NotSupportedException"} {
		l.constructors[name] = opened(func(c *call) (Value, error) {
			o := newObject(c.kind.Name)
			o.Set("Message", c.in.text(c.arg(0)))
			o.Set("InnerException", c.arg(1))
			return o, nil
		})
	}
}

// staticMember reads a static property.
func (in *Interpreter) staticMember(t *TypeRef, name string) (Value, error) {
	if t.Class != nil {
		if v, ok, err := in.classStatic(t, name); ok || err != nil {
			return v, err
		}
		return in.member(t, name, "["+acceleratorName(t)+"]::"+name)
	}
	lower := foldCase(name)
	if p, ok := in.lib().staticProperties[t.Name][lower]; ok {
		return p(in), nil
	}
	if e, ok := in.lib().enums[t.Name]; ok {
		for i, n := range e.names {
			if strings.EqualFold(n, name) {
				return newEnum(t.Name, nil, n, e.numbers[i]), nil
			}
		}
	}
	if in.hasStatic(t, name) {
		return newPayload(typePSMethod, &boundMethod{target: staticTarget{t}, name: name}), nil
	}
	return in.unknown("["+acceleratorName(t)+"]::"+name, OriginCommand), nil
}

// invokeStatic calls a static method.
func (in *Interpreter) invokeStatic(t *TypeRef, name string, args []Value, source string) (Value, error) {
	if err := in.spend(1); err != nil {
		return nil, err
	}
	lower := foldCase(name)
	c := &call{in: in, kind: t, name: name, args: args, source: source}
	if t.Class != nil {
		if v, ok, err := in.classInvokeStatic(t, name, args, source); ok || err != nil {
			return v, err
		}
	}
	if lower == "new" {
		return in.new(t, args)
	}
	if m, ok := in.lib().staticMethods[t.Name][lower]; ok {
		return in.run(m, c)
	}
	if lower == "equals" || lower == "referenceequals" {
		if anyUnknown(args...) {
			return c.decided(Maybe)
		}
		return sameValue(c.arg(0), c.arg(1)), nil
	}
	if strings.HasPrefix(lower, "add_") { // a handler of an event
		return c.unknown(), nil
	}
	if runners[lower] {
		return c.unknown(), c.mayRun()
	}
	return c.unknown(), c.mayRunBlocks()
}

// new makes an object of a .NET type.
func (in *Interpreter) new(t *TypeRef, args []Value) (Value, error) {
	if err := in.spend(1); err != nil {
		return nil, err
	}
	c := &call{in: in, kind: t, name: "new", args: args}
	if t.Class != nil {
		return in.classNew(t, args)
	}
	if len(t.Ranks) > 0 {
		if anyUnknown(args...) {
			return c.unknown(), nil
		}
		if last := t.Ranks[len(t.Ranks)-1]; last > 1 {
			return c.newDimensions(last)
		}
		n, err := c.integer(0)
		if err != nil {
			return nil, err
		}
		if n < 0 {
			return nil, c.outOfRange("Non-negative number required.")
		}
		return in.newFilled(t.element(), n)
	}
	if m, ok := in.lib().constructors[t.Name]; ok {
		return in.run(m, c)
	}
	u := c.unknown()
	if strings.HasSuffix(t.Name, "Exception") {
		u.Type = t.Name
	}
	return u, nil
}

// newDimensions makes an array of several dimensions.
func (c *call) newDimensions(dimensions int) (Value, error) {
	if len(c.args) != dimensions {
		return nil, c.fail("System.ArgumentException", "Cannot find an overload for \""+c.name+"\".")
	}
	lengths := make([]int, dimensions)
	size := int64(1)
	for i := range lengths {
		n, err := c.integer(i)
		if err != nil {
			return nil, err
		}
		if n < 0 {
			return nil, c.outOfRange("Non-negative number required.")
		}
		lengths[i] = n
		size *= int64(n)
		if err := c.in.fits(size * 16); err != nil {
			return nil, err
		}
	}
	v, err := c.in.newFilled(c.kind.element(), int(size))
	if a, ok := v.(*Array); ok {
		a.Lengths = lengths
	}
	return v, err
}
