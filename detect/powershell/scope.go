package powershell

// scope is a table of variables; its parent is the scope that called.
type scope struct {
	stamp
	parent    *scope
	variables map[string]*variable // by lower-case name
}

// variable is a cell of a scope.
type variable struct {
	value  Value
	blocks []int // earlier blocks that the value came from, ascending
	block  int   // that assigned it
}
