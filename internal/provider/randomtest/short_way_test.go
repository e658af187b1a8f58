// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// A seed has a few objects of each type.
const (
	defaultShortWaySeeds = "1-100"
	objectsOfSeed        = 6
)

// The short way gives an answer only where the framework gives the same one, byte for byte. The objects are random, see
// objectCase; what comes with a call is encoded as a CLI encodes it.
func TestRandomShortWay(t *testing.T) {
	var shares shortWayShares
	t.Cleanup(func() { shares.check(t) })
	playSeeds(t, defaultShortWaySeeds, func(t *testing.T, seed uint64) {
		c := newComparison(t, &shares)
		rng := rand.New(rand.NewPCG(seed, 0))
		for range objectsOfSeed {
			for _, typ := range []string{runType, completionType} {
				c.compare(newObjectCase(rng, c.framework, typ))
			}
		}
	})
}

// comparison asks two processes the same: one has the short way, the other has only the framework.
type comparison struct {
	t                *testing.T
	short, framework *core.Process
	shares           *shortWayShares
}

// refusingAPI refuses every request: an answer shows whether the API was asked.
type refusingAPI struct{}

func (refusingAPI) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusForbidden, Request: req, Header: http.Header{"X-Ratelimit-Limit": {"1000000"}},
		Body: io.NopCloser(strings.NewReader(`{"message":"the API was asked"}`)),
	}, nil
}

func newComparison(t *testing.T, shares *shortWayShares) *comparison {
	process := func(options ...provider.ServerOption) *core.Process {
		process, err := core.StartProcess(t.Context(), refusingAPI{}, nil, options...)
		if err != nil {
			t.Fatal(err)
		}
		return process
	}
	return &comparison{t: t, short: process(), framework: process(provider.FrameworkOnly()), shares: shares}
}

func (c *comparison) compare(o *objectCase) {
	read, plan := o.readRequest(), o.planRequest()
	refreshed := both(c, o, tfprotov6.ProviderServer.ReadResource, read)
	planned := both(c, o, tfprotov6.ProviderServer.PlanResourceChange, plan)
	// Only the short way answers with the very value that came with the call.
	c.shares.add(refreshed.NewState == read.CurrentState, planned.PlannedState == plan.PriorState)
}

// both makes one call in both processes, and returns the answer of the one with the short way.
func both[Req, Resp any](c *comparison, o *objectCase, call func(tfprotov6.ProviderServer, context.Context, *Req) (*Resp, error), req *Req) *Resp {
	short, err := call(c.short.Server, c.t.Context(), req)
	if err != nil {
		c.t.Fatal(err)
	}
	framework, err := call(c.framework.Server, c.t.Context(), req)
	if err != nil {
		c.t.Fatal(err)
	}
	// The framework reads the attributes in any order, so it can begin its errors with another one.
	if !reflect.DeepEqual(short, framework) && !(isRefused(short) && isRefused(framework)) {
		c.t.Errorf("%T for %s:\nwith the short way\n%s\nby the framework\n%s", req, o, o.describeAnswer(short), o.describeAnswer(framework))
	}
	return short
}

// shortWayShares counts how often the short way was taken.
type shortWayShares struct {
	mu                  sync.Mutex
	calls, reads, plans int
}

func (s *shortWayShares) add(read, plan bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if read {
		s.reads++
	}
	if plan {
		s.plans++
	}
}

// check fails if the short way is taken almost always or almost never: then the test would compare nothing.
func (s *shortWayShares) check(t *testing.T) {
	t.Logf("of %d objects, the short way refreshed %d and planned %d", s.calls, s.reads, s.plans)
	for _, taken := range []int{s.reads, s.plans} {
		if s.calls >= 100 && (taken < s.calls/20 || taken > s.calls*19/20) {
			t.Errorf("the short way refreshed %d and planned %d of %d objects, expected 5 to 95 %% of each", s.reads, s.plans, s.calls)
		}
	}
}
