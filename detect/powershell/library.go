package powershell

// What .NET offers, as tables: methods and properties by type, static members,
// constructors, casts, enumerations. They are built when first asked for.

import (
	"maps"
	"sync"
)

// call is a call of a method, of a static method or of a constructor.
type call struct {
	in     *Interpreter
	target Value    // nil for static methods and constructors
	kind   *TypeRef // of static methods and constructors
	name   string   // as written
	args   []Value
	source string
}

// method is a method of a type. One that is open copes with unknown arguments;
// the result of others is unknown where an argument is.
type method struct {
	run  func(c *call) (Value, error)
	open bool
}

func known(run func(c *call) (Value, error)) method  { return method{run: run} }
func opened(run func(c *call) (Value, error)) method { return method{run: run, open: true} }

// property is a property of a type.
type property func(in *Interpreter, target Value) Value

// staticProperty is a static property; its value may be unknown.
type staticProperty func(in *Interpreter) Value

type library struct {
	types            typeIndex
	conversions      map[string]conversion
	constructors     map[string]method
	enums            map[string]*enumType
	methods          map[string]map[string]method
	properties       map[string]map[string]property
	staticMethods    map[string]map[string]method
	staticProperties map[string]map[string]staticProperty
	regexes          map[string]*regex
	last             textView
}

// lib returns the tables.
func (in *Interpreter) lib() *library {
	if in.library == nil {
		tables.once.Do(func() { tables.library = newLibrary() })
		l := *tables.library
		l.regexes = map[string]*regex{}
		in.library = &l
	}
	return in.library
}

// tables are shared by all runs, none of which changes them. They are no
// initial value, since their functions lead back to them.
var tables struct {
	once    sync.Once
	library *library
}

func newLibrary() *library {
	l := &library{
		types:            newTypeIndex(),
		conversions:      conversions(),
		enums:            enumTypes(),
		constructors:     map[string]method{},
		methods:          map[string]map[string]method{},
		properties:       map[string]map[string]property{},
		staticMethods:    map[string]map[string]method{},
		staticProperties: map[string]map[string]staticProperty{},
	}
	for _, add := range []func(*library){
		addStringMembers, addTextStatics, addCollectionMembers, addCollectionStatics, addBuilderMembers, addRegexMembers,
		addTimeMembers, addNetValueMembers, addStreamMembers, addCryptoMembers, addEncodingMembers, addConvertStatics, addMathStatics,
		addPathStatics, addSystemStatics, addLinqStatics, addObjectMembers, addXMLMembers, addProcessMembers, addReflection, addMethodMembers, addRunspaceMembers, addDelegateMembers,
	} {
		add(l)
	}
	return l
}

func (l *library) typeName(name string, arguments int) string { return l.types.find(name, arguments) }

// add puts methods of a type into the tables, by lower-case name.
func (l *library) addMethods(typeName string, methods map[string]method) {
	if l.methods[typeName] == nil {
		l.methods[typeName] = map[string]method{}
	}
	maps.Copy(l.methods[typeName], methods)
}

func (l *library) addProperties(typeName string, properties map[string]property) {
	if l.properties[typeName] == nil {
		l.properties[typeName] = map[string]property{}
	}
	maps.Copy(l.properties[typeName], properties)
}

func (l *library) addStatics(typeName string, methods map[string]method) {
	if l.staticMethods[typeName] == nil {
		l.staticMethods[typeName] = map[string]method{}
	}
	maps.Copy(l.staticMethods[typeName], methods)
}

func (l *library) addStaticProperties(typeName string, properties map[string]staticProperty) {
	if l.staticProperties[typeName] == nil {
		l.staticProperties[typeName] = map[string]staticProperty{}
	}
	maps.Copy(l.staticProperties[typeName], properties)
}

// constant is a static property of a fixed value.
func constant(v Value) staticProperty { return func(*Interpreter) Value { return v } }

// outside is a static property that the machine or the moment decides.
func outside(expression string, origin Origin) staticProperty {
	return func(in *Interpreter) Value { return in.unknown(expression, origin) }
}

