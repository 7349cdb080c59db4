package powershell

import (
	"strings"
)

// unreached lists the commands of the host that stand in the text of the
// blocks, by a constant name, and that no path reached.
func (in *Interpreter) unreached(blocks []Logged) []Place {
	var places []Place
	for i, b := range blocks {
		if b.Tree == nil || b.Tree.Root == nil {
			continue
		}
		Walk(b.Tree.Root, func(n Node) bool {
			c, ok := n.(*Command)
			if !ok || in.ran[c] || len(c.Elements) == 0 {
				return true
			}
			name, ok := c.Elements[0].(*String)
			if !ok || in.host.Command(withoutModule(name.Value)) == nil {
				return true
			}
			places = append(places, Place{
				Block: i, Span: c.Span, Home: i, At: c.Span,
				Statement: strings.Join(strings.Fields(b.Tree.Text[c.From:c.To]), " "),
			})
			return true
		})
	}
	return places
}
