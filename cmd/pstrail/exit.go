package main

import (
	"context"
	"errors"
	"strings"

	"pstrail/evtxscan"
)

// Exit statuses beside those of a finished report, which are
// [pstrail/report.Status]'s. 1 and 2 stay free: they are what a crash or a
// wrapper returns.
const (
	statusOK          = 0
	statusUsage       = 64
	statusNoEvidence  = 66
	statusRefused     = 73
	statusWrite       = 74
	statusInterrupted = 130
)

// statusOf maps the end of a run to its exit status.
func statusOf(err error) int {
	var (
		usage   *usageError
		missing *evtxscan.MissingError
		refused *refusedError
	)
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return statusInterrupted
	case errors.As(err, &usage):
		return statusUsage
	case errors.As(err, &missing), errors.Is(err, evtxscan.ErrNoEvidence):
		return statusNoEvidence
	case errors.As(err, &refused):
		return statusRefused
	default: // what is left are errors of writing
		return statusWrite
	}
}

// usageError is a command line that cannot be meant.
type usageError struct{ problem, fix string }

func (e *usageError) Error() string { return e.problem }
func (e *usageError) hint() string  { return e.fix }

// refusedError is an output that must not or cannot be created.
type refusedError struct{ path, problem, fix string }

func (e *refusedError) Error() string { return e.path + ": " + e.problem }
func (e *refusedError) hint() string  { return e.fix }

// hintOf returns how the fault can be mended, or nothing.
func hintOf(err error) string {
	var (
		hinted  interface{ hint() string }
		missing *evtxscan.MissingError
	)
	switch {
	case errors.As(err, &hinted):
		return hinted.hint()
	case errors.As(err, &missing) && strings.ContainsAny(missing.Path, "*?"):
		return "the shell has not replaced the pattern; name the folder"
	case errors.Is(err, evtxscan.ErrNoEvidence):
		return "name an event log (.evtx), or a folder that holds some"
	}
	return ""
}
