package run

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic in a goroutine of this package that became an error of the call that it served: a bug of this
// provider or of a library. The process and all other calls go on.
type PanicError struct {
	Value any
	Stack []byte // for the log
}

func (e *PanicError) Error() string { return fmt.Sprintf("internal error: %v", e.Value) }

// recovered hands a panic of the function that defers it to handle.
func recovered(handle func(*PanicError)) {
	if value := recover(); value != nil {
		handle(&PanicError{Value: value, Stack: debug.Stack()})
	}
}
