package provider_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestScenarioInterrupt(t *testing.T) {
	t.Parallel()
	runScenarios(t, []scenario{
		{
			name: "nothing goes wrong", agent: running(3 * time.Second), config: oneRun + dependent,
			act:  func(w *workspace) { w.mustApply() },
			want: outcome{starts: 1, state: map[string]any{"status": "Completed", "finished": true, "succeeded": true, "records_extracted": 120}},
		},
		{
			name: "Ctrl-C while waiting", agent: running(40 * time.Second), config: oneRun + dependent,
			act: func(w *workspace) {
				p := w.begin(applyArgs...)
				r := w.waiting(4711)
				p.signalGroup(syscall.SIGINT)
				result := p.wait()
				if result.code != 1 {
					w.t.Errorf("exit code %d", result.code)
				}
				wantText(w.t, result.output, "Warning: Run 4711/100001 goes on: only the wait for it was interrupted", "The next apply waits on for it")
				if w.state("terraform_data.dependent") != nil {
					w.t.Error("the dependent was created on an unfinished run")
				}
				if now, _ := w.cloud.Run(r.ID); now.Status != simulator.Running {
					w.t.Errorf("the run is %s", now.Status)
				}
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": 100001, "finished": false, "succeeded": false},
				plan: map[string]string{"sequentum_run.r": "update", "terraform_data.dependent": "create"}},
		},
		{
			name: "Ctrl-C, and the next apply waits on", agent: running(12 * time.Second), config: oneRun + dependent,
			act: func(w *workspace) {
				p := w.begin(applyArgs...)
				w.waiting(4711)
				p.signalGroup(syscall.SIGINT)
				p.wait()
				w.mustApply()
				w.wantState("terraform_data.dependent", false, map[string]any{"input": "map[type:number value:100001]"})
			},
			want: outcome{starts: 1, state: map[string]any{"run_id": 100001, "status": "Completed", "succeeded": true}},
		},
	})
}
