// Command pstrail finds mailbox exports to PST files in the PowerShell that
// Windows event logs recorded, and says what could not be read.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(interruptible(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv)) }

// interruptible returns a context that SIGINT or SIGTERM ends. The second
// signal finds no handler and ends the process at once.
//
// SIGPIPE is ignored: a write to a closed pipe then returns an error, and the
// exit status stays that of the result.
func interruptible() context.Context {
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx
}
