// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// scenario is one story told with the real CLI, a real provider process and a simulated cloud.
type scenario struct {
	name string
	// trouble is the row of the guide to troubles that the scenario plays, which must say what is printed, what is in state
	// in the end and what the next plan does; empty: none.
	trouble string
	agent   simulator.Agent // id 0: one whose runs go on until they are ended
	cloud   simulator.Options
	config  string
	faults  []simulator.Fault
	act     func(w *workspace)
	want    outcome
}

// outcome is what must be true in the end.
type outcome struct {
	starts    int // that were sent
	lost      int // of them, those that led to no run
	strangers int // runs that others started
	tainted   bool
	state     map[string]any // attributes of sequentum_run.r; nil: it is not in state

	plan     map[string]string // actions of the next plan; empty: no changes
	planSays []string
	noPlan   []string // what the error says that the next plan ends with
}

func runScenarios(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.play(t)
		})
	}
}

// overBoth is the scenarios once over plain HTTP/1.1 and once over TLS, where the provider and the cloud speak HTTP/2.
func overBoth(scenarios []scenario) []scenario {
	both := slices.Clone(scenarios)
	for _, s := range scenarios {
		s.name += ", over HTTP/2"
		s.cloud.TLS = true
		both = append(both, s)
	}
	return both
}

func (s scenario) play(t *testing.T) {
	if s.agent.ID == 0 {
		s.agent = endless()
	}
	s.cloud.Agents = append(s.cloud.Agents, s.agent)
	w := newWorkspace(t, s.cloud)
	w.cloud.Inject(s.faults...)
	w.config("%s", s.config)
	s.act(w)
	if s.trouble != "" {
		s.wantTroubleAsTold(t)
	}
	w.wantStarts(s.want.starts)
	if got, want := len(w.cloud.Runs(4711)), s.want.starts-s.want.lost+s.want.strangers; got != want {
		t.Errorf("%d runs, want %d", got, want)
	}
	if s.want.state == nil {
		w.wantNoState("sequentum_run.r")
	} else {
		w.wantState("sequentum_run.r", s.want.tainted, s.want.state)
	}
	if s.want.noPlan != nil {
		w.wantNoPlan(s.want.noPlan...)
	} else {
		w.wantPlan(s.want.plan, s.want.planSays...)
	}
	w.wantStarts(s.want.starts)
	if s.cloud.TLS {
		w.wantHTTP2()
	}
	w.wantEveryRunKnown()
	w.wantNoSecret(apiKey)
	if s.trouble != "" {
		wantTrouble(t, s.trouble, w.transcript())
	}
}

// wantHTTP2 fails the test when a request came over another protocol.
func (w *workspace) wantHTTP2() {
	w.t.Helper()
	for _, r := range w.cloud.Log() {
		if r.Proto != "HTTP/2.0" {
			w.t.Errorf("a request came over %s", r.Proto)
		}
	}
}

// wantEveryRunKnown fails the test when a run that is active and was started here is neither in state nor was named in
// anything that was printed.
func (w *workspace) wantEveryRunKnown() {
	w.t.Helper()
	state, printed := w.savedState(), w.transcript()
	for _, r := range w.cloud.Runs(4711) {
		stranger := r.Body == nil
		id := fmt.Sprint(r.ID)
		if !stranger && !r.Status.Finished() && !r.Gone && !strings.Contains(state, id) && !strings.Contains(printed, id) {
			w.t.Errorf("run %s is %s, is not in state and was never named", id, r.Status)
		}
	}
}

// wantNoSecret fails the test when a secret is in state, in a log or in anything that was printed.
func (w *workspace) wantNoSecret(secret string) {
	w.t.Helper()
	for where, content := range map[string]string{
		"the state":        w.savedState(),
		"the state before": w.read("terraform.tfstate.backup"),
		"the log":          w.read(logFile),
		"what was printed": w.transcript(),
	} {
		if at := strings.Index(content, secret); at >= 0 {
			w.t.Errorf("%q is in %s: …%s…", secret, where, content[max(0, at-200):min(len(content), at+100)])
		}
	}
}
