// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// question is a row of the table "Not known" of API.md.
type question struct {
	text   string // as the row has it
	answer func(facts) answer
}

// facts are what a visit to an account has brought.
type facts struct {
	exchanges []exchange
	link      *link // nil: none was seen
	// othersWhileBusy: others had a run while the story busy was played.
	othersWhileBusy bool
}

// link is a signed link of one file. It is a secret.
type link struct {
	url  string
	got  time.Time
	ages []linkAge
}

// linkAge is what the link answered at an age.
type linkAge struct {
	age    time.Duration
	status int
}

// theTag is what a start's tag is asked to be.
const theTag = "make-live"

// answer says what the account did, or why that is not known.
type answer struct {
	text     string
	evidence string // the calls and their statuses
}

func notAnswered(format string, a ...any) answer {
	return answer{text: "not answered: " + fmt.Sprintf(format, a...)}
}

func answered(by exchange, format string, a ...any) answer {
	return answer{fmt.Sprintf(format, a...), by.describe()}
}

func (e exchange) describe() string { return fmt.Sprintf("%s, status %d", e.call, e.status) }

// questions are the rows of the table, in its order. A test compares both.
var questions = []question{
	{"What does a start of a busy agent that runs exclusively answer: a queued run, the run that is active, 409 or 422?", facts.exclusiveStart},
	{"Is a start with a `parallelism` above 1 one run, or several with the same `parallelSet`? The product's words (\"total runs\", \"separately for each session\") suggest several", facts.parallelRuns},
	{"Which of the parallel runs does a start answer with, and what `parallelism` does each report?", facts.parallelReports},
	{"Where is the endpoint that restarts a Failure in place?", facts.restart},
	{"Can the list of runs be behind a run's own status?", facts.listLag},
	{"Can a start set a run's `tag`?", facts.tag},
	{"How long does a signed link live?", facts.linkLife},
	{"How many agents or costs can a page hold?", facts.pageSize},
	{"What does diagnostics answer for a run that did not fail?", facts.diagnostics},
	{"Do stop, kill and delete answer with a body?", facts.bodies},
	{"What types do `organizationId`, `userId`, `regionId` and `severity` have?", facts.types},
}

// of are the exchanges of certain calls.
func (f facts) of(calls ...string) []exchange {
	return slices.DeleteFunc(slices.Clone(f.exchanges), func(e exchange) bool { return !slices.Contains(calls, e.call) })
}

// startWith is the first start whose body has a field with this value.
func (f facts) startWith(name string, value any) (exchange, bool) {
	for _, e := range f.of(callStart) {
		if got := field(e.request, name); got == value || text(got) != "" && text(got) == value {
			return e, true
		}
	}
	return exchange{}, false
}

// runsIn are the run objects of an answer to a start, a status or a list.
func runsIn(e exchange) []any {
	if !e.succeeded() {
		return nil
	}
	switch e.call {
	case callRuns:
		list, _ := e.answer.([]any)
		return list
	case callStart, callStatus:
		return []any{e.answer}
	}
	return nil
}

func statusOf(run any) sequentum.Status {
	s, _ := sequentum.ParseStatus(text(field(run, "status"))) // an unknown one counts as active
	return s
}

// idOf is the id of a run object, which a start can have in another field.
func idOf(run any) string { return exchange{answer: run}.runID() }

func (f facts) exclusiveStart() answer {
	start, sent := f.startWith("isExclusive", true)
	if !sent {
		return notAnswered("no such start was sent: play the story busy")
	}
	others, activeAfter := map[string]bool{}, map[string]bool{}
	for _, e := range f.exchanges {
		for _, run := range runsIn(e) {
			switch id := idOf(run); {
			case e.answered.Before(start.sent):
				others[id] = statusOf(run).Active()
			case e.sent.After(start.sent) && others[id] && statusOf(run).Active():
				activeAfter[id] = true
			}
		}
	}
	switch {
	case start.status == 0:
		return notAnswered("the answer was lost")
	case f.othersWhileBusy:
		return notAnswered("another run was started at the same time, and the answer may be about that: play the story busy again")
	case !start.succeeded():
		return answered(start, "It is refused.")
	case others[start.runID()]:
		return answered(start, "It is answered with the run that is active.")
	case len(activeAfter) == 0:
		return notAnswered("the first run had finished when the second one was started: take an agent whose runs are longer")
	}
	return answered(start, "It is accepted: another run that is %s at first, while the other one is active.", statusOf(start.answer))
}

