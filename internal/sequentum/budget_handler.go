package sequentum

import (
	"errors"
	"net/http"
)

// budgetHandler gives each try its turn in the budget, and tells the budget how it ended.
type budgetHandler struct {
	next   http.RoundTripper
	budget *Budget
}

func (h budgetHandler) RoundTrip(req *http.Request) (*http.Response, error) {
	k := callOf(req.Context())
	k.waits(h.budget.waitingFor)
	held, err := h.budget.acquire(req.Context(), k.priority)
	if err != nil {
		return nil, &Error{Method: req.Method, Path: req.URL.Path, Err: err, WaitingFor: h.budget.waitingFor(), notSent: true}
	}
	counted := true
	defer func() { held.release(counted) }()
	k.tries.sent++
	k.hold = h.budget.serverHold()
	k.waits(func() string { return "the answer" })
	resp, err := h.next.RoundTrip(req)
	if err != nil {
		if _, silent := errors.AsType[attemptTimeout](err); silent && !NotSent(err) {
			h.budget.observeSilence()
		}
		counted = !NotSent(err)
		return nil, err
	}
	h.budget.Observe(resp.Header, resp.StatusCode) // before the release: a 429 must pause whoever is next
	return resp, nil
}
