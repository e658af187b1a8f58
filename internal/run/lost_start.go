package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// errUnreal is a run that only a list knows.
var errUnreal = errors.New("the API does not know the run that its list has shown")

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
	// LastLook is why the latest look at the agent's runs failed; nil: it did not.
	LastLook error
	// Twice: a second start was sent, and its outcome is unknown too.
	Twice bool
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
	before   before
	settings sequentum.StartRequest
	cause    error
	log      sequentum.LogFunc
	twice    bool  // a second start was sent, and its outcome is unknown too
	unread   bool  // the list has a new entry that cannot be read: it may be the run
	lastLook error // why the latest look failed
}

func (s *lostStart) failed(candidates []sequentum.Run, err error) *LostStartError {
	return &LostStartError{AgentID: s.agent.id, Cause: s.cause, Candidates: candidates, Err: err, LastLook: s.lastLook, Twice: s.twice}
}

// again sends the start a second time, after a look has shown no run of the first. The run of the first may still come
// to light, so what counts as new stays as it was.
func (s *lostStart) again(ctx context.Context) (*Started, error) {
	s.log(ctx, "no run of the start whose answer was lost has shown: starting once more", map[string]any{"agent_id": s.agent.id})
	run, second, err := s.agent.send(ctx, s.settings, &s.before, s.log)
	if err == nil {
		return &Started{Run: run, Again: s.cause, before: s.before}, nil
	}
	if !errors.Is(err, errShown) {
		s.cause = fmt.Errorf("%w; a second start ended with: %w", s.cause, err)
		not, certain := errors.AsType[*NotStartedError](err)
		if certain && !not.Sent {
			return nil, s.failed(nil, cmp.Or(context.Cause(ctx), err))
		}
		s.twice = outcomeUnknown(err)
		s.before.aged = s.before.aged || s.twice && second.aged
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
		started.Again, started.before = s.cause, s.before
	}
	return started, nil
}

// find looks for new runs of the agent until one shows or the request timeout has passed since the request ended: the
// list may lag, and the request may still be queued. It returns nil and no error when none has shown. A look that failed
// shows nothing: an outage is waited out, until searchGrace after ctx has ended. An interrupt does not end the look before;
// the answer is too dear to lose.
//
// What shows is looked at once more before it is judged, for a stranger's run may have shown a moment before ours.
// After two lost answers all of the time is waited for: both starts may have had their effect.
func (s *lostStart) find(ctx context.Context) (*sequentum.Run, error) {
	a, clock := s.agent, s.agent.m.clock
	deadline := clock.Now().Add(a.m.client.RequestTimeout())
	ctx, cancel := s.lookContext(ctx)
	defer cancel()
	s.log(ctx, "the answer to a start was lost: looking for its run", map[string]any{"agent_id": a.id})
	var shown []sequentum.Run
	var refusals confirmation
	for {
		last := !clock.Now().Before(deadline)
		candidates, err := s.look(ctx, last)
		if ctx.Err() == nil {
			s.lastLook = err
		}
		if refusals.add(clock.Now(), err) || ctx.Err() != nil {
			return nil, s.unconfirmed(shown, err)
		}
		if len(candidates) > 0 && len(shown) == 0 {
			confirm := clock.Now().Add(searchPause)
			if !s.twice || deadline.Before(confirm) {
				deadline = confirm
			}
			last = false
		}
		shown = union(shown, candidates)
		if last && err == nil {
			ours, err := s.judge(ctx, shown)
			if !errors.Is(err, errUnreal) {
				return ours, err
			}
			shown = nil
			continue
		}
		pause := searchPause
		if !last {
			pause = min(pause, deadline.Sub(clock.Now()))
		}
		if err := sequentum.Sleep(ctx, clock, pause); err != nil {
			return nil, s.unconfirmed(shown, err)
		}
	}
}

// lookContext returns a context that outlives ctx by searchGrace, and then ends with its cause.
func (s *lostStart) lookContext(ctx context.Context) (context.Context, context.CancelFunc) {
	look, end := context.WithCancelCause(sequentum.WithPriority(context.WithoutCancel(ctx), sequentum.PriorityControl))
	cancelled := context.AfterFunc(ctx, func() {
		if sequentum.Sleep(look, s.agent.m.clock, searchGrace) == nil {
			end(context.Cause(ctx))
		}
	})
	return look, func() {
		cancelled()
		end(nil)
	}
}

