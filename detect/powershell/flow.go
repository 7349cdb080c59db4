package powershell

// How a statement ends other than by its end.

// flowKind is a kind of control flow.
type flowKind uint8

const (
	flowBreak flowKind = iota
	flowContinue
	flowReturn
	flowExit
	flowStop // of the pipeline that stage belongs to
	flowDone // of a sequence
)

// flow is control flow on its way out. What return yields is put out before.
type flow struct {
	kind  flowKind
	label string // of break and continue, lower case
	stage *stage // of flowStop: the command that needs no more input
}

func (f *flow) Error() string { return "control flow" }

// matches tells whether a loop with that label is the one that f is for.
func (f *flow) matches(label string) bool {
	return f.label == "" || f.label == foldCase(label)
}

// limitError ends the run.
type limitError struct{ what string }

func (e *limitError) Error() string { return "budget of " + e.what + " exceeded" }

func isLimit(err error) bool {
	_, ok := err.(*limitError)
	return ok
}

// Thrown is an exception. One that is not fatal ends the statement only, where
// no try surrounds it.
type Thrown struct {
	typeName string
	message  Value
	fatal    bool
	record   *Object // what $_ is in catch
}

func (t *Thrown) Error() string {
	s, _ := t.message.(string)
	return s
}

// errorRecord is the payload of an error record, whose text is its message.
type errorRecord struct{ message Value }

func (e errorRecord) content() Value { return e.message }

// thrown makes an exception that ends the statement.
func (in *Interpreter) thrown(typeName, message string) error {
	return in.throwing(typeName, message, nil, false)
}

func (in *Interpreter) throwing(typeName string, message, target Value, fatal bool) *Thrown {
	e := newObject(typeName)
	e.Set("Message", message)
	e.Set("InnerException", nil)
	return in.throwingException(e, message, target, fatal)
}

func (in *Interpreter) throwingException(e *Object, message, target Value, fatal bool) *Thrown {
	r := newObject("System.Management.Automation.ErrorRecord")
	r.Payload = errorRecord{message}
	r.Set("Exception", e)
	r.Set("TargetObject", target)
	r.Set("FullyQualifiedErrorId", message)
	return &Thrown{typeName: e.Type, message: message, fatal: fatal, record: r}
}

// dividedByZero is the exception of an operator, which the engine wraps.
func (in *Interpreter) dividedByZero() error {
	const message = "Attempted to divide by zero."
	inner := NewObject("System.DivideByZeroException")
	inner.Set("Message", message)
	inner.Set("InnerException", nil)
	outer := NewObject("System.Management.Automation.RuntimeException")
	outer.Set("Message", message)
	outer.Set("InnerException", inner)
	t := in.throwingException(outer, message, nil, false)
	t.typeName = inner.Type
	return t
}

// sameEnd tells whether two stretches end alike.
func sameEnd(a, b error) bool {
	if a == b {
		return true
	}
	switch x := a.(type) {
	case *flow:
		y, ok := b.(*flow)
		return ok && *x == *y
	case *Thrown:
		y, ok := b.(*Thrown)
		return ok && x.typeName == y.typeName && x.fatal == y.fatal && sameValue(x.message, y.message)
	}
	return false
}

// sameKindOfEnd is sameEnd but for what exceptions say.
func sameKindOfEnd(a, b error) bool {
	x, ok := a.(*Thrown)
	y, both := b.(*Thrown)
	if ok && both {
		return x.typeName == y.typeName && x.fatal == y.fatal
	}
	return sameEnd(a, b)
}

// eitherEnd is an end that stands for two of the same kind.
func (in *Interpreter) eitherEnd(a, b error) error {
	x, ok := a.(*Thrown)
	if !ok || sameEnd(a, b) {
		return a
	}
	y := b.(*Thrown)
	return in.throwing(x.typeName, in.either("$_", x.message, y.message), nil, x.fatal)
}

// exceptionParents are the base classes of exceptions that catch may name.
var exceptionParents = map[string]string{
	"system.management.automation.runtimeexception":                        "system.systemexception",
	"system.management.automation.psinvalidcastexception":                  "system.invalidcastexception",
	"system.management.automation.commandnotfoundexception":                "system.management.automation.runtimeexception",
	"system.management.automation.parameterbindingexception":               "system.management.automation.runtimeexception",
	"system.management.automation.parameterbindingvalidationexception":     "system.management.automation.parameterbindingexception",
	"system.management.automation.actionpreferencestopexception":           "system.management.automation.runtimeexception",
	"system.management.automation.methodinvocationexception":               "system.management.automation.methodexception",
	"system.management.automation.methodexception":                         "system.management.automation.extendedtypesystemexception",
	"system.management.automation.extendedtypesystemexception":             "system.management.automation.runtimeexception",
	"system.management.automation.setvalueinvocationexception":             "system.management.automation.setvalueexception",
	"system.management.automation.setvalueexception":                       "system.management.automation.extendedtypesystemexception",
	"system.management.automation.itemnotfoundexception":                   "system.management.automation.sessionstateexception",
	"system.management.automation.sessionstateexception":                   "system.management.automation.runtimeexception",
	"system.management.automation.sessionstateunauthorizedaccessexception": "system.management.automation.sessionstateexception",
	"microsoft.powershell.commands.writeerrorexception":                    "system.systemexception",
	"system.invalidcastexception":                                          "system.systemexception",
	"system.formatexception":                                               "system.systemexception",
	"system.arithmeticexception":                                           "system.systemexception",
	"system.dividebyzeroexception":                                         "system.arithmeticexception",
	"system.overflowexception":                                             "system.arithmeticexception",
	"system.argumentexception":                                             "system.systemexception",
	"system.argumentnullexception":                                         "system.argumentexception",
	"system.argumentoutofrangeexception":                                   "system.argumentexception",
	"system.invalidoperationexception":                                     "system.systemexception",
	"system.notsupportedexception":                                         "system.systemexception",
	"system.nullreferenceexception":                                        "system.systemexception",
	"system.indexoutofrangeexception":                                      "system.systemexception",
	"system.unauthorizedaccessexception":                                   "system.systemexception",
	"system.io.ioexception":                                                "system.systemexception",
	"system.io.filenotfoundexception":                                      "system.io.ioexception",
	"system.io.directorynotfoundexception":                                 "system.io.ioexception",
	"system.systemexception":                                               "system.exception",
}

// isException tells whether an exception type is another or derived from it.
func isException(typeName, base string) bool {
	name, base := foldCase(typeName), foldCase(base)
	for range 16 {
		if name == base || base == "system.exception" {
			return true
		}
		next, ok := exceptionParents[name]
		if !ok {
			return false
		}
		name = next
	}
	return false
}

// mayBeException tells whether it is not known that an exception type, which is
// not another, is not derived from it or wrapped in one of it.
func mayBeException(typeName, base string) bool {
	name, base := foldCase(typeName), foldCase(base)
	if name == "system.management.automation.psinvalidcastexception" {
		return base == "system.formatexception" || base == "system.overflowexception"
	}
	_, known := exceptionParents[name]
	return !known && name != "system.exception"
}
