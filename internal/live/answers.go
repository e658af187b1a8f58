// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

func (f facts) tag() answer {
	start, sent := f.startWith("tag", theTag)
	switch {
	case !sent:
		return notAnswered("no such start was sent: play the story erase")
	case start.status == 0 || start.status >= 500:
		return notAnswered("the API did not answer the start with a tag")
	case !start.succeeded():
		return answered(start, "No: a start with a tag is refused.")
	}
	for _, e := range f.of(callStatus, callRuns) {
		for _, run := range runsIn(e) {
			if idOf(run) == start.runID() && text(field(run, "tag")) == theTag {
				return answered(e, "Yes: the run shows the tag that was sent.")
			}
		}
	}
	return answered(start, "No: a start with a tag is accepted, and the run does not show it.")
}

func (f facts) linkLife() answer {
	if f.link == nil {
		return notAnswered("no signed link was seen: the run had no files, or a download answers with the content")
	}
	if len(f.link.ages) == 0 {
		return notAnswered("the host of the files did not answer")
	}
	const evidence = "the link of one file, asked for one byte each time"
	var worked time.Duration
	for _, a := range f.link.ages {
		if a.status >= 400 {
			return answer{fmt.Sprintf("Less than %.0f s: at this age it was refused with status %d. After %.0f s it still worked.", a.age.Seconds(), a.status, worked.Seconds()), evidence}
		}
		worked = a.age
	}
	return answer{fmt.Sprintf("More than %.0f s. It was not tried after that.", worked.Seconds()), evidence}
}

func (f facts) pageSize() answer {
	var found, evidence []string
	for _, list := range []struct{ call, things, field string }{{callAgents, "agents", "agents"}, {callCosts, "costs", "runs"}} {
		asked, most, total := 0, -1, 0
		for _, e := range f.of(list.call) {
			elements, isPage := field(e.answer, list.field).([]any)
			if !isPage {
				elements, isPage = field(e.answer, "items").([]any)
			}
			if e.succeeded() && isPage && len(elements) > most {
				asked, most, total = number(e.query.Get("recordsPerPage")), len(elements), number(text(field(e.answer, "totalRecordCount")))
			}
		}
		switch {
		case most < 0:
			continue
		case most < asked && total > most:
			found = append(found, fmt.Sprintf("%d %s: %d were requested, and there are %d", most, list.things, asked, total))
		default:
			found = append(found, fmt.Sprintf("at least %d %s (asked for: %d, there are %d)", most, list.things, asked, total))
		}
		evidence = append(evidence, list.call)
	}
	if len(found) == 0 {
		return notAnswered("no page was read: play the story life")
	}
	return answer{strings.Join(found, "; ") + ".", strings.Join(evidence, ", ")}
}

func (f facts) diagnostics() answer {
	failed := map[string]bool{}
	for _, e := range f.of(callStatus, callRuns) {
		for _, run := range runsIn(e) {
			failed[idOf(run)] = statusOf(run).IsFailure()
		}
	}
	for _, e := range f.of(callDiagnostics) {
		if failure, known := failed[e.ids["runId"]]; !known || failure || e.status == 0 {
			continue
		}
		if !e.succeeded() {
			return answered(e, "It is refused.")
		}
		causes, _ := field(e.answer, "possibleCauses").([]any)
		actions, _ := field(e.answer, "suggestedActions").([]any)
		message := "no error message"
		if text(field(e.answer, "errorMessage")) != "" {
			message = "an error message"
		}
		return answered(e, "An object with %s, %d possible causes and %d suggested actions.", message, len(causes), len(actions))
	}
	return notAnswered("no run that succeeded was read: play the story life with an agent whose runs succeed")
}

func (f facts) bodies() answer {
	seen := map[string]bool{}
	for _, e := range f.of(callStop, callKill, callDeleteRun) {
		if e.succeeded() {
			seen[fmt.Sprintf("%s: %s (status %d)", e.call, map[bodyKind]string{bodyEmpty: "no body", bodyJSON: "a JSON body", bodyOther: "a body that is not JSON"}[e.body], e.status)] = true
		}
	}
	if len(seen) == 0 {
		return notAnswered("none of them was answered with success")
	}
	return answer{text: strings.Join(slices.Sorted(maps.Keys(seen)), "; ") + "."}
}

func (f facts) types() answer {
	seen := map[string]*Shape{}
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, element := range v {
				walk(element)
			}
		case map[string]any:
			for name, inner := range v {
				seen[name] = merge(seen[name], shapeOf(inner, name, allNames{}, true))
				walk(inner)
			}
		}
	}
	calls := map[string]bool{}
	for _, e := range f.exchanges {
		walk(e.answer)
		calls[e.call] = true
	}
	var found []string
	for _, name := range []string{"organizationId", "userId", "regionId", "severity"} {
		if seen[name] == nil {
			found = append(found, name+": not seen")
		} else {
			found = append(found, name+": "+seen[name].described())
		}
	}
	return answer{strings.Join(found, "; ") + ".", fmt.Sprintf("the answers to %d calls", len(calls))}
}
