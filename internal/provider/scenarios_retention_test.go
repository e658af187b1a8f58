// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestScenarioRetention(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "a run that has finished for good is never asked about again", agent: quick(), config: oneRun,
			act: func(w *workspace) {
				w.mustApply()
				w.wantNoRequest()
				w.cloud.Archive(firstRun)
				w.wantNoRequest()
				w.cloud.Expire(firstRun)
				w.wantNoRequest()
				w.cloud.DeleteAgent(4711)
				w.wantNoRequest()
				w.cloud.Outage(true)
				w.wantNoRequest()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "a destroy asks nothing about a finished run", agent: quick(), config: oneRun,
			act: func(w *workspace) {
				w.mustApply()
				w.cloud.Outage(true)
				p := w.beginDestroy()
				p.mustSucceed()
				if n := p.requests(simulator.AnyKind); n != 0 {
					w.t.Errorf("%d requests to forget a finished run", n)
				}
			},
			want: outcome{starts: 1, plan: map[string]string{"sequentum_run.r": "create"}},
		},
		{
			name: "record_files keeps the list of files", agent: quick(), config: run("record_files = true") + "output \"names\" { value = sequentum_run.r.files[*].name }\n",
			act: func(w *workspace) {
				wantText(w.t, w.mustApply().output, `names = tolist([ "products.csv", ])`)
				w.cloud.Expire(firstRun)
				w.wantNoRequest()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed"}},
		},
		{
			name: "record_files comes too late", agent: quick(), config: oneRun,
			act: func(w *workspace) {
				wantNoText(w.t, w.mustApply().output, "comes too late")
				w.config("%s", run("record_files = true"))
				w.wantPlan(map[string]string{"sequentum_run.r": "update"}, "record_files comes too late for run 4711/100001")
				w.mustApply()
				wantNoText(w.t, w.wantPlan(nil).text, "comes too late")
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed", "record_files": true, "files": nil}},
		},
		{
			name: "record_files of a failed run", agent: quick(diagnosed), config: run("record_files = true"),
			act: func(w *workspace) {
				w.wantFailure(w.apply(), "ended as Failure")
				w.wantFiles("sequentum_run.r", 1)
			},
			want: outcome{starts: 1, tainted: true, state: map[string]any{"status": "Failure"}, plan: map[string]string{"sequentum_run.r": "replace"}},
		},
		{
			name: "record_files of a run that finished after its wait was interrupted", config: run("record_files = true"),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				w.finish(simulator.Completed)
				w.mustRun("apply", "-refresh-only", "-auto-approve", "-no-color", "-input=false")
				w.wantFiles("sequentum_run.r", 1)
				w.cloud.Expire(firstRun)
				w.wantNoRequest()
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed", "succeeded": true}},
		},
		{
			name: "record_files of more than state takes", config: run("record_files = true"),
			agent: func() simulator.Agent { a := quick(); a.Files = make([]simulator.File, 501); return a }(),
			act: func(w *workspace) {
				wantText(w.t, w.mustApply().output, "Warning: The files of run 4711/100001 were not recorded", "The run has 501 files. State holds at most 500 files")
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed", "files": nil}},
		},
		{
			name: "record_files of a list that cannot be read", agent: quick(), config: run("record_files = true"),
			faults: []simulator.Fault{{Kind: simulator.KindFiles, Times: -1, Action: simulator.HTML}},
			act: func(w *workspace) {
				wantText(w.t, w.mustApply().output, "Warning: The files of run 4711/100001 were not recorded", "502 Bad Gateway")
			},
			want: outcome{starts: 1, state: map[string]any{"status": "Completed", "files": nil}},
		},
	})
}
