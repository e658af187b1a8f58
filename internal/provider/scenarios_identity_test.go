// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

var identityInState = regexp.MustCompile(`,\s*"identity_schema_version": \d+|,\s*"identity": \{[^}]*\}`)

// forgetIdentity makes the state one that Terraform 1.11 wrote, which keeps no identity.
func (w *workspace) forgetIdentity() {
	w.t.Helper()
	state := identityInState.ReplaceAllString(w.read("terraform.tfstate"), "")
	if strings.Contains(state, "identity") {
		w.t.Fatalf("an identity is left:\n%s", state)
	}
	w.file("terraform.tfstate", state)
}

// TestScenarioIdentity has a CLI that keeps identities go on with the state of one that does not.
func TestScenarioIdentity(t *testing.T) {
	t.Parallel()
	interrupted := func(w *workspace) {
		p := w.beginApply()
		p.awaitWait()
		p.interrupt()
		w.forgetIdentity()
	}
	runScenarios(t, []scenario{
		{
			name: "the state of a finished run has no identity", agent: quick(), config: oneRun,
			act: func(w *workspace) {
				w.mustApply()
				w.forgetIdentity()
				w.mustApply("-refresh-only")
				w.forgetIdentity()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "the state of an interrupted wait has no identity", config: oneRun,
			act: func(w *workspace) {
				interrupted(w)
				w.wantPlan(map[string]string{"sequentum_run.r": "update"})
				p := w.beginApply()
				p.awaitWait()
				w.cloud.Finish(firstRun, simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "the state of a run that is gone has no identity", config: oneRun,
			act: func(w *workspace) {
				interrupted(w)
				w.cloud.Expire(firstRun)
				w.wantPlan(map[string]string{"sequentum_run.r": "create"}, "Run 4711/100001 is gone: it was removed from state")
				w.mustApply("-refresh-only")
			},
			want: outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "the state of an active run has no identity, and it is destroyed", config: run(unwaited),
			act: func(w *workspace) {
				w.mustApply()
				w.forgetIdentity()
				w.mustDestroy()
				w.wantRun(firstRun, simulator.Stopped)
			},
			want: outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
	})
}
