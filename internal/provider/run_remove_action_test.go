// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestRemoveAction(t *testing.T) {
	for method, says := range map[string]string{
		"":                            "Run 4711/100001 was removed.",
		"RemoveEntireRun":             "Run 4711/100001 was removed.",
		"RemoveAllFiles":              "Run 4711/100001: its files were removed.",
		"RemoveAllFilesAndAgentInput": "Run 4711/100001: its files and its input were removed.",
	} {
		t.Run(method, func(t *testing.T) {
			inActionLab(t, running(time.Minute), func(t *testing.T, l *actionLab) {
				l.begin(startAction, starting(map[string]tftypes.Value{"input_parameters": core.Text(`{"mail":"a@example.org"}`)})).mustSucceed()
				arguments := aboutRun(map[string]tftypes.Value{"method": core.Text(method)})
				if method == "" {
					delete(arguments, "method")
				}
				l.begin(removeAction, arguments).mustSucceed("Run 4711/100001 has ended as Completed.", says)
				r, _ := l.cloud.Run(firstRun)
				if r.Gone != (method == "" || method == "RemoveEntireRun") {
					t.Errorf("the run is gone: %v", r.Gone)
				}
				if erased := r.InputParameters == ""; !r.Gone && erased != (method == "RemoveAllFilesAndAgentInput") {
					t.Errorf("the input is erased: %v", erased)
				}
			})
		})
	}
}

