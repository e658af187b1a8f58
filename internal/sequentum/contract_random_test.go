// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// FuzzContractAnswers plays with a random agent of a random simulator. Every answer keeps the contract, the client can
// read it, and it says what the simulator knows.
func FuzzContractAnswers(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			random := randomLife{rand.New(rand.NewPCG(seed, 0))}
			agent := random.agent()
			c := newContractCloud(t, random.options(agent))
			c.contract.contract = mustContract(t, openContract) // the agent has codes that nobody knows
			for range 20 {
				random.step(t, c, agent.NullFields)
			}
			if t.Failed() {
				t.Logf("the agent was %+v", agent)
			}
		})
	})
}

// randomLife makes random agents and random events.
type randomLife struct{ *rand.Rand }

func (r randomLife) chance(oneIn int) bool { return r.IntN(oneIn) == 0 }

// duration is in whole milliseconds, the precision of the simulator's times.
func (r randomLife) duration(limit time.Duration) simulator.Duration {
	return simulator.Duration(time.Duration(r.Int64N(int64(limit))).Truncate(time.Millisecond))
}

// pick returns one of the values.
func pick[T any](r randomLife, values ...T) T { return values[r.IntN(len(values))] }

func (r randomLife) text() string {
	return pick(r, "", "No such element", "a \"quoted\" <b>text</b>\n\tover lines", "Überraschung 📦 \u2028 end", strings.Repeat("long ", 500))
}

func (r randomLife) options(agent simulator.Agent) simulator.Options {
	return simulator.Options{
		Agents: []simulator.Agent{agent}, RateLimit: pick(r, 0, -1, 500), Queue: pick(r, 0, -1),
		Kill:              pick(r, simulator.SecondKillForces, simulator.KillWhileStoppingForces),
		InlineDownloads:   r.chance(3),
		LegacyStatusNames: r.chance(3),
		StartAnswersRunID: r.chance(3),
	}
}

func (r randomLife) agent() simulator.Agent {
	agent := simulator.Agent{
		ID: agentID, Name: r.text(), Description: r.text(), Version: r.IntN(100),
		Records: r.Int64N(1_000_000), Exported: r.Int64N(1000), Pages: r.Int64N(1000), Errors: r.Int64N(10), Traffic: r.Int64N(1 << 50),
		StopTakes: r.duration(20 * time.Second), IgnoresStop: r.chance(5), IgnoresKills: pick(r, 0, 0, 1, 3),
		Archived: r.chance(20), Disabled: r.chance(20), OutOfCredits: r.chance(20),
		Exclusive:   pick(r, "", "", simulator.ExclusiveQueue, simulator.ExclusiveRefuse),
		ParallelSet: r.chance(3), NullFields: r.chance(4),
		HistoryAfter: pick(r, 0, r.duration(time.Minute)), Retention: pick(r, 0, r.duration(5*time.Minute)),
	}
	for range r.IntN(6) {
		agent.Phases = append(agent.Phases, simulator.Phase{
			Status: pick(r, simulator.Queuing, simulator.Waiting, simulator.Starting, simulator.Running,
				simulator.Exporting, simulator.UpdatingDataSet, simulator.Invalid, 17),
			Duration: r.duration(30 * time.Second),
		})
	}
	for range r.IntN(4) {
		agent.Outcomes = append(agent.Outcomes, simulator.Outcome{
			Status: pick(r, simulator.Failure, simulator.Stopped, simulator.Completed, simulator.Success, simulator.Skipped,
				simulator.FailedToStart, simulator.CompletedWithErrors),
			Message: r.text(), PossibleCauses: []string{r.text()}, SuggestedActions: nil,
		})
	}
	for range r.IntN(5) {
		agent.Files = append(agent.Files, simulator.File{
			Name: pick(r, nil, new(r.text()), new("../etc/passwd"), new("products.csv")),
			Type: pick(r, "", "csv", "42", simulator.DeliveredFile, simulator.LogHtml), Size: r.Int64N(5000),
			RegionID: pick(r, nil, new(int64(3))),
		})
	}
	return agent
}

