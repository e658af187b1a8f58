// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"maps"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// oneOf are the arguments of an action about the first run.
func aboutRun(more map[string]tftypes.Value) map[string]tftypes.Value {
	all := map[string]tftypes.Value{"agent_id": core.Number(4711), "run_id": core.Number(firstRun)}
	maps.Copy(all, more)
	return all
}

func TestStopAction(t *testing.T) {
	for name, test := range map[string]struct {
		agent simulator.Agent
		says  string
	}{
		"a run that ends after the stop": {endless(), "Run 4711/100001 finished as Stopped"},
		"a run that must be killed":      {stubborn(), "Run 4711/100001 finished as Stopped"},
		"a run that has finished":        {simulator.Agent{ID: 4711}, "Run 4711/100001 had already ended as Completed. Nothing was sent to it."},
	} {
		t.Run(name, func(t *testing.T) {
			inActionLab(t, test.agent, func(t *testing.T, l *actionLab) {
				r := l.cloud.StartRun(4711)
				time.Sleep(time.Minute)
				l.begin(stopAction, aboutRun(map[string]tftypes.Value{"stop_grace_period": core.Text("30s")})).mustSucceed(test.says)
				after, _ := l.cloud.Run(r.ID)
				if !after.Status.Finished() || r.Status.Finished() && after.Stops+after.Kills > 0 {
					t.Errorf("the run is %s, after %d stops and %d kills", after.Status, after.Stops, after.Kills)
				}
			})
		})
	}
}

func TestStopActionThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		agent   simulator.Agent
		prepare func(l *actionLab)
		says    []string
	}{
		"there is no such run": {endless(), func(l *actionLab) { l.cloud.Expire(firstRun) },
			[]string{"Run 4711/100001 is not found", "Its retention time has passed, the run never existed, or this key cannot see it."}},
		"the agent is not found either": {endless(), func(l *actionLab) { l.cloud.HideAgent(4711, true) },
			[]string{"Run 4711/100001 and its agent are not found", "the run may still be active"}},
		"a scope is missing": {endless(), func(l *actionLab) { l.cloud.Forbid(true) },
			[]string{"Run 4711/100001 could not be stopped", "403"}},
		"the stop is refused": {endless(), func(l *actionLab) {
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindStop, Times: -1, Action: simulator.StatusCode, Code: 403})
		}, []string{"Run 4711/100001 could not be stopped", "The API accepted no stop for this run."}},
		"nothing ends the run": {unharmed(), func(*actionLab) {},
			[]string{"Run 4711/100001 did not end within timeouts.invoke (10m0s)", "Commands sent to the run: stop, kill, second kill."}},
	} {
		t.Run(name, func(t *testing.T) {
			inActionLab(t, test.agent, func(_ *testing.T, l *actionLab) {
				l.cloud.StartRun(4711)
				test.prepare(l)
				l.begin(stopAction, aboutRun(nil)).mustFail(test.says...)
			})
		})
	}
}

// A stop whose answer is lost is sent again.
func TestStopActionWithALostAnswer(t *testing.T) {
	inActionLab(t, endless(), func(_ *testing.T, l *actionLab) {
		l.cloud.StartRun(4711)
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindStop, Action: simulator.Reset})
		l.begin(stopAction, aboutRun(nil)).mustSucceed("Run 4711/100001 finished as Stopped")
	})
}

func TestInterruptOfStopAction(t *testing.T) {
	for name, test := range map[string]struct {
		faults []simulator.Fault
		says   string
	}{
		"while the run ends":      {nil, "Commands sent to the run: stop."},
		"while the stop is sent":  {[]simulator.Fault{{Kind: simulator.KindStop, Times: -1, Action: simulator.Hang}}, "Commands sent to the run: stop."},
		"before the stop is sent": {[]simulator.Fault{{Kind: simulator.KindRuns, Times: -1, Action: simulator.Hang}}, "The API accepted no stop for this run."},
	} {
		t.Run(name, func(t *testing.T) {
			inActionLab(t, stubborn(), func(_ *testing.T, l *actionLab) {
				l.cloud.Inject(test.faults...)
				l.cloud.StartRun(4711)
				i := l.begin(stopAction, aboutRun(nil))
				i.interruptAfter(10 * time.Second)
				i.mustFail("Stopping run 4711/100001 was interrupted", test.says, "The run may still be active.")
			})
		})
	}
}