// enumTypes are the enumerations whose values scripts name.
func enumTypes() map[string]*enumType {
	sequence := func(names ...string) *enumType {
		t := &enumType{names: names}
		for i := range names {
			t.numbers = append(t.numbers, int64(i))
		}
		return t
	}
	return map[string]*enumType{
		"System.StringSplitOptions":              {names: []string{"None", "RemoveEmptyEntries", "TrimEntries"}, numbers: []int64{0, 1, 2}, flags: true},
		"System.StringComparison":                sequence("CurrentCulture", "CurrentCultureIgnoreCase", "InvariantCulture", "InvariantCultureIgnoreCase", "Ordinal", "OrdinalIgnoreCase"),
		"System.IO.Compression.CompressionMode":  sequence("Decompress", "Compress"),
		"System.IO.Compression.CompressionLevel": sequence("Optimal", "Fastest", "NoCompression"),
		"System.IO.SeekOrigin":                   sequence("Begin", "Current", "End"),
		"System.DayOfWeek":                       sequence("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
		"System.DateTimeKind":                    sequence("Unspecified", "Utc", "Local"),
		"System.UriKind":                         sequence("RelativeOrAbsolute", "Absolute", "Relative"),
		"System.MidpointRounding":                sequence("ToEven", "AwayFromZero", "ToZero", "ToNegativeInfinity", "ToPositiveInfinity"),
		"System.Base64FormattingOptions":         sequence("None", "InsertLineBreaks"),
		"System.Globalization.UnicodeCategory": sequence("UppercaseLetter", "LowercaseLetter", "TitlecaseLetter", "ModifierLetter", "OtherLetter",
			"NonSpacingMark", "SpacingCombiningMark", "EnclosingMark", "DecimalDigitNumber", "LetterNumber", "OtherNumber", "SpaceSeparator",
			"LineSeparator", "ParagraphSeparator", "Control", "Format", "Surrogate", "PrivateUse", "ConnectorPunctuation", "DashPunctuation",
			"OpenPunctuation", "ClosePunctuation", "InitialQuotePunctuation", "FinalQuotePunctuation", "OtherPunctuation", "MathSymbol",
			"CurrencySymbol", "ModifierSymbol", "OtherSymbol", "OtherNotAssigned"),
		"System.Text.NormalizationForm": {names: []string{"FormC", "FormD", "FormKC", "FormKD"}, numbers: []int64{1, 2, 5, 6}},
		"System.Text.RegularExpressions.RegexOptions": {
			names: []string{"None", "IgnoreCase", "Multiline", "ExplicitCapture", "Compiled", "Singleline", "IgnorePatternWhitespace",
				"RightToLeft", "ECMAScript", "CultureInvariant"},
			numbers: []int64{0, 1, 2, 4, 8, 16, 32, 64, 256, 512}, flags: true,
		},
		"System.Globalization.NumberStyles": {
			names: []string{"None", "AllowLeadingWhite", "AllowTrailingWhite", "AllowLeadingSign", "Integer", "AllowDecimalPoint",
				"AllowThousands", "Float", "Number", "Any", "AllowHexSpecifier", "HexNumber"},
			numbers: []int64{0, 1, 2, 4, 7, 32, 64, 167, 111, 511, 512, 515}, flags: true,
		},
		"System.Globalization.DateTimeStyles": {
			names:   []string{"None", "AllowLeadingWhite", "AllowTrailingWhite", "AllowInnerWhite", "AllowWhiteSpaces", "AssumeLocal", "AssumeUniversal", "AdjustToUniversal"},
			numbers: []int64{0, 1, 2, 4, 7, 32, 64, 16}, flags: true,
		},
		"System.Reflection.BindingFlags": {
			names: []string{"Default", "IgnoreCase", "DeclaredOnly", "Instance", "Static", "Public", "NonPublic", "FlattenHierarchy", "InvokeMethod",
				"CreateInstance", "GetField", "SetField", "GetProperty", "SetProperty"},
			numbers: []int64{0, 1, 2, 4, 8, 16, 32, 64, 256, 512, 1024, 2048, 4096, 8192}, flags: true,
		},
		"System.Management.Automation.RunspaceMode": sequence("CurrentRunspace", "NewRunspace"),
		"System.Environment+SpecialFolder": {
			names: []string{"Desktop", "Programs", "MyDocuments", "Personal", "Favorites", "Startup", "Recent", "SendTo", "StartMenu", "MyMusic", "MyVideos",
				"DesktopDirectory", "MyComputer", "ApplicationData", "LocalApplicationData", "CommonApplicationData", "Windows", "System",
				"ProgramFiles", "MyPictures", "UserProfile", "ProgramFilesX86", "CommonDesktopDirectory", "CommonDocuments"},
			numbers: []int64{0, 2, 5, 5, 6, 7, 8, 9, 11, 13, 14, 16, 17, 26, 28, 35, 36, 37, 38, 39, 40, 42, 25, 46},
		},
		"System.IO.FileMode": {names: []string{"CreateNew", "Create", "Open", "OpenOrCreate", "Truncate", "Append"}, numbers: []int64{1, 2, 3, 4, 5, 6}},
	}
}
