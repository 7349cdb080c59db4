package detect

// Rule describes a detection rule, as far as a report quotes it.
type Rule struct {
	ID, Name  string
	Version   int
	Severity  string
	RiskScore int
	Query     string
	Attack    []Technique
}

// Technique is an ATT&CK technique under its tactic.
type Technique struct{ Tactic, Technique string }

// RuleMatch says where the rule matches.
type RuleMatch struct {
	Script    Tri     // the whole text; Unknown where fragments are missing and none decides
	Fragments []int32 // numbers of the fragments that match on their own, as Elastic sees them
}
