// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/goroutines"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// soakWorld is the account of a team over months: its agents, the pipelines that apply every night under one key, the
// schedules of the platform, and people.
type soakWorld struct {
	t         *testing.T
	rng       *rand.Rand // for the world's own goroutine
	begun     time.Time
	cloud     *simulator.Cloud
	agents    []simulator.Agent
	pipelines []*pipeline
	schedules *scheduleSequence
	figures   *soakFigures
	// goroutines are those of the world when nothing happens.
	goroutines int

	keys      atomic.Int64 // how often the key was rotated
	strangers atomic.Int64 // runs that people have started
	limits    limits
	timers    []*time.Timer // of what is still to happen
}

// The agents of the team.
const (
	quickAgent int64 = 4711 + iota
	failingAgent
	slowAgent
	exclusiveAgent
)

func soakAgents(rng *rand.Rand) []simulator.Agent {
	running := func(d time.Duration) []simulator.Phase {
		return []simulator.Phase{
			{Status: simulator.Queuing, Duration: simulator.Duration(20 * time.Second)},
			{Status: simulator.Running, Duration: simulator.Duration(d)},
			{Status: simulator.Exporting, Duration: simulator.Duration(5 * time.Second)},
		}
	}
	purged := func(a simulator.Agent) simulator.Agent {
		a.HistoryAfter = simulator.Duration(day)
		a.Retention = simulator.Duration(time.Duration(3+rng.IntN(8)) * day)
		a.Records, a.Pages = 1000, 50
		return a
	}
	failing := []simulator.Outcome{}
	for range 400 {
		failing = append(failing, simulator.Outcome{Status: pick(rng, simulator.Completed, simulator.Failure, simulator.Failure), Message: "the site is blocked"})
	}
	return []simulator.Agent{
		purged(simulator.Agent{ID: quickAgent, Phases: running(4 * time.Minute), Files: soakFiles(), StopTakes: simulator.Duration(5 * time.Second)}),
		purged(simulator.Agent{ID: failingAgent, Phases: running(2 * time.Minute), Outcomes: failing, Files: soakFiles()}),
		purged(simulator.Agent{ID: slowAgent, Phases: running(40 * time.Minute), Files: soakFiles(), IgnoresStop: oneIn(rng, 2)}),
		purged(simulator.Agent{ID: exclusiveAgent, Phases: running(6 * time.Minute), Exclusive: pick(rng, simulator.ExclusiveQueue, simulator.ExclusiveRefuse, simulator.ExclusiveAnswer)}),
	}
}

func newSoakWorld(t *testing.T, seed uint64, figures *soakFigures) *soakWorld {
	rng := rand.New(rand.NewPCG(seed, 4))
	w := &soakWorld{t: t, rng: rng, begun: time.Now(), agents: soakAgents(rng), figures: figures}
	variants := randomVariants(rng)
	w.cloud = simulator.New(simulator.Options{
		Agents: w.agents, APIKey: w.key(), NoLog: true, EchoKey: true, Schedules: variants,
		Kill:      pick(rng, simulator.SecondKillForces, simulator.KillWhileStoppingForces),
		ListLag:   pick(rng, 0, 0, 3*time.Second),
		Queue:     pick(rng, 0, -1),
		OnRequest: w.note,
	})
	w.limits.set(defaultLimit)
	for _, a := range w.agents {
		w.cloud.AddSchedule(a.ID, simulator.Schedule{Name: "Of the team", Type: simulator.ScheduleCRON, Cron: fmt.Sprintf("%d 4 * * *", rng.IntN(60))})
	}
	restarted := &sync.Map{}
	transport := w.transport()
	for n := range int64(2) {
		p := newPipeline(w, string(rune('a'+n)), rand.New(rand.NewPCG(seed, 5+uint64(n))))
		p.restarted, p.toCloud = restarted, transport
		w.pipelines = append(w.pipelines, p)
	}
	w.schedules = newSoakSchedules(w, rand.New(rand.NewPCG(seed, 9)), variants, transport)
	w.goroutines = goroutines.InBubble()
	return w
}

// transport is what all requests of the world go by. Every other world uses the real net/http.
func (w *soakWorld) transport() http.RoundTripper {
	of := newWorld(w.t, w.rng)
	of.cloud = w.cloud
	return of.protocol()
}

