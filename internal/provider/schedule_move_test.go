// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// inMoving tells a story about a schedule of agent 4711 that exists beside agent 4712.
func inMoving(t *testing.T, story func(t *testing.T, s *scheduling)) {
	t.Helper()
	core.Schemas()
	synctest.Test(t, func(t *testing.T) {
		s := newScheduling(t, simulator.ScheduleVariants{})
		s.cloud = simulator.New(simulator.Options{Agents: []simulator.Agent{{ID: 4711, Name: "Shoes"}, {ID: 4712, Name: "Hats"}}})
		s.transport = s.cloud.Transport()
		s.mustApply()
		time.Sleep(time.Minute)
		s.requests()
		story(t, s)
	})
}

// A schedule moves to another agent only if there is such an agent: the old schedule would be deleted first.
func TestScheduleMovesToAnotherAgent(t *testing.T) {
	inMoving(t, func(t *testing.T, s *scheduling) {
		s.arguments["agent_id"] = core.Number(777)
		s.wantPlan("", "Agent 777 is not found", "404 Not Found", "of agent 4711 would be deleted first")
		s.arguments["agent_id"] = core.Unknown(tftypes.Number)
		s.requests()
		s.plan()
		if n := s.requests()[simulator.KindAgent]; n != 0 {
			t.Errorf("%d look-ups of an agent that is not known", n)
		}
		s.wantSchedules(1)
		s.arguments["agent_id"] = core.Number(4712)
		s.wantPlan(core.ActionReplace, "")
		if n := s.requests()[simulator.KindAgent]; n != 1 {
			t.Errorf("%d look-ups of an agent", n)
		}
		s.mustApply()
		s.wantSchedules(0)
		if n := len(s.cloud.Schedules(4712)); n != 1 {
			t.Errorf("the new agent has %d schedules", n)
		}
		s.requests()
		s.arguments["name"] = core.Text("Daily")
		s.mustApply()
		if counts := s.requests(); counts[simulator.KindAgent] != 0 {
			t.Errorf("a change in place sent %v", counts)
		}
	})
}

// Whatever else the look-up of the agent meets, the plan goes on.
func TestScheduleMovesDespiteAFailedLookUp(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"403":               {Action: simulator.StatusCode, Code: http.StatusForbidden},
		"an outage":         {Action: simulator.HTML, Code: http.StatusServiceUnavailable},
		"a 404 of a proxy":  {Action: simulator.HTML, Code: http.StatusNotFound},
		"an answer without": {Action: simulator.Garbage},
		"no answer":         {Action: simulator.Hang},
	} {
		t.Run(name, func(t *testing.T) {
			inMoving(t, func(_ *testing.T, s *scheduling) {
				fault.Kind, fault.Times = simulator.KindAgent, -1
				s.cloud.Inject(fault)
				s.arguments["agent_id"] = core.Number(4712)
				s.wantPlan(core.ActionReplace, "It is not known whether agent 4712 exists", "deletes schedule 4711/")
			})
		})
	}
}

// A change that the API refuses says that nothing was changed, or what was.
func TestScheduleChangeIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		disables bool
		fault    simulator.Fault
		says     string
	}{
		"a refusal":               {false, simulator.Fault{Action: simulator.StatusCode, Code: http.StatusBadRequest}, "The API refused it. Nothing was changed."},
		"a refusal of the rest":   {true, simulator.Fault{Action: simulator.StatusCode, Code: http.StatusForbidden}, "The API refused it. The schedule was disabled before. Nothing else was changed."},
		"the refusal of a proxy":  {false, simulator.Fault{Action: simulator.HTML, Code: http.StatusForbidden}, "The next plan shows whether it was changed."},
		"an answer that was lost": {false, simulator.Fault{Action: simulator.Reset}, "The next plan shows whether it was changed."},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(_ *testing.T, s *scheduling) {
				s.mustApply()
				s.arguments["name"], s.arguments["enabled"] = core.Text("Other"), core.Bool(!test.disables)
				test.fault.Kind, test.fault.Times = simulator.KindScheduleUpdate, -1
				s.cloud.Inject(test.fault)
				s.mustFail("could not be changed", test.says)
			})
		})
	}
}
