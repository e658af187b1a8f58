package sequentum

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// PanicError is a panic that became an error of the call that it happened in: a bug of this provider or of a library.
// The process and all other calls go on.
type PanicError struct {
	Value any
	Stack []byte // for the log
}

// Error shows what the panic said only when the Go runtime said it: any other value can hold an answer of the API, and
// a secret.
func (e *PanicError) Error() string {
	if err, ok := e.Value.(runtime.Error); ok {
		return "internal error: " + err.Error()
	}
	return fmt.Sprintf("internal error: a panic with a value of type %T", e.Value)
}

// Recover hands a panic of the function that defers it to handle.
func Recover(handle func(*PanicError)) {
	if value := recover(); value != nil {
		handle(&PanicError{Value: value, Stack: debug.Stack()})
	}
}
