// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// visit is a call of Run with a simulated account in this process.
type visit struct {
	Options
	cloud *simulator.Cloud
	out   strings.Builder
}

func newVisit(t *testing.T, agent simulator.Agent) *visit {
	t.Helper()
	v := &visit{cloud: simulator.New(simulator.Options{Agents: []simulator.Agent{agent}})}
	server, err := simulator.Serve(v.cloud, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	v.Options = Options{
		CLI: cliPath(t), Provider: "no-provider", APIURL: server.URL, APIKey: "sk-simulator", AgentID: 4711, Yes: "1-runs", Stories: []string{"life"},
		Snapshots: filepath.Join(t.TempDir(), "snapshots"), Out: &v.out,
	}
	return v
}

func busyAgent() simulator.Agent {
	return simulator.Agent{ID: 4711, Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(time.Hour)}}}
}

// Each refusal says what to do, and comes before anything was started.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*visit)
		want   string
	}{
		{"no agent", func(v *visit) { v.AgentID = 0 }, "AGENT is missing"},
		{"no key", func(v *visit) { v.APIKey = "" }, "SEQUENTUM_API_KEY is not set"},
		{"a wrong key", func(v *visit) { v.APIKey = "sk-wrong" }, "agent 4711 cannot be read. Nothing was started"},
		{"a key with a line break", func(v *visit) { v.APIKey = "sk-simulator\n" }, "a line break"},
		{"http over a network", func(v *visit) { v.APIURL = "http://dashboard.sequentum.com" }, "plain http is allowed only for a loopback host"},
		{"an agent that does not exist", func(v *visit) { v.AgentID = 5 }, "agent 5 was not found with this key"},
		{"an input that is no object", func(v *visit) { v.Input = `"text"` }, "LIVE_INPUT must be a JSON object"},
		{"no yes", func(v *visit) { v.Yes = "" }, "nothing was started: you have not agreed yet. If you agree, type\n\n  make live AGENT=4711 STORIES=life YES=1-runs"},
		{"a yes to another number", func(v *visit) { v.Yes = "7-runs" }, "YES=7-runs does not agree to this number of runs: it must be YES=1-runs. If you agree, type\n\n  make live AGENT=4711 STORIES=life YES=1-runs"},
		{"a yes to no number", func(v *visit) { v.Yes = "yes" }, "nothing was started: YES=yes does not agree to this number of runs: it must be YES=1-runs."},
		{"an unknown story", func(v *visit) { v.Stories = []string{"life", "death"} }, `STORIES has "death", but the stories are life,busy`},
		{"an active run", func(v *visit) { v.cloud.StartRun(4711) }, "agent 4711 has active runs: 100001 (Running). Wait until they have finished"},
		{"no network", func(v *visit) { v.APIURL = "http://127.0.0.1:1" }, "connection refused"},
		{"no CLI", func(v *visit) { v.CLI = "no-such-cli" }, "asking no-such-cli for its version"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t, busyAgent())
			c.change(v)
			err := Run(t.Context(), v.Options)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			for _, r := range v.cloud.Log() {
				if r.Method != http.MethodGet {
					t.Errorf("it sent %s %s", r.Method, r.Path)
				}
			}
		})
	}
}

// A story that fails, here for want of a provider, is reported, and the visit goes on to its report.
func TestAFailedStoryIsReported(t *testing.T) {
	t.Parallel()
	v := newVisit(t, busyAgent())
	err := Run(t.Context(), v.Options)
	if err == nil || !strings.Contains(err.Error(), "the story life failed") {
		t.Errorf("%v", err)
	}
	wantIn(t, v.out.String(), "FAILED: apply ended with exit code 1", "=== Not known", "0 of at most 1 runs were started")
}

