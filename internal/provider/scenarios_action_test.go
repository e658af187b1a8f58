// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// knowsActions reports whether the CLI has actions. They came with list resources.
func (w *workspace) knowsActions() bool { return w.knowsLists() }

// wantActionsRefused fails the test unless a CLI without actions refuses the configuration in its own words, sends no
// request, and still loads the provider.
func (w *workspace) wantActionsRefused() {
	w.t.Helper()
	r := w.wantFailure(w.apply(), "Unsupported block type", `Blocks of type "action" are not expected here.`)
	wantTrouble(w.t, "OpenTofu, or Terraform before 1.14, reads an `action` block", r.output)
	w.wantNoRequestAtAll()
	w.config("%s", run(unwaited))
	w.mustApply()
	w.wantState("sequentum_run.r", false, map[string]any{"run_id": firstRun})
}

const (
	invokeArg = "-invoke=action.%s.a"
	// triggered is a resource that triggers the action a of a type, and a resource that depends on it.
	triggered = `
resource "terraform_data" "t" {
  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.%s.a]
    }
  }
}

resource "terraform_data" "dependent" {
  input = terraform_data.t.id
}
`
)

// actionBlock is the action a of a type.
func actionBlock(typ, arguments string) string {
	return fmt.Sprintf("action %q \"a\" {\n  config {\n    agent_id = 4711\n%s\n  }\n}\n", typ, arguments)
}

// interruptedAction is an action that a signal interrupts.
type interruptedAction struct {
	name      string
	agent     simulator.Agent
	typ       string
	arguments string
	faults    []simulator.Fault
	// before prepares the cloud, and await blocks until the signal is due.
	before func(w *workspace)
	await  func(p *process)
	says   []string
	runs   []simulator.Status
}

func TestScenarioInterruptOfAction(t *testing.T) {
	t.Parallel()
	waits := func(p *process) { p.awaitWait() }
	requests := func(kind simulator.Kind) func(*process) {
		return func(p *process) { p.awaitRequests(kind, 1) }
	}
	for _, action := range []interruptedAction{
		{
			name: "a start that waits", agent: endless(), typ: startAction, await: waits,
			says: []string{"Error: Interrupted while waiting; run 4711/100001 is still running", "No state holds the run, and nothing waits for it now.", `id = "4711/100001"`},
			runs: []simulator.Status{simulator.Running},
		},
		{
			name: "a start without an answer", agent: endless(), typ: startAction, await: requests(simulator.KindStart),
			faults: []simulator.Fault{{Kind: simulator.KindStart, After: true, Action: simulator.Hang}},
			says:   []string{"Error: Interrupted while agent 4711 was being started: a run may have been started", `id = "4711/RUN_ID"`},
			runs:   []simulator.Status{simulator.Running},
		},
		{
			name: "a start that was not sent", agent: endless(), typ: startAction, await: requests(simulator.KindRuns),
			faults: []simulator.Fault{{Kind: simulator.KindRuns, Times: -1, Action: simulator.Hang}},
			says:   []string{"Error: Agent 4711 was not started: interrupted", "No run was started. To start one, invoke the action again."},
		},
		{
			name: "a start with stop_on_interrupt", agent: endless(), typ: startAction, arguments: "stop_on_interrupt = true", await: waits,
			says: []string{"Error: Interrupted; run 4711/100001 was stopped", "Agent 4711 (Shoes), run 100001: Stopped."},
			runs: []simulator.Status{simulator.Stopped},
		},
		{
			name: "a stop", agent: stubborn(), typ: stopAction, arguments: "run_id = 100001", await: requests(simulator.KindStop),
			before: func(w *workspace) { w.cloud.StartRun(4711) },
			says:   []string{"Error: Stopping run 4711/100001 was interrupted", "Commands sent to the run: stop.", "The run may still be active."},
			runs:   []simulator.Status{simulator.Stopping},
		},
	} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(fmt.Sprintf("%s, invoked, %s", action.name, signal), func(t *testing.T) {
				t.Parallel()
				action.play(t, signal, false)
			})
			t.Run(fmt.Sprintf("%s, triggered, %s", action.name, signal), func(t *testing.T) {
				t.Parallel()
				action.play(t, signal, true)
			})
		}
	}
}

// play interrupts the action, and fails the test unless the command fails and says what became of the run.
func (a interruptedAction) play(t *testing.T, signal syscall.Signal, trigger bool) {
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{a.agent}})
	w.cloud.Inject(a.faults...)
	config, args := patientProvider+actionBlock(a.typ, a.arguments), applyArgs
	if trigger {
		config += fmt.Sprintf(triggered, a.typ)
	} else {
		args = append(slices.Clip(args), fmt.Sprintf(invokeArg, a.typ))
	}
	w.config("%s", config)
	if !w.knowsActions() {
		w.cloud.ClearFaults()
		w.wantActionsRefused()
		return
	}
	if a.before != nil {
		a.before(w)
	}
	p := w.begin(args...)
	a.await(p)
	p.signalGroup(signal)
	r := p.mustFail(a.says...)
	wantNoText(t, r.output, "Apply complete!", "Plugin did not respond")
	var got []simulator.Status
	for _, r := range w.cloud.Runs(4711) {
		got = append(got, r.Status)
	}
	if fmt.Sprint(got) != fmt.Sprint(a.runs) {
		t.Errorf("the runs are %v, want %v", got, a.runs)
	}
	if trigger {
		w.wantNoState("terraform_data.dependent")
		// The action is not planned again: its trigger has happened.
		w.wantPlan(map[string]string{"terraform_data.dependent": "create"})
	}
	w.wantNoSecret(apiKey)
}

