// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// planned is what a plan says: the action by address, and all of its text.
type planned struct {
	code    int
	actions map[string]string // "update", "create", "delete", "replace", "read"; no-ops are left out
	text    string
}

// planEvent is a line of `plan -json`.
type planEvent struct {
	Type    string `json:"type"`
	Message string `json:"@message"`
	Change  struct {
		Action   string `json:"action"`
		Resource struct {
			Addr string `json:"addr"`
		} `json:"resource"`
	} `json:"change"`
	Diagnostic struct {
		Detail string `json:"detail"`
	} `json:"diagnostic"`
}

func (w *workspace) plan(more ...string) planned {
	w.t.Helper()
	r := w.run(append([]string{"plan", "-json", "-input=false", "-detailed-exitcode"}, more...)...)
	p := planned{code: r.code, actions: map[string]string{}}
	var texts []string
	for line := range strings.Lines(r.raw) {
		var event planEvent
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			texts = append(texts, line)
			continue
		}
		texts = append(texts, event.Message, event.Diagnostic.Detail)
		if event.Type == "planned_change" && event.Change.Action != "noop" {
			p.actions[event.Change.Resource.Addr] = event.Change.Action
		}
	}
	p.text = unwrap(strings.Join(texts, "\n"))
	w.notePrinted(p.text)
	return p
}

// wantPlan fails the test unless the plan consists of exactly these actions and says these texts.
func (w *workspace) wantPlan(actions map[string]string, texts ...string) planned {
	w.t.Helper()
	p := w.plan()
	code := 0
	if len(actions) > 0 {
		code = 2
	}
	if p.code != code || fmt.Sprint(p.actions) != fmt.Sprint(actions) {
		w.t.Fatalf("plan: code %d, actions %v, want %v\n%s", p.code, p.actions, actions, p.text)
	}
	wantText(w.t, p.text, texts...)
	return p
}

// wantNoPlan fails the test unless planning ends with an error that says so.
func (w *workspace) wantNoPlan(texts ...string) planned {
	w.t.Helper()
	p := w.plan()
	if p.code != 1 {
		w.t.Fatalf("plan: code %d, actions %v, want an error\n%s", p.code, p.actions, p.text)
	}
	wantText(w.t, p.text, texts...)
	return p
}

// instance is one object in state.
type instance struct {
	Status     string         `json:"status"` // "tainted" or ""
	Attributes map[string]any `json:"attributes"`
}

// savedState is the text of the state as it would survive now.
func (w *workspace) savedState() string {
	w.t.Helper()
	if w.remote != nil {
		return w.remote.text()
	}
	return w.read("terraform.tfstate")
}

// state gives an object as it is saved, the first of several. One that is not there is nil.
func (w *workspace) state(address string) *instance {
	w.t.Helper()
	if all := w.instances(address); len(all) > 0 {
		return &all[0]
	}
	return nil
}

// instances gives all objects of an address, which count makes several.
func (w *workspace) instances(address string) []instance {
	w.t.Helper()
	raw := w.savedState()
	if raw == "" {
		return nil
	}
	var state struct {
		Resources []struct {
			Mode      string     `json:"mode"`
			Type      string     `json:"type"`
			Name      string     `json:"name"`
			Instances []instance `json:"instances"`
		} `json:"resources"`
	}
	decoder := json.NewDecoder(strings.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&state); err != nil {
		w.t.Fatal(err)
	}
	for _, r := range state.Resources {
		name := r.Type + "." + r.Name
		if r.Mode == "data" {
			name = "data." + name
		}
		if name == address {
			return r.Instances
		}
	}
	return nil
}

// wantState fails the test unless the object is in state with these attributes and this taint.
func (w *workspace) wantState(address string, tainted bool, attributes map[string]any) *instance {
	w.t.Helper()
	got := w.state(address)
	if got == nil {
		w.t.Fatalf("%s is not in state", address)
	}
	if (got.Status == "tainted") != tainted {
		w.t.Errorf("%s: tainted is %v, want %v", address, !tainted, tainted)
	}
	for name, want := range attributes {
		if fmt.Sprint(got.Attributes[name]) != fmt.Sprint(want) {
			w.t.Errorf("%s: %s is %v, want %v", address, name, got.Attributes[name], want)
		}
	}
	return got
}

// wantNoState fails the test when the object is in state.
func (w *workspace) wantNoState(address string) {
	w.t.Helper()
	if got := w.state(address); got != nil {
		w.t.Errorf("%s is in state: %v", address, got.Attributes)
	}
}

// wantStarts fails the test unless so many starts were sent.
func (w *workspace) wantStarts(want int) {
	w.t.Helper()
	if got := w.cloud.Count(simulator.KindStart); got != want {
		w.t.Errorf("%d starts, want %d", got, want)
	}
}

// newest is the agent's latest run.
func (w *workspace) newest() simulator.Run {
	w.t.Helper()
	runs := w.cloud.Runs(4711)
	if len(runs) == 0 {
		w.t.Fatal("the agent has no run")
	}
	return runs[0]
}

// finish ends the agent's latest run, which is active.
func (w *workspace) finish(s simulator.Status) {
	w.t.Helper()
	if !w.cloud.Finish(w.newest().ID, s) {
		w.t.Fatalf("run %d had finished already", w.newest().ID)
	}
}

// wantRun fails the test unless the run has that status.
func (w *workspace) wantRun(id int64, want simulator.Status) simulator.Run {
	w.t.Helper()
	r, ok := w.cloud.Run(id)
	if !ok || r.Status != want {
		w.t.Errorf("run %d is %s, want %s", id, r.Status, want)
	}
	return r
}

// wantFiles fails the test unless the object's list has so many files.
func (w *workspace) wantFiles(address string, n int) {
	w.t.Helper()
	got := w.state(address)
	if got == nil {
		w.t.Fatalf("%s is not in state", address)
	}
	if files, _ := got.Attributes["files"].([]any); len(files) != n {
		w.t.Errorf("%s has the files %v, want %d", address, got.Attributes["files"], n)
	}
}

// wantNoRequest fails the test when the plan costs a request or changes anything.
func (w *workspace) wantNoRequest() {
	w.t.Helper()
	before := len(w.cloud.Log())
	w.wantPlan(nil)
	if asked := w.cloud.Log()[before:]; len(asked) != 0 {
		w.t.Errorf("a plan asked %v", asked)
	}
}

// wantNoRequestAtAll fails the test when the API was asked anything.
func (w *workspace) wantNoRequestAtAll() {
	w.t.Helper()
	if n := w.cloud.Count(simulator.AnyKind); n != 0 {
		w.t.Errorf("%d requests", n)
	}
}

// hasRun gives the agent a run that Terraform knows nothing of, which ends so.
func (w *workspace) hasRun(end simulator.Status) {
	w.t.Helper()
	w.cloud.StartRun(4711)
	w.finish(end)
}
