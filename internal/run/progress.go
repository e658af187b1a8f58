// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// The sentences that say how a run goes, for a log or for somebody who watches. Each begins with its run, or with the
// agent if there is none, so that one run can be picked out of many, and each stands alone. They show no number that the
// API did not give.

const waitContinues = "The wait continues."

// acceptedSentence says that a start was accepted.
func acceptedSentence(r *sequentum.Run) string {
	if !r.Status.Known() {
		return runOfAgent(r) + " was accepted."
	}
	return runOfAgent(r) + " was accepted. Its status is " + statusOf(r) + "."
}

// statusSentence says what a look has shown. before is the run as it was last seen; nil: it was not seen before.
func statusSentence(before, r *sequentum.Run, now time.Time) string {
	name := "Run " + r.Ref().String()
	var text string
	switch {
	case r.Status.Finished():
		text = finishedSentence(r)
	case before == nil:
		text = runOfAgent(r) + " is " + statusOf(r) + age(r, now) + counts(r) + "."
	case before.Status == r.Status:
		text = name + " is still " + statusOf(r) + age(r, now) + counts(r) + "."
	default:
		text = name + " is now " + statusOf(r) + age(r, now) + counts(r) + "."
	}
	if r.Status.Known() || before != nil && before.Status == r.Status {
		return text
	}
	return text + " This provider does not know this status. It counts as active. " + waitContinues
}

// finishedSentence says how a run ended. The message of a failure is part of it: an attempt that is retried has no error
// that shows it.
func finishedSentence(r *sequentum.Run) string {
	text := "Run " + r.Ref().String() + " finished as " + statusOf(r) + duration(r) + counts(r) + "."
	if r.Status.IsFailure() && r.Message != "" {
		text += " Its message: " + asSentence(r.Message)
	}
	return text
}

// failedSentence says that the status requests for a run have begun to fail.
func failedSentence(ref sequentum.RunRef, err error) string {
	return fmt.Sprintf("Run %s: a status request failed: %s %s", ref, asSentence(err.Error()), waitContinues)
}

// answersAgain follows a sentence about the run when an outage is over.
func answersAgain(outage time.Duration) string {
	return fmt.Sprintf(" Status requests succeed again after %s.", rounded(outage))
}

// silence is a wait that has seen nothing of its run for some time.
type silence struct {
	ref        sequentum.RunRef
	last       *sequentum.Run // as last seen; nil: never
	since      time.Time      // when that was, or when the wait began
	failure    error          // why the latest look failed; nil: it did not
	waitingFor string         // what the status request is waiting for; empty: nothing
}

func (s silence) sentence(now time.Time) string {
	parts := []string{fmt.Sprintf("Run %s: no status for %s, since %s.", s.ref, rounded(now.Sub(s.since)), clockTime(s.since, now))}
	if s.last != nil {
		parts = append(parts, "Its last known status is "+statusOf(s.last)+counts(s.last)+".")
	}
	if s.failure != nil {
		parts = append(parts, "The last status request failed: "+asSentence(s.failure.Error()))
	}
	if s.waitingFor != "" {
		parts = append(parts, "The provider is waiting for "+asSentence(s.waitingFor))
	}
	return strings.Join(append(parts, waitContinues), " ")
}

func lostStartSentence(agentID int64, cause error) string {
	return fmt.Sprintf("Agent %d: the answer to a start was lost: %s The run may exist. The provider looks for it before it starts another.",
		agentID, asSentence(cause.Error()))
}

// searchSentence says once a minute that the search for the run of a lost start continues. err is why the latest look
// failed; nil: it showed no run.
func searchSentence(agentID int64, searching time.Duration, err error) string {
	text := fmt.Sprintf("Agent %d: the provider has been looking for the run of a lost start for %s.", agentID, rounded(searching))
	if err != nil {
		text += " The last request for the list of runs failed: " + asSentence(err.Error())
	}
	return text + " The search continues."
}

func foundSentence(r *sequentum.Run) string {
	return runOfAgent(r) + " has appeared. It is the run of the start whose answer was lost. Its status is " + statusOf(r) + "."
}

func startAgainSentence(agentID int64) string {
	return fmt.Sprintf("Agent %d: no run of the lost start has appeared. The provider sends the start once more.", agentID)
}

func stoppingSentence(r *sequentum.Run, grace time.Duration) string {
	return fmt.Sprintf("Run %s is being stopped. It is %s%s. If it is still active after %s, the provider kills it.", r.Ref(), statusOf(r), counts(r), grace)
}

func graceOverSentence(r *sequentum.Run, grace time.Duration) string {
	return fmt.Sprintf("Run %s did not stop within its grace period (%s). It is still %s%s.", r.Ref(), grace, statusOf(r), counts(r))
}

