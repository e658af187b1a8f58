// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const provisioned = `
resource "sequentum_run" "r" {
  agent_id = 4711

  provisioner "local-exec" {
    command = "%s"
  }
}
`

// Terraform itself taints a resource with a provisioner when its create was interrupted, and tells no provider: the
// warning says what to do. https://developer.hashicorp.com/terraform/language/resources/provisioners
func TestScenarioProvisioner(t *testing.T) {
	t.Parallel()
	replaced := map[string]string{"sequentum_run.r": "replace"}
	runScenarios(t, []scenario{
		{
			name: "a provisioner of a run whose wait is interrupted: untaint keeps the run", config: "",
			act: func(w *workspace) {
				w.config(provisioned, "true")
				p := w.beginApply()
				p.awaitWait()
				wantText(w.t, p.interrupt().output, "Warning: Interrupted while waiting; run 4711/100001 is still running",
					"If this resource has a provisioner, Terraform now marks the resource as tainted, and the next apply would replace the run. To prevent that, run `terraform untaint ADDRESS` first.")
				w.wantState("sequentum_run.r", true, map[string]any{"run_id": firstRun, "finished": false})
				wantTrouble(w.t, "Ctrl-C, and the `sequentum_run` has a provisioner", w.transcript())
				w.wantPlan(replaced)
				w.mustRun("untaint", "-no-color", "sequentum_run.r")
				w.wantPlan(map[string]string{"sequentum_run.r": "update"})
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				p.mustSucceed()
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "a provisioner of a run fails: untaint keeps the run", agent: quick(),
			act: func(w *workspace) {
				w.config(provisioned, "false")
				w.wantFailure(w.apply(), "local-exec provisioner error")
				w.wantState("sequentum_run.r", true, map[string]any{"status": "Completed"})
				w.wantPlan(replaced)
				w.mustRun("untaint", "-no-color", "sequentum_run.r")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
		{
			name: "a provisioner beside a run whose wait is interrupted, as the guide says",
			act: func(w *workspace) {
				w.config("%s", oneRun+`
resource "terraform_data" "after" {
  triggers_replace = [sequentum_run.r.run_id]

  provisioner "local-exec" {
    command = "echo the run has finished"
  }
}
`)
				p := w.beginApply()
				p.awaitWait()
				p.interrupt()
				w.wantState("sequentum_run.r", false, map[string]any{"finished": false})
				w.wantNoState("terraform_data.after")
				p = w.beginApply()
				p.awaitWait()
				w.finish(simulator.Completed)
				wantText(w.t, p.mustSucceed().output, "the run has finished")
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": firstRun, "status": "Completed"}},
		},
	})
}
