// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// IssuesURL is where bugs of the provider are reported.
const IssuesURL = "https://github.com/sequentum/terraform-provider-sequentum/issues"

// AskForReport begins the sentence of an error that comes from a bug of the provider.
const AskForReport = "Please report this bug at " + IssuesURL

// PanicError is a panic that became an error of the call that it happened in: a bug of this provider or of a library.
// The process and all other calls go on.
type PanicError struct {
	Value any
	Stack []byte // for the log
}

func (e *PanicError) Error() string { return "a bug in the provider: " + e.Reason() }

// Reason shows what the panic said only when the Go runtime said it: any other value can hold an answer of the API, and
// a secret.
func (e *PanicError) Reason() string {
	if err, ok := e.Value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a panic with a value of type %T", e.Value)
}

// Recover hands a panic of the function that defers it to handle.
func Recover(handle func(*PanicError)) {
	if value := recover(); value != nil {
		handle(&PanicError{Value: value, Stack: debug.Stack()})
	}
}
