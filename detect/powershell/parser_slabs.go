package powershell

// slab hands out values of one type from larger pieces, since a tree of very
// many small nodes costs mostly their allocation. All nodes of a tree live as
// long as the tree.
type slab[T any] struct {
	free []T
	size int
}

const (
	firstSlab = 4
	lastSlab  = 128
)

// take returns n zero values.
func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		if n > lastSlab/2 {
			return make([]T, n)
		}
		s.size = min(max(firstSlab, 2*s.size), lastSlab)
		s.free = make([]T, max(s.size, n))
	}
	t := s.free[:n:n]
	s.free = s.free[n:]
	return t
}

// one returns a zero value.
func (s *slab[T]) one() *T { return &s.take(1)[0] }

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
	grown := l.stack[mark:]
	if len(grown) == 0 {
		return nil
	}
	done := l.slab.take(len(grown))
	copy(done, grown)
	l.stack = l.stack[:mark]
	return done
}

// nodeSlabs holds the slabs of the nodes that scripts have most of.
type nodeSlabs struct {
	strings     slab[String]
	variables   slab[Variable]
	members     slab[Member]
	commands    slab[Command]
	parameters  slab[CommandParameter]
	expressions slab[CommandExpression]
	pipelines   slab[Pipeline]
	assignments slab[Assignment]
	binaries    slab[Binary]
	blocks      slab[Block]

	elements   list[Node]
	pipes      slab[PipelineElement]
	statements list[Statement]
	arguments  list[Expression]
	parts      list[StringPart]
}
