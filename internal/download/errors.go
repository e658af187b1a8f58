// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"fmt"
	"time"
)

// DiskError is a failure to write to or read from this machine's disk, such as a full disk.
type DiskError struct{ err error }

func (e *DiskError) Error() string { return "writing it failed: " + e.err.Error() }

// Unwrap returns the system's error.
func (e *DiskError) Unwrap() error { return e.err }

// MismatchError is the error of a content that has another size than announced or another SHA-256 than wanted.
type MismatchError struct {
	What      string // "size" or "SHA-256"
	Got, Want string // for a message: "more than 10 bytes", or a SHA-256 in hex
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("its %s is %s, but should be %s", e.What, e.Got, e.Want)
}

// TooLargeError is the error of a content that is larger than the limit of [Downloader.Read].
type TooLargeError struct {
	Limit int64 // bytes
}

func (e *TooLargeError) Error() string { return fmt.Sprintf("it is larger than %d bytes", e.Limit) }

// EndedError is the error of a transfer or a copy whose context ended. It says what it was waiting for.
type EndedError struct {
	Waiting string // such as "for the link to the file"
	Last    error  // the last error before that; nil: there was none
	cause   error
}

func (e *EndedError) Error() string {
	text := "the provider was still waiting " + e.Waiting
	if e.Last != nil {
		text += "; the last error was: " + e.Last.Error()
	}
	return text
}

// Unwrap returns the cause of the context's end.
func (e *EndedError) Unwrap() error { return e.cause }

// stalledError is the error of a download host that sent nothing for this long.
type stalledError time.Duration

func (e stalledError) Error() string { return fmt.Sprintf("no data for %v", time.Duration(e)) }

// retryableError is the error of a try that failed, where the next try can succeed.
type retryableError struct{ err error }

func (e *retryableError) Error() string { return e.err.Error() }
func (e *retryableError) Unwrap() error { return e.err }
