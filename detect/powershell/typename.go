package powershell

// Types: what a name in brackets stands for, and what type a value has.

import (
	"math/big"
	"strings"
)

// The .NET names of types used in several places.
const (
	typePSCustomObject = "System.Management.Automation.PSCustomObject"
	typePSMethod       = "System.Management.Automation.PSMethod"
	typeScriptBlock    = "System.Management.Automation.ScriptBlock"
	typeDateTime       = "System.DateTime"
	typeTimeSpan       = "System.TimeSpan"
	typeGUID           = "System.Guid"
	typeVersion        = "System.Version"
	typeURI            = "System.Uri"
	typeRegex          = "System.Text.RegularExpressions.Regex"
	typeStringBuilder  = "System.Text.StringBuilder"
	typeSecureString   = "System.Security.SecureString"
)

// accelerators are the short names of types, in lower case.
var accelerators = map[string]string{
	"adsi": "System.DirectoryServices.DirectoryEntry", "adsisearcher": "System.DirectoryServices.DirectorySearcher",
	"alias": "System.Management.Automation.AliasAttribute", "array": "System.Array",
	"bigint": "System.Numerics.BigInteger", "bool": "System.Boolean", "byte": "System.Byte", "char": "System.Char",
	"cimsession": "Microsoft.Management.Infrastructure.CimSession", "cmdletbinding": "System.Management.Automation.CmdletBindingAttribute",
	"cultureinfo": "System.Globalization.CultureInfo", "datetime": typeDateTime, "decimal": "System.Decimal",
	"double": "System.Double", "float": "System.Single", "guid": typeGUID, "hashtable": typeHashtable,
	"int": "System.Int32", "int16": "System.Int16", "int32": "System.Int32", "int64": "System.Int64",
	"ipaddress": "System.Net.IPAddress", "ipendpoint": "System.Net.IPEndPoint", "long": "System.Int64",
	"mailaddress": "System.Net.Mail.MailAddress", "nullstring": "System.Management.Automation.Language.NullString",
	"object": typeObject, "ordered": typeOrdered, "parameter": "System.Management.Automation.ParameterAttribute",
	"physicaladdress": "System.Net.NetworkInformation.PhysicalAddress", "powershell": "System.Management.Automation.PowerShell",
	"pscredential": "System.Management.Automation.PSCredential", "pscustomobject": typePSCustomObject,
	"pslistmodifier": "System.Management.Automation.PSListModifier", "psmoduleinfo": "System.Management.Automation.PSModuleInfo",
	"psnoteproperty": "System.Management.Automation.PSNoteProperty", "psobject": "System.Management.Automation.PSObject",
	"psprimitivedictionary": "System.Management.Automation.PSPrimitiveDictionary", "psscriptmethod": "System.Management.Automation.PSScriptMethod",
	"psscriptproperty": "System.Management.Automation.PSScriptProperty", "psvariable": "System.Management.Automation.PSVariable",
	"ref": "System.Management.Automation.PSReference", "regex": typeRegex, "runspace": "System.Management.Automation.Runspaces.Runspace",
	"runspacefactory": "System.Management.Automation.Runspaces.RunspaceFactory", "sbyte": "System.SByte",
	"scriptblock": typeScriptBlock, "securestring": typeSecureString, "semver": "System.Management.Automation.SemanticVersion",
	"short": "System.Int16", "single": "System.Single", "string": "System.String",
	"switch": "System.Management.Automation.SwitchParameter", "timespan": typeTimeSpan, "type": "System.Type",
	"uint": "System.UInt32", "uint16": "System.UInt16", "uint32": "System.UInt32", "uint64": "System.UInt64",
	"ulong": "System.UInt64", "uri": typeURI, "ushort": "System.UInt16", "version": typeVersion, "void": "System.Void",
	"wmi": "System.Management.ManagementObject", "wmiclass": "System.Management.ManagementClass",
	"wmisearcher": "System.Management.ManagementObjectSearcher", "x509certificate": "System.Security.Cryptography.X509Certificates.X509Certificate",
	"xml": "System.Xml.XmlDocument", "initialsessionstate": "System.Management.Automation.Runspaces.InitialSessionState",
}

// preferredAccelerators are those by which a type is shown where several
// stand for it.
var preferredAccelerators = map[string]string{
	"System.Int32": "int", "System.Int64": "long", "System.Int16": "short", "System.UInt16": "ushort",
	"System.UInt32": "uint", "System.UInt64": "ulong", "System.Single": "float",
	"System.Management.Automation.PSObject": "psobject", typeOrdered: "ordered",
}

// knownTypes are .NET types beyond the accelerators, for the names that a
// script may give in any case, without System., or behind using namespace.
var knownTypes = []string{
	"System.String", "System.Object", "System.Convert", "System.BitConverter", "System.Math", "System.Environment", "System.Array",
	"System.ArgumentException", "System.Exception", "System.Random", "System.Buffer", "System.Console", "System.Enum", "System.DateTimeOffset",
	"System.StringComparison", "System.StringComparer", "System.StringSplitOptions", "System.DayOfWeek", "System.DateTimeKind",
	"System.UriKind", "System.Activator", "System.GC", "System.Tuple", "System.Base64FormattingOptions", "System.MidpointRounding",
	"System.IntPtr", "System.Reflection.Assembly", "System.Reflection.BindingFlags", "System.Diagnostics.Process", "System.Diagnostics.ProcessStartInfo", "System.Diagnostics.Stopwatch", "System.TimeZoneInfo",
	"System.Environment+SpecialFolder", "System.Nullable`1", "System.AppDomain", "System.Lazy`1",
	"System.IO.Path", "System.IO.File", "System.IO.Directory", "System.IO.FileInfo", "System.IO.DirectoryInfo", "System.IO.MemoryStream",
	"System.IO.Stream", "System.IO.StreamReader", "System.IO.StreamWriter", "System.IO.StringReader", "System.IO.StringWriter",
	"System.IO.BinaryReader", "System.IO.BinaryWriter", "System.IO.SeekOrigin", "System.IO.FileMode", "System.IO.TextReader",
	"System.IO.Compression.GzipStream", "System.IO.Compression.DeflateStream", "System.IO.Compression.CompressionMode",
	"System.IO.Compression.CompressionLevel", "System.IO.IOException", "System.IO.FileNotFoundException",
	"System.Text.Encoding", typeStringBuilder, "System.Text.UTF8Encoding", "System.Text.UnicodeEncoding", "System.Text.ASCIIEncoding",
	"System.Text.UTF32Encoding", "System.Text.UTF7Encoding", typeRegex, "System.Text.RegularExpressions.RegexOptions",
	"System.Text.RegularExpressions.Match", "System.Text.RegularExpressions.Group", "System.Text.RegularExpressions.MatchEvaluator",
	"System.Text.NormalizationForm",
	"System.Globalization.CultureInfo", "System.Globalization.NumberStyles", "System.Globalization.DateTimeStyles", "System.Globalization.TextInfo", "System.Globalization.UnicodeCategory", "System.Globalization.CharUnicodeInfo",
	typeHashtable, typeArrayList, typeQueue, typeStack, typeSortedList, typeOrdered, "System.Collections.BitArray",
	"System.Collections.IEnumerable", "System.Collections.IDictionary", "System.Collections.IList", "System.Collections.ICollection",
	"System.Collections.Specialized.StringCollection", "System.Collections.Specialized.NameValueCollection", "System.Collections.DictionaryEntry",
	typeGenericList, typeDictionary, typeHashSet, "System.Collections.Generic.Queue`1", "System.Collections.Generic.Stack`1",
	"System.Collections.Generic.SortedDictionary`2", "System.Collections.Generic.SortedSet`1", "System.Collections.Generic.LinkedList`1",
	"System.Collections.Generic.KeyValuePair`2", "System.Collections.Generic.SortedList`2", "System.Collections.Generic.IEnumerable`1",
	typeCollection, "System.Collections.Concurrent.ConcurrentDictionary`2", "System.Collections.Concurrent.ConcurrentBag`1",
	"System.Collections.Concurrent.ConcurrentQueue`1", "System.Collections.Concurrent.ConcurrentStack`1",
	"System.Linq.Enumerable", "System.Net.WebUtility", "System.Net.NetworkCredential", "System.Net.WebClient", "System.Net.Dns",
	"System.Web.HttpUtility", "System.Net.IPAddress", "System.Numerics.BigInteger", "System.Runtime.InteropServices.Marshal",
	"System.Security.Principal.WindowsIdentity", "System.Security.Cryptography.MD5", "System.Security.Cryptography.SHA1",
	"System.Security.Cryptography.SHA256", typeCryptoStream, cryptoSpace + "Aes", cryptoSpace + "AesManaged",
	cryptoSpace + "AesCryptoServiceProvider", cryptoSpace + "RijndaelManaged", "System.Threading.Thread", "System.Management.Automation.Language.Parser",
	"System.Management.Automation.ScriptBlock", "System.Management.Automation.PSObject", typePSCustomObject,
	"System.Management.Automation.RuntimeException", "System.Management.Automation.PSCredential", "System.Management.Automation.CommandTypes",
	"System.Management.Automation.WildcardPattern", "System.Management.Automation.PSNoteProperty",
	"System.Management.Automation.PSScriptProperty", "System.Management.Automation.PSScriptMethod", "System.Management.Automation.PSAliasProperty", "System.Management.Automation.LanguagePrimitives",
	typePSCommand, typeCommand, typePipeline, typeSpacePool, spaceEntryTypes + "VariableEntry", spaceEntryTypes + "FunctionEntry",
	"System.Management.Automation.RunspaceMode",
	"Microsoft.VisualBasic.Strings", "Microsoft.VisualBasic.Interaction",
}

