package detect

import (
	"slices"
	"strings"

	"pstrail/detect/powershell"
)

// This file tells what may be read of a text of which fragments are missing.
//
// The rules are:
//   - It is read up to the first missing fragment. A statement that may go on
//     in what is missing is left out: it may call something else, with other
//     values.
//   - What stands behind a missing fragment is looked at by itself, and only
//     where it can have to do with the cmdlet.

// read parses the block, as far as it is there from its beginning on.
func (t *turn) read() {
	t.holds = holds(t.block.Text)
	t.tree = powershell.Parse(t.head(), dialectOf(t.block))
	if len(t.block.Holes) > 0 {
		t.tree = closed(t.tree, dialectOf(t.block))
	}
	t.shape = shapeOf(t.tree)
}

// head is the text up to the first hole.
func (t *turn) head() string {
	if len(t.block.Holes) == 0 {
		return t.block.Text
	}
	return t.block.Text[:t.block.Holes[0].At]
}

// behindHoles returns the stretches behind missing fragments that can have to
// do with the cmdlet.
func (t *turn) behindHoles() []piece {
	text, holes := t.block.Text, t.block.Holes
	var pieces []piece
	for k, h := range holes {
		end := len(text)
		if k+1 < len(holes) {
			end = holes[k+1].At
		}
		if holds(text[h.At:end]) != holdsNothing {
			pieces = append(pieces, piece{h.At, end, true})
		}
	}
	return pieces
}

// closed returns the tree of a text that goes on, without the statement that may
// go on with it.
func closed(tree *powershell.Tree, dialect powershell.Dialect) *powershell.Tree {
	if at := openStatement(tree.Text, dialect); at < len(tree.Text) {
		return powershell.Parse(tree.Text[:at], dialect)
	}
	return tree
}

// goingOn goes on with any statement that may go on: as an operand, as
// arguments, as what stands in a string. Of none it is one by itself.
const goingOn = " + 1"

// openStatement returns where the last statement of a text begins, if it may go
// on behind the text, else the length of the text. One that ends in a block is
// taken as ended: what can follow there does not change what the block does.
func openStatement(text string, dialect powershell.Dialect) int {
	tokens := powershell.ParseTokens(text, dialect).Tokens
	if endsInBlock(tokens) {
		return len(text)
	}
	if at := openComment(text, tokens); at >= 0 {
		text = text[:at]
	}
	open := len(text)
	powershell.Walk(powershell.Parse(text+goingOn, dialect).Root, func(n powershell.Node) bool {
		switch n := n.(type) {
		case *powershell.SubExpression, *powershell.ArrayExpression, *powershell.Paren, *powershell.ExpandableString:
			return false // as open as the statement around
		case *powershell.Block:
			if n.Pos() > len(text) || n.End() <= len(text) {
				return false
			}
			open = len(text)
			for _, s := range n.Statements {
				if s.Pos() < len(text) && s.End() > len(text) {
					open = s.Pos()
				}
			}
		}
		return true
	})
	return open
}

// openComment returns where the comment begins in which a text ends, -1 if it
// ends in none that other lines may end.
func openComment(text string, tokens []powershell.Token) int {
	for _, token := range slices.Backward(tokens) {
		if token.Kind == powershell.KindEndOfInput {
			continue
		}
		c := text[token.Pos():]
		if token.Kind == powershell.KindComment && strings.HasPrefix(c, "<#") && (len(c) < 4 || !strings.HasSuffix(c, "#>")) {
			return token.Pos()
		}
		break
	}
	return -1
}

// endsInBlock reports whether the last token closes a block, not a table.
func endsInBlock(tokens []powershell.Token) bool {
	var open []powershell.TokenKind
	ends := false
	for _, token := range tokens {
		switch token.Kind {
		case powershell.KindLCurly, powershell.KindAtCurly:
			open = append(open, token.Kind)
			ends = false
		case powershell.KindRCurly:
			if n := len(open); n > 0 {
				ends = open[n-1] == powershell.KindLCurly
				open = open[:n-1]
			}
		case powershell.KindComment, powershell.KindEndOfInput:
		default:
			ends = false
		}
	}
	return ends
}
