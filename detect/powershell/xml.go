package powershell

// [xml]: nodes as objects, as the engine's adapter shows them.

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

const (
	typeXMLDocument  = "System.Xml.XmlDocument"
	typeXMLElement   = "System.Xml.XmlElement"
	typeXMLAttribute = "System.Xml.XmlAttribute"
	typeXMLText      = "System.Xml.XmlText"
	typeXMLCData     = "System.Xml.XmlCDataSection"
	typeXMLComment   = "System.Xml.XmlComment"
	maxXMLDepth      = 200
)

// xmlNode is the payload of a node: a document, an element, an attribute, or
// text of some kind. Its object has the properties that the adapter shows.
type xmlNode struct {
	name     string
	value    string // of attributes and text
	attrs    []*Object
	children []*Object
	parent   *Object
	foreign  bool // a document whose names are in namespaces
	// outside is what a document stands for that was read from elsewhere.
	outside *Unknown
}

func (n *xmlNode) copied() any {
	c := *n
	c.attrs, c.children = slices.Clone(n.attrs), slices.Clone(n.children)
	return &c
}

func (n *xmlNode) equals(other any) bool {
	o, ok := other.(*xmlNode)
	return ok && o.name == n.name && o.value == n.value && slices.Equal(o.attrs, n.attrs) && slices.Equal(o.children, n.children) && o.outside == n.outside
}

// String is the text of a node: its name.
func (n *xmlNode) String() string { return n.name }

func xmlOf(o *Object) *xmlNode { return o.Payload.(*xmlNode) }

func newNode(typeName, name, value string, parent *Object) *Object {
	return newPayload(typeName, &xmlNode{name: name, value: value, parent: parent})
}

// innerText is all text within a node, but no comments.
func innerText(o *Object) string {
	n := xmlOf(o)
	switch o.Type {
	case typeXMLDocument, typeXMLElement:
	default:
		return n.value
	}
	var b strings.Builder
	for _, c := range n.children {
		if c.Type != typeXMLComment {
			b.WriteString(innerText(c))
		}
	}
	return b.String()
}

func toXML(in *Interpreter, v Value) (Value, error) {
	text, ok := in.text(v).(string)
	if v == nil {
		return nil, nil
	}
	if items, isList := Items(v); isList {
		joined, err := in.join(newArray(items), "\n", "")
		if err != nil {
			return nil, err
		}
		text, ok = joined.(string)
	}
	if !ok {
		u := derivedFrom(v, "[xml]"+operand(expressionOf(v)), "as xml")
		u.Type = typeXMLDocument
		return u, nil
	}
	document := newNode(typeXMLDocument, "#document", "", nil)
	return document, in.loadXML(document, text)
}

// loadXML reads text into a document.
func (in *Interpreter) loadXML(document *Object, text string) error {
	if err := in.charge(int64(len(text)) * 8); err != nil {
		return err
	}
	in.touch(document)
	read := newNode(typeXMLDocument, "#document", "", nil)
	document.Payload = read.Payload
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	if err := readNodes(d, text, document, document, 0); err != nil || !slices.ContainsFunc(xmlOf(document).children, isElement) {
		return in.cannotConvert(text, typeXMLDocument, "The string is no well-formed XML.")
	}
	return nil
}

func isElement(o *Object) bool { return o.Type == typeXMLElement }

var errXMLDepth = errors.New("nested too deep")

