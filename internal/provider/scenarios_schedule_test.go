// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const oneSchedule = `
resource "sequentum_schedule" "r" {
  agent_id = 4711
  name     = "Nightly"
  cron     = { expression = "0 3 * * *" }
}
`

// The life of a schedule with a real provider process, over both protocols: lost answers, an interrupt, and unknown values.
func TestScenarioSchedule(t *testing.T) {
	t.Parallel()
	lost := func(f simulator.Fault) []simulator.Fault {
		f.Kind = simulator.KindScheduleCreate
		return []simulator.Fault{f}
	}
	oneInState := func(w *workspace) {
		w.t.Helper()
		all := w.cloud.Schedules(4711)
		if len(all) != 1 {
			w.t.Fatalf("the agent has the schedules %+v", all)
		}
		w.wantState("sequentum_schedule.r", false, map[string]any{"schedule_id": all[0].ID})
	}
	scenarios := []scenario{
		{
			name: "a schedule", config: oneSchedule,
			act: func(w *workspace) {
				w.mustApply()
				oneInState(w)
				w.wantPlan(nil)
				w.mustDestroy()
				if n := len(w.cloud.Schedules(4711)); n > 0 {
					w.t.Errorf("the destroy left %d schedules", n)
				}
			},
			want: outcome{plan: map[string]string{"sequentum_schedule.r": "create"}},
		},
		{
			name: "the answer to a create hangs after the effect", config: oneSchedule, faults: lost(simulator.Fault{Action: simulator.Hang, After: true}),
			act: func(w *workspace) {
				wantText(w.t, w.mustApply().output, "Warning: The answer to the create of 4711/6000000001 was lost, and the schedule was found", "no answer within 3s")
				oneInState(w)
			},
		},
		{
			name: "a page of a proxy answers a create that had no effect", config: oneSchedule, faults: lost(simulator.Fault{Action: simulator.HTML}),
			act: func(w *workspace) {
				wantText(w.t, w.mustApply().output, "Warning: The create of 4711/6000000001 was sent twice", "502 Bad Gateway")
				oneInState(w)
			},
		},
		{
			name: "an interrupt while the answer to a create is under way", config: oneSchedule,
			faults: lost(simulator.Fault{Action: simulator.Pass, After: true, Delay: 2 * time.Second}),
			act: func(w *workspace) {
				p := w.beginApply()
				w.eventually("the create", func() bool { return len(w.cloud.Schedules(4711)) == 1 })
				p.interrupt()
				oneInState(w)
			},
		},
		{
			name: "an interrupt while a lost create is looked for", config: oneSchedule, faults: lost(simulator.Fault{Action: simulator.Reset}),
			act: func(w *workspace) {
				p := w.beginApply()
				p.awaitRequests(simulator.KindSchedules, 2)
				wantText(w.t, p.interrupt().output, "Error: Agent 4711: a schedule may have been created", "Because of the interrupt, the create was not sent again.",
					`import { to = sequentum_schedule.NAME id = "4711/SCHEDULE_ID" }`)
				w.wantNoState("sequentum_schedule.r")
				if n := w.cloud.Count(simulator.KindScheduleCreate); n != 1 {
					w.t.Errorf("%d creates were sent", n)
				}
			},
			want: outcome{plan: map[string]string{"sequentum_schedule.r": "create"}},
		},
		{
			name: "arguments from another resource", config: `
resource "terraform_data" "when" { input = { agent = 4711, zone = "Europe/Berlin", time = "2031-01-01T06:00:00Z" } }

resource "sequentum_schedule" "r" {
  agent_id = terraform_data.when.output.agent
  name     = "Nightly"
  cron     = { expression = "0 3 * * *", timezone = terraform_data.when.output.zone }
}

resource "sequentum_schedule" "once" {
  agent_id = 4711
  name     = "Once"
  once     = terraform_data.when.output.agent == 4711 ? { start_time = terraform_data.when.output.time } : null
}
`,
			act: func(w *workspace) {
				w.mustApply()
				if all := w.cloud.Schedules(4711); len(all) != 2 {
					w.t.Errorf("the agent has the schedules %+v", all)
				}
			},
		},
	}
	runScenarios(t, overBoth(scenarios))
}
