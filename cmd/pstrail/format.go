package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"pstrail/report"
)

// This file says which format a report has.
//
// The rules are:
//   - On standard output it is the one that --format names, or a table.
//   - The ending of an output's name picks its format. For another ending
//     --format does, and then there is one output only.
//   - A --format that contradicts an ending is refused, and so is a format
//     that is not built yet, by name and by ending.

// unbuiltFormats are the formats of the contract that [report.Formats] does
// not have yet. Their names are taken, so that none is written as another.
var unbuiltFormats = [...]struct{ name, ending string }{
	{"jsonl", ".jsonl"}, {"excel", ".excel.csv"}, {"timesketch", ".timesketch.jsonl"}, {"ecs", ".ecs.jsonl"}, {"html", ".html"},
}

// formatOf returns the format of the output at path.
func formatOf(path string, o *options) (report.Format, error) {
	byEnding, err := formatByEnding(path)
	switch {
	case err != nil:
		return report.Format{}, err
	case o.format == "" && byEnding == nil:
		return report.Format{}, &usageError{
			"the ending of " + path + " names no format",
			"name the format with --format, or end the name with one of " + formatEndings(),
		}
	case o.format == "":
		return *byEnding, nil
	case len(o.outputs) > 1:
		return report.Format{}, &usageError{"--format and several --output", "without --format the ending of each picks its format"}
	}
	named, err := namedFormat(o.format)
	if err == nil && byEnding != nil && byEnding.Name != named.Name {
		err = &usageError{fmt.Sprintf("--format %s contradicts the ending of %s", named.Name, path), "leave one of them out"}
	}
	return named, err
}

// formatByEnding returns nil if the ending of path names no format. Of two
// endings that fit, the longer one counts.
func formatByEnding(path string) (*report.Format, error) {
	name := strings.ToLower(filepath.Base(path))
	var best *report.Format
	for _, f := range report.Formats() {
		if strings.HasSuffix(name, f.Ending) && (best == nil || len(f.Ending) > len(best.Ending)) {
			best = &f
		}
	}
	for _, f := range unbuiltFormats {
		if strings.HasSuffix(name, f.ending) && (best == nil || len(f.ending) > len(best.Ending)) {
			return nil, notBuilt(f.name)
		}
	}
	return best, nil
}

func namedFormat(name string) (report.Format, error) {
	for _, f := range report.Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	for _, f := range unbuiltFormats {
		if f.name == name {
			return report.Format{}, notBuilt(name)
		}
	}
	return report.Format{}, &usageError{fmt.Sprintf("there is no format %q", name), "there are " + formatNames()}
}

func notBuilt(format string) error {
	return &usageError{"the format " + format + " is not built yet", "there are " + formatNames()}
}

func formatNames() string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

func formatEndings() string {
	var endings []string
	for _, f := range report.Formats() {
		endings = append(endings, f.Ending)
	}
	return strings.Join(endings, " ")
}
