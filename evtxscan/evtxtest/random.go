package evtxtest

import (
	"flag"
	"testing"
)

// SameEachTime makes a test of random cases draw the same ones in every run, so
// that a failure is the change's at hand; -rapid.seed and -rapid.checks try
// others.
func SameEachTime(t *testing.T) {
	seed := flag.Lookup("rapid.seed")
	if seed.Value.String() != "0" {
		return
	}
	t.Cleanup(func() { _ = seed.Value.Set("0") })
	if err := seed.Value.Set("1"); err != nil {
		t.Fatal(err)
	}
}
