// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// progress is what the log of a wait was told.
type progress struct {
	at      time.Time // of the latest line; before that, when the wait began
	failing time.Time // when the looks began to fail; zero: the latest one did not
	outage  time.Time // of the latest line about an outage's begin
	open    bool      // the end of that outage was not told yet
}

// logLine is a line about the run that a call waits for.
type logLine struct {
	message string
	fields  map[string]any
}

// say hands a sentence to the caller of the wait. Like the other methods that say something, it is called with the lock
// of the list held.
func (w *wait) say(sentence string, now time.Time, fields map[string]any) {
	w.lines = append(w.lines, logLine{sentence, fields})
	w.said.at = now
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// sayRun says what a look has shown, if that is news: another status, or the end of an outage that the log knows of.
func (w *wait) sayRun(r *sequentum.Run, now time.Time) {
	news := w.last == nil || w.last.Status != r.Status
	sentence := statusSentence(w.last, r, now)
	if w.said.open {
		news, sentence = true, sentence+answersAgain(now.Sub(w.said.failing))
	}
	w.said.open, w.said.failing = false, time.Time{}
	if news {
		w.say(sentence, now, runFields(r))
	}
}

// sayFailure says that the looks have begun to fail. An API that fails every now and then fills no log: after one such
// line the next comes a minute later at the earliest.
func (w *wait) sayFailure(err error, now time.Time) {
	if !w.said.failing.IsZero() {
		return
	}
	w.said.failing = now
	if !w.said.outage.IsZero() && now.Sub(w.said.outage) < progressInterval {
		return
	}
	w.said.outage, w.said.open = now, true
	w.say(failedSentence(w.ref, err), now, refFields(w.ref))
}

// sayProgress says how the run goes, although nothing has changed. waitingFor is what the watcher's request waits for.
func (w *wait) sayProgress(now time.Time, waitingFor string) {
	if w.last != nil && now.Sub(w.seen) < progressInterval {
		w.say(statusSentence(w.last, w.last, now), now, runFields(w.last))
		return
	}
	s := silence{ref: w.ref, last: w.last, since: w.seen, failure: w.failure, waitingFor: waitingFor}
	if w.seen.IsZero() {
		s.since = w.since
	}
	w.said.open = w.said.open || w.failure != nil
	w.say(s.sentence(now), now, refFields(w.ref))
}

// reportProgress has each wait of a watcher say how its run goes that has said nothing for a minute. It returns when
// the next one is due; a wait that joins later is due later than that.
func (l *waitList) reportProgress(of *watcher, waitingFor string) (next time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.agent.clock.Now()
	next = progressInterval
	for w := range l.waits {
		if w.ended || w.watcher != of {
			continue
		}
		if now.Sub(w.said.at) >= progressInterval {
			w.sayProgress(now, waitingFor)
		}
		next = min(next, w.said.at.Add(progressInterval).Sub(now))
	}
	return max(next, progressGrain)
}

// endProgress has each wait of a watcher say that a bug has ended its reports.
func (l *waitList) endProgress(of *watcher, p *sequentum.PanicError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for w := range l.waits {
		if w.watcher == of && !w.ended {
			w.say(noProgressSentence(w.ref, p), l.agent.clock.Now(), refFields(w.ref))
		}
	}
}

// report has the waits say once a minute how their runs go, from what the watcher has seen: it sends nothing. It has a
// goroutine of its own, because a look can hang. If a bug ends it, the waits say so, and continue without it.
func (w *watcher) report() {
	defer sequentum.Recover(func(p *sequentum.PanicError) { w.agent.waits.endProgress(w, p) })
	next := progressInterval
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-w.agent.clock.After(next):
			next = w.agent.waits.reportProgress(w, w.waitsFor.Describe())
		}
	}
}

func agentField(agentID int64) map[string]any { return map[string]any{"agent_id": agentID} }

func refFields(ref sequentum.RunRef) map[string]any {
	return map[string]any{"agent_id": ref.AgentID, "run_id": ref.RunID}
}

// runFields are the fields of a line about a run that was seen.
func runFields(r *sequentum.Run) map[string]any {
	fields := refFields(r.Ref())
	fields["status"] = r.Status.String()
	return fields
}
