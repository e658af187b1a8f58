// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"time"
)

const defaultTimeout = 60 * time.Second // of a synchronous start

// recordsAnswer is the answer to a synchronous start: the run's first delivered file, once the run has finished.
func (c *Cloud) recordsAnswer(q *call, r *run, start startBody) answer {
	timeout := defaultTimeout
	if start.Timeout != nil {
		timeout = time.Duration(*start.Timeout) * time.Second
	}
	deadline := q.now.Add(timeout)
	return func(w http.ResponseWriter) {
		for {
			if a := c.recordsSoFar(q, r, deadline); a != nil {
				a(w)
				return
			}
			select {
			case <-c.options.Clock.After(time.Second):
			case <-q.Context().Done():
				return
			case <-serverClosed(q.Context()):
				panic(http.ErrAbortHandler)
			}
		}
	}
}

// recordsSoFar is the answer that there is by now; nil: the run has not finished.
func (c *Cloud) recordsSoFar(q *call, r *run, deadline time.Time) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	r.agent.startHeldRuns(now)
	s, _ := r.life.stateAt(now)
	switch {
	case s.status.Finished() && s.status != Completed && s.status != Success:
		return c.refuse(q, http.StatusUnprocessableEntity, "Run %d ended as %s. %s", r.id, s.status, s.message)
	case !s.status.Finished() && !now.Before(deadline):
		return c.refuse(q, http.StatusRequestTimeout, "Run %d has not finished in time. It continues.", r.id)
	case !s.status.Finished():
		return nil
	}
	for i := range r.files {
		if f, ok := r.fileAt(int64(i), s, now); ok && f.Type == DeliveredFile {
			return contentAnswer(f, "application/json; charset=utf-8")
		}
	}
	return jsonAnswer(http.StatusOK, []any{})
}
