//go:build !windows

package main

import (
	"errors"
	"syscall"
)

// understandsEscapes reports whether a terminal heeds escape sequences.
func understandsEscapes(int) bool { return true }

// isClosedPipe reports whether a write failed because nobody reads any more.
func isClosedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
