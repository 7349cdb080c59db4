package powershell

import "testing"

// TestPrefixes cuts texts anywhere: the end of the text may be all that is
// wrong with what is left.
func TestPrefixes(t *testing.T) {
	texts := []string{adminScript}
	for _, c := range commandCases(t) {
		if c.ParseErrors == 0 {
			texts = append(texts, c.Script)
		}
	}
	for _, text := range texts {
		for cut := range text {
			tree := Parse(text[:cut], PowerShellCore)
			for _, e := range tree.Errors {
				if !e.Incomplete {
					t.Errorf("%q: %s at %d is no matter of the end", text[:cut], e.Message, e.From)
					break
				}
			}
		}
	}
}
