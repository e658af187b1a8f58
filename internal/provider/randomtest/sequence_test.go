// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"encoding/json"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// sequence is one play with runs.
type sequence struct {
	world
	agents  []simulator.Agent
	listLag time.Duration
	// slowStarts: a start can have its effect when its create has ended.
	slowStarts bool
	runs       []*randomRun
	restarted  *sync.Map // by run id
	// configure gives the configuration of the next command.
	configure func() []*core.ResourceConfig
	// startAsStranger starts a run as another person would.
	startAsStranger func(agentID int64)
	// ended is told how each command ended.
	ended func(what string, ok bool, c *core.Command)
	// disturbedWithin are the times in which a command is interrupted, or something happens to the cloud.
	disturbedWithin []time.Duration

	// The mutex of the world guards what follows.
	looks      []look           // in the order of their answers
	lostStarts map[origin]bool  // creates of which the answer to a start was lost
	answered   map[origin]int64 // the run that a create's start was answered with, when its process had not seen it before
	held       map[int64]bool   // by run id: it was in state at some time
	attempts   map[int64]bool   // by run id: state names it among the attempts of a resource
	left       map[int64]bool   // by run id: it was destroyed under on_destroy = "leave"
	allowed    map[origin]int   // how many starts a create may have had accepted
	underWay   map[*operation]bool
	rushed     []simulator.Run // a stranger started them when a start's answer was lost
	settled    map[int64]bool  // by run id: it is over, and was judged (the soak's)
}

func blankSequence(t *testing.T, rng *rand.Rand) *sequence {
	s := &sequence{
		world: newWorld(t, rng), restarted: &sync.Map{}, disturbedWithin: []time.Duration{3 * time.Second, 30 * time.Second, 2 * time.Minute},
		lostStarts: map[origin]bool{}, answered: map[origin]int64{}, held: map[int64]bool{}, attempts: map[int64]bool{}, left: map[int64]bool{}, allowed: map[origin]int{},
		underWay: map[*operation]bool{}, settled: map[int64]bool{},
	}
	s.configure = func() []*core.ResourceConfig { return configOf(s.runs) }
	s.startAsStranger = func(agentID int64) { s.cloud.StartRun(agentID) }
	s.ended = func(string, bool, *core.Command) {}
	return s
}

func newSequence(t *testing.T, seed uint64) *sequence {
	rng := rand.New(rand.NewPCG(seed, 0))
	s := blankSequence(t, rng)
	for n := range 1 + rng.Int64N(2) {
		s.agents = append(s.agents, randomAgent(rng, 4711+n))
	}
	s.odd = randomOddities(rng)
	s.note("oddities: %+v", s.odd)
	options := randomOptions(rng, s.agents, s.odd)
	s.listLag = options.ListLag
	if oneIn(rng, 3) {
		options.OnRequest = s.rush
	}
	s.cloud = simulator.New(options)
	s.toCloud = &oddTransport{next: s.protocol(), oddities: s.odd, rng: rand.New(rand.NewPCG(seed, 1))}
	s.note("cloud: limit %d, kill reading %d, list lag %v", options.RateLimit, options.Kill, options.ListLag)
	for _, a := range s.agents {
		description, err := json.Marshal(a)
		s.note("agent: %s %v", description, err)
	}
	for n := range 1 + rng.IntN(4) {
		r := newRandomRun(rng, string(rune('a'+n)), pick(rng, s.agents...).ID)
		if s.odd.spellings {
			r.spelling = rng.Int64N(12)
		}
		if n > 0 && oneIn(rng, 3) {
			r.after, r.late = pick(rng, s.runs...).name, oneIn(rng, 4)
		}
		s.runs = append(s.runs, r)
	}
	s.core = core.New(tflogtest.RootLogger(t.Context(), &s.log), s, s.tapped)
	s.core.FrameworkOnly = seed%2 == 0
	s.note("the provider takes its short way: %v", !s.core.FrameworkOnly)
	return s
}

var _ core.Observer = (*sequence)(nil)
