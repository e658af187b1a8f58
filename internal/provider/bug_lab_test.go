// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// panicking is a transport with a bug, which shows at the requests that it is told of.
type panicking struct {
	next   http.RoundTripper
	at     atomic.Pointer[func(*http.Request) bool]
	effect bool // the request has its effect before
}

// brokenClock panics when the provider asks it to put a run into words: that code has a separate recovery.
type brokenClock struct {
	sequentum.Clock
	broken atomic.Bool
}

// bugLab is a provider whose transport and clock can panic, and a cloud.
type bugLab struct {
	t         *testing.T
	cloud     *simulator.Cloud
	transport *panicking
	clock     *brokenClock
	plugin    *core.Process
}

func withBug(t *testing.T, test func(l *bugLab)) {
	t.Helper()
	core.Schemas() // outside of the bubble
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Agents: []simulator.Agent{running(30 * time.Minute), {ID: 4712, Phases: endless().Phases}}})
		l := &bugLab{t: t, cloud: cloud, transport: &panicking{next: cloud.Transport()}, clock: &brokenClock{Clock: sequentum.SystemClock()}}
		server := provider.NewServer(t.Context(), provider.New("test", l.clock, provider.WithTransport(l.transport))())
		var err error
		if l.plugin, err = core.Configure(t.Context(), server, nil); err != nil {
			t.Fatal(err)
		}
		test(l)
	})
}

func (p *panicking) RoundTrip(req *http.Request) (*http.Response, error) {
	at := p.at.Load()
	if at == nil || !(*at)(req) {
		return p.next.RoundTrip(req)
	}
	if p.effect {
		resp, err := p.next.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
	}
	panic("a bug, and sk-simulator")
}

func (p *panicking) when(method, suffix string) {
	at := func(req *http.Request) bool { return req.Method == method && strings.HasSuffix(req.URL.Path, suffix) }
	p.at.Store(&at)
}

func (c *brokenClock) Now() time.Time {
	if c.broken.Load() && strings.Contains(string(debug.Stack()), "(*providerData).now") {
		panic("a bug, and " + apiKey)
	}
	return c.Clock.Now()
}

// create plans and applies a resource with these arguments.
func (l *bugLab) create(typ string, set map[string]tftypes.Value) (*core.Object, core.Answer) {
	schema := core.Schemas()[typ]
	config := core.ObjectOf(schema, set)
	planned := l.plugin.Plan(typ, nil, nil, config, core.ProposedNew(schema, core.Null(typ), config))
	if planned.Failed() {
		return nil, planned
	}
	a := l.plugin.Apply(typ, nil, config, planned)
	if a.Value.IsNull() {
		return nil, a
	}
	return &core.Object{Type: typ, Value: a.Value, Private: a.Private, Identity: a.Identity, Tainted: a.Failed()}, a
}

func (l *bugLab) destroy(o *core.Object) core.Answer {
	null := core.Null(o.Type)
	return l.plugin.Apply(o.Type, o, null, core.Answer{Value: null, Private: o.Private, Identity: o.Identity})
}

func (l *bugLab) startUnwaited() *core.Object {
	l.t.Helper()
	o, a := l.create(runType, map[string]tftypes.Value{"agent_id": core.Number(4711), "wait_for_completion": core.Bool(false)})
	if a.Failed() {
		l.t.Fatal(core.Errors(a.Diagnostics))
	}
	return o
}

// wantSaid fails the test unless the diagnostics ask for a report, say these texts, and no secret.
func (l *bugLab) wantSaid(said string, texts ...string) {
	l.t.Helper()
	said = strings.Join(strings.Fields(said), " ")
	for _, text := range append(texts, "Please report", "https://github.com/sequentum/terraform-provider-sequentum/issues") {
		if !strings.Contains(said, text) {
			l.t.Errorf("%q is missing in %q", text, said)
		}
	}
	if strings.Contains(said, apiKey) {
		l.t.Errorf("a secret is in %q", said)
	}
}
