package powershell

// slab hands out values of one type from larger pieces, since a tree of very
// many small nodes costs mostly their allocation. All nodes of a tree live as
// long as the tree.
type slab[T any] struct {
	piece []T
	next  int // of the piece: counted, since a slice's pointer costs more to write
	taken int
}

// A piece is for half as many values as were taken before, so that not much
// more than needed is allocated, but for some.
const (
	smallestPiece = 4
	largestPiece  = 32
)

// take returns n zero values.
func (s *slab[T]) take(n int) []T {
	if n > len(s.piece)-s.next {
		if n > largestPiece/2 {
			return make([]T, n)
		}
		s.grow(n)
	}
	t := s.piece[s.next : s.next+n : s.next+n]
	s.next += n
	return t
}

func (s *slab[T]) grow(n int) {
	size := min(max(smallestPiece, s.taken/2), largestPiece)
	s.piece, s.next = make([]T, max(size, n)), 0
	s.taken += len(s.piece)
}

// one returns a zero value.
func (s *slab[T]) one() *T {
	if s.next == len(s.piece) {
		s.grow(1)
	}
	t := &s.piece[s.next]
	s.next++
	return t
}

// list is a stack on which lists grow that are not finished, each above the
// one that it is part of, and the slab for those that are.
type list[T any] struct {
	stack []T
	slab  slab[T]
}

// begin returns the mark of a new list.
func (l *list[T]) begin() int { return len(l.stack) }

func (l *list[T]) add(v T) { l.stack = append(l.stack, v) }

// end returns the list from a mark on; nil if it is empty.
func (l *list[T]) end(mark int) []T {
	n := len(l.stack) - mark
	if n == 0 {
		return nil
	}
	done := l.slab.take(n)
	// They are few, for which copy takes longer.
	for n > 0 {
		n--
		done[n] = l.stack[mark+n]
	}
	l.stack = l.stack[:mark]
	return done
}

// A pipeline of one element, as most are, is allocated with it.
type (
	commandPipeline struct {
		Pipeline
		Command
		elements [1]PipelineElement
	}
	expressionPipeline struct {
		Pipeline
		CommandExpression
		elements [1]PipelineElement
	}
)

// nodeSlabs holds the slabs of the nodes that scripts have most of.
type nodeSlabs struct {
	strings             slab[String]
	variables           slab[Variable]
	members             slab[Member]
	commands            slab[Command]
	parameters          slab[CommandParameter]
	commandPipelines    slab[commandPipeline]
	expressionPipelines slab[expressionPipeline]
	assignments         slab[Assignment]
	binaries            slab[Binary]
	blocks              slab[Block]
	numbers             slab[Number]
	parens              slab[Paren]
	types               slab[TypeName]
	attributes          slab[Attribute]
	arrays              slab[ArrayLiteral]
	subexpressions      slab[SubExpression]
	expandables         slab[ExpandableString]
	ifs                 slab[If]
	flows               slab[Flow]
	blockParameters     slab[Parameter]

	elements            list[Node]
	pipes               list[PipelineElement]
	clauses             list[IfClause]
	blockParameterLists list[*Parameter]
	attributeLists      list[*Attribute]
	statements          list[Statement]
	arguments           list[Expression]
	parts               list[StringPart]
}