// A person who is tired of waiting for the stop interrupts again. The stop was sent before.
func TestScenarioSecondInterruptOfAction(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{stubborn()}})
	w.config("%s", actionBlock(startAction, "stop_on_interrupt = true"))
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	p := w.begin(append(slices.Clip(applyArgs), fmt.Sprintf(invokeArg, startAction))...)
	p.awaitWait()
	p.signalGroup(syscall.SIGINT)
	p.awaitRequests(simulator.KindStop, 1)
	p.signalGroup(syscall.SIGINT)
	p.mustFail("Two interrupts received. Exiting immediately.")
	w.wantRun(firstRun, simulator.Stopping)
}

// The life of a run with actions alone: each is the example of its page.
func TestScenarioActionExamples(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}})
	use := func(typ string) { w.config("%s", readFile(t, "../../examples/actions/"+typ+"/action.tf")) }
	use(startAction)
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	about := func(typ string, id int64) result {
		use(typ)
		return w.apply("-invoke=action."+typ+".products", fmt.Sprintf("-var=run_id=%d", id))
	}
	wantText(t, w.apply("-invoke=action."+startAction+".products").output,
		`Run 4711/100001 of agent "Shoes" was accepted.`, "Run 4711/100001 finished as Completed", "Actions: 1 invoked.")
	wantText(t, w.mustApply().output, "Action started: action.sequentum_run_start.products (triggered by terraform_data.shops)",
		`Run 4711/100002 of agent "Shoes" was accepted.`, "Run 4711/100002 finished as Completed")
	w.wantStarts(2)
	w.cloud.SetAgent(endless()) // the run must not end by itself before it is stopped
	stranger := w.cloud.StartRun(4711)
	wantText(t, w.wantSuccess(about(stopAction, stranger.ID)).output, "Run 4711/100003 is being stopped.", "Run 4711/100003 finished as Stopped")
	wantText(t, w.wantSuccess(about(stopAction, firstRun)).output, "Run 4711/100001 had already ended as Completed. Nothing was sent to it.")
	wantText(t, w.wantSuccess(about(removeAction, firstRun)).output, "Run 4711/100001: its files and its input were removed.")
	if r, _ := w.cloud.Run(firstRun); r.InputParameters != "" || r.Gone {
		t.Errorf("the run has the input %q, and is gone: %v", r.InputParameters, r.Gone)
	}
}

// What the guide says of a triggered action that fails: dependents are not created, the trigger stays in state, the
// action is not repeated, and a taint repeats it.
func TestScenarioTriggeredActionFails(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick(diagnosed, simulator.Outcome{})}})
	w.config("%s", actionBlock(startAction, "")+fmt.Sprintf(triggered, startAction))
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	r := w.wantFailure(w.apply(), "Error: Run 4711/100001 ended as Failure", "invoke the action again. That costs credits again.")
	wantNoText(t, r.output, "Apply complete!")
	w.wantNoState("terraform_data.dependent")
	if w.state("terraform_data.t") == nil {
		t.Fatal("the trigger is not in state")
	}
	w.mustApply()
	w.wantStarts(1)
	w.mustRun("taint", "-no-color", "terraform_data.t")
	w.mustApply()
	w.wantStarts(2)
	w.wantPlan(nil)
}

// An action's values can come from a resource. What is wrong with them is an error at plan where they are known then.
func TestScenarioActionWithValuesOfAResource(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{endless()}})
	const stop = "run_id = sequentum_run.r.run_id\n stop_grace_period = terraform_data.grace.output"
	config := func(grace string) string {
		return run(unwaited) + fmt.Sprintf("resource \"terraform_data\" \"grace\" {\n  input = %q\n}\n", grace) + actionBlock(stopAction, stop)
	}
	w.config("%s", config("0s"))
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	w.mustApply()
	w.wantFailure(w.apply(fmt.Sprintf(invokeArg, stopAction)), `"0s" is not a duration above zero, such as "90s", "45m" or "2h".`)
	w.wantRun(firstRun, simulator.Running)
	w.config("%s", config("30s"))
	w.mustApply()
	w.wantSuccess(w.apply(fmt.Sprintf(invokeArg, stopAction)))
	w.wantRun(firstRun, simulator.Stopped)
	w.wantPlan(nil) // a run that was stopped is not started again
	w.wantState("sequentum_run.r", false, map[string]any{"run_id": firstRun})
}