// String is the .NET name with generic arguments and dimensions.
func (t *TypeRef) String() string {
	var b strings.Builder
	b.WriteString(t.Name)
	if len(t.Args) > 0 {
		b.WriteByte('[')
		for i, a := range t.Args {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(a.String())
		}
		b.WriteByte(']')
	}
	for _, r := range t.Ranks {
		b.WriteString("[" + strings.Repeat(",", max(0, r-1)) + "]")
	}
	return b.String()
}

// element is the type of the elements of an array type.
func (t *TypeRef) element() *TypeRef {
	e := *t
	e.Ranks = t.Ranks[:len(t.Ranks)-1]
	return &e
}

// resolveType finds what a type's name stands for: a class of the script, an
// accelerator, a .NET name with or without System., else the name as written.
func (in *Interpreter) resolveType(t *TypeName) *TypeRef {
	ref := &TypeRef{Ranks: t.Ranks}
	for _, a := range t.Args {
		ref.Args = append(ref.Args, in.resolveType(a))
	}
	if len(t.Args) == 0 {
		if class := in.class(t.Name); class != nil {
			ref.Name, ref.Class = class.Name, class.Class
			return ref
		}
	}
	ref.Name = in.lib().typeName(t.Name, len(t.Args))
	return ref
}

// typeNamed finds a type by a name that stands in a string: New-Object's, -is
// 'string'. It may have generic arguments and dimensions.
func (in *Interpreter) typeNamed(s string) *TypeRef {
	return in.resolveType(parseTypeName(strings.TrimFunc(s, isSpace)))
}

// parseTypeName reads Name[Arg,Arg][,]. What does not fit stays in the name.
func parseTypeName(s string) *TypeName {
	t := &TypeName{Name: s}
	open := strings.IndexByte(s, '[')
	if open <= 0 || !strings.HasSuffix(s, "]") || len(s) > 4096 {
		return t
	}
	t.Name = strings.TrimFunc(s[:open], isSpace)
	for rest := s[open:]; rest != ""; {
		end := closingBracket(rest)
		if end < 0 {
			return &TypeName{Name: s}
		}
		inner := rest[1:end]
		rest = strings.TrimFunc(rest[end+1:], isSpace)
		if strings.Trim(inner, ", ") == "" {
			t.Ranks = append(t.Ranks, strings.Count(inner, ",")+1)
			continue
		}
		if strings.Count(inner, "[") > 32 {
			return &TypeName{Name: s}
		}
		for _, arg := range splitOutside(inner, ',') {
			arg = strings.TrimFunc(arg, isSpace)
			if strings.HasPrefix(arg, "[") && strings.HasSuffix(arg, "]") {
				arg, _, _ = strings.Cut(arg[1:len(arg)-1], ",")
			}
			t.Args = append(t.Args, parseTypeName(arg))
		}
	}
	if i := strings.IndexByte(t.Name, '`'); i > 0 {
		t.Name = t.Name[:i]
	}
	return t
}

