// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// scheduleSequence is one play with schedules.
type scheduleSequence struct {
	world
	agents    []simulator.Agent
	variants  simulator.ScheduleVariants
	schedules []*randomSchedule
	begins    sync.Map // by schedule id: the start time that the last complete apply has left on the cloud
	// blurred are those, by id, that a person changed while an apply did. The provider cannot tell a person's value from a
	// default that the server has filled in meanwhile.
	blurred sync.Map
	// slow: a change can have its effect when its command has ended.
	slow bool
	// settling: nothing goes wrong any more, and the user makes no mistake.
	settling bool

	// The mutex of the world guards what follows.
	processBegun time.Time                // of the newest process
	made         map[int64]*madeSchedule  // by id: every schedule that the cloud has ever shown
	managed      map[int64]bool           // by id: it was in state at some time, and the user has not let it go
	handAt       map[int64]time.Time      // by id: when a person last changed it
	touched      map[int64]origin         // by id: the last process that has changed it or tried to; the resource is its name
	lost         map[origin]bool          // creates whose answer was lost
	allowed      map[origin]int           // how many schedules the creates of a name may have made
	underWay     map[*scheduleCreate]bool // creates
	rushed       []simulator.Schedule     // a person added them when the answer to a create was lost
}

// madeSchedule is a schedule as it was when the cloud first showed it.
type madeSchedule struct {
	origin    // the resource is the name that it was created with; "": a person made it
	agentID   int64
	created   time.Time
	unmanaged unmanaged
	unseen    bool // a person deleted it while its create was under way: the provider may never have seen it
}

// unmanaged is what a schedule has that no argument sets, so that no apply may change it.
type unmanaged struct {
	waitOnFailure bool
	tag           string
}

func blankScheduleSequence(t *testing.T, rng *rand.Rand) *scheduleSequence {
	return &scheduleSequence{
		world: newWorld(t, rng),
		made:  map[int64]*madeSchedule{}, managed: map[int64]bool{}, handAt: map[int64]time.Time{}, touched: map[int64]origin{},
		lost: map[origin]bool{}, allowed: map[origin]int{}, underWay: map[*scheduleCreate]bool{},
	}
}

func newScheduleSequence(t *testing.T, seed uint64) *scheduleSequence {
	rng := rand.New(rand.NewPCG(seed, 2))
	s := blankScheduleSequence(t, rng)
	for n := range 1 + rng.Int64N(2) {
		s.agents = append(s.agents, simulator.Agent{ID: 4711 + n})
	}
	s.odd = randomOddities(rng)
	s.note("oddities: %+v", s.odd)
	options := simulator.Options{
		Agents: s.agents, RateLimit: pick(rng, 0, 0, -1, 30), EchoKey: oneIn(rng, 4), Schedules: randomVariants(rng),
		OnRequest: func(simulator.Request) { s.takeCensus() },
	}
	if s.odd.thin {
		options.ErrorShapes = simulator.AllErrorShapes()
	}
	if oneIn(rng, 3) {
		options.OnRequest = func(r simulator.Request) {
			s.takeCensus()
			s.rush(r)
		}
	}
	s.variants = options.Schedules
	s.cloud = simulator.New(options)
	s.toCloud = &oddTransport{next: s.protocol(), oddities: s.odd, rng: rand.New(rand.NewPCG(seed, 3))}
	s.note("cloud: limit %d, %+v", options.RateLimit, s.variants)
	s.drawBlocks()
	s.core = core.New(tflogtest.RootLogger(t.Context(), &s.log), s, s.tapped)
	return s
}

// drawBlocks draws the configuration.
func (s *scheduleSequence) drawBlocks() {
	rng := s.rng
	for n := range 1 + rng.IntN(6) {
		r := newRandomSchedule(rng, string(rune('a'+n)), pick(rng, s.agents...).ID, s.begun)
		if s.odd.spellings {
			r.spelling = rng.Int64N(12)
		}
		if n > 0 && oneIn(rng, 4) {
			r.after, r.late = pick(rng, s.schedules...).name, oneIn(rng, 3)
		}
		s.schedules = append(s.schedules, r)
		s.note("configuration: %+v", *r)
	}
}

// randomVariants is what the API leaves open.
func randomVariants(rng *rand.Rand) simulator.ScheduleVariants {
	return simulator.ScheduleVariants{
		Fired:             pick(rng, simulator.FiredDisabled, simulator.FiredDeleted, simulator.FiredEnabled),
		FiredKeepsNext:    oneIn(rng, 3),
		FiredClearsStart:  oneIn(rng, 3),
		EnablePast:        oneIn(rng, 2),
		PutKeepsStartTime: oneIn(rng, 3),
		AbsentEnabled:     pick(rng, simulator.AbsentIsEnabled, simulator.AbsentIsDisabled, simulator.AbsentIsKept),
		TypeNames:         oneIn(rng, 3),
		OtherSpellings:    oneIn(rng, 3),
		Unset:             pick(rng, simulator.UnsetNull, simulator.UnsetAbsent, simulator.UnsetFilled),
		OlderServer:       oneIn(rng, 3),
		DefaultTimezone:   pick(rng, "UTC", "UTC", "America/New_York"),
	}
}

// takeCensus notes the schedules that have appeared.
func (s *scheduleSequence) takeCensus() {
	for _, a := range s.agents {
		for _, one := range s.cloud.Schedules(a.ID) {
			s.mu.Lock()
			if s.made[one.ID] == nil {
				s.made[one.ID] = &madeSchedule{origin: originOfSchedule(one), agentID: a.ID, created: one.Created, unmanaged: s.unmanagedOf(one)}
			}
			s.mu.Unlock()
		}
	}
}

func (s *scheduleSequence) unmanagedOf(one simulator.Schedule) unmanaged {
	if s.variants.OlderServer { // it knows no tag
		one.Tag = nil
	}
	return unmanaged{waitOnFailure: one.IsWaitOnFailure, tag: valueOf(one.Tag)}
}

// hand notes that a person has changed a schedule.
func (s *scheduleSequence) hand(id int64) {
	one, _ := s.cloud.Schedule(id)
	s.takeCensus()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handAt[id] = time.Now()
	s.made[id].unmanaged = s.unmanagedOf(one)
}

// noteUnseen notes that a person deletes a schedule, if the create that has made it is under way.
func (s *scheduleSequence) noteUnseen(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for op := range s.underWay {
		if made := s.made[id]; op.origin == made.origin {
			made.unseen = true
		}
	}
}

// isDisturbed reports whether a person has changed a schedule at a time or later.
func (s *scheduleSequence) isDisturbed(id int64, since time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.handAt[id].Before(since)
}

// isUnclear reports whether a person has changed a schedule at a time or later, or during its last apply.
func (s *scheduleSequence) isUnclear(id int64, since time.Time) bool {
	blurred, _ := s.blurred.Load(id)
	return blurred == true || s.isDisturbed(id, since)
}

// isDisturbedAnyhow reports whether a person has changed any schedule at a time or later.
func (s *scheduleSequence) isDisturbedAnyhow(since time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, at := range s.handAt {
		if !at.Before(since) {
			return true
		}
	}
	return false
}

// planBegun is when the newest process began.
func (s *scheduleSequence) planBegun() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.processBegun
}

// blockAt is the block with that address.
func (s *scheduleSequence) blockAt(address string) *randomSchedule {
	i := slices.IndexFunc(s.schedules, func(r *randomSchedule) bool { return r.address() == address })
	return s.schedules[i]
}

var _ core.Observer = (*scheduleSequence)(nil)
