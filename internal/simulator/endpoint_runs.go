// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"time"
)

const (
	listedByDefault = 50
	listedAtMost    = 1000
)

func (c *Cloud) getRunStatus(q *call, r *run, s state) answer {
	return jsonAnswer(http.StatusOK, c.runObject(r, s, q.now))
}

// maxRecords is how many elements the request allows in a list; 0: it is no number.
func (q *call) maxRecords() int { return q.queryNumber("maxRecords", listedByDefault) }

// listRuns shows the runs as they were ListLag ago.
func (c *Cloud) listRuns(q *call, a *agentState) answer {
	limit := q.maxRecords()
	if limit < 1 || limit > listedAtMost {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: maxRecords must be from 1 to %d.", listedAtMost)
	}
	seen := q.now.Add(-c.options.ListLag)
	runs := make([]any, 0, min(limit, len(a.runs)))
	for _, r := range slices.Backward(a.runs) {
		s, existed := r.life.stateAt(seen)
		if !existed || s.gone {
			continue
		}
		runs = append(runs, c.runObject(r, s, seen))
		if len(runs) == limit {
			break
		}
	}
	return jsonAnswer(http.StatusOK, runs)
}

func (c *Cloud) stopRun(q *call, r *run, s state) answer {
	r.stops++
	if s.status.Finished() {
		return c.refuseConflict(q, "Run %d cannot be stopped: it has already finished as %s.", r.id, s.status)
	}
	r.stop(q.now)
	return c.acknowledgeChange(r, q.now)
}

func (c *Cloud) killRun(q *call, r *run, s state) answer {
	r.kills++
	if s.status.Finished() {
		return c.refuseConflict(q, "Run %d cannot be killed: it has already finished as %s.", r.id, s.status)
	}
	r.kill(q.now, c.options.Kill)
	return c.acknowledgeChange(r, q.now)
}

func (c *Cloud) deleteRun(q *call, r *run, s state) answer {
	if !s.status.Finished() {
		return c.refuseConflict(q, "Run %d cannot be removed while it is %s.", r.id, s.status)
	}
	switch method := q.URL.Query().Get("removeMethod"); method {
	case "", "RemoveEntireRun":
		r.files, r.inputsErased = nil, true
		r.expire(q.now)
	case "RemoveAllFiles":
		r.files = nil
	case "RemoveAllFilesAndAgentInput":
		r.files, r.inputsErased = nil, true
	default:
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %q is no removeMethod.", method)
	}
	return c.acknowledgeChange(r, q.now)
}

// acknowledgeChange answers a call that changed a run, with 200 or 204 in turn.
func (c *Cloud) acknowledgeChange(r *run, now time.Time) answer {
	s, _ := r.life.stateAt(now)
	return c.acknowledge(c.runObject(r, s, now))
}

// acknowledge answers a call that took effect, with 200 and the value or 204 in turn.
func (c *Cloud) acknowledge(value any) answer {
	if c.acknowledgements.Add(1)%2 == 0 {
		return emptyAnswer(http.StatusNoContent)
	}
	return jsonAnswer(http.StatusOK, value)
}
