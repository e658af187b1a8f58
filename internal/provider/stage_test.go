// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// stage drives one resource through the protocol, by core's rules and without a CLI.
type stage struct {
	t         *testing.T
	typ       string
	transport http.RoundTripper // the way to the cloud
	arguments map[string]tftypes.Value
	state     *core.Object
	ctx       context.Context // ends with an interrupt; nil: there is none
}

// interruptAfter interrupts what is under way then.
func (s *stage) interruptAfter(d time.Duration) {
	ctx, cancel := context.WithCancel(s.t.Context())
	s.ctx = ctx
	time.AfterFunc(d, cancel)
}

func (s *stage) startProcess() *core.Process {
	s.t.Helper()
	ctx := s.ctx
	if ctx == nil {
		ctx = s.t.Context()
	}
	p, err := core.StartProcess(ctx, s.transport, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// stagePlan is a plan, and the state as its refresh found it.
type stagePlan struct {
	action  core.Action
	prior   *core.Object
	planned core.Answer
	text    string // of the warnings, then of the errors
}

// plan refreshes and plans. An error ends up in the text, and the action is then empty.
func (s *stage) plan() stagePlan {
	s.t.Helper()
	p := s.startProcess()
	schema := core.Schemas()[s.typ]
	config := core.ObjectOf(schema, s.arguments)
	valid := p.Validate(s.typ, config)
	if valid.Failed() {
		return stagePlan{text: core.Errors(valid.Diagnostics)}
	}
	plan := stagePlan{prior: s.state, action: core.ActionCreate, text: core.Warnings(valid.Diagnostics)}
	before := core.Null(s.typ)
	if s.state != nil {
		a := p.Read(s.state)
		if plan.text += core.Warnings(a.Diagnostics); a.Failed() {
			return stagePlan{text: core.Errors(a.Diagnostics)}
		}
		if plan.prior = nil; !a.Value.IsNull() {
			plan.prior = &core.Object{Type: s.typ, Value: a.Value, Private: a.Private}
			before, plan.action = a.Value, core.ActionUpdate
		}
	}
	plan.planned = p.Plan(s.typ, plan.prior, core.PrivateOf(plan.prior), config, core.ProposedNew(schema, before, config))
	plan.text += core.Warnings(plan.planned.Diagnostics) + core.Errors(plan.planned.Diagnostics)
	for _, wrong := range core.InvalidPlan(schema, before, config, plan.planned.Value) {
		s.t.Errorf("an invalid plan: %s", wrong)
	}
	switch {
	case plan.planned.Failed():
		plan.action = ""
	case len(plan.planned.Replace) > 0:
		plan.action = core.ActionReplace
	case plan.prior != nil && plan.planned.Value.Equal(before):
		plan.action = core.ActionNone
		s.state = plan.prior
	}
	return plan
}

// apply plans and carries it out. It holds the result to core's rules, and returns the warnings and errors of both.
func (s *stage) apply() (text string, failed bool) {
	s.t.Helper()
	plan := s.plan()
	if plan.action == "" || plan.action == core.ActionNone {
		return plan.text, plan.action == ""
	}
	if plan.action == core.ActionReplace {
		s.state = plan.prior
		text = plan.text + s.mustDestroy()
		if plan = s.plan(); plan.action != core.ActionCreate {
			return text + plan.text, true
		}
	}
	p := s.startProcess()
	a := p.Apply(s.typ, plan.prior, core.ObjectOf(core.Schemas()[s.typ], s.arguments), plan.planned)
	text += plan.text + core.Warnings(a.Diagnostics) + core.Errors(a.Diagnostics)
	if !a.Failed() {
		for _, wrong := range core.Incompatible(s.typ, plan.planned.Value, a.Value) {
			s.t.Errorf("an inconsistent result: %s", wrong)
		}
	}
	if s.state = nil; !a.Value.IsNull() {
		if !a.Value.IsFullyKnown() {
			s.t.Errorf("unknown values after the apply: %s", a.Value)
		}
		s.state = &core.Object{Type: s.typ, Value: a.Value, Private: a.Private}
	}
	return text, a.Failed()
}

func (s *stage) mustApply() string {
	s.t.Helper()
	text, failed := s.apply()
	if failed {
		s.t.Fatalf("the apply failed: %s", text)
	}
	return text
}

// mustFail applies, and fails the test unless that is an error that says so.
func (s *stage) mustFail(texts ...string) {
	s.t.Helper()
	text, failed := s.apply()
	if !failed {
		s.t.Fatalf("the apply did not fail: %s", text)
	}
	wantText(s.t, text, texts...)
}

// wantPlan fails the test unless the plan does this and says these texts.
func (s *stage) wantPlan(want core.Action, texts ...string) stagePlan {
	s.t.Helper()
	plan := s.plan()
	if plan.action != want {
		s.t.Fatalf("the plan is %q, want %q: %s", plan.action, want, plan.text)
	}
	wantText(s.t, plan.text, texts...)
	return plan
}

// destroy destroys what is in state, without a plan.
func (s *stage) destroy() (text string, failed bool) {
	s.t.Helper()
	null := core.Null(s.typ)
	a := s.startProcess().Apply(s.typ, s.state, null, core.Answer{Value: null, Private: s.state.Private})
	if !a.Failed() {
		s.state = nil
	}
	return core.Warnings(a.Diagnostics) + core.Errors(a.Diagnostics), a.Failed()
}

func (s *stage) mustDestroy() string {
	s.t.Helper()
	text, failed := s.destroy()
	if failed {
		s.t.Fatalf("the destroy failed: %s", text)
	}
	return text
}
