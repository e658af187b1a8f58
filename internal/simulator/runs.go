package simulator

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	listedByDefault = 50
	listedAtMost    = 1000
)

func (c *Cloud) runStatus(q *call) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	r, s := c.visibleRun(q.agentID, q.runID, now)
	if r == nil {
		return c.noSuchRun(q)
	}
	return jsonAnswer(http.StatusOK, c.wireRun(r, s, now))
}

// maxRecords is how many elements a list may have; 0: what the request says is no number.
func (q *call) maxRecords() int {
	text := q.URL.Query().Get("maxRecords")
	if text == "" {
		return listedByDefault
	}
	n, _ := strconv.Atoi(text)
	return n
}

// listRuns shows the runs as they were a ListLag ago.
func (c *Cloud) listRuns(q *call) answer {
	limit := q.maxRecords()
	if limit < 1 || limit > listedAtMost {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: maxRecords must be from 1 to %d.", listedAtMost)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	a := c.visibleAgent(q.agentID, now)
	if a == nil {
		return c.noSuchAgent(q)
	}
	seen := now.Add(-c.options.ListLag)
	runs := make([]any, 0, min(limit, len(a.runs)))
	for _, r := range slices.Backward(a.runs) {
		s, existed := r.life.at(seen)
		if !existed || s.gone {
			continue
		}
		runs = append(runs, c.wireRun(r, s, seen))
		if len(runs) == limit {
			break
		}
	}
	return jsonAnswer(http.StatusOK, runs)
}

func (c *Cloud) stopRun(q *call) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	r, s := c.visibleRun(q.agentID, q.runID, now)
	if r == nil {
		return c.noSuchRun(q)
	}
	r.stops++
	if s.status.Finished() {
		return c.conflict(q, "Run %d cannot be stopped: it has already finished as %s.", r.id, s.status)
	}
	r.stop(now)
	return c.acknowledge(r, now)
}

func (c *Cloud) killRun(q *call) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	r, s := c.visibleRun(q.agentID, q.runID, now)
	if r == nil {
		return c.noSuchRun(q)
	}
	r.kills++
	if s.status.Finished() {
		return c.conflict(q, "Run %d cannot be killed: it has already finished as %s.", r.id, s.status)
	}
	r.kill(now, c.options.Kill)
	return c.acknowledge(r, now)
}

func (c *Cloud) deleteRun(q *call) answer {
	method := q.URL.Query().Get("removeMethod")
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	r, s := c.visibleRun(q.agentID, q.runID, now)
	if r == nil {
		return c.noSuchRun(q)
	}
	if !s.status.Finished() {
		return c.conflict(q, "Run %d cannot be removed while it is %s.", r.id, s.status)
	}
	switch method {
	case "", "RemoveEntireRun":
		r.expire(now)
	case "RemoveAllFiles":
		r.files = nil
	case "RemoveAllFilesAndAgentInput":
		r.files, r.inputsErased = nil, true
	default:
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %q is no removeMethod.", method)
	}
	return c.acknowledge(r, now)
}

// acknowledge is the 200 or 204 of a call that changes a run.
func (c *Cloud) acknowledge(r *run, now time.Time) answer {
	if c.acknowledgements.Add(1)%2 == 0 {
		return func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }
	}
	s, _ := r.life.at(now)
	return jsonAnswer(http.StatusOK, c.wireRun(r, s, now))
}