// What the guide shows: the run is removed from the platform when its files are on disk, and not before.
func TestScenarioRemoveAfterDownload(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}})
	guide := readFile(t, "../../templates/guides/actions.md")
	_, after, _ := strings.Cut(guide, "```terraform\n")
	example, _, _ := strings.Cut(after, "```\n")
	w.config("%s", "resource \"sequentum_run\" \"products\" {\n  agent_id = 4711\n}\n"+example)
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	w.cloud.Inject(simulator.Fault{Kind: simulator.KindDownload, Action: simulator.StatusCode, Code: 404})
	w.wantFailure(w.apply(), "404")
	w.wantRun(firstRun, simulator.Completed)
	if w.cloud.Count(simulator.KindDeleteRun) > 0 {
		t.Fatal("a run was removed whose file is not on disk")
	}
	wantText(t, w.mustApply().output, "Run 4711/100001 was removed.")
	if w.read("products/products.csv") == "" {
		t.Error("the file is not on disk")
	}
	w.wantStarts(1)
	w.wantPlan(nil)
}

// An interrupted wait continues as an update, which triggers the action then.
func TestScenarioTriggerAfterAResumedWait(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{endless()}})
	w.config("%s", run("lifecycle {\n    action_trigger {\n      events  = [after_create, after_update]\n      actions = [action.sequentum_run_remove.a]\n    }\n  }")+
		actionBlock(removeAction, "run_id = 100001\n method = \"RemoveAllFiles\""))
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	p := w.beginApply()
	p.awaitWait()
	wantText(t, p.interrupt().output, "run 4711/100001 is still running")
	if w.cloud.Count(simulator.KindDeleteRun) > 0 {
		t.Fatal("the action was invoked after an interrupt")
	}
	p = w.beginApply()
	p.awaitWait()
	w.finish(simulator.Completed)
	wantText(t, p.mustSucceed().output, "Run 4711/100001: its files were removed.")
	w.wantStarts(1)
	w.wantPlan(nil)
}

// Terraform refreshes what an action refers to. So state knows the end of a run that the action removes, and a run that
// was removed is not started again.
func TestScenarioRemoveRunInState(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{endless()}})
	w.config("%s", run(unwaited)+actionBlock(removeAction, "run_id = sequentum_run.r.run_id"))
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	w.mustApply()
	w.finish(simulator.Failure)
	w.wantSuccess(w.apply(fmt.Sprintf(invokeArg, removeAction)))
	w.wantState("sequentum_run.r", false, map[string]any{"status": "Failure", "finished": true})
	w.wantPlan(nil)
	w.wantStarts(1)
}

// A run whose interrupted wait is to be continued is not continued after an action has stopped it: it is replaced.
func TestScenarioStopRunWithAnUnfinishedWait(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{endless()}})
	w.config("%s", oneRun+actionBlock(stopAction, "run_id = sequentum_run.r.run_id"))
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	p := w.beginApply()
	p.awaitWait()
	p.interrupt()
	w.wantSuccess(w.apply(fmt.Sprintf(invokeArg, stopAction)))
	w.wantRun(firstRun, simulator.Stopped)
	w.wantPlan(map[string]string{"sequentum_run.r": "replace"})
}

// The scopes that the documentation names are enough for an action, and some are needed.
func TestScenarioScopesOfActions(t *testing.T) {
	t.Parallel()
	const token = "a-token-of-a-person"
	for typ, arguments := range map[string]string{startAction: "", stopAction: "run_id = 100001", removeAction: "run_id = 100001"} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}, AccessToken: token})
			w.config("%s", actionBlock(typ, arguments))
			if !w.knowsActions() {
				w.wantActionsRefused()
				return
			}
			w.hasRun(simulator.Completed)
			w.env = append(w.env, "SEQUENTUM_API_KEY=", "SEQUENTUM_ACCESS_TOKEN="+token)
			w.cloud.SetScopes([]string{"billing:read"})
			w.wantFailure(w.apply(fmt.Sprintf(invokeArg, typ)), "403 Forbidden")
			w.cloud.SetScopes(documentedScopes(t)[typ])
			w.mustApply(fmt.Sprintf(invokeArg, typ))
		})
	}
}

// `terraform test` invokes triggered actions for real, except with a mock_provider.
func TestScenarioActionInATest(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{endless()}})
	w.config("%s", actionBlock(startAction, unwaited)+fmt.Sprintf(triggered, startAction))
	if !w.knowsActions() {
		w.wantActionsRefused()
		return
	}
	const apply = "run \"apply\" {\n  command = apply\n}\n"
	w.file("a.tftest.hcl", "mock_provider \"sequentum\" {}\n"+apply)
	w.mustRun("test", "-no-color")
	w.wantStarts(0)
	w.file("a.tftest.hcl", apply)
	w.mustRun("test", "-no-color")
	w.wantStarts(1)
}
