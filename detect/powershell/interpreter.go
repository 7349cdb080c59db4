package powershell

// Interpreter works out what blocks would do. It runs in one goroutine and is
// used once.
type Interpreter struct {
	host   Host
	budget Budget
	trail  trail
}

// touch must be called before m is changed.
func (in *Interpreter) touch(m mutable) { in.trail.touch(m) }

// Run works out what the blocks would do, run one after another in one
// session, in global scope.
func Run(host Host, blocks []Logged, budget Budget) *Result {
	return &Result{}
}