// step makes one random event happen, and then reads everything.
func (r randomLife) step(t *testing.T, c *contractCloud, sparse bool) {
	t.Helper()
	runs := c.Runs(agentID)
	if len(runs) == 0 || r.chance(6) {
		_, err := c.client.StartRun(t.Context(), agentID, sequentum.StartRequest{
			Parallelism: pick(r, nil, new(1+r.Int64N(3))), Exclusive: pick(r, nil, new(r.chance(2))),
			InputParameters: pick(r, "", `{"a": "ü\"\\"}`), LogLevel: pick(r, "", "Info"),
		})
		mayBeRefused(t, "start", err)
		return
	}
	run := runs[r.IntN(min(3, len(runs)))]
	switch r.IntN(9) {
	case 0:
		mayBeRefused(t, "stop", c.client.StopRun(t.Context(), agentID, run.ID))
	case 1:
		mayBeRefused(t, "kill", c.client.KillRun(t.Context(), agentID, run.ID))
	case 2:
		method := pick(r, "", sequentum.RemoveAllFiles, sequentum.RemoveAllFilesAndAgentInput)
		mayBeRefused(t, "delete", c.client.DeleteRun(t.Context(), agentID, run.ID, method))
	case 3:
		c.Restart(run.ID)
	case 4:
		c.Archive(run.ID)
	case 5:
		c.Finish(run.ID, pick(r, simulator.Failure, simulator.Success, simulator.Skipped))
	default:
		time.Sleep(time.Duration(r.duration(40 * time.Second)))
	}
	readRun(t, c, run.ID, sparse)
	readList(t, c, sparse)
}

// mayBeRefused accepts success and any refusal, as long as the client knows that it was one.
func mayBeRefused(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil && !sequentum.NotAccepted(err) {
		t.Errorf("%s: %v", what, err)
	}
}

// readRun reads all there is of a run.
func readRun(t *testing.T, c *contractCloud, runID int64, sparse bool) {
	t.Helper()
	got, err := c.client.RunStatus(t.Context(), agentID, runID)
	want, _ := c.Run(runID)
	if want.Gone {
		if !sequentum.IsNotFound(err) {
			t.Errorf("the status of run %d, which is gone: %v", runID, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	c.checkRun(t, got, sparse)

	files, err := c.client.RunFiles(t.Context(), agentID, runID)
	if gone, _ := c.Run(runID); err != nil && !gone.Gone {
		t.Errorf("the files of run %d: %v", runID, err)
	}
	for _, file := range files {
		link, err := c.client.FileLink(t.Context(), agentID, runID, file.ID)
		if gone, _ := c.Run(runID); err != nil && !gone.Gone {
			t.Errorf("the link of file %d of run %d: %v", file.ID, runID, err)
		}
		if err == nil && int64(len(c.readLink(t, link))) != *file.SizeBytes {
			t.Errorf("file %d of run %d does not have the %d bytes of the list", file.ID, runID, *file.SizeBytes)
		}
	}
	if _, err := c.client.RunDiagnostics(t.Context(), agentID, runID); err != nil && !sequentum.IsNotFound(err) {
		t.Errorf("the diagnosis of run %d: %v", runID, err)
	}
}

// readList reads the agent, and all of its runs.
func readList(t *testing.T, c *contractCloud, sparse bool) {
	t.Helper()
	if _, err := c.client.Agent(t.Context(), agentID); err != nil {
		t.Error(err)
	}
	list, err := c.client.ListRuns(t.Context(), agentID, 1000)
	if err != nil {
		t.Fatal(err)
	}
	runs := list.Runs
	there := 0
	for _, run := range c.Runs(agentID) {
		if !run.Gone {
			there++
		}
	}
	if len(runs) != there {
		t.Errorf("the list has %d of %d runs", len(runs), there)
	}
	for i := range runs {
		c.checkRun(t, &runs[i], sparse)
	}
}
