package run

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// before is what is known of the agent's runs when a start is sent. Its own run is not among them.
type before struct {
	seq   uint64        // what later answers showed first was not known
	order uint64        // of the request whose answer was the latest
	left  time.Duration // for how much longer it holds
	// skipped is how many entries of the latest list could not be read, of the size that was asked for.
	skipped, size int
	// aged: it may have been older than knowledgeLife when the start was sent, so that a new run proves nothing.
	aged bool
}

// KnownRunError says that a start was answered with a run that was there before it: nothing was started. An agent that
// runs exclusively may answer so.
type KnownRunError struct {
	Run *sequentum.Run
}

func (e *KnownRunError) Error() string {
	return fmt.Sprintf("the start was answered with run %s, which had begun before", e.Run.Ref())
}

// errShown says that there is a new run where a start was about to be sent a second time.
var errShown = errors.New("a run of the agent has come to light")

// send sends one start while what is known of the agent's runs is fresh, and returns that knowledge. An error is a
// [NotStartedError] or a [KnownRunError], unless the start's outcome is unknown. A second start says what was known
// before the first: it is not sent, and the error is errShown, when a new run has come to light since.
func (a *agent) send(ctx context.Context, settings sequentum.StartRequest, first *before, log sequentum.LogFunc) (*sequentum.Run, before, error) {
	for missed := 0; ; {
		b, err := a.freshKnowledge(ctx)
		if err == nil && first != nil && len(a.newRuns(a.lastList(), *first)) > 0 {
			err = errShown
		}
		if err != nil {
			return nil, b, &NotStartedError{AgentID: a.id, Err: err}
		}
		b.aged = missed >= missedTurns
		b.seq = a.next()
		turn, done := a.waitForTurn(ctx, b)
		run, err := a.m.client.StartRun(turn, a.id, settings)
		late, expired := turn.Err() != nil, errors.Is(context.Cause(turn), context.DeadlineExceeded)
		done()
		switch {
		case err == nil && a.wasKnown(run.ID, b):
			return nil, b, &KnownRunError{Run: run}
		case err == nil:
			a.accepted(run, settings, b.seq)
			log(ctx, "the run was accepted", map[string]any{"agent_id": a.id, "run_id": run.ID})
			return run, b, nil
		case late && ctx.Err() == nil && neverTaken(err):
			if expired {
				missed++
			}
		case sequentum.NotAccepted(err):
			return nil, b, &NotStartedError{AgentID: a.id, Sent: !sequentum.NotSent(err), Err: err}
		default:
			return nil, b, err
		}
	}
}

// waitForTurn returns the context in which a start waits for its turn: it ends with the knowledge of the agent's runs,
// which expires, or is overtaken by a stop or kill.
func (a *agent) waitForTurn(ctx context.Context, b before) (turn context.Context, done context.CancelFunc) {
	if b.aged {
		return context.WithCancel(ctx)
	}
	turn, cancel := sequentum.WithTimeout(ctx, a.m.clock, b.left)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.giveUpTurn = cancel
	if b.order < a.lastChange {
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
func (a *agent) accepted(r *sequentum.Run, settings sequentum.StartRequest, order uint64) {
	a.noteStarted(r)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.noteKnown(order)
	if mayBeSeveral(settings.Parallelism) || mayBeSeveral(r.Parallelism) || setOf(r) != 0 {
		a.known.at = time.Time{} // the start may show as several runs, and its answer names only one
	}
}

func mayBeSeveral(parallelism *int64) bool { return parallelism != nil && *parallelism > 1 }

// neverTaken reports whether a start waited in vain for its turn or behind a 429, as opposed to being refused.
func neverTaken(err error) bool {
	if answer, ok := errors.AsType[*sequentum.Error](err); ok && answer.StatusCode != 0 {
		return answer.StatusCode == http.StatusTooManyRequests && sequentum.NotAccepted(err)
	}
	return sequentum.NotSent(err)
}

// outcomeUnknown reports whether a start that ended in err may have led to a run.
func outcomeUnknown(err error) bool {
	_, not := errors.AsType[*NotStartedError](err)
	_, known := errors.AsType[*KnownRunError](err)
	return !not && !known
}

// freshKnowledge returns what is known of the agent's newest runs: from the answer to a list or a start that is at most
// knowledgeLife old, and newer than any stop or kill by this process, for a freed place may have let a stranger's run in.
func (a *agent) freshKnowledge(ctx context.Context) (before, error) {
	for {
		if b := a.knowledge(); b.left > 0 {
			return b, nil
		}
		if _, err := a.list(ctx, smallList); err != nil {
			return before{}, err
		}
	}
}

func (a *agent) knowledge() before {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := before{order: a.known.seq, size: smallList}
	if a.last != nil {
		b.skipped, b.size = a.last.skipped, a.last.size
	}
	if !a.known.at.IsZero() && b.order > a.lastChange {
		b.left = knowledgeLife - a.m.clock.Now().Sub(a.known.at)
	}
	return b
}

// wasKnown reports whether a run was known before a start.
func (a *agent) wasKnown(runID int64, b before) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.seenBefore(runID, b)
}

// lastList is the list that was asked for last. A second start has one: the look for the first one's run.
func (a *agent) lastList() *list {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last
}