// readNodes reads what is in a node.
func readNodes(d *xml.Decoder, text string, document, o *Object, depth int) error {
	if depth > maxXMLDepth {
		return errXMLDepth
	}
	n := xmlOf(o)
	add := func(child *Object) { n.children = append(n.children, child) }
	for {
		at := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) && o == document {
			showChildren(o)
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child := newNode(typeXMLElement, t.Name.Local, "", o)
			if t.Name.Space != "" {
				xmlOf(document).foreign = true
			}
			for _, a := range t.Attr {
				xmlOf(child).attrs = append(xmlOf(child).attrs, newNode(typeXMLAttribute, a.Name.Local, a.Value, child))
				if a.Name.Space != "" || a.Name.Local == "xmlns" {
					xmlOf(document).foreign = true
				}
			}
			if err := readNodes(d, text, document, child, depth+1); err != nil {
				return err
			}
			add(child)
		case xml.CharData:
			switch {
			case at >= 0 && at < int64(len(text)) && strings.HasPrefix(text[at:], "<![CDATA["):
				add(newNode(typeXMLCData, "#cdata-section", string(t), o))
			case o != document && strings.TrimSpace(string(t)) != "":
				add(newNode(typeXMLText, "#text", string(t), o))
			}
		case xml.Comment:
			add(newNode(typeXMLComment, "#comment", string(t), o))
		case xml.EndElement:
			showChildren(o)
			return nil
		}
	}
}

// showChildren gives a node the properties that its attributes and children are;
// several of a name are an array.
func showChildren(o *Object) {
	n := xmlOf(o)
	o.names, o.values = nil, nil
	many := map[string][]Value{}
	for _, c := range slices.Concat(n.attrs, n.children) {
		name := xmlOf(c).name
		if _, ok := many[name]; !ok {
			o.Set(name, nil)
		}
		many[name] = append(many[name], shownNode(c))
	}
	for name, values := range many {
		o.Set(name, single(values))
	}
}

// shownNode is a node as a property: its text if it is nothing else.
func shownNode(o *Object) Value {
	n := xmlOf(o)
	switch {
	case o.Type == typeXMLAttribute, o.Type == typeXMLText, o.Type == typeXMLComment, o.Type == typeXMLCData:
		return n.value
	case len(n.attrs) > 0:
		return o
	case len(n.children) == 0, len(n.children) == 1 && n.children[0].Type == typeXMLText:
		return innerText(o)
	}
	return o
}

// changed shows a node again that was changed, and what is around it.
func (in *Interpreter) changedNode(o *Object) {
	for ; o != nil; o = xmlOf(o).parent {
		in.touch(o)
		showChildren(o)
	}
}

// setText makes text all that is in an element.
func (in *Interpreter) setText(o *Object, text string) {
	in.touch(o)
	n := xmlOf(o)
	switch o.Type {
	case typeXMLElement:
		n.children = []*Object{newNode(typeXMLText, "#text", text, o)}
		in.changedNode(o)
	default:
		n.value = text
		in.changedNode(n.parent)
	}
}

// setXMLMember sets the text of a node, an attribute, or the text of a child.
func (in *Interpreter) setXMLMember(o *Object, name string, v Value) {
	n := xmlOf(o)
	text, known := in.text(v).(string)
	to := o
	switch {
	case name == "innertext", name == "value", name == "innerxml" && !strings.ContainsAny(text, "<&"):
	default:
		nodes := slices.Concat(n.attrs, n.children)
		i := slices.IndexFunc(nodes, func(c *Object) bool { return foldCase(xmlOf(c).name) == name })
		known = known && i >= 0
		if i >= 0 {
			to = nodes[i]
		}
	}
	if !known {
		in.forgetXML(o, derivedFrom(v, nameOf("[xml]", ""), "changed"))
		return
	}
	in.setText(to, text)
}

// forgetXML makes a node, and all around it, one of which nothing is known.
func (in *Interpreter) forgetXML(o *Object, u *Unknown) {
	for ; o != nil; o = xmlOf(o).parent {
		in.touch(o)
		o.names, o.values = nil, nil
		xmlOf(o).outside = u
	}
}

func (in *Interpreter) setAttribute(o *Object, name, value string) {
	in.touch(o)
	n := xmlOf(o)
	for _, a := range n.attrs {
		if xmlOf(a).name == name {
			in.setText(a, value)
			return
		}
	}
	n.attrs = append(n.attrs, newNode(typeXMLAttribute, name, value, o))
	in.changedNode(o)
}