// siblings are the runs that a parallel start made: those of the first list after it that were in none before.
func (f facts) siblings() (start exchange, runs []any, why string) {
	start, sent := f.startWith("parallelism", "2")
	switch {
	case !sent:
		return start, nil, "no such start was sent: play the story parallel"
	case !start.succeeded():
		return start, nil, fmt.Sprintf("the start was answered with status %d", start.status)
	}
	known := map[string]bool{}
	for _, e := range f.exchanges {
		if e.answered.Before(start.sent) {
			for _, run := range runsIn(e) {
				known[idOf(run)] = true
			}
		}
	}
	for _, list := range f.of(callRuns) {
		if list.sent.Before(start.answered) {
			continue
		}
		for _, run := range runsIn(list) {
			if !known[idOf(run)] {
				runs = append(runs, run)
			}
		}
		if len(runs) > 0 {
			return start, runs, ""
		}
	}
	return start, nil, "no list showed its runs"
}

func (f facts) parallelRuns() answer {
	start, runs, why := f.siblings()
	if why != "" {
		return notAnswered("%s", why)
	}
	sets := map[string]bool{}
	for _, run := range runs {
		sets[text(field(run, "parallelSet"))] = true
	}
	switch shared := len(sets) == 1 && !sets[""] && !sets["0"]; {
	case len(runs) == 1:
		return answered(start, "A start with a parallelism of 2 is one run.")
	case shared:
		return answered(start, "A start with a parallelism of 2 is %d runs with the same parallelSet.", len(runs))
	}
	return answered(start, "A start with a parallelism of 2 brought %d new runs, without a parallelSet that they share.", len(runs))
}

func (f facts) parallelReports() answer {
	start, runs, why := f.siblings()
	if why != "" {
		return notAnswered("%s", why)
	}
	slices.SortStableFunc(runs, func(a, b any) int { return strings.Compare(text(field(a, "created")), text(field(b, "created"))) })
	var reported []string
	place := 0
	for i, run := range runs {
		value := text(field(run, "parallelism"))
		if value == "" {
			value = "null"
		}
		reported = append(reported, value)
		if idOf(run) == start.runID() {
			place = i + 1
		}
	}
	if place == 0 {
		return answered(start, "The start answers with a run that is not in the list. The list's runs report a parallelism of %s.", strings.Join(reported, ", "))
	}
	return answered(start, "By time of creation, the start answers with number %d of %d. They report a parallelism of %s.", place, len(runs), strings.Join(reported, ", "))
}

func (facts) restart() answer {
	return notAnswered("guessing paths on an account could do harm. A person can: restart a run that ended as Failure in Control Center, with the browser's network tools open, and note the method and the path")
}

// listLag compares each list with what was known before it was asked for.
func (f facts) listLag() answer {
	finished, started := map[string]time.Time{}, map[string]time.Time{}
	compared, late := 0, 0
	for _, e := range f.exchanges {
		if e.call != callRuns {
			for _, run := range runsIn(e) {
				if e.call == callStart {
					started[idOf(run)] = e.answered
				} else if statusOf(run).Finished() && !statusOf(run).IsFailure() {
					finished[idOf(run)] = e.answered
				}
			}
			continue
		}
		listed := map[string]any{}
		for _, run := range runsIn(e) {
			listed[idOf(run)] = run
		}
		if len(listed) == 0 {
			continue
		}
		for id, since := range started {
			_, there := listed[id]
			if !since.Before(e.sent) || f.removed(id, e.sent) {
				continue
			}
			compared++
			if done, known := finished[id]; !there || known && done.Before(e.sent) && statusOf(listed[id]).Active() {
				late++
			}
		}
	}
	switch {
	case compared == 0:
		return notAnswered("no list was read after a start")
	case late == 0:
		return answer{fmt.Sprintf("It was not behind in %d comparisons. This does not prove that it never is.", compared), callRuns + " after " + callStatus}
	}
	return answer{fmt.Sprintf("Yes: it was behind in %d of %d comparisons.", late, compared), callRuns + " after " + callStatus}
}

// removed reports whether the removal of a run was asked for before a time.
func (f facts) removed(id string, before time.Time) bool {
	return slices.ContainsFunc(f.of(callDeleteRun), func(e exchange) bool { return e.ids["runId"] == id && e.sent.Before(before) })
}
