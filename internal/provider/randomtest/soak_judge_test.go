// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/sequentum/terraform-provider-sequentum/internal/goroutines"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// newSoakSchedules are the schedules of the team, with the world's own cloud.
func newSoakSchedules(w *soakWorld, rng *rand.Rand, variants simulator.ScheduleVariants, transport http.RoundTripper) *scheduleSequence {
	s := blankScheduleSequence(w.t, rng)
	s.begun, s.cloud, s.agents, s.variants = w.begun, w.cloud, w.agents, variants
	s.world.key, s.shortHistory, s.toCloud = w.key, true, transport
	s.drawBlocks()
	s.core = core.New(tflogtest.RootLogger(w.t.Context(), &s.log), s, s.tapped)
	s.core.Key = w.key
	return s
}

// soakLog is the provider's log of a pipeline. Each line is held to the promise about secrets, and only what a user may be
// shown is kept.
type soakLog struct{ of *pipeline }

func (l soakLog) Write(line []byte) (int, error) {
	l.of.checkSecrets("the log", string(line))
	if !bytes.Contains(line, []byte(`"@level":"trace"`)) && !bytes.Contains(line, []byte(`"@level":"debug"`)) {
		return l.of.log.Write(line)
	}
	return len(line), nil
}

// secrets are what must be found nowhere: the key, write-only input, and what signs a link.
var secrets = []string{"sk-simulator", "hunter2", "signature="}

func (p *pipeline) checkSecrets(where, text string) {
	for _, secret := range secrets {
		if at := strings.Index(text, secret); at >= 0 {
			p.Wrong("a secret is in %s: %s", where, text[max(0, at-200):at])
		}
	}
}

// quiet is after how long nothing of a day's commands is under way any more, also of those that were killed.
const quiet = 90 * time.Minute

// endDay holds the day's promises, and forgets what is judged for good.
func (w *soakWorld) endDay() {
	time.Sleep(quiet)
	if t, ok := w.pipelines[0].toCloud.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
		time.Sleep(time.Second)
	}
	if n := goroutines.InBubble(); n > w.goroutines {
		w.pipelines[0].Wrong("%d goroutines are left after the day, and at the beginning there were %d", n, w.goroutines)
	}
	for _, p := range w.pipelines {
		for address, o := range p.core.Saved().Current {
			p.checkSecrets("the state of "+address, o.Value.String()+string(o.Private))
		}
		p.checkSecrets("a diagnostic", p.errors.String()+p.warnings.String())
		p.settleAccounts()
	}
	w.schedules.checkSecrets()
	w.schedules.log.text.Reset()
	w.checkStarts()
}

// settleAccounts forgets what was judged: the runs that have ended, and what was seen of them.
func (p *pipeline) settleAccounts() {
	ours := p.ownRuns("")
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range ours {
		p.settled[r.ID] = p.settled[r.ID] || !isActive(r)
	}
	p.looks = nil
}

// calm ends all that goes wrong, and the runs that nobody holds.
func (w *soakWorld) calm() {
	w.say("all goes well from now on")
	for _, t := range w.timers {
		t.Stop()
	}
	w.timers = nil
	time.Sleep(4 * time.Hour) // for what was still to end
	w.cloud.ClearFaults()
	w.cloud.Release()
	w.cloud.Outage(false)
	w.cloud.Forbid(false)
	w.cloud.SetCredentials(w.key(), "")
	w.setLimit(defaultLimit)
	held := map[int64]bool{}
	for _, p := range w.pipelines {
		for id := range holdersOf(p.core.Saved()) {
			held[id] = true
		}
	}
	for _, a := range w.agents {
		a.Outcomes, a.Exclusive, a.Retention = nil, "", 0
		w.cloud.SetAgent(a)
		for _, r := range w.cloud.Runs(a.ID) {
			if isActive(r) && !held[r.ID] {
				w.cloud.Finish(r.ID, simulator.Stopped)
			}
		}
	}
}

// judge is the end of a month: nothing goes wrong any more, an apply succeeds, the plan after it is empty, the destroy
// leaves nothing behind, and each run that the cloud has seen is accounted for.
func (w *soakWorld) judge() {
	w.calm()
	for _, p := range w.pipelines {
		p.applyUntilWell()
	}
	for _, p := range w.pipelines {
		p.destroyAll()
		p.checkNoFiles()
		w.figures.lost.Add(int64(len(p.lostStarts)))
	}
	w.schedules.settle()
	w.schedules.destroyAll()
	w.schedules.settling = false
	w.endDay()
	for _, p := range w.pipelines {
		p.forgetMonth()
	}
	w.schedules.errors.Reset()
	w.schedules.warnings.Reset()
	for _, a := range w.agents {
		w.cloud.SetAgent(a)
	}
}

// checkStarts: the cloud has seen as many starts as the creates, schedules and people account for, and no create has had
// more than its retries allow.
func (w *soakWorld) checkStarts() {
	starts, byPeople := map[origin][]int64{}, int64(0)
	for _, a := range w.agents {
		for _, r := range w.cloud.Runs(a.ID) {
			from := originOf(r)
			switch {
			case r.ScheduleID != 0:
			case from.resource == "":
				byPeople++
			default:
				starts[from] = append(starts[from], r.ID)
			}
		}
	}
	if want := w.strangers.Load(); byPeople != want {
		w.pipelines[0].Wrong("%d runs are there that nobody asked for", byPeople-want)
	}
	for from, ids := range starts {
		i := slices.IndexFunc(w.pipelines, func(p *pipeline) bool { return p.asks(from.resource) })
		p := w.pipelines[i]
		if allowed := p.allowed[from]; len(ids) > allowed {
			p.Wrong("a create of %s has started the runs %v, and its retries allow %d", from.resource, ids, allowed)
		}
	}
}

// forgetMonth forgets what was said and done in a month that is judged.
func (p *pipeline) forgetMonth() {
	p.errors.Reset()
	p.warnings.Reset()
	p.log.text.Reset()
	p.lostStarts, p.answered = map[origin]bool{}, map[origin]int64{}
}

// countRuns counts the runs of a world that ends.
func (w *soakWorld) countRuns() {
	for _, a := range w.agents {
		for _, r := range w.cloud.Runs(a.ID) {
			switch {
			case r.ScheduleID != 0:
				w.figures.bySchedule.Add(1)
			case originOf(r).resource == "":
				w.figures.byPeople.Add(1)
			default:
				w.figures.byApply.Add(1)
			}
			if r.Gone {
				w.figures.purged.Add(1)
			}
		}
	}
}
