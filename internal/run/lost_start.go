package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// lookEvery is the pause between two looks for the run of a start whose answer was lost.
	lookEvery = 2 * time.Second
	// lookGrace bounds a look that the budget or an outage holds up, beyond the time in which the run may appear.
	lookGrace = 2 * time.Minute
)

// LostStartError says that a start was sent, that its answer was lost, and that it cannot be said which run came of
// it, if any.
type LostStartError struct {
	AgentID int64
	// Cause is what went wrong on the wire.
	Cause error
	// Candidates are all runs that may be ours, newest first; none when no look has shown one.
	Candidates []sequentum.Run
	// Doubt says why the only candidate is not simply taken.
	Doubt string
	// Err is what kept the look from an answer: the API's error, or the interrupt that forbids a second start.
	Err error
}

func (e *LostStartError) Error() string {
	return "the answer to the start was lost: " + e.Cause.Error()
}

func (e *LostStartError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Err}
}

// lostStart is a start whose outcome is unknown.
type lostStart struct {
	agent    *agent
	mark     int64
	settings sequentum.StartRequest
	cause    error
}

func (s *lostStart) started(r *sequentum.Run) *Started {
	if r == nil {
		return nil
	}
	return &Started{Run: r, Lost: s.cause}
}

func (s *lostStart) failed(candidates []sequentum.Run, err error) *LostStartError {
	return &LostStartError{AgentID: s.agent.id, Cause: s.cause, Candidates: candidates, Err: err}
}

// find looks at the agent's runs above the mark until one shows or the request timeout has passed since the request
// ended: the list may lag, and the request may still be queued. It returns nil and no error when none has shown. An
// interrupt does not end the look; the answer is too dear to lose.
func (s *lostStart) find(ctx context.Context) (*sequentum.Run, error) {
	a, clock := s.agent, s.agent.m.clock
	patience := a.m.client.RequestTimeout()
	deadline := clock.Now().Add(patience)
	ctx, cancel := sequentum.WithTimeout(context.WithoutCancel(ctx), clock, patience+lookGrace)
	defer cancel()
	ctx = sequentum.WithPriority(ctx, sequentum.PriorityControl)
	a.m.log(ctx, "the answer to a start was lost: looking for its run", map[string]any{"agent_id": a.id, "above_run_id": s.mark})
	for {
		last := !clock.Now().Before(deadline)
		run, err := s.look(ctx)
		var doubt *LostStartError
		switch {
		case run != nil, errors.As(err, &doubt):
			return run, err
		case err != nil && (last || sequentum.IsClientError(err)):
			return nil, s.failed(nil, err)
		case last:
			return nil, nil
		}
		if err := sequentum.Sleep(ctx, clock, min(lookEvery, deadline.Sub(clock.Now()))); err != nil {
			return nil, s.failed(nil, err)
		}
	}
}

// look asks once for the agent's runs above the mark. One start's worth of runs is ours; several, or one that reports
// settings other than those sent, is a [LostStartError]. Nil and no error: none.
func (s *lostStart) look(ctx context.Context) (*sequentum.Run, error) {
	l, err := s.agent.list(ctx, smallList)
	if err == nil && !l.reaches(s.mark+1) {
		l, err = s.agent.list(ctx, largeList)
	}
	if err != nil {
		return nil, err
	}
	candidates := s.agent.above(l, s.mark)
	if len(candidates) == 0 {
		return nil, nil
	}
	if !oneStart(candidates) {
		return nil, s.failed(candidates, nil)
	}
	ours := slices.MinFunc(candidates, func(x, y sequentum.Run) int { return cmp.Compare(x.ID, y.ID) })
	if difference := s.difference(&ours); difference != "" {
		doubtful := s.failed(candidates, nil)
		doubtful.Doubt = difference
		return nil, doubtful
	}
	for _, r := range candidates {
		s.agent.noteStarted(r.ID, l.order)
	}
	return &ours, nil
}

// oneStart reports whether the runs can have come of a single start: one run, or several of one parallel set.
func oneStart(runs []sequentum.Run) bool {
	if len(runs) == 1 {
		return true
	}
	set := runs[0].ParallelSet
	if set == nil || *set == 0 {
		return false
	}
	return !slices.ContainsFunc(runs, func(r sequentum.Run) bool {
		return r.ParallelSet == nil || *r.ParallelSet != *set || r.Parallelism == nil || *r.Parallelism <= 1
	})
}

// difference says in which reported setting a run differs from what was sent. What was not sent, or is not reported,
// is no difference.
func (s *lostStart) difference(r *sequentum.Run) string {
	if sent := s.settings.Parallelism; sent != nil && r.Parallelism != nil && *sent != *r.Parallelism {
		return fmt.Sprintf("it reports parallelism %d, and %d was sent", *r.Parallelism, *sent)
	}
	if sent := s.settings.ParallelExport; sent != "" && r.ParallelExport != "" && !strings.EqualFold(sent, r.ParallelExport) {
		return fmt.Sprintf("it reports parallel export %s, and %s was sent", r.ParallelExport, sent)
	}
	return ""
}
