// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Whatever a run, an agent or a diagnosis says, a diagnostic can be read and does nothing to the terminal.
func TestRemoteTextInDiagnostics(t *testing.T) {
	const hostile = "\x1b]0;title\x07\u202ereversed\u2066\x00"
	causes := make([]string, 1000)
	for i := range causes {
		causes[i] = sequentum.Printable(hostile) // as the client returns them
	}
	seen := &sequentum.Run{
		ID: 7, AgentID: 1, AgentName: "Shoes\nError: none " + hostile, Status: sequentum.StatusFailure, Message: hostile + strings.Repeat("m", 3_000_000),
	}
	failed := waitReport{
		waitResult: waitResult{ref: seen.Ref(), end: waitFailed, run: seen}, now: time.Now(),
		diagnosis: &sequentum.Diagnostics{PossibleCauses: causes, SuggestedActions: causes[:3]},
	}.diagnostic()
	plan := runPlan{state: &runModel{runAttributes: runAttributes{runFacts: runFacts{Message: types.StringValue(seen.Message), Status: types.StringValue("Failure")}}}}
	for name, text := range map[string]string{"the wait's end": failed.Summary() + failed.Detail(), "the plan": plan.describeReplacement()} {
		if len(text) > 10_000 {
			t.Errorf("%s takes %d bytes", name, len(text))
		}
		for _, r := range text {
			if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%s holds %U", name, r)
				break
			}
		}
	}
	if !strings.Contains(failed.Detail(), "… and 990 more") || !strings.Contains(failed.Detail(), "(Shoes Error: none ") {
		t.Errorf("got %.3000s", failed.Detail())
	}
}

func TestMessageOfRefresh(t *testing.T) {
	attributes := func(status, message string) *runAttributes {
		return &runAttributes{runFacts: runFacts{Status: types.StringValue(status), Message: textOrNull(message)}}
	}
	for name, test := range map[string]struct {
		before, after *runAttributes
		want          types.String
	}{
		"the same status":            {attributes("Failure", "known"), attributes("Failure", "unknown"), types.StringValue("known")},
		"the same, nothing was said": {attributes("Failure", ""), attributes("Failure", "unknown"), types.StringValue(messageNotShown)},
		"another status":             {attributes("Running", "known"), attributes("Failure", "unknown"), types.StringValue(messageNotShown)},
		"nothing to say":             {attributes("Running", "known"), attributes("Failure", ""), types.StringNull()},
	} {
		if got := messageOfRefresh(test.before, test.after); !got.Equal(test.want) {
			t.Errorf("%s: got %s", name, got)
		}
	}
}