// note counts a request.
func (w *soakWorld) note(r simulator.Request) {
	w.figures.note(r)
	switch r.Kind {
	case simulator.KindScheduleCreate, simulator.KindScheduleUpdate, simulator.KindScheduleDelete, simulator.KindScheduleEnable, simulator.KindScheduleDisable:
		w.schedules.takeCensus()
	}
}

// key is the key that the cloud accepts now.
func (w *soakWorld) key() string { return fmt.Sprintf("sk-simulator-%d", w.keys.Load()) }

func (w *soakWorld) rotateKey() {
	w.keys.Add(1)
	w.cloud.SetCredentials(w.key(), "")
}

// say adds a line to the history of each pipeline.
func (w *soakWorld) say(format string, args ...any) {
	for _, p := range w.pipelines {
		p.note(format, args...)
	}
}

// later does something to the cloud, unless the month ends before.
func (w *soakWorld) later(within time.Duration, what string, do func()) {
	w.timers = append(w.timers, time.AfterFunc(upTo(w.rng, within), func() {
		w.say("  %s", what)
		do()
	}))
}

// disturb draws what happens to the whole account in a night.
func (w *soakWorld) disturb() {
	length := pick(w.rng, upTo(w.rng, 10*time.Minute), upTo(w.rng, time.Hour), upTo(w.rng, 3*time.Hour))
	if oneIn(w.rng, 4) {
		w.later(2*time.Hour, fmt.Sprintf("an outage begins, of %v", length), func() {
			w.cloud.Outage(true)
			time.AfterFunc(length, func() { w.cloud.Outage(false) })
		})
	}
	if oneIn(w.rng, 4) {
		limit := pick(w.rng, 10, 20, 40)
		w.later(time.Hour, fmt.Sprintf("the limit is %d for %v", limit, length), func() {
			w.setLimit(limit)
			time.AfterFunc(length, func() { w.setLimit(defaultLimit) })
		})
	}
	if oneIn(w.rng, 10) {
		w.later(time.Hour, "the key is rotated", w.rotateKey)
	}
	for _, a := range w.agents {
		if oneIn(w.rng, 3) {
			w.later(3*time.Hour, fmt.Sprintf("somebody starts a run of agent %d", a.ID), func() { w.startAsStranger(a.ID) })
		}
		if oneIn(w.rng, 8) {
			w.later(3*time.Hour, fmt.Sprintf("somebody stops a run of agent %d", a.ID), func() {
				for _, r := range w.cloud.Runs(a.ID) {
					if isActive(r) && w.cloud.Finish(r.ID, simulator.Stopped) {
						return
					}
				}
			})
		}
	}
}

func (w *soakWorld) startAsStranger(agentID int64) {
	w.strangers.Add(1)
	w.cloud.StartRun(agentID)
}

func (w *soakWorld) setLimit(limit int) {
	w.limits.set(limit)
	w.cloud.SetRateLimit(limit, time.Minute)
}

// month plays a month of nights and days, or until the time of the soak is over, and ends with the judgement.
func (w *soakWorld) month(length time.Duration) {
	for end := time.Now().Add(length); time.Now().Before(end) && !w.wrong() && !w.figures.over.Load(); {
		w.sleepUntil(2)
		w.night()
		w.sleepUntil(9)
		for _, p := range w.pipelines {
			for range w.rng.IntN(3) {
				p.daytime()
			}
		}
		if oneIn(w.rng, 3) {
			w.schedules.step()
		}
		w.figures.days.Add(1)
		w.endDay()
	}
	if !w.wrong() {
		w.judge()
	}
}

// sleepUntil sleeps until that hour comes.
func (w *soakWorld) sleepUntil(hour int) {
	since := time.Since(w.begun) % day
	time.Sleep((time.Duration(hour)*time.Hour - since + day) % day)
}

// night is the apply of all pipelines at the same time, under one key.
func (w *soakWorld) night() {
	w.say("night")
	w.disturb()
	var all sync.WaitGroup
	for _, p := range w.pipelines {
		all.Go(p.night)
	}
	all.Wait()
}

// wrong reports whether a promise was broken.
func (w *soakWorld) wrong() bool { return w.t.Failed() }

// printHistory prints the latest steps of all, after something was wrong; of a short soak also with -v.
func (w *soakWorld) printHistory() {
	if !w.wrong() && os.Getenv(soakVariable) != "" {
		return
	}
	for _, p := range w.pipelines {
		p.note("(pipeline %s)", p.name)
		p.printHistory()
	}
	w.schedules.printHistory()
}
