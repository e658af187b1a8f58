// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// saying finds a text, also when the CLI has wrapped it.
func saying(text string) *regexp.Regexp {
	return regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`))
}

// The example of the documentation is applied as it stands, changed, listed, imported and destroyed.
func TestAccSchedule(t *testing.T) {
	t.Parallel()
	a := newAcceptance(t, everyPhase())
	example := readFile(t, "../../examples/resources/sequentum_schedule/resource.tf")
	list := readFile(t, "../../examples/data-sources/sequentum_schedules/data-source.tf")
	const weekdays = "sequentum_schedule.weekdays"
	changed := `
resource "sequentum_schedule" "weekdays" {
  agent_id = 4711
  name     = "Every 2 weeks"
  every    = { count = 2, period = "weeks", start_time = "2031-01-01T06:00:00Z" }
  enabled  = false
}
`
	a.test(t,
		resource.TestStep{Config: example + "resource \"sequentum_schedule\" \"wrong\" {\n  agent_id = 4711\n  name = \"x\"\n}\n", ExpectError: saying("None of cron, every and once is set.")},
		resource.TestStep{
			Config: example,
			ConfigStateChecks: append(values(map[string]knownvalue.Check{
				"id": knownvalue.StringRegexp(saying("4711/")), "schedule_id": knownvalue.NotNull(), "enabled": knownvalue.Bool(true),
				"next_run_at": knownvalue.NotNull(), "created_at": knownvalue.NotNull(), "log_level": knownvalue.StringExact("Warning"),
				"every": knownvalue.Null(), "once": knownvalue.Null(), "parallelism": knownvalue.Null(),
				"cron": knownvalue.ObjectExact(map[string]knownvalue.Check{"expression": knownvalue.StringExact("30 6 * * 1-5"), "timezone": knownvalue.StringExact("Europe/Berlin")}),
			}, weekdays), values(map[string]knownvalue.Check{
				"next_run_at": knownvalue.Null(), "enabled": knownvalue.Bool(false),
			}, "sequentum_schedule.often")...),
		},
		resource.TestStep{
			Config: changed,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(weekdays, plancheck.ResourceActionUpdate),
				plancheck.ExpectUnknownValue(weekdays, tfjsonpath.New("next_run_at")),
			}},
			ConfigStateChecks: values(map[string]knownvalue.Check{"next_run_at": knownvalue.Null(), "log_level": knownvalue.Null()}, weekdays),
		},
		resource.TestStep{
			ResourceName: weekdays, ImportState: true, ImportStateVerify: true,
			ImportStateIdFunc: func(s *terraform.State) (string, error) { return s.RootModule().Resources[weekdays].Primary.ID, nil },
		},
		resource.TestStep{
			Config: changed + list,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.sequentum_schedules.products", tfjsonpath.New("schedules"), knownvalue.ListExact([]knownvalue.Check{
					knownvalue.ObjectPartial(map[string]knownvalue.Check{
						"name": knownvalue.StringExact("Every 2 weeks"), "enabled": knownvalue.Bool(false), "schedule_id": knownvalue.NotNull(),
						"cron": knownvalue.Null(), "once": knownvalue.Null(), "log_mode": knownvalue.Null(), "exclusive": knownvalue.Bool(false),
						"every": knownvalue.ObjectExact(map[string]knownvalue.Check{
							"count": knownvalue.Int64Exact(2), "period": knownvalue.StringExact("weeks"), "start_time": knownvalue.StringExact("2031-01-01T06:00:00Z"),
						}),
					}),
				})),
				statecheck.ExpectKnownOutputValue("next_runs", knownvalue.ObjectExact(nil)),
			},
		},
	)
	if left := a.cloud.Schedules(4711); len(left) > 0 {
		t.Errorf("the destroy left %+v", left)
	}
}

// The import example is applied as it stands, beside the resource that it imports into.
func TestAccScheduleImportBlock(t *testing.T) {
	t.Parallel()
	agent := everyPhase()
	agent.Schedules = []simulator.Schedule{{
		ID: 2001, Name: "Weekdays, early", Type: simulator.ScheduleCRON, Cron: "30 6 * * 1-5", Timezone: "Europe/Berlin",
		InputParameters: new(`{"category":"shoes"}`), LogLevel: new("Warning"),
	}}
	a := newAcceptance(t, agent)
	a.test(t, resource.TestStep{
		Config: readFile(t, "../../examples/resources/sequentum_schedule/resource.tf") + readFile(t, "../../examples/resources/sequentum_schedule/import-by-string-id.tf"),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction("sequentum_schedule.weekdays", plancheck.ResourceActionNoop),
		}},
		ConfigStateChecks: values(map[string]knownvalue.Check{"id": knownvalue.StringExact("4711/2001")}, "sequentum_schedule.weekdays"),
	})
}

func TestAccSchedulesDataSource(t *testing.T) {
	t.Parallel()
	agent := everyPhase()
	agent.Schedules = []simulator.Schedule{
		{ID: 2002, Name: "Second", Type: simulator.ScheduleCRON, Cron: "0 3 * * *"}, {ID: 2001, Name: "First", Type: simulator.ScheduleNone, Disabled: true},
	}
	a := newAcceptance(t, agent, simulator.Agent{ID: 4712})
	const all = "data.sequentum_schedules.all"
	a.test(t,
		resource.TestStep{Config: `data "sequentum_schedules" "all" { agent_id = 4713 }`, ExpectError: saying("The agent does not exist, was deleted")},
		resource.TestStep{Config: `data "sequentum_schedules" "all" { agent_id = 0 }`, ExpectError: saying("agent_id must be 1 or more")},
		resource.TestStep{Config: `data "sequentum_schedules" "all" { agent_id = 4712 }`, ConfigStateChecks: values(map[string]knownvalue.Check{"schedules": knownvalue.ListSizeExact(0)}, all)},
		resource.TestStep{
			Config: `data "sequentum_schedules" "all" { agent_id = 4711 }`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(all, tfjsonpath.New("schedules").AtSliceIndex(0).AtMapKey("schedule_id"), knownvalue.Int64Exact(2001)),
				statecheck.ExpectKnownValue(all, tfjsonpath.New("schedules").AtSliceIndex(0).AtMapKey("cron"), knownvalue.Null()),
				statecheck.ExpectKnownValue(all, tfjsonpath.New("schedules").AtSliceIndex(1).AtMapKey("cron").AtMapKey("expression"), knownvalue.StringExact("0 3 * * *")),
			},
		},
	)
}
