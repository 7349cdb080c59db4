package report

import "io"

func writeJSON(w io.Writer, r *Report, _ Terminal) error { return nil }
