// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// pipeline is one configuration of the team, with its state: an apply every night, and people by day. It plays and is
// judged as a sequence; what a soak adds are downloads, data sources and days.
type pipeline struct {
	*sequence
	world     *soakWorld
	name      string
	directory string // where all downloads go
	moved     int    // how often that was changed
}

var _ core.Observer = (*pipeline)(nil)

func newPipeline(w *soakWorld, name string, rng *rand.Rand) *pipeline {
	p := &pipeline{sequence: blankSequence(w.t, rng), world: w, name: name, directory: w.t.TempDir()}
	p.begun, p.cloud, p.agents = w.begun, w.cloud, w.agents
	p.sequence.world.key, p.shortHistory = w.key, true
	p.listLag = 3 * time.Second
	p.disturbedWithin = []time.Duration{30 * time.Second, 5 * time.Minute, time.Hour, 3 * time.Hour}
	p.configure, p.startAsStranger, p.ended = p.config, w.startAsStranger, p.count
	for n, agentID := range []int64{quickAgent, failingAgent, slowAgent, exclusiveAgent} {
		r := newRandomRun(rng, fmt.Sprintf("%s%d", name, n), agentID)
		r.writeOnly, r.noWait, r.secret = n%2 == 0, n == 0, fmt.Sprintf("hunter2-%s%d", name, n)
		r.recordFiles, r.leave = n == 1, false
		p.runs = append(p.runs, r)
	}
	p.runs[1].after = p.runs[0].name
	p.mendTimeouts()
	p.core = core.New(tflogtest.RootLogger(w.t.Context(), soakLog{p}), p, p.network)
	p.core.Key = w.key
	return p
}

// mendTimeouts leaves a run the time that it needs, most of the time.
func (p *pipeline) mendTimeouts() {
	for _, r := range p.runs {
		if !oneIn(p.rng, 8) {
			r.createTimeout = "8h"
		}
	}
}

func (p *pipeline) network() http.RoundTripper {
	tap := p.tapped()
	p.world.figures.processes.Add(1)
	return &budgetWire{next: tap, limits: &p.world.limits, wrong: p.Wrong, begun: time.Now()}
}

// config is the runs, and the download of each that has files.
func (p *pipeline) config() []*core.ResourceConfig {
	config := configOf(p.runs)
	for _, r := range p.runs {
		present := slices.ContainsFunc(config, func(c *core.ResourceConfig) bool { return c.Address == r.address() })
		if present && r.agentID != exclusiveAgent {
			config = append(config, p.downloadOf(r))
		}
	}
	return config
}

// count counts a command for the figures.
func (p *pipeline) count(what string, ok bool, c *core.Command) {
	f := p.world.figures
	switch {
	case what == "plan" || what == "refresh":
		f.plans.Add(1)
	case strings.HasPrefix(what, "import"):
	default:
		f.applies.Add(1)
		if !ok && !c.Halted() {
			f.failed.Add(1)
		}
	}
	if c.Halted() {
		f.halted.Add(1)
	}
}

// night asks for the runs of a new day, and applies until that has gone well, or the night is over.
func (p *pipeline) night() {
	for _, r := range p.runs {
		r.trigger++
	}
	p.faults()
	for range 6 {
		if p.apply(core.PlanMode{}) {
			return
		}
		p.untaint()
		time.Sleep(upTo(p.rng, 20*time.Minute))
	}
}

// faults are those of requests, and none takes effect so late that nobody looks any more.
func (p *pipeline) faults() {
	p.cloud.ClearFaults()
	for range p.rng.IntN(3) {
		f := lostAnswer(p.rng, pick(p.rng, simulator.KindStart, simulator.KindStart, simulator.KindStop, simulator.KindStatus, simulator.KindRuns, simulator.KindFiles))
		f.Skip = p.rng.IntN(4)
		p.note("fault: %s", describeFault(f))
		p.cloud.Inject(f)
	}
	if oneIn(p.rng, 3) {
		f := oddAnswer(p.rng)
		p.note("fault: %s", describeFault(f))
		p.cloud.Inject(f)
	}
}

// untaint is what the errors of a wait that could not go on tell the user to do.
func (p *pipeline) untaint() {
	for address, o := range p.core.Saved().Current {
		if o.Type != runType || !o.Tainted {
			continue
		}
		if r, _ := p.cloud.Run(core.NumberOf(o.Value, "run_id")); isActive(r) && oneIn(p.rng, 2) {
			p.note("untaint %s: %v", address, p.core.SetTainted(address, false))
		}
	}
}

// daytime is something that a person does.
func (p *pipeline) daytime() {
	switch p.rng.IntN(16) {
	case 0, 1:
		p.during("plan", func(c *core.Command) bool {
			_, ok := c.Plan(core.PlanMode{})
			return ok
		})
	case 2:
		p.during("refresh", (*core.Command).Refresh)
	case 3, 4:
		p.readData()
	case 5:
		p.changeTaint()
	case 6:
		p.importLost()
	case 7:
		p.withoutAccess()
	case 8:
		p.applyReplacing()
	case 9:
		p.during("destroy", func(c *core.Command) bool { return c.Apply(core.PlanMode{Destroy: true}) })
	case 10, 11:
		p.loseFiles()
		p.apply(core.PlanMode{})
	case 12:
		p.moved++
		p.note("another directory: %s", p.folder())
		p.apply(core.PlanMode{})
	default:
		p.changeConfiguration()
		p.mendTimeouts()
		p.faults()
		p.apply(core.PlanMode{})
	}
}

// loseFiles deletes or alters some of the files on disk.
func (p *pipeline) loseFiles() {
	paths, err := filepath.Glob(filepath.Join(p.directory, "*", "*", "*"))
	for _, path := range paths {
		switch p.rng.IntN(4) {
		case 0:
			p.note("the file %s is lost: %v", path, os.Remove(path))
		case 1:
			p.note("the file %s is altered: %v", path, os.WriteFile(path, []byte("altered"), 0o644))
		}
	}
	if err != nil {
		p.Wrong("%v", err)
	}
}

// readData reads what other configurations would read of the runs in state.
func (p *pipeline) readData() {
	agent := map[string]tftypes.Value{"agent_id": core.Number(pick(p.rng, p.agents...).ID)}
	p.read("sequentum_agent", agent)
	p.read("sequentum_runs", agent)
	for _, o := range p.core.Saved().Current {
		if o.Type == runType && oneIn(p.rng, 2) {
			id := core.NumberOf(o.Value, "run_id")
			of := map[string]tftypes.Value{"agent_id": core.Number(core.NumberOf(o.Value, "agent_id")), "run_id": core.Number(id)}
			p.read(pick(p.rng, "sequentum_run", "sequentum_run_files"), of)
		}
	}
}

// read reads a data source. An error about a run names it.
func (p *pipeline) read(typ string, arguments map[string]tftypes.Value) {
	c := p.core.Begin()
	defer c.End()
	a, alive := c.ReadData(typ, arguments)
	p.world.figures.reads.Add(1)
	p.note("read %s %v", typ, arguments)
	p.noteDiagnostics(typ, a)
	if run, about := arguments["run_id"]; alive && about && a.Failed() && !strings.Contains(core.Errors(a.Diagnostics), numberText(run)) {
		p.Wrong("%s: the error does not name run %s: %s", typ, numberText(run), core.Errors(a.Diagnostics))
	}
}