func TestRemoveActionOfWhatIsThereOrNot(t *testing.T) {
	finished := simulator.Agent{ID: 4711, Files: []simulator.File{{Name: new("a.csv"), Content: "a"}}}
	reset := simulator.Fault{Kind: simulator.KindDeleteRun, Times: -1, Action: simulator.Reset}
	lost := reset
	lost.After = true
	unread := simulator.Fault{Kind: simulator.KindStatus, Skip: 1, Times: -1, Action: simulator.StatusCode, Code: 403}
	const uncertain, lostAnswer, again = "Run 4711/100001: it is not certain that it was removed", "The removal was sent, and its answer was lost", "It is safe to remove a run twice."
	for name, test := range map[string]struct {
		agent   simulator.Agent
		method  string
		prepare func(l *actionLab)
		fails   bool
		says    []string
		gone    bool
	}{
		"an active run": {agent: endless(), fails: true,
			says: []string{"Run 4711/100001 is still active: nothing was removed", "Agent 4711 (Shoes), run 100001: Running.", "stop it with the action sequentum_run_stop"}},
		"a run that is gone already": {agent: finished, gone: true, prepare: func(l *actionLab) { l.cloud.Expire(firstRun) },
			says: []string{"Run 4711/100001 no longer exists: several requests did not find it. Its agent exists."}},
		"a run that this key cannot see": {agent: finished, fails: true, prepare: func(l *actionLab) { l.cloud.HideAgent(4711, true) },
			says: []string{"Run 4711/100001 and its agent are not found", "If the key cannot see it, the run is not removed."}},
		"a run that is not found for a moment": {agent: finished, gone: true, prepare: func(l *actionLab) {
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 404})
		}, says: []string{"Run 4711/100001 was removed."}},
		"a run that is gone, and the request for its agent fails": {agent: finished, gone: true, fails: true, prepare: func(l *actionLab) {
			l.cloud.Expire(firstRun)
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindAgent, Times: -1, Action: simulator.StatusCode, Code: 403})
		}, says: []string{"Run 4711/100001 may not be removed", "The request for its agent failed"}},
		"a scope is missing": {agent: finished, fails: true, prepare: func(l *actionLab) {
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindDeleteRun, Times: -1, Action: simulator.StatusCode, Code: 403})
		}, says: []string{"Run 4711/100001 could not be removed", "403"}},
		"somebody restarts the run": {agent: running(time.Minute, simulator.Outcome{Status: simulator.Failure}), fails: true, prepare: func(l *actionLab) {
			time.Sleep(2 * time.Minute)
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindDeleteRun, Delay: time.Second})
			time.AfterFunc(500*time.Millisecond, func() { l.cloud.Restart(firstRun) })
		}, says: []string{"Run 4711/100001 is still active: nothing was removed"}},
		"somebody removes it first": {agent: finished, gone: true, prepare: func(l *actionLab) {
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindDeleteRun, Delay: time.Second})
			time.AfterFunc(500*time.Millisecond, func() { l.cloud.Expire(firstRun) })
		}, says: []string{"Run 4711/100001 no longer exists"}},
		"a conflict that does not end": {agent: finished, fails: true, prepare: func(l *actionLab) {
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindDeleteRun, Times: -1, Action: simulator.StatusCode, Code: 409})
		}, says: []string{"Run 4711/100001 could not be removed", "409"}},
		"one lost answer": {agent: finished, gone: true, prepare: func(l *actionLab) {
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindDeleteRun, After: true, Action: simulator.Reset})
		}, says: []string{"Run 4711/100001 no longer exists"}},
		"all answers are lost, and the run was removed": {agent: finished, gone: true, prepare: func(l *actionLab) { l.cloud.Inject(lost) },
			says: []string{"Run 4711/100001 no longer exists"}},
		"all answers are lost, and the run is there": {agent: finished, fails: true, prepare: func(l *actionLab) { l.cloud.Inject(reset) },
			says: []string{uncertain, lostAnswer, again}},
		"all answers are lost, and the run cannot be read": {agent: finished, fails: true, prepare: func(l *actionLab) { l.cloud.Inject(reset, unread) },
			says: []string{uncertain, lostAnswer, "The provider then read the run, but this failed too", "403", again}},
		"all answers are lost, and the files were removed": {agent: finished, method: "RemoveAllFiles", prepare: func(l *actionLab) { l.cloud.Inject(lost) },
			says: []string{"Run 4711/100001: its files were removed."}},
		"all answers are lost, and the files are there": {agent: finished, method: "RemoveAllFiles", fails: true, prepare: func(l *actionLab) { l.cloud.Inject(reset) },
			says: []string{uncertain, lostAnswer, again}},
		"all answers are lost, and the files cannot be listed": {agent: finished, method: "RemoveAllFiles", fails: true, prepare: func(l *actionLab) {
			l.cloud.Inject(reset, simulator.Fault{Kind: simulator.KindFiles, Times: -1, Action: simulator.StatusCode, Code: 403})
		}, says: []string{uncertain, "The provider then read the run, but this failed too", "403"}},
		"all answers are lost, and the input cannot be looked at": {agent: finished, method: "RemoveAllFilesAndAgentInput", fails: true, prepare: func(l *actionLab) { l.cloud.Inject(lost) },
			says: []string{uncertain, lostAnswer, again}},
		"the status hangs": {agent: finished, fails: true, prepare: func(l *actionLab) {
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindStatus, Times: -1, Action: simulator.Hang})
		}, says: []string{"Run 4711/100001 could not be removed", "The time limit of timeouts.invoke (1m0s) has passed."}},
	} {
		t.Run(name, func(t *testing.T) {
			inActionLab(t, test.agent, func(t *testing.T, l *actionLab) {
				l.cloud.StartRun(4711)
				if test.prepare != nil {
					test.prepare(l)
				}
				more := map[string]tftypes.Value{"timeouts.invoke": core.Text("1m")}
				if test.method != "" {
					more["method"] = core.Text(test.method)
				}
				i := l.begin(removeAction, aboutRun(more))
				if test.fails {
					i.mustFail(test.says...)
				} else {
					i.mustSucceed(test.says...)
				}
				if r, _ := l.cloud.Run(firstRun); r.Gone != test.gone {
					t.Errorf("the run is gone: %v", r.Gone)
				}
			})
		})
	}
}

func TestInterruptOfRemoveAction(t *testing.T) {
	for kind, says := range map[simulator.Kind][]string{
		simulator.KindStatus:    {"Removing run 4711/100001 was interrupted", "The removal was not sent."},
		simulator.KindDeleteRun: {"Run 4711/100001: it is not certain that it was removed", "The action was interrupted.", "invoke the action again"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			inActionLab(t, simulator.Agent{ID: 4711}, func(_ *testing.T, l *actionLab) {
				l.cloud.StartRun(4711)
				l.cloud.Inject(simulator.Fault{Kind: kind, Times: -1, Action: simulator.Hang})
				i := l.begin(removeAction, aboutRun(nil))
				i.interruptAfter(10 * time.Second)
				i.mustFail(says...)
			})
		})
	}
}