// look asks once for the new runs of the agent. The last list is asked for at full length: more runs may have begun since
// than a short one shows, and where ids do not rise, the newest need not stand first.
func (s *lostStart) look(ctx context.Context, last bool) ([]sequentum.Run, error) {
	l, err := s.agent.list(ctx, smallList)
	if err == nil && l.full && last {
		l, err = s.agent.list(ctx, largeList)
	}
	if err != nil {
		return nil, err
	}
	if s.unread, err = s.hasUnread(ctx, l, last); err != nil {
		return nil, err
	}
	return s.agent.newRuns(l, s.before), nil
}

// hasUnread reports whether the list has more entries that cannot be read than before the start. Only lists of one
// length can be compared, so for the last look another is read where that is needed.
func (s *lostStart) hasUnread(ctx context.Context, l *list, last bool) (bool, error) {
	if last && l.skipped > s.before.skipped && l.full && l.size != s.before.size {
		var err error
		if l, err = s.agent.list(ctx, s.before.size); err != nil {
			return false, err
		}
	}
	return l.skipped > s.before.skipped, nil
}

// judge takes what looks like the outcome of our one start. Several runs, or a doubt about the only one, is a
// [LostStartError] that names them all. Nil and no error: none has shown. errUnreal: the API does not know the only one,
// which is looked for no longer.
func (s *lostStart) judge(ctx context.Context, shown []sequentum.Run) (*sequentum.Run, error) {
	lost := s.failed(shown, nil)
	if s.unread {
		lost.Doubt = "the list of the agent's runs has a new entry that cannot be read"
		return nil, lost
	}
	if len(shown) == 0 {
		return nil, nil
	}
	if !oneStart(shown) {
		return nil, lost
	}
	ours := slices.MinFunc(shown, func(x, y sequentum.Run) int { return cmp.Compare(x.ID, y.ID) })
	if lost.Doubt = s.doubt(&ours); lost.Doubt != "" {
		return nil, lost
	}
	known, err := s.isKnown(ctx, ours.ID)
	if err != nil {
		return nil, s.unconfirmed(shown, err)
	}
	if !known {
		s.agent.noteUnreal(ours.ID)
		return nil, errUnreal
	}
	s.agent.noteStarted(&ours) // and with it all of its set
	return &ours, nil
}

// union adds what a look has shown to what the ones before it had: a run that has gone since may have been ours.
func union(shown, candidates []sequentum.Run) []sequentum.Run {
	all := slices.Clone(candidates)
	for _, r := range shown {
		if !slices.ContainsFunc(all, func(c sequentum.Run) bool { return c.ID == r.ID }) {
			all = append(all, r)
		}
	}
	return all
}

// isKnown reports whether the API knows a run that its list has shown. An error: the run's own status cannot tell.
func (s *lostStart) isKnown(ctx context.Context, runID int64) (bool, error) {
	_, err := s.agent.confirmStatus(ctx, runID, waitOutage)
	if IsGone(err) {
		return false, nil
	}
	return err == nil, err
}

// unconfirmed is a look that came to no end, with whatever had shown by then.
func (s *lostStart) unconfirmed(shown []sequentum.Run, err error) *LostStartError {
	lost := s.failed(shown, err)
	if len(shown) > 0 {
		lost.Doubt = "the request to confirm it failed"
	}
	return lost
}

// oneStart reports whether the runs can have come of a single start: one run, or several of one parallel set.
func oneStart(runs []sequentum.Run) bool {
	if len(runs) == 1 {
		return true
	}
	set := setOf(&runs[0])
	return set != 0 && !slices.ContainsFunc(runs, func(r sequentum.Run) bool {
		return setOf(&r) != set || !mayBeSeveral(r.Parallelism)
	})
}

// doubt says why the only run that has shown may not be ours, and is empty when nothing speaks against it. A setting
// that was not sent, or is not reported, is no difference.
func (s *lostStart) doubt(r *sequentum.Run) string {
	if s.before.aged {
		return "the start waited so long in the request budget that the run may have begun before the start was sent"
	}
	if sent := s.settings.Parallelism; sent != nil && r.Parallelism != nil && *sent != *r.Parallelism {
		return fmt.Sprintf("it reports parallelism %d, and %d was sent", *r.Parallelism, *sent)
	}
	if sent := s.settings.ParallelExport; sent != "" && r.ParallelExport != "" && !strings.EqualFold(sent, r.ParallelExport) {
		return fmt.Sprintf("it reports parallel export %s, and %s was sent", r.ParallelExport, sent)
	}
	return ""
}