// closingBracket finds the bracket that closes the one s begins with.
func closingBracket(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// splitOutside splits s at separators outside brackets.
func splitOutside(s string, separator byte) []string {
	var parts []string
	depth, from := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '[':
			depth++
		case ']':
			depth--
		case separator:
			if depth == 0 {
				parts = append(parts, s[from:i])
				from = i + 1
			}
		}
	}
	return append(parts, s[from:])
}

// typeIndex finds .NET names by lower-case name.
type typeIndex map[string]string

func newTypeIndex() typeIndex {
	index := typeIndex{}
	for _, name := range knownTypes {
		lower := strings.ToLower(name)
		index[lower] = name
		index[strings.TrimPrefix(lower, "system.")] = name
		simple := lower[strings.LastIndexAny(lower, ".+")+1:]
		if _, ok := index[simple]; !ok {
			index[simple] = name
		}
	}
	for short, name := range accelerators {
		index[strings.ToLower(name)] = name
		index[strings.TrimPrefix(strings.ToLower(name), "system.")] = name
		index[short] = name
	}
	return index
}

// find returns the .NET name for a name as written, which is that name itself
// if the type is not known.
func (x typeIndex) find(name string, arguments int) string {
	lower := strings.ToLower(strings.TrimFunc(name, isSpace))
	if arguments > 0 {
		if full, ok := x[lower+"`"+string(rune('0'+min(arguments, 9)))]; ok {
			return full
		}
	}
	if full, ok := x[lower]; ok {
		return full
	}
	return name
}

// acceleratorName is how a type converts to text: its accelerator if it has
// one.
func acceleratorName(t *TypeRef) string {
	if len(t.Args) > 0 {
		return t.String()
	}
	name := t.Name
	if short, ok := preferredAccelerators[t.Name]; ok {
		name = short
	} else {
		for short, full := range accelerators {
			if full == t.Name && (name == t.Name || short < name) {
				name = short
			}
		}
	}
	return (&TypeRef{Name: name, Ranks: t.Ranks}).String()
}

// typeNameOf is the .NET name of a value's type; empty for $null and for what
// is unknown.
func typeNameOf(v Value) string {
	switch v := v.(type) {
	case bool:
		return "System.Boolean"
	case string, *Text:
		return "System.String"
	case Char:
		return "System.Char"
	case int8:
		return "System.SByte"
	case int16:
		return "System.Int16"
	case int32:
		return "System.Int32"
	case int64:
		return "System.Int64"
	case uint8:
		return "System.Byte"
	case uint16:
		return "System.UInt16"
	case uint32:
		return "System.UInt32"
	case uint64:
		return "System.UInt64"
	case float32:
		return "System.Single"
	case float64:
		return "System.Double"
	case Decimal:
		return "System.Decimal"
	case *big.Int:
		return "System.Numerics.BigInteger"
	case *Array:
		return v.Type + "[" + strings.Repeat(",", max(0, len(v.Lengths)-1)) + "]"
	case *List:
		if v.Element != nil {
			return v.Type + "[" + v.Element.String() + "]"
		}
		return v.Type
	case *Hash:
		return v.Type
	case *Closure:
		return typeScriptBlock
	case *TypeRef:
		return "System.RuntimeType"
	case *Object:
		if v.Base != nil {
			return typeNameOf(v.Base)
		}
		return v.Type
	case *Unknown:
		return v.Type
	}
	return ""
}

