package run

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// markLife is how old a mark may be when its start is sent. A stranger's run that began later than that must not
	// be taken for ours when the start's answer is lost.
	markLife = 10 * time.Second
	// missedTurns is how often a start gives up its turn in the request budget because its mark has grown too old.
	// After that it is sent whenever its turn comes: a budget of a few requests a minute has no two turns within a
	// mark's life.
	missedTurns = 2
)

// mark is the newest run id known when a start is sent. Its run is above.
type mark struct {
	id    int64
	order uint64
	left  time.Duration // for how much longer it holds
	// aged: it may have been older than markLife when the start was sent, so that a run above it proves nothing.
	aged bool
}

// errShown says that there is a new run where a start was about to be sent a second time.
var errShown = errors.New("a run of the agent has come to light")

// send sends one start while the newest known run id is fresh, and returns that id. An error is a [NotStartedError],
// unless the start's outcome is unknown. A second start says what the look for the first one's run has shown at most:
// it is not sent, and the error is errShown, when a newer run has come to light.
func (a *agent) send(ctx context.Context, settings sequentum.StartRequest, shown *int64) (*sequentum.Run, mark, error) {
	for missed := 0; ; {
		m, err := a.freshMark(ctx)
		if err == nil && shown != nil && m.id > *shown {
			err = errShown
		}
		if err != nil {
			return nil, m, &NotStartedError{AgentID: a.id, Err: err}
		}
		m.aged = missed >= missedTurns
		order := a.next()
		turn, done := a.waitForTurn(ctx, m)
		run, err := a.m.client.StartRun(turn, a.id, settings)
		late, expired := turn.Err() != nil, errors.Is(context.Cause(turn), context.DeadlineExceeded)
		done()
		switch {
		case err == nil:
			a.accepted(ctx, run, settings, order)
			return run, m, nil
		case late && ctx.Err() == nil && neverTaken(err):
			if expired {
				missed++
			}
		case sequentum.NotAccepted(err):
			return nil, m, &NotStartedError{AgentID: a.id, Asked: !sequentum.NotSent(err), Err: err}
		default:
			return nil, m, err
		}
	}
}

// waitForTurn returns the context in which a start waits for its turn: it ends with the mark, which expires, or is
// overtaken by a stop or kill.
func (a *agent) waitForTurn(ctx context.Context, m mark) (turn context.Context, done context.CancelFunc) {
	if m.aged {
		return context.WithCancel(ctx)
	}
	turn, cancel := sequentum.WithTimeout(ctx, a.m.clock, m.left)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.giveUpTurn = cancel
	if m.order < a.lastChange {
		cancel()
	}
	return turn, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.giveUpTurn = nil
		cancel()
	}
}

// accepted remembers the run that came of a start whose request was numbered order.
func (a *agent) accepted(ctx context.Context, r *sequentum.Run, settings sequentum.StartRequest, order uint64) {
	a.m.log(ctx, "the run was accepted", map[string]any{"agent_id": a.id, "run_id": r.ID})
	a.noteStarted(r)
	a.noteNewest(r.ID, order)
	if mayBeSeveral(settings.Parallelism) || mayBeSeveral(r.Parallelism) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.newest.at = time.Time{} // the start may show as several runs, and its answer names only one
	}
}

func mayBeSeveral(parallelism *int64) bool { return parallelism != nil && *parallelism > 1 }

// neverTaken reports whether a start waited in vain for its turn or behind a 429, as opposed to being refused.
func neverTaken(err error) bool {
	if answer, ok := errors.AsType[*sequentum.Error](err); ok && answer.StatusCode != 0 {
		return answer.StatusCode == http.StatusTooManyRequests
	}
	return sequentum.NotSent(err)
}

func isNotStarted(err error) bool {
	_, ok := errors.AsType[*NotStartedError](err)
	return ok
}

// freshMark returns the newest run id of the agent: from the answer to a list or a start that is at most markLife old,
// and newer than any stop or kill by this process, for a freed place may have let a stranger's run in.
func (a *agent) freshMark(ctx context.Context) (mark, error) {
	for {
		if m := a.knownMark(); m.left > 0 {
			return m, nil
		}
		if _, err := a.list(ctx, smallList); err != nil {
			return mark{}, err
		}
	}
}

func (a *agent) knownMark() mark {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := mark{id: a.newest.id, order: a.newest.order}
	if !a.newest.at.IsZero() && m.order > a.lastChange {
		m.left = markLife - a.m.clock.Now().Sub(a.newest.at)
	}
	return m
}
