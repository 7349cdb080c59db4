package report

import "io"

func writeTable(w io.Writer, r *Report, t Terminal) error { return nil }
