package sequentum

import "context"

// Waiting returns what a call waits for at the moment, such as "its turn in the request budget: …". A nil Waiting means
// that the call waits for nothing.
type Waiting func() string

type waitingKey struct{}

// WithWaiting returns a context whose calls tell report what they wait for, and nil when they have ended. It is for
// callers who share the answer of another caller's call: when their own time is over, they cannot wait for the error of
// that call. report must not block.
func WithWaiting(ctx context.Context, report func(Waiting)) context.Context {
	return context.WithValue(ctx, waitingKey{}, report)
}

// setWaiting reports what the call waits for from now on, to the function given to WithWaiting.
func (k *call) setWaiting(what Waiting) {
	if k.reportWaiting == nil {
		return
	}
	if what == nil || k.tries.lastError == nil {
		k.reportWaiting(what)
		return
	}
	last := "; the last try ended with " + k.tries.lastError.reason()
	k.reportWaiting(func() string { return what() + last })
}
