package powershell

// XPath: paths of names, attributes and text, with predicates that compare them.
// What goes beyond is not worked out.

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// errXPath says that an expression goes beyond what is worked out here.
var errXPath = errors.New("no such XPath")

// xpath reads an expression and evaluates it as it goes.
type xpath struct {
	in   *Interpreter
	text string
	at   int
	deep int
}

// selectNodes are the nodes that a path finds from a node on, in the order of
// the document; ok is false where that is not worked out.
func (in *Interpreter) selectNodes(o *Object, path string) (nodes []*Object, ok bool, err error) {
	root := rootOf(o)
	if xmlOf(root).foreign || xmlOf(root).outside != nil || xmlOf(o).outside != nil || len(path) > 1000 {
		return nil, false, nil
	}
	x := &xpath{in: in, text: path}
	for {
		found, err := x.path([]*Object{o})
		if err != nil {
			return nil, false, limitOnly(err)
		}
		nodes = append(nodes, found...)
		if !x.take("|") {
			break
		}
	}
	if x.blank(); x.at < len(path) {
		return nil, false, nil
	}
	return inDocumentOrder(root, nodes), true, nil
}

// limitOnly passes an exceeded budget on, and nothing else.
func limitOnly(err error) error {
	if isLimit(err) {
		return err
	}
	return nil
}

func inDocumentOrder(root *Object, nodes []*Object) []*Object {
	wanted := map[*Object]bool{}
	for _, o := range nodes {
		wanted[o] = true
	}
	var ordered []*Object
	var walk func(o *Object)
	walk = func(o *Object) {
		for _, c := range slices.Concat([]*Object{o}, xmlOf(o).attrs) {
			if wanted[c] {
				ordered = append(ordered, c)
			}
		}
		for _, c := range xmlOf(o).children {
			walk(c)
		}
	}
	walk(root)
	return ordered
}

func (x *xpath) blank() {
	for x.at < len(x.text) && strings.IndexByte(" \t\r\n", x.text[x.at]) >= 0 {
		x.at++
	}
}

// take takes a token if it is the next one.
func (x *xpath) take(token string) bool {
	x.blank()
	if strings.HasPrefix(x.text[x.at:], token) {
		x.at += len(token)
		return true
	}
	return false
}

// name takes a name.
func (x *xpath) name() string {
	x.blank()
	from := x.at
	for x.at < len(x.text) {
		c := x.text[x.at]
		if c >= 0x80 || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || x.at > from && (c == '-' || c == '.' || c >= '0' && c <= '9') {
			x.at++
			continue
		}
		break
	}
	return x.text[from:x.at]
}

// path evaluates a path from nodes on.
func (x *xpath) path(from []*Object) ([]*Object, error) {
	if x.deep++; x.deep > 50 {
		return nil, errXPath
	}
	defer func() { x.deep-- }()
	nodes := from
	deep := false
	switch {
	case x.take("//"):
		nodes, deep = rootsOf(nodes), true
	case x.take("/"):
		nodes = rootsOf(nodes)
		if x.blank(); x.at == len(x.text) {
			return nodes, nil
		}
	}
	for {
		var err error
		if deep {
			if nodes, err = x.descendants(nodes); err != nil {
				return nil, err
			}
		}
		if nodes, err = x.step(nodes); err != nil {
			return nil, err
		}
		switch {
		case x.take("//"):
			deep = true
		case x.take("/"):
			deep = false
		default:
			return nodes, nil
		}
	}
}