// nodeList are nodes as a value.
func nodeList(nodes []*Object) *List {
	items := make([]Value, len(nodes))
	for i, o := range nodes {
		items[i] = o
	}
	return newList(typeCollection, items...)
}

func addXMLMembers(l *library) {
	node := func(get func(o *Object) Value) property {
		return func(_ *Interpreter, v Value) Value { return get(v.(*Object)) }
	}
	name := node(func(o *Object) Value { return xmlOf(o).name })
	pick := func(nodes []*Object, at int) Value {
		if at < 0 || at >= len(nodes) {
			return nil
		}
		return nodes[at]
	}
	properties := map[string]property{
		"innertext": node(func(o *Object) Value { return innerText(o) }), "name": name, "localname": name,
		"haschildnodes": node(func(o *Object) Value { return len(xmlOf(o).children) > 0 }),
		"hasattributes": node(func(o *Object) Value { return len(xmlOf(o).attrs) > 0 }),
		"childnodes":    node(func(o *Object) Value { return nodeList(xmlOf(o).children) }),
		"attributes":    node(func(o *Object) Value { return nodeList(xmlOf(o).attrs) }),
		"firstchild":    node(func(o *Object) Value { return pick(xmlOf(o).children, 0) }),
		"lastchild":     node(func(o *Object) Value { return pick(xmlOf(o).children, len(xmlOf(o).children)-1) }),
		"parentnode": node(func(o *Object) Value {
			if p := xmlOf(o).parent; p != nil {
				return p
			}
			return nil
		}),
		"documentelement": node(func(o *Object) Value {
			return pick(xmlOf(o).children, slices.IndexFunc(xmlOf(o).children, isElement))
		}),
		"value": node(func(o *Object) Value {
			if o.Type == typeXMLElement || o.Type == typeXMLDocument {
				return nil
			}
			return xmlOf(o).value
		}),
		"#text": node(func(o *Object) Value {
			if o.Type == typeXMLAttribute {
				return xmlOf(o).value
			}
			return nil
		}),
	}
	for _, markup := range []string{"outerxml", "innerxml", "nextsibling", "previoussibling", "ownerdocument"} {
		properties[markup] = func(in *Interpreter, v Value) Value { return in.unknown("xml."+markup, OriginVariable) }
	}
	methods := map[string]method{
		"getelementsbytagname": known(func(c *call) (Value, error) {
			var found []*Object
			err := c.in.namedNodes(c.target.(*Object), c.text(0), &found)
			return nodeList(found), err
		}),
		"getattribute": known(func(c *call) (Value, error) {
			for _, a := range xmlOf(c.target.(*Object)).attrs {
				if xmlOf(a).name == c.text(0) {
					return xmlOf(a).value, nil
				}
			}
			return "", nil
		}),
		"hasattribute": known(func(c *call) (Value, error) {
			return slices.ContainsFunc(xmlOf(c.target.(*Object)).attrs, func(a *Object) bool { return xmlOf(a).name == c.text(0) }), nil
		}),
		"selectnodes": known(func(c *call) (Value, error) {
			found, ok, err := c.in.selectNodes(c.target.(*Object), c.text(0))
			if !ok || err != nil || len(c.args) > 1 {
				u := c.unknown()
				u.Many = true
				return u, err
			}
			return nodeList(found), nil
		}),
		"selectsinglenode": known(func(c *call) (Value, error) {
			found, ok, err := c.in.selectNodes(c.target.(*Object), c.text(0))
			if !ok || err != nil || len(c.args) > 1 {
				return c.unknown(), err
			}
			return pick(found, 0), nil
		}),
		"loadxml": opened(func(c *call) (Value, error) {
			if text, ok := c.in.text(c.arg(0)).(string); ok {
				return nil, c.in.loadXML(c.target.(*Object), text)
			}
			return c.outsideXML()
		}),
		"load": opened((*call).outsideXML),
		"setattribute": opened(func(c *call) (Value, error) {
			value, ok := c.in.text(c.arg(1)).(string)
			if !ok || anyUnknown(c.arg(0)) {
				return c.outsideXML()
			}
			c.in.setAttribute(c.target.(*Object), c.text(0), value)
			return nil, nil
		}),
		"createelement":  known(func(c *call) (Value, error) { return newNode(typeXMLElement, c.text(0), "", nil), nil }),
		"createtextnode": known(func(c *call) (Value, error) { return newNode(typeXMLText, "#text", c.text(0), nil), nil }),
		"appendchild": opened(func(c *call) (Value, error) {
			child, ok := c.arg(0).(*Object)
			if ok {
				_, ok = child.Payload.(*xmlNode)
			}
			o := c.target.(*Object)
			if !ok || xmlOf(child).parent != nil || rootOf(o) == child {
				return c.outsideXML()
			}
			c.in.touch(child)
			c.in.touch(o)
			xmlOf(child).parent = o
			xmlOf(o).children = append(xmlOf(o).children, child)
			c.in.changedNode(o)
			return child, nil
		}),
	}
	for _, change := range []string{"removechild", "replacechild", "insertbefore", "insertafter", "prependchild", "removeall", "removeattribute", "importnode"} {
		methods[change] = opened((*call).outsideXML)
	}
	for _, typeName := range []string{typeXMLDocument, typeXMLElement, typeXMLAttribute, typeXMLText, typeXMLCData, typeXMLComment} {
		l.addProperties(typeName, properties)
		l.addMethods(typeName, methods)
	}
	l.constructors[typeXMLDocument] = known(func(*call) (Value, error) { return newNode(typeXMLDocument, "#document", "", nil), nil })
}

