// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

var two = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC) // a.m.

// shown is a run of agent 4711 as an answer shows it.
func shown(s sequentum.Status, change func(r *sequentum.Run)) *sequentum.Run {
	r := &sequentum.Run{ID: 815, AgentID: 4711, AgentName: "Shoes", Status: s}
	if change != nil {
		change(r)
	}
	return r
}

func counted(r *sequentum.Run) {
	r.CreatedAt, r.StartedAt = two.Add(-15*time.Minute), two.Add(-12*time.Minute)
	r.RecordsExtracted, r.RecordsExported, r.PageCount, r.ErrorCount = new(int64(1250)), new(int64(0)), new(int64(87)), new(int64(1))
}

func TestSentences(t *testing.T) {
	running := shown(sequentum.StatusRunning, counted)
	unknown, _ := sequentum.ParseStatus("Paused\x1b[2J\nnow")
	down := errors.New("GET /api/v1/agent/4711/run/815/status: 503 Service Unavailable.\n<html>")
	for _, test := range []struct{ got, want string }{
		{acceptedSentence(shown(sequentum.StatusQueuing, nil)), `Run 4711/815 of agent "Shoes" was accepted. Its status is Queuing.`},
		{acceptedSentence(shown(sequentum.Status{}, func(r *sequentum.Run) { r.AgentName = "" })), `Run 4711/815 was accepted.`},
		{acceptedSentence(shown(sequentum.StatusQueuing, func(r *sequentum.Run) { r.AgentName = "a\x1b[31m\u202e\nb" })), `Run 4711/815 of agent "a�[31m� b" was accepted. Its status is Queuing.`},
		{statusSentence(nil, running, two), `Run 4711/815 of agent "Shoes" is Running, 12m0s after it started: 1,250 records, 87 pages, 1 error.`},
		{statusSentence(shown(sequentum.StatusQueuing, nil), running, two), `Run 4711/815 is now Running, 12m0s after it started: 1,250 records, 87 pages, 1 error.`},
		{statusSentence(running, running, two), `Run 4711/815 is still Running, 12m0s after it started: 1,250 records, 87 pages, 1 error.`},
		{statusSentence(running, shown(sequentum.StatusExporting, func(r *sequentum.Run) { counted(r); r.RecordsExported = new(int64(900)) }), two.Add(600*time.Millisecond)),
			`Run 4711/815 is now Exporting, 12m1s after it started: 1,250 records, 900 exported, 87 pages, 1 error.`},
		{statusSentence(running, shown(sequentum.StatusRunning, nil), two), `Run 4711/815 is still Running.`},
		{statusSentence(nil, shown(sequentum.StatusQueuing, func(r *sequentum.Run) { r.CreatedAt = two.Add(-90 * time.Second) }), two), `Run 4711/815 of agent "Shoes" is Queuing, 1m30s after it was accepted.`},
		{statusSentence(running, running, two.Add(-time.Hour)), `Run 4711/815 is still Running: 1,250 records, 87 pages, 1 error.`}, // its clock is ahead of ours
		{statusSentence(running, shown(unknown, nil), two), `Run 4711/815 is now Paused�[2J now. This provider does not know this status. It counts as active. The wait continues.`},
		{statusSentence(shown(unknown, nil), shown(unknown, nil), two), `Run 4711/815 is still Paused�[2J now.`},
		{statusSentence(running, shown(sequentum.StatusCompleted, func(r *sequentum.Run) { counted(r); r.FinishedAt = r.StartedAt.Add(723 * time.Second) }), two),
			`Run 4711/815 finished as Completed after 12m3s: 1,250 records, 87 pages, 1 error.`},
		{statusSentence(nil, shown(sequentum.StatusFailure, func(r *sequentum.Run) { r.RunTimeSeconds, r.Message = new(int64(61)), "Timeout\nat step 3." }), two),
			`Run 4711/815 finished as Failure after 1m1s. Its message: Timeout at step 3.`},
		{statusSentence(nil, shown(sequentum.StatusSkipped, nil), two), `Run 4711/815 finished as Skipped.`},
		{failedSentence(running.Ref(), down), `Run 4711/815: a status request failed: GET /api/v1/agent/4711/run/815/status: 503 Service Unavailable. <html>. The wait continues.`},
		{answersAgain(181 * time.Second), ` Status requests succeed again after 3m1s.`},
		{silence{ref: running.Ref(), since: two}.sentence(two.Add(time.Minute)), `Run 4711/815: no status for 1m0s, since 02:00:00 UTC. The wait continues.`},
		{silence{ref: running.Ref(), last: running, since: two.Add(-3 * time.Hour), failure: errors.New("no route"), waitingFor: "its turn"}.sentence(two),
			`Run 4711/815: no status for 3h0m0s, since 2026-02-28 23:00:00 UTC. Its last known status is Running: 1,250 records, 87 pages, 1 error. The last status request failed: no route. The provider is waiting for its turn. The wait continues.`},
		{lostStartSentence(4711, errors.New("EOF")), `Agent 4711: the answer to a start was lost: EOF. The run may exist. The provider looks for it before it starts another.`},
		{searchSentence(4711, time.Minute, nil), `Agent 4711: the provider has been looking for the run of a lost start for 1m0s. The search continues.`},
		{searchSentence(4711, time.Minute, errors.New("no route")), `Agent 4711: the provider has been looking for the run of a lost start for 1m0s. The last request for the list of runs failed: no route. The search continues.`},
		{foundSentence(running), `Run 4711/815 of agent "Shoes" has appeared. It is the run of the start whose answer was lost. Its status is Running.`},
		{startAgainSentence(4711), `Agent 4711: no run of the lost start has appeared. The provider sends the start once more.`},
		{stoppingSentence(running, 2*time.Minute), `Run 4711/815 is being stopped. It is Running: 1,250 records, 87 pages, 1 error. If it is still active after 2m0s, the provider kills it.`},
		{graceOverSentence(shown(sequentum.StatusStopping, nil), time.Minute), `Run 4711/815 did not stop within its grace period (1m0s). It is still Stopping.`},
		{killingSentence(shown(sequentum.StatusStopping, nil)), `Run 4711/815 is being killed. It is Stopping.`},
		{killingAgainSentence(shown(sequentum.StatusStopping, nil)), `Run 4711/815 is being killed a second time, because it is still Stopping.`},
		{commandFailedSentence(running.Ref(), "second kill", errors.New("409 Conflict")), `Run 4711/815: the second kill failed: 409 Conflict. The provider now reads the run's status.`},
		{
			noProgressSentence(running.Ref(), &sequentum.PanicError{Value: "x"}),
			`Run 4711/815: a bug in the provider: a panic with a value of type string. The log shows its changes of status, but no line each minute any more. The wait continues.`,
		},
		{noDiagnosisSentence(running.Ref(), errors.New("404 Not Found")), `Run 4711/815: the platform gave no diagnosis: 404 Not Found.`},
	} {
		if test.got != test.want {
			t.Errorf("got  %s\nwant %s", test.got, test.want)
		}
	}
}

// A text of any length becomes a line that a person can read.
func TestSentencesAreShort(t *testing.T) {
	long := strings.Repeat("x\n", 100_000)
	r := shown(sequentum.StatusFailure, func(r *sequentum.Run) { r.Message, r.AgentName = long, long })
	for _, s := range []string{acceptedSentence(r), finishedSentence(r), failedSentence(r.Ref(), errors.New(long))} {
		if len(s) > 2500 || strings.Contains(s, "\n") {
			t.Errorf("%d bytes: %.100q", len(s), s)
		}
	}
}
