package evtxscan

// Opinion is what the Velocidex library says of a record that pstrail read.
type Opinion struct {
	Library string // module path and version
	Result  string // one of the Opinion constants
	Detail  string // what differs, which fault, why withheld; empty if it agrees
}

// The results of a second opinion.
const (
	OpinionAgrees   = "agrees"
	OpinionDiffers  = "differs"
	OpinionFault    = "library-fault"
	OpinionWithheld = "withheld"
)