// Strings of the input are hidden wherever they stand in it, and as a whole.
func TestTheInputIsHidden(t *testing.T) {
	t.Parallel()
	o := Options{APIKey: "sk-1", Input: `{"login": {"users": ["robot", "robot-2000"]}, "password": "hunter2"}`}
	if got := o.hide("sk-1 robot-2000 robot hunter2"); got != "(redacted) (redacted) (redacted) (redacted)" {
		t.Errorf("it shows %q", got)
	}
}

// stubborn is a session whose agent has a run that was started here and does not stop by itself.
func stubborn(t *testing.T, change func(*simulator.Agent)) (*proxied, *session) {
	t.Helper()
	p := newProxied(t)
	a := busyAgent()
	change(&a)
	p.cloud.SetAgent(a)
	p.guard.allow(1, 1)
	p.wantSent("POST /agent/4711/start", "{}")
	p.wantSent("POST /agent/4711/schedules", newSchedule)
	s := &session{Options: Options{AgentID: 4711, APIKey: "sk-simulator", Out: &strings.Builder{}}, proxy: p.proxy, ended: map[int64]bool{}, disturbed: map[string][]string{}, stopTakes: time.Minute}
	var err error
	if s.client, err = s.newClient(); err != nil {
		t.Fatal(err)
	}
	return p, s
}

// What a story leaves is stopped and deleted, also when it failed.
func TestCleanUp(t *testing.T) {
	t.Parallel()
	p, s := stubborn(t, func(*simulator.Agent) {})
	if err := s.cleanUp(t.Context()); err != nil {
		t.Error(err)
	}
	if run := p.cloud.Runs(4711)[0]; run.Status != simulator.Stopped {
		t.Errorf("the run is %s", run.Status)
	}
	if left := p.cloud.Schedules(4711); len(left) != 1 || left[0].ID != 77 {
		t.Errorf("the schedules left are %+v, want the stranger's alone", left)
	}
}

// One odd answer does not leave a run active.
func TestCleanUpBelievesNoSingleAnswer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"the run is not found":            {Kind: simulator.KindStatus, Times: 1, Action: simulator.StatusCode, Code: 404},
		"the status cannot be read":       {Kind: simulator.KindStatus, Times: 2, Action: simulator.StatusCode, Code: 403},
		"the stop is refused for a while": {Kind: simulator.KindStop, Times: 2, Action: simulator.StatusCode, Code: 409},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := stubborn(t, func(*simulator.Agent) {})
			p.cloud.Inject(fault)
			if err := s.cleanUp(t.Context()); err != nil {
				t.Error(err)
			}
			if run := p.cloud.Runs(4711)[0]; run.Status != simulator.Stopped {
				t.Errorf("the run is %s", run.Status)
			}
		})
	}
}

