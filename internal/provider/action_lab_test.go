// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const (
	startAction  = "sequentum_run_start"
	stopAction   = "sequentum_run_stop"
	removeAction = "sequentum_run_remove"
)

// actionSchemas must be called once outside of a bubble.
var actionSchemas = sync.OnceValue(func() map[string]*tfprotov6.ActionSchema {
	server := provider.NewServer(context.Background(), provider.New("test", nil)())
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	return schemas.ActionSchemas
})

// actionLab invokes actions through the protocol, beside a simulated cloud. It lives in a bubble, so that time costs
// nothing.
type actionLab struct {
	t      *testing.T
	cloud  *simulator.Cloud
	server tfprotov6.ProviderServer
	clock  *brokenClock
	// panics, if set, says at which requests the transport has a bug.
	panics atomic.Pointer[func(*http.Request) bool]
}

func inActionLab(t *testing.T, agent simulator.Agent, story func(t *testing.T, l *actionLab)) {
	t.Helper()
	core.Schemas() // outside of the bubble
	actionSchemas()
	synctest.Test(t, func(t *testing.T) {
		l := &actionLab{t: t, cloud: simulator.New(simulator.Options{Agents: []simulator.Agent{agent}}), clock: &brokenClock{Clock: sequentum.SystemClock()}}
		plugin, err := core.Configure(t.Context(), provider.NewServer(t.Context(), provider.New("test", l.clock, provider.WithTransport(l))()), nil)
		if err != nil {
			t.Fatal(err)
		}
		l.server = plugin.Server
		story(t, l)
		l.cloud.Release()
	})
}

// RoundTrip is the way to the cloud.
func (l *actionLab) RoundTrip(req *http.Request) (*http.Response, error) {
	if at := l.panics.Load(); at != nil && (*at)(req) {
		panic("a bug, and " + apiKey)
	}
	return l.cloud.Transport().RoundTrip(req)
}

func (l *actionLab) panicAt(method, suffix string) {
	at := func(req *http.Request) bool { return req.Method == method && strings.HasSuffix(req.URL.Path, suffix) }
	l.panics.Store(&at)
}

// arguments is a configuration of an action, with timeouts.invoke under its full name.
func arguments(typ string, set map[string]tftypes.Value) tftypes.Value {
	schema := actionSchemas()[typ].Schema
	if invoke, ok := set["timeouts.invoke"]; ok {
		delete(set, "timeouts.invoke")
		block := schema.ValueType().(tftypes.Object).AttributeTypes["timeouts"]
		set["timeouts"] = tftypes.NewValue(block, map[string]tftypes.Value{"invoke": invoke})
	}
	return core.ObjectOf(schema, set)
}

// invocation is an action under way.
type invocation struct {
	l        *actionLab
	mu       sync.Mutex
	progress []string
	last     *tfprotov6.CompletedInvokeActionEventType
	lastAt   time.Time
	ended    sync.WaitGroup
}

func (l *actionLab) begin(typ string, set map[string]tftypes.Value) *invocation {
	l.t.Helper()
	stream, err := l.server.(tfprotov6.ActionServer).InvokeAction(l.t.Context(), &tfprotov6.InvokeActionRequest{
		ActionType: typ, Config: core.Dynamic(arguments(typ, set)),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	i := &invocation{l: l}
	i.ended.Go(func() {
		for event := range stream.Events {
			i.record(event)
		}
	})
	return i
}

func (i *invocation) record(event tfprotov6.InvokeActionEvent) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch e := event.Type.(type) {
	case tfprotov6.ProgressInvokeActionEventType:
		i.progress = append(i.progress, e.Message)
	case tfprotov6.CompletedInvokeActionEventType:
		i.last, i.lastAt = &e, time.Now()
	}
}

// interruptAfter stops the provider as a CLI does, and fails the test when the last event comes later than the answer to
// the stop: the CLI would then take the action for one that succeeded. It returns how long the stop took.
func (i *invocation) interruptAfter(d time.Duration) time.Duration {
	i.l.t.Helper()
	time.Sleep(d)
	began := time.Now()
	if _, err := i.l.server.StopProvider(i.l.t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
		i.l.t.Fatal(err)
	}
	answered := time.Now()
	i.ended.Wait()
	if i.lastAt.After(answered) {
		i.l.t.Errorf("the last event came %v after the answer to the stop", i.lastAt.Sub(answered))
	}
	return answered.Sub(began)
}

// said is the progress, then the warnings and errors.
func (i *invocation) said() string {
	i.ended.Wait()
	if i.last == nil {
		i.l.t.Fatal("the action has no last event")
	}
	return strings.Join(strings.Fields(strings.Join(i.progress, "\n")+"\n"+core.Warnings(i.last.Diagnostics)+"\n"+core.Errors(i.last.Diagnostics)), " ")
}

func (i *invocation) mustSucceed(texts ...string) {
	i.l.t.Helper()
	said := i.said()
	if errors := core.Errors(i.last.Diagnostics); errors != "" {
		i.l.t.Fatalf("the action failed: %s", errors)
	}
	wantText(i.l.t, said, texts...)
}

// mustFail fails the test unless the action fails, says these texts in its warnings and errors, and no secret.
func (i *invocation) mustFail(texts ...string) {
	i.l.t.Helper()
	said := i.said()
	if core.Errors(i.last.Diagnostics) == "" {
		i.l.t.Fatalf("the action did not fail: %s", said)
	}
	wantText(i.l.t, said[len(strings.Join(strings.Fields(strings.Join(i.progress, "\n")), " ")):], texts...)
	wantNoText(i.l.t, said, apiKey)
}

// plan plans an action on a server, and returns the errors and the warnings.
func planAction(t *testing.T, server tfprotov6.ProviderServer, typ string, set map[string]tftypes.Value) (errors, warnings string) {
	t.Helper()
	resp, err := server.(tfprotov6.ActionServer).PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: typ, Config: core.Dynamic(arguments(typ, set))})
	if err != nil {
		t.Fatal(err)
	}
	return core.Errors(resp.Diagnostics), core.Warnings(resp.Diagnostics)
}

// wantRuns fails the test unless the agent has runs with these statuses, oldest first.
func (l *actionLab) wantRuns(statuses ...simulator.Status) {
	l.t.Helper()
	var got []simulator.Status
	for _, r := range slices.Backward(l.cloud.Runs(4711)) {
		got = append(got, r.Status)
	}
	if !slices.Equal(got, statuses) {
		l.t.Errorf("the runs are %v, want %v", got, statuses)
	}
}
