package run

import (
	"context"
	"fmt"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// endedWhile is the end of a context with what its owner was waiting for.
func endedWhile(ctx context.Context, waiting string) error {
	if waiting == "" {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w while waiting for %s", context.Cause(ctx), waiting)
}

// reporting returns a context whose calls keep current what they wait for. It is guarded by the agent's lock.
func (a *agent) reporting(ctx context.Context, current *sequentum.Waiting) context.Context {
	return sequentum.WithWaiting(ctx, func(w sequentum.Waiting) {
		a.mu.Lock()
		defer a.mu.Unlock()
		*current = w
	})
}

// describeWaiting is called with the agent's lock held; empty: nothing is waited for.
func describeWaiting(w sequentum.Waiting) string {
	if w == nil {
		return ""
	}
	return w()
}

// confirming is the wait for a second answer like the one that err is.
func confirming(err error) string { return "another answer that confirms this one: " + err.Error() }
