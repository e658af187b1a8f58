// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"io"
	"slices"
	"time"
)

// SetAgent adds an agent, or replaces the description of the agent with its id and keeps its runs. Its outcomes begin
// with the first again. A deleted agent exists again.
func (c *Cloud) SetAgent(a Agent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.catchUp()
	s := c.agents[a.ID]
	isNew := s == nil || s.deleted
	if s == nil {
		s = &agentState{created: now}
		c.agents[a.ID] = s
	}
	if !a.Created.IsZero() {
		s.created = a.Created
	}
	s.settings, s.updated, s.starts, s.deleted = a.defaults(), now, 0, false
	c.ensureSpace(a.space())
	if isNew {
		c.addSchedules(s, a.Schedules, now)
	}
}

// DeleteAgent makes the agent and all its runs answer 404. Its schedules are lost.
func (c *Cloud) DeleteAgent(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catchUp()
	if a := c.agents[id]; a != nil {
		a.deleted, a.schedules = true, nil
	}
}

// HideAgent makes the agent and all its runs answer 404, as for a key that has lost access to them, or shows them again.
func (c *Cloud) HideAgent(id int64, hidden bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a := c.agents[id]; a != nil {
		a.hidden = hidden
	}
}

// StartRun starts a run as somebody else would. It panics if there is no such agent.
func (c *Cloud) StartRun(agentID int64) Run {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.catchUp()
	a := c.mustFindAgent(agentID)
	a.startHeldRuns(now)
	return c.startRuns(a, startBody{}, nil, now).snapshot(now)
}

// AddFinishedRuns adds n runs that ended with status s in the past, a minute apart, and returns their ids,
// oldest first. They stay in the active table unless they are Failed. It panics if there is no such agent.
func (c *Cloud) AddFinishedRuns(agentID int64, n int, s Status) []int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.catchUp()
	a := c.mustFindAgent(agentID)
	ids := make([]int64, 0, n)
	for i := range n {
		created := now.Add(-time.Duration(n-i) * time.Minute)
		r := c.addRun(a, Outcome{Status: s}, created)
		end := stretch{at: created.Add(30 * time.Second), status: s, records: constantShare(1), files: constantShare(1)}
		end.archived = s == Failed
		r.life = timeline{{at: created, status: Running, records: share{0, 1}}, end}
		ids = append(ids, r.id)
	}
	return ids
}

func (c *Cloud) mustFindAgent(id int64) *agentState {
	a := c.agents[id]
	if a == nil {
		panic("simulator: there is no such agent")
	}
	return a
}

// Runs returns all runs of the agent, newest first, also those that are gone.
func (c *Cloud) Runs(agentID int64) []Run {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, now := c.agents[agentID], c.catchUp()
	if a == nil {
		return nil
	}
	a.startHeldRuns(now)
	runs := make([]Run, 0, len(a.runs))
	for _, r := range slices.Backward(a.runs) {
		runs = append(runs, r.snapshot(now))
	}
	return runs
}

// Run returns the run with that id, also when it is gone; false if there never was one.
func (c *Cloud) Run(id int64) (Run, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, now := c.runs[id], c.catchUp()
	if r == nil {
		return Run{}, false
	}
	r.agent.startHeldRuns(now)
	return r.snapshot(now), true
}

// Finish ends an active run at once, and reports whether there was one.
func (c *Cloud) Finish(runID int64, s Status) bool {
	return c.changeRun(runID, func(r *run, now time.Time, was state) bool {
		if was.gone || was.status.Finished() {
			return false
		}
		r.finishNow(now, s)
		return true
	})
}

// Restart makes a Failure active again under its id, as somebody in Control Center can until the run is archived. It
// reports whether there was such a run, which then ends by the agent's next outcome.
func (c *Cloud) Restart(runID int64) bool {
	return c.changeRun(runID, func(r *run, now time.Time, was state) bool {
		if was.gone || was.status != Failure {
			return false
		}
		r.restart(now)
		return true
	})
}

// Archive moves a finished run to history, where Failure becomes Failed, and reports whether there was one.
func (c *Cloud) Archive(runID int64) bool {
	return c.changeRun(runID, func(r *run, now time.Time, was state) bool {
		if was.gone || was.archived || !was.status.Finished() {
			return false
		}
		r.archive(now)
		return true
	})
}

// Expire makes the run answer 404 from now on, as after its retention, and reports whether it was there.
func (c *Cloud) Expire(runID int64) bool {
	return c.changeRun(runID, func(r *run, now time.Time, was state) bool {
		if was.gone {
			return false
		}
		r.expire(now)
		return true
	})
}

func (c *Cloud) changeRun(runID int64, act func(r *run, now time.Time, was state) bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, now := c.runs[runID], c.catchUp()
	if r == nil {
		return false
	}
	r.agent.startHeldRuns(now)
	was, _ := r.life.stateAt(now)
	return act(r, now, was)
}

// ChangeFile gives a file other content of the same length, and other validators, and reports whether there is such a
// file.
func (c *Cloud) ChangeFile(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.runOfFile(id)
	if r == nil {
		return false
	}
	if r.versions == nil {
		r.versions = make(map[int64]int)
	}
	r.versions[id]++
	return true
}

// FileContent returns what the file holds now; nil if there is no such file.
func (c *Cloud) FileContent(id int64) io.ReadSeeker {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, now := c.runOfFile(id), c.catchUp()
	if r == nil {
		return nil
	}
	s, _ := r.life.stateAt(now)
	f, ok := r.fileWithID(id, s, now)
	if !ok {
		return nil
	}
	return f.content()
}

func (c *Cloud) runOfFile(id int64) *run {
	for _, r := range c.runs {
		if i := id - r.firstFile; i >= 0 && i < int64(len(r.files)) {
			return r
		}
	}
	return nil
}

// SetCredentials replaces both credentials. The old ones get 401 at once. An empty credential is never accepted.
func (c *Cloud) SetCredentials(apiKey, accessToken string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.apiKey, c.accessToken = apiKey, accessToken
}

// SetScopes replaces the scopes of the access token; nil: all of them.
func (c *Cloud) SetScopes(scopes []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scopes = scopes
}

// SetRateLimit changes the limit and the window, beginning with the next request.
func (c *Cloud) SetRateLimit(limit int, window time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.limiter.limit, c.limiter.window = limit, window
}

// Forbid makes every request of the API answer 403 with insufficient_scope.
func (c *Cloud) Forbid(forbidden bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forbidden = forbidden
}

// Outage makes every request of the API answer 503 with a proxy's HTML page. Signed links continue to work.
func (c *Cloud) Outage(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.outage = on
}
