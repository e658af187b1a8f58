package sequentum

import "context"

// Waiting says what a call waits for at the moment it is asked, such as "its turn in the request budget: …"; nil:
// nothing.
type Waiting func() string

type waitingKey struct{}

// WithWaiting returns a context under which every call tells report what it waits for, and nil when it has ended. It is
// for those who share the answer of a call that is not theirs: when their time is over, the call's own error comes too
// late. report must not block.
func WithWaiting(ctx context.Context, report func(Waiting)) context.Context {
	return context.WithValue(ctx, waitingKey{}, report)
}

// setWaiting tells whoever asked for it what the call setWaiting for from now on.
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
