package download

import (
	"fmt"
	"time"
)

// DiskError is a fault of this machine's disk, such as that it is full.
type DiskError struct{ err error }

func (e *DiskError) Error() string { return "writing it failed: " + e.err.Error() }

// Unwrap gives the system's error.
func (e *DiskError) Unwrap() error { return e.err }

// MismatchError is the error of a content that differs from the announced or the wanted one.
type MismatchError struct {
	What      string // "size" or "SHA-256"
	Got, Want string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("its %s is %s, but should be %s", e.What, e.Got, e.Want)
}

// TooLargeError is the error of a content that is larger than is allowed.
type TooLargeError struct {
	Limit int64 // bytes
}

func (e *TooLargeError) Error() string { return fmt.Sprintf("it is larger than %d bytes", e.Limit) }

// EndedError is the error of an operation that was cut short because its context ended. It says what the operation was
// waiting for.
type EndedError struct {
	Waiting string // such as "for the link to the file"
	Last    error  // what went wrong before; nil: nothing
	cause   error
}

func (e *EndedError) Error() string {
	text := "the provider was still waiting " + e.Waiting
	if e.Last != nil {
		text += "; the last error was: " + e.Last.Error()
	}
	return text
}

// Unwrap gives the cause of the context's end.
func (e *EndedError) Unwrap() error { return e.cause }

// stalledError is the error of a download host that sends nothing any more.
type stalledError time.Duration

func (e stalledError) Error() string { return fmt.Sprintf("no data for %v", time.Duration(e)) }

// brokenError is the error of a try after which another try may succeed.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }
