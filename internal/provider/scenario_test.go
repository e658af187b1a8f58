package provider_test

import (
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// scenario is one story told with the real CLI, a real provider process and a simulated cloud.
type scenario struct {
	name   string
	agent  simulator.Agent // id 0: 4711
	cloud  simulator.Options
	config string
	faults []simulator.Fault
	act    func(w *workspace)
	want   outcome
}

// outcome is what must be true in the end.
type outcome struct {
	starts  int
	tainted bool
	state   map[string]any    // attributes of sequentum_run.r; nil: it is not in state
	plan    map[string]string // actions of the next plan; empty: no changes
}

const oneRun = `
resource "sequentum_run" "r" {
  agent_id = 4711
}
`

// dependent hangs a second object on the run, directly and through a local.
const dependent = `
locals { run_id = sequentum_run.r.run_id }

resource "terraform_data" "dependent" {
  input = local.run_id
}

data "sequentum_run_files" "f" {
  agent_id = 4711
  run_id   = local.run_id
}
`

func running(d time.Duration, outcomes ...simulator.Outcome) simulator.Agent {
	return simulator.Agent{
		ID: 4711, Name: "Shoes", Records: 120, Outcomes: outcomes, StopTakes: simulator.Duration(time.Second),
		Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(d)}},
		Files:  []simulator.File{{Name: text("products.csv"), Content: "a,b\n"}},
	}
}

func text(s string) *string { return &s }

func runScenarios(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.cloud.Agents = append(s.cloud.Agents, s.agent)
			w := newWorkspace(t, s.cloud)
			w.cloud.Inject(s.faults...)
			w.config("%s", s.config)
			s.act(w)
			w.wantStarts(s.want.starts)
			if s.want.state == nil {
				if got := w.state("sequentum_run.r"); got != nil {
					t.Errorf("sequentum_run.r is in state: %v", got.Attributes)
				}
			} else {
				w.wantState("sequentum_run.r", s.want.tainted, s.want.state)
			}
			w.wantPlan(s.want.plan)
			w.wantStarts(s.want.starts)
		})
	}
}
