// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"errors"
	"net/http"
)

// budgetHandler makes each try wait for a slot of the budget, and reports its answer to the budget.
type budgetHandler struct {
	next   http.RoundTripper
	budget *Budget
}

func (h budgetHandler) RoundTrip(req *http.Request) (*http.Response, error) {
	k := callOf(req.Context())
	k.setWaiting(h.budget.waitingFor)
	slot, err := h.budget.acquire(req.Context(), k.priority)
	if err != nil {
		return nil, &Error{Method: req.Method, Path: req.URL.Path, Err: err, WaitingFor: h.budget.waitingFor(), notSent: true}
	}
	counted := true
	defer func() { slot.release(counted) }()
	k.tries.sent++
	k.serverHold = h.budget.serverHold()
	k.setWaiting(func() string { return "the answer" })
	resp, err := h.next.RoundTrip(req)
	if err != nil {
		if _, timedOut := errors.AsType[attemptTimeout](err); timedOut && !NotSent(err) {
			h.budget.observeTimeout()
		}
		counted = !NotSent(err)
		return nil, err
	}
	h.budget.observeAnswer(resp.Header, resp.StatusCode) // before the release: a 429 must pause the next request too
	return resp, nil
}