// rootOf is the outermost node around one.
func rootOf(o *Object) *Object {
	for xmlOf(o).parent != nil {
		o = xmlOf(o).parent
	}
	return o
}

// outsideXML is what a method does that changes what is known to what is not.
func (c *call) outsideXML() (Value, error) {
	u := c.unknown()
	u.Many = true
	c.in.forgetXML(c.target.(*Object), u)
	return u, nil
}

// namedNodes collects the elements of a name, depth first.
func (in *Interpreter) namedNodes(o *Object, name string, found *[]*Object) error {
	for _, c := range xmlOf(o).children {
		if err := in.spend(1); err != nil {
			return err
		}
		if !isElement(c) {
			continue
		}
		if xmlOf(c).name == name || name == "*" {
			*found = append(*found, c)
		}
		if err := in.namedNodes(c, name, found); err != nil {
			return err
		}
	}
	return nil
}

// selectXML is Select-Xml.
func selectXML(x *execution) error {
	in := x.in
	path, given, known := x.Text("XPath")
	var documents []Value
	for _, v := range slices.Concat(x.list("Content"), x.list("Xml"), x.Input) {
		if o, ok := v.(*Object); ok {
			if _, isNode := o.Payload.(*xmlNode); isNode {
				documents = append(documents, o)
				continue
			}
		}
		document, err := toXML(in, v)
		if err != nil {
			return err
		}
		documents = append(documents, document)
	}
	_, outside := x.Arg("Path")
	_, literal := x.Arg("LiteralPath")
	_, spaces := x.Arg("Namespace")
	if !given || !known || outside || literal || spaces || anyUnknown(documents...) {
		return x.unknownOut(OriginFile)
	}
	for _, d := range documents {
		node, ok := d.(*Object)
		if !ok {
			return x.unknownOut(OriginVariable)
		}
		found, ok, err := in.selectNodes(node, path)
		if err != nil {
			return err
		}
		if !ok {
			return x.unknownOut(OriginVariable)
		}
		for _, o := range found {
			info := newObject("Microsoft.PowerShell.Commands.SelectXmlInfo")
			info.Set("Node", o)
			info.Set("Path", "InputStream")
			info.Set("Pattern", path)
			if err := x.Out(info); err != nil {
				return err
			}
		}
	}
	return nil
}