func killingSentence(r *sequentum.Run) string {
	return fmt.Sprintf("Run %s is being killed. It is %s.", r.Ref(), statusOf(r))
}

func killingAgainSentence(r *sequentum.Run) string {
	return fmt.Sprintf("Run %s is being killed a second time, because it is still %s.", r.Ref(), statusOf(r))
}

// commandFailedSentence says that a stop or a kill failed. command is its name.
func commandFailedSentence(ref sequentum.RunRef, command string, err error) string {
	return fmt.Sprintf("Run %s: the %s failed: %s The provider now reads the run's status.", ref, command, asSentence(err.Error()))
}

func removingSentence(r *sequentum.Run) string {
	return fmt.Sprintf("Run %s has ended as %s. The provider sends the removal.", r.Ref(), statusOf(r))
}

func lostRemovalSentence(ref sequentum.RunRef, cause error) string {
	return fmt.Sprintf("Run %s: the answer to the removal was lost: %s The provider checks whether the run was removed.", ref, asSentence(cause.Error()))
}

// noProgressSentence says that no line comes any more each minute.
func noProgressSentence(ref sequentum.RunRef, p *sequentum.PanicError) string {
	return fmt.Sprintf("Run %s: %s. The log shows its changes of status, but no line each minute any more. %s", ref, p.Error(), waitContinues)
}

func noDiagnosisSentence(ref sequentum.RunRef, err error) string {
	return fmt.Sprintf("Run %s: the platform gave no diagnosis: %s", ref, asSentence(err.Error()))
}

// runOfAgent begins the first sentence about a run.
func runOfAgent(r *sequentum.Run) string {
	text := "Run " + r.Ref().String()
	if name := sequentum.OneLine(r.AgentName); name != "" {
		text += " of agent " + strconv.Quote(name)
	}
	return text
}

func statusOf(r *sequentum.Run) string { return sequentum.OneLine(r.Status.String()) }

// age says how long ago an active run began. The times can come from two clocks: a time that has not come yet says
// nothing.
func age(r *sequentum.Run, now time.Time) string {
	switch {
	case !r.StartedAt.IsZero() && !now.Before(r.StartedAt):
		return fmt.Sprintf(", %s after it started", rounded(now.Sub(r.StartedAt)))
	case r.StartedAt.IsZero() && !r.CreatedAt.IsZero() && !now.Before(r.CreatedAt):
		return fmt.Sprintf(", %s after it was accepted", rounded(now.Sub(r.CreatedAt)))
	}
	return ""
}

// duration says how long a finished run ran.
func duration(r *sequentum.Run) string {
	switch {
	case !r.StartedAt.IsZero() && !r.FinishedAt.Before(r.StartedAt):
		return fmt.Sprintf(" after %s", rounded(r.FinishedAt.Sub(r.StartedAt)))
	case r.RunTimeSeconds != nil && *r.RunTimeSeconds >= 0:
		return fmt.Sprintf(" after %s", time.Duration(*r.RunTimeSeconds)*time.Second)
	}
	return ""
}

// counts lists the numbers that the API gave: ": 1,250 records, 87 pages, 2 errors".
func counts(r *sequentum.Run) string {
	english := message.NewPrinter(language.English)
	var parts []string
	for _, c := range []struct {
		n           *int64
		one, others string
	}{
		{r.RecordsExtracted, "record", "records"}, {exportedOf(r), "exported", "exported"},
		{r.PageCount, "page", "pages"}, {r.ErrorCount, "error", "errors"},
	} {
		switch {
		case c.n == nil:
		case *c.n == 1:
			parts = append(parts, "1 "+c.one)
		default:
			parts = append(parts, english.Sprintf("%d %s", *c.n, c.others))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// exportedOf is how many records were exported; nil as long as none was: most agents have no export command.
func exportedOf(r *sequentum.Run) *int64 {
	if r.RecordsExported == nil || *r.RecordsExported == 0 {
		return nil
	}
	return r.RecordsExported
}

// clockTime is a time as somebody reads it who watches: without its day if that is today.
func clockTime(t, now time.Time) string {
	t = t.UTC()
	layout := "15:04:05 UTC"
	if t.Format(time.DateOnly) != now.UTC().Format(time.DateOnly) {
		layout = time.DateOnly + " " + layout
	}
	return t.Format(layout)
}

func rounded(d time.Duration) time.Duration { return max(0, d).Round(time.Second) }

// asSentence makes a text fit to stand at the end of a sentence: in one line, with one full stop.
func asSentence(text string) string { return strings.TrimRight(sequentum.OneLine(text), ".") + "." }
