package report

import "io"

func writeCSV(w io.Writer, r *Report, _ Terminal) error { return nil }
