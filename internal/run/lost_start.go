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
	mark     mark
	settings sequentum.StartRequest
	cause    error
	newest   int64 // the newest run id that a look has shown, of whosever run
	twice    bool  // a second start was sent, and its outcome is unknown too
}

func (s *lostStart) failed(candidates []sequentum.Run, err error) *LostStartError {
	return &LostStartError{AgentID: s.agent.id, Cause: s.cause, Candidates: candidates, Err: err}
}

// again sends the start a second time, after a look has shown no run of the first. The first may still come to light,
// so the mark stays the first one's.
func (s *lostStart) again(ctx context.Context) (*Started, error) {
	s.agent.m.log(ctx, "no run came of a start whose answer was lost: starting once more", map[string]any{"agent_id": s.agent.id})
	run, second, err := s.agent.send(ctx, s.settings, &s.newest)
	if err == nil {
		return &Started{Run: run, Again: s.cause, mark: s.mark.id}, nil
	}
	if !errors.Is(err, errShown) {
		s.cause = fmt.Errorf("%w; a second start ended with: %w", s.cause, err)
		not, certain := errors.AsType[*NotStartedError](err)
		if certain && !not.Asked {
			return nil, s.failed(nil, cmp.Or(context.Cause(ctx), err))
		}
		s.twice = !certain
		s.mark.aged = s.mark.aged || s.twice && second.aged
	}
	found, err := s.find(ctx)
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, s.failed(nil, nil)
	}
	started := &Started{Run: found, Lost: s.cause}
	if s.twice {
		started.Again, started.mark = s.cause, s.mark.id
	}
	return started, nil
}

// find looks at the agent's runs above the mark until one shows or the request timeout has passed since the request
// ended: the list may lag, and the request may still be queued. It returns nil and no error when none has shown. An
// interrupt does not end the look; the answer is too dear to lose.
//
// What shows is looked at once more before it is judged, for a stranger's run may have shown a moment before ours.
// After two lost answers all of the time is waited for: both starts may have had their effect.
func (s *lostStart) find(ctx context.Context) (*sequentum.Run, error) {
	a, clock := s.agent, s.agent.m.clock
	patience := a.m.client.RequestTimeout()
	deadline := clock.Now().Add(patience)
	ctx, cancel := sequentum.WithTimeout(context.WithoutCancel(ctx), clock, patience+lookGrace)
	defer cancel()
	ctx = sequentum.WithPriority(ctx, sequentum.PriorityControl)
	a.m.log(ctx, "the answer to a start was lost: looking for its run", map[string]any{"agent_id": a.id, "above_run_id": s.mark.id})
	var shown []sequentum.Run
	for {
		last := !clock.Now().Before(deadline)
		candidates, err := s.look(ctx)
		if err != nil && (last || sequentum.IsRefused(err) || sequentum.IsNotFound(err)) {
			return nil, s.unconfirmed(shown, err)
		}
		if len(candidates) > 0 && len(shown) == 0 {
			confirm := clock.Now().Add(lookEvery)
			if !s.twice || deadline.Before(confirm) {
				deadline = confirm
			}
			last = false
		}
		if len(candidates) > 0 {
			shown = candidates
		}
		if last {
			return s.judge(shown)
		}
		if err := sequentum.Sleep(ctx, clock, min(lookEvery, deadline.Sub(clock.Now()))); err != nil {
			return nil, s.unconfirmed(shown, err)
		}
	}
}

// look asks once for the agent's runs above the mark that this process does not know as its own.
func (s *lostStart) look(ctx context.Context) ([]sequentum.Run, error) {
	l, err := s.agent.list(ctx, smallList)
	if err == nil && !l.reaches(s.mark.id+1) {
		l, err = s.agent.list(ctx, largeList)
	}
	if err != nil {
		return nil, err
	}
	s.newest = max(s.newest, s.mark.id, l.newestID())
	return s.agent.above(l, s.mark.id), nil
}

// judge takes what looks like the outcome of our one start. Several runs, or a doubt about the only one, is a
// [LostStartError] that names them all. Nil and no error: none has shown.
func (s *lostStart) judge(shown []sequentum.Run) (*sequentum.Run, error) {
	if len(shown) == 0 {
		return nil, nil
	}
	lost := s.failed(shown, nil)
	if !oneStart(shown) {
		return nil, lost
	}
	ours := slices.MinFunc(shown, func(x, y sequentum.Run) int { return cmp.Compare(x.ID, y.ID) })
	if lost.Doubt = s.doubt(&ours); lost.Doubt != "" {
		return nil, lost
	}
	for i := range shown {
		s.agent.noteStarted(&shown[i])
	}
	return &ours, nil
}

// unconfirmed is a look that came to no end, with whatever had shown by then.
func (s *lostStart) unconfirmed(shown []sequentum.Run, err error) *LostStartError {
	lost := s.failed(shown, err)
	if len(shown) > 0 {
		lost.Doubt = "it was to be looked at once more, and that had no answer"
	}
	return lost
}

// oneStart reports whether the runs can have come of a single start: one run, or several of one parallel set.
func oneStart(runs []sequentum.Run) bool {
	if len(runs) == 1 {
		return true
	}
	set := parallelSet(&runs[0])
	return set != 0 && !slices.ContainsFunc(runs, func(r sequentum.Run) bool { return parallelSet(&r) != set })
}

// doubt says why the only run that has shown may not be ours, and is empty when nothing speaks against it. A setting
// that was not sent, or is not reported, is no difference.
func (s *lostStart) doubt(r *sequentum.Run) string {
	if s.mark.aged {
		return "the request budget let the start wait for so long that the run may have begun before it"
	}
	if sent := s.settings.Parallelism; sent != nil && r.Parallelism != nil && *sent != *r.Parallelism {
		return fmt.Sprintf("it reports parallelism %d, and %d was sent", *r.Parallelism, *sent)
	}
	if sent := s.settings.ParallelExport; sent != "" && r.ParallelExport != "" && !strings.EqualFold(sent, r.ParallelExport) {
		return fmt.Sprintf("it reports parallel export %s, and %s was sent", r.ParallelExport, sent)
	}
	return ""
}
