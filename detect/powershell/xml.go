package powershell

// [xml]: elements as objects, as the engine's adapter shows them.

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

const (
	typeXMLDocument = "System.Xml.XmlDocument"
	typeXMLElement  = "System.Xml.XmlElement"
	maxXMLDepth     = 200
)

// xmlElement is the payload of an element.
type xmlElement struct {
	name     string
	text     string    // of all text within
	children []*Object // in order
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
	if err := in.charge(int64(len(text)) * 8); err != nil {
		return nil, err
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	root, err := readElement(d, nil, 0)
	if err != nil || root == nil {
		return nil, in.cannotConvert(v, typeXMLDocument, "The string is no well-formed XML.")
	}
	document := newPayload(typeXMLDocument, &xmlElement{name: "#document", text: root.Payload.(*xmlElement).text, children: []*Object{root}})
	document.Set(root.Payload.(*xmlElement).name, shownElement(root))
	document.Set("DocumentElement", root)
	return document, nil
}

var errXMLDepth = errors.New("nested too deep")

// readElement reads the next element, and what is in it if start is given.
func readElement(d *xml.Decoder, start *xml.StartElement, depth int) (*Object, error) {
	if depth > maxXMLDepth {
		return nil, errXMLDepth
	}
	e := &xmlElement{}
	var o *Object
	if start != nil {
		e.name = start.Name.Local
		o = newPayload(typeXMLElement, e)
		for _, a := range start.Attr {
			o.Set(a.Name.Local, a.Value)
		}
	}
	var own, all strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && start == nil {
			return o, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			child, err := readElement(d, &t, depth+1)
			if err != nil {
				return nil, err
			}
			if start == nil {
				o = child
				continue
			}
			e.children = append(e.children, child)
			all.WriteString(child.Payload.(*xmlElement).text)
			addChild(o, child)
		case xml.CharData:
			own.Write(t)
			all.Write(t)
		case xml.EndElement:
			e.text = all.String()
			if s := own.String(); strings.TrimSpace(s) != "" {
				o.Set("#text", s)
			}
			return o, nil
		}
	}
}

// addChild makes a child a property; several of a name are an array.
func addChild(o, child *Object) {
	name := child.Payload.(*xmlElement).name
	v := shownElement(child)
	before, ok := o.Get(name)
	if !ok {
		o.Set(name, v)
		return
	}
	if a, isArray := before.(*Array); isArray {
		a.Elements = append(a.Elements, v)
		return
	}
	o.Set(name, newArray([]Value{before, v}))
}

// shownElement is an element as a property: its text if it is nothing else.
func shownElement(o *Object) Value {
	e := o.Payload.(*xmlElement)
	if len(e.children) > 0 || len(o.names) > 1 {
		return o
	}
	if len(o.names) == 0 {
		return e.text
	}
	if v, ok := o.Get("#text"); ok {
		return v
	}
	return o
}

func addXMLMembers(l *library) {
	element := func(get func(e *xmlElement) Value) property {
		return func(_ *Interpreter, v Value) Value { return get(v.(*Object).Payload.(*xmlElement)) }
	}
	for _, name := range []string{typeXMLDocument, typeXMLElement} {
		l.addProperties(name, map[string]property{
			"innertext": element(func(e *xmlElement) Value { return e.text }), "name": element(func(e *xmlElement) Value { return e.name }),
			"localname": element(func(e *xmlElement) Value { return e.name }), "haschildnodes": element(func(e *xmlElement) Value { return len(e.children) > 0 }),
			"childnodes": element(func(e *xmlElement) Value {
				items := make([]Value, len(e.children))
				for i, c := range e.children {
					items[i] = c
				}
				return newList(typeCollection, items...)
			}),
			"firstchild": element(func(e *xmlElement) Value {
				if len(e.children) == 0 {
					return nil
				}
				return e.children[0]
			}),
		})
		l.addMethods(name, map[string]method{
			"getelementsbytagname": known(func(c *call) (Value, error) {
				var found []Value
				c.target.(*Object).Payload.(*xmlElement).named(c.text(0), &found)
				return newList(typeCollection, found...), nil
			}),
			"getattribute": known(func(c *call) (Value, error) {
				if v, ok := c.target.(*Object).Get(c.text(0)); ok {
					return c.in.text(v), nil
				}
				return "", nil
			}),
		})
	}
	l.constructors[typeXMLDocument] = known(func(c *call) (Value, error) { return c.unknown(), nil })
}

// named collects the elements of a name, depth first.
func (e *xmlElement) named(name string, found *[]Value) {
	for _, c := range e.children {
		inner := c.Payload.(*xmlElement)
		if inner.name == name || name == "*" {
			*found = append(*found, c)
		}
		inner.named(name, found)
	}
}