// The answer to a start comes when the provider has given up, and has looked for the run in the list.
func TestCleanUpStopsTheRunOfASlowStart(t *testing.T) {
	t.Parallel()
	p, s := stubborn(t, func(*simulator.Agent) {})
	p.guard.allow(1, 0)
	p.cloud.Inject(simulator.Fault{Kind: simulator.KindStart, After: true, Delay: 2 * time.Second})
	hasty, err := sequentum.New(sequentum.Config{BaseURL: p.url, APIKey: "sk-simulator", RequestTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hasty.StartRun(t.Context(), 4711, sequentum.StartRequest{}); err == nil {
		t.Fatal("the start was answered in time")
	}
	p.wantSent("GET /agent/4711/runs", "")
	if err := s.cleanUp(t.Context()); err != nil {
		t.Error(err)
	}
	runs := p.cloud.Runs(4711)
	if len(runs) != 2 {
		t.Errorf("there are %d runs, want 2", len(runs))
	}
	for _, run := range runs {
		if run.Status != simulator.Stopped {
			t.Errorf("run %d is %s", run.ID, run.Status)
		}
	}
	if lost := lostStarts(p.recorded(callStart)); len(lost) > 0 {
		t.Errorf("the lost starts are %q", lost)
	}
}

// An interrupt right after a parallel start: nobody has seen its second run yet.
func TestCleanUpStopsTheOtherRunsOfAParallelStart(t *testing.T) {
	t.Parallel()
	p, s := stubborn(t, func(a *simulator.Agent) { a.ParallelSet = true })
	p.guard.allow(2, 0)
	p.wantSent("POST /agent/4711/start", `{"parallelism":2}`)
	if err := s.cleanUp(t.Context()); err != nil {
		t.Error(err)
	}
	runs := p.cloud.Runs(4711)
	if len(runs) != 3 {
		t.Errorf("there are %d runs, want 3", len(runs))
	}
	for _, run := range runs {
		if run.Status != simulator.Stopped {
			t.Errorf("run %d is %s", run.ID, run.Status)
		}
	}
}

// A run that ignores its stop is killed.
func TestCleanUpKills(t *testing.T) {
	t.Parallel()
	p, s := stubborn(t, func(a *simulator.Agent) { a.IgnoresStop = true })
	s.stopTakes = time.Second
	if err := s.cleanUp(t.Context()); err != nil {
		t.Error(err)
	}
	if run := p.cloud.Runs(4711)[0]; run.Status != simulator.Stopped {
		t.Errorf("the run is %s", run.Status)
	}
}

// Two visits can begin in the same second. Each then reports the other's runs, whenever they begin.
func TestRunsOfOthersAreReported(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, during func(*proxied)
		want           int
	}{
		"before the story":               {before: func(p *proxied) { p.cloud.StartRun(4711) }, want: 1},
		"while it is played":             {during: func(p *proxied) { p.cloud.StartRun(4711) }, want: 1},
		"before, and while it is played": {before: func(p *proxied) { p.cloud.StartRun(4711) }, during: func(p *proxied) { p.cloud.StartRun(4711) }, want: 2},
		"one that was seen and removed": {during: func(p *proxied) {
			run := p.cloud.StartRun(4711)
			p.wantSent("GET /agent/4711/runs", "")
			if !p.cloud.Finish(run.ID, simulator.Stopped) || !p.cloud.Expire(run.ID) {
				p.t.Error("the run cannot be removed")
			}
		}, want: 1},
		"none": {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, s := stubborn(t, func(a *simulator.Agent) { a.ParallelSet = true })
			s.Snapshots = t.TempDir()
			s.stories = []story{{name: busyStory, runs: 2, play: func(context.Context, *session) error {
				p.wantSent("POST /agent/4711/start", `{"parallelism":2,"isExclusive":true}`)
				if c.during != nil {
					c.during(p)
				}
				return nil
			}}}
			if c.before != nil {
				c.before(p)
			}
			if err := s.tell(t.Context(), s.stories[0]); err != nil {
				t.Error(err)
			}
			reported := strings.Join(s.report(), "\n")
			if got := strings.Count(reported, "the story busy: another run was started at the same time (4711/"); got != c.want {
				t.Errorf("%d runs of others are reported, want %d: %s", got, c.want, reported)
			}
			if unanswered := strings.Contains(s.Out.(*strings.Builder).String(), "not answered: another run was started at the same time"); unanswered != (c.want > 0) {
				t.Errorf("the question about exclusive agents is unanswered: %t", unanswered)
			}
		})
	}
}

// What cannot be stopped and deleted is named.
func TestCleanUpNamesWhatIsLeft(t *testing.T) {
	t.Parallel()
	p, s := stubborn(t, func(a *simulator.Agent) { a.IgnoresStop = true })
	p.cloud.Inject(simulator.Fault{Kind: simulator.KindScheduleDelete, Times: -1, Action: simulator.StatusCode, Code: 409})
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	err := s.cleanUp(ctx)
	if err == nil {
		t.Fatal("nothing is said to be left")
	}
	wantIn(t, err.Error(), "run 4711/100001 may still be active: stop it in Control Center", "schedule 4711/6000000001 still exists: delete it in Control Center")
	if errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
