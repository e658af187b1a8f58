package run

import (
	"context"
	"fmt"
	"sync"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// endedWhile is the error of a context that has ended. It also says what its owner was waiting for.
func endedWhile(ctx context.Context, waiting string) error {
	if waiting == "" {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w while waiting for %s", context.Cause(ctx), waiting)
}

// waitingFor knows what a shared request is waiting for at the moment.
type waitingFor struct {
	mu      sync.Mutex
	current sequentum.Waiting
}

// follow returns a context whose calls keep it current.
func (w *waitingFor) follow(ctx context.Context) context.Context {
	return sequentum.WithWaiting(ctx, func(current sequentum.Waiting) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.current = current
	})
}

// describe says what the request is waiting for; empty: for nothing.
func (w *waitingFor) describe() string {
	w.mu.Lock()
	current := w.current
	w.mu.Unlock()
	if current == nil {
		return ""
	}
	return current()
}

// confirming names the wait for another answer that agrees with err.
func confirming(err error) string { return "another answer that confirms this one: " + err.Error() }