// bases are the types and interfaces that values of a type are instances of,
// beyond Object and the type itself.
var bases = map[string][]string{
	"System.String":  {"System.IComparable", "System.Collections.IEnumerable", "System.ICloneable"},
	"System.Boolean": {"System.ValueType", "System.IComparable"},
	typeHashtable:    {"System.Collections.IDictionary", "System.Collections.ICollection", "System.Collections.IEnumerable", "System.ICloneable"},
	typeOrdered:      {"System.Collections.IDictionary", "System.Collections.ICollection", "System.Collections.IEnumerable", "System.Collections.Specialized.IOrderedDictionary"},
	typeDictionary:   {"System.Collections.IDictionary", "System.Collections.ICollection", "System.Collections.IEnumerable"},
	typeArrayList:    {"System.Collections.IList", "System.Collections.ICollection", "System.Collections.IEnumerable", "System.ICloneable"},
	typeGenericList:  {"System.Collections.IList", "System.Collections.ICollection", "System.Collections.IEnumerable"},
	typeScriptBlock:  {},
	typePSCustomObject: {
		"System.Management.Automation.PSObject",
	},
	typeDateTime:                           {"System.ValueType", "System.IComparable", "System.IFormattable"},
	typeTimeSpan:                           {"System.ValueType", "System.IComparable", "System.IFormattable"},
	typeGUID:                               {"System.ValueType", "System.IComparable", "System.IFormattable"},
	"System.RuntimeType":                   {"System.Type", "System.Reflection.TypeInfo", "System.Reflection.MemberInfo"},
	"System.Text.RegularExpressions.Match": {"System.Text.RegularExpressions.Group", "System.Text.RegularExpressions.Capture"},
	"System.IO.MemoryStream":               {"System.IO.Stream", "System.IDisposable"},
}

// isInstance tells whether a value is of a type, as -is does.
func (in *Interpreter) isInstance(v Value, t *TypeRef) Tri {
	if u, ok := v.(*Unknown); ok {
		if u.Type == "" {
			return Maybe
		}
		return triOf(t.Name == u.Type && len(t.Ranks) == 0)
	}
	if v == nil {
		return No
	}
	if t.Name == typeObject && len(t.Ranks) == 0 {
		return Yes
	}
	if o, ok := v.(*Object); ok && o.Class != nil {
		return triOf(in.inherits(o, t))
	}
	name := typeNameOf(v)
	if strings.EqualFold(name, t.String()) || strings.EqualFold(name, t.Name) && len(t.Ranks) == 0 {
		return Yes
	}
	if o, ok := v.(*Object); ok && t.Name == "System.Management.Automation.PSObject" && (o.Base != nil || o.Type == typePSCustomObject) {
		return Yes
	}
	switch v := v.(type) {
	case *Array:
		if len(t.Ranks) > 0 {
			return triOf(t.Name == typeObject && v.Type != "" && !valueTypes[v.Type])
		}
		switch t.Name {
		case "System.Array", "System.Collections.IEnumerable", "System.Collections.IList", "System.Collections.ICollection":
			return Yes
		}
		return No
	case *List:
		name = v.Type
	}
	if isNumber(v) {
		return triOf(t.Name == "System.ValueType" || t.Name == "System.IComparable" || t.Name == "System.IFormattable")
	}
	for _, base := range bases[name] {
		if strings.EqualFold(base, t.Name) {
			return Yes
		}
	}
	if strings.HasSuffix(name, "Exception") && exceptionBases[t.Name] {
		return Yes
	}
	return No
}

var exceptionBases = map[string]bool{"System.Exception": true, "System.SystemException": true}

// valueTypes are those of which an array is no object[].
var valueTypes = map[string]bool{
	"System.Int32": true, "System.Int64": true, "System.Byte": true, "System.Char": true, "System.Double": true,
	"System.Boolean": true, "System.Int16": true, "System.UInt16": true, "System.UInt32": true, "System.UInt64": true,
	"System.SByte": true, "System.Single": true, "System.Decimal": true, typeDateTime: true, typeGUID: true, typeTimeSpan: true,
}

// inherits tells whether an object of a script's class is of a type.
func (in *Interpreter) inherits(o *Object, t *TypeRef) bool {
	for class, depth := o.Class, 0; class != nil && depth < 64; depth++ {
		if class == t.Class || strings.EqualFold(class.Name, t.Name) {
			return true
		}
		var next *TypeDef
		for _, base := range class.Bases {
			ref := in.resolveType(base)
			if strings.EqualFold(ref.Name, t.Name) {
				return true
			}
			if ref.Class != nil {
				next = ref.Class
			}
		}
		class = next
	}
	return false
}

// lastOf is the name of a type without its namespace.
func lastOf(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