func rootsOf(nodes []*Object) []*Object {
	var roots []*Object
	for _, o := range nodes {
		if root := rootOf(o); !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	return roots
}

// descendants are the nodes and all within them, each once.
func (x *xpath) descendants(nodes []*Object) ([]*Object, error) {
	seen := map[*Object]bool{}
	var all []*Object
	var walk func(o *Object) error
	walk = func(o *Object) error {
		if seen[o] {
			return nil
		}
		seen[o] = true
		all = append(all, o)
		if err := x.in.spend(1); err != nil {
			return err
		}
		for _, c := range xmlOf(o).children {
			if err := walk(c); err != nil {
				return err
			}
		}
		return nil
	}
	for _, o := range nodes {
		if err := walk(o); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// step evaluates one step with its predicates, which count within each node.
func (x *xpath) step(nodes []*Object) ([]*Object, error) {
	pick, err := x.nodeTest()
	if err != nil {
		return nil, err
	}
	start := x.at
	var result []*Object
	seen := map[*Object]bool{}
	for _, o := range nodes {
		x.at = start
		found := pick(o)
		if err := x.in.spend(1 + len(found)); err != nil {
			return nil, err
		}
		for x.take("[") {
			if found, err = x.predicate(found); err != nil {
				return nil, err
			}
		}
		for _, f := range found {
			if !seen[f] {
				seen[f] = true
				result = append(result, f)
			}
		}
	}
	if len(nodes) == 0 {
		// What follows must be read all the same.
		for x.take("[") {
			if _, err := x.predicate(nil); err != nil {
				return nil, err
			}
		}
	}
	return result, nil
}

// nodeTest reads what a step picks of a node.
func (x *xpath) nodeTest() (func(o *Object) []*Object, error) {
	ofType := func(types ...string) func(o *Object) []*Object {
		return func(o *Object) []*Object {
			return filterNodes(xmlOf(o).children, func(c *Object) bool { return slices.Contains(types, c.Type) })
		}
	}
	switch {
	case x.take(".."):
		return func(o *Object) []*Object {
			if p := xmlOf(o).parent; p != nil {
				return []*Object{p}
			}
			return nil
		}, nil
	case x.take("."):
		return func(o *Object) []*Object { return []*Object{o} }, nil
	case x.take("@*"):
		return func(o *Object) []*Object { return xmlOf(o).attrs }, nil
	case x.take("@"):
		name := x.name()
		if name == "" || strings.HasPrefix(x.text[x.at:], ":") {
			return nil, errXPath
		}
		return func(o *Object) []*Object {
			return filterNodes(xmlOf(o).attrs, func(a *Object) bool { return xmlOf(a).name == name })
		}, nil
	case x.take("*"):
		return ofType(typeXMLElement), nil
	}
	name := x.name()
	switch {
	case name == "" || strings.HasPrefix(x.text[x.at:], ":"):
		return nil, errXPath
	case !x.take("("):
		return func(o *Object) []*Object {
			return filterNodes(xmlOf(o).children, func(c *Object) bool { return isElement(c) && xmlOf(c).name == name })
		}, nil
	case name == "text" && x.take(")"):
		return ofType(typeXMLText, typeXMLCData), nil
	case name == "node" && x.take(")"):
		return func(o *Object) []*Object { return xmlOf(o).children }, nil
	}
	return nil, errXPath
}

func filterNodes(nodes []*Object, keep func(o *Object) bool) []*Object {
	var kept []*Object
	for _, o := range nodes {
		if keep(o) {
			kept = append(kept, o)
		}
	}
	return kept
}

// predicate filters nodes by an expression in brackets.
func (x *xpath) predicate(nodes []*Object) ([]*Object, error) {
	start := x.at
	var kept []*Object
	for i, o := range nodes {
		x.at = start
		v, err := x.or(o, i+1, len(nodes))
		if err != nil {
			return nil, err
		}
		if n, ok := v.(float64); ok && n == float64(i+1) || !ok && xpathTruth(v) {
			kept = append(kept, o)
		}
	}
	if len(nodes) == 0 {
		if _, err := x.or(newNode(typeXMLElement, "", "", nil), 1, 1); err != nil {
			return nil, err
		}
	}
	if !x.take("]") {
		return nil, errXPath
	}
	return kept, nil
}

// The values of expressions are []*Object, string, float64 and bool.

func xpathTruth(v any) bool {
	switch v := v.(type) {
	case []*Object:
		return len(v) > 0
	case string:
		return v != ""
	case float64:
		return v != 0
	case bool:
		return v
	}
	return false
}

func xpathText(v any) string {
	switch v := v.(type) {
	case []*Object:
		if len(v) > 0 {
			return innerText(v[0])
		}
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (x *xpath) or(o *Object, position, last int) (any, error) {
	return x.logical("or", func() (any, error) {
		return x.logical("and", func() (any, error) { return x.comparison(o, position, last) })
	})
}

// logical is operands with a word between them.
func (x *xpath) logical(word string, operand func() (any, error)) (any, error) {
	v, err := operand()
	if err != nil {
		return nil, err
	}
	for {
		start := x.at
		if x.name() != word {
			x.at = start
			return v, nil
		}
		r, err := operand()
		if err != nil {
			return nil, err
		}
		if word == "or" {
			v = xpathTruth(v) || xpathTruth(r)
		} else {
			v = xpathTruth(v) && xpathTruth(r)
		}
	}
}

func (x *xpath) comparison(o *Object, position, last int) (any, error) {
	l, err := x.operand(o, position, last)
	if err != nil {
		return nil, err
	}
	for _, op := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if !x.take(op) {
			continue
		}
		r, err := x.operand(o, position, last)
		if err != nil {
			return nil, err
		}
		return xpathCompare(l, r, op), nil
	}
	return l, nil
}

// xpathCompare compares two values; of nodes, it holds if it does for one.
func xpathCompare(l, r any, op string) bool {
	each := func(v any) []any {
		nodes, ok := v.([]*Object)
		if !ok {
			return []any{v}
		}
		var texts []any
		for _, n := range nodes {
			texts = append(texts, innerText(n))
		}
		return texts
	}
	for _, a := range each(l) {
		for _, b := range each(r) {
			_, number := a.(float64)
			_, number2 := b.(float64)
			x, y := xpathText(a), xpathText(b)
			if (op == "=" || op == "!=") && !number && !number2 {
				if (x == y) == (op == "=") {
					return true
				}
				continue
			}
			n, err := strconv.ParseFloat(strings.TrimSpace(x), 64)
			m, err2 := strconv.ParseFloat(strings.TrimSpace(y), 64)
			if err != nil || err2 != nil {
				if op == "!=" {
					return true
				}
				continue
			}
			if map[string]bool{"=": n == m, "!=": n != m, "<": n < m, ">": n > m, "<=": n <= m, ">=": n >= m}[op] {
				return true
			}
		}
	}
	return false
}

// operand is a literal, a number, a function or a path.
func (x *xpath) operand(o *Object, position, last int) (any, error) {
	x.blank()
	if x.at == len(x.text) {
		return nil, errXPath
	}
	c := x.text[x.at]
	switch {
	case c == '\'' || c == '"':
		end := strings.IndexByte(x.text[x.at+1:], c)
		if end < 0 {
			return nil, errXPath
		}
		s := x.text[x.at+1 : x.at+1+end]
		x.at += end + 2
		return s, nil
	case c >= '0' && c <= '9':
		from := x.at
		for x.at < len(x.text) && (x.text[x.at] >= '0' && x.text[x.at] <= '9' || x.text[x.at] == '.') {
			x.at++
		}
		n, err := strconv.ParseFloat(x.text[from:x.at], 64)
		if err != nil {
			return nil, errXPath
		}
		return n, nil
	case c == '(':
		x.at++
		v, err := x.or(o, position, last)
		if err == nil && !x.take(")") {
			err = errXPath
		}
		return v, err
	}
	start := x.at
	if name := x.name(); name != "" && name != "text" && name != "node" && x.take("(") {
		return x.function(name, o, position, last)
	}
	x.at = start
	return x.path([]*Object{o})
}

func (x *xpath) function(name string, o *Object, position, last int) (any, error) {
	if x.deep++; x.deep > 50 {
		return nil, errXPath
	}
	defer func() { x.deep-- }()
	var args []any
	for !x.take(")") {
		if len(args) > 0 && !x.take(",") {
			return nil, errXPath
		}
		v, err := x.or(o, position, last)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	text := func(i int) string {
		if i < len(args) {
			return xpathText(args[i])
		}
		return innerText(o)
	}
	switch {
	case name == "last" && len(args) == 0:
		return float64(last), nil
	case name == "position" && len(args) == 0:
		return float64(position), nil
	case name == "contains" && len(args) == 2:
		return strings.Contains(text(0), text(1)), nil
	case name == "starts-with" && len(args) == 2:
		return strings.HasPrefix(text(0), text(1)), nil
	case name == "not" && len(args) == 1:
		return !xpathTruth(args[0]), nil
	case name == "true" && len(args) == 0, name == "false" && len(args) == 0:
		return name == "true", nil
	case (name == "name" || name == "local-name") && len(args) == 0:
		return xmlOf(o).name, nil
	case name == "string" && len(args) < 2:
		return text(0), nil
	case name == "normalize-space" && len(args) < 2:
		return strings.Join(strings.Fields(text(0)), " "), nil
	case name == "count" && len(args) == 1:
		if nodes, ok := args[0].([]*Object); ok {
			return float64(len(nodes)), nil
		}
	}
	return nil, errXPath
}
