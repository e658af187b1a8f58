// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// wiredAgent is an agent whose runs go through every phase, and whose first run is fine while the others fail.
func wiredAgent() simulator.Agent {
	phase := func(s simulator.Status, d time.Duration) simulator.Phase {
		return simulator.Phase{Status: s, Duration: simulator.Duration(d)}
	}
	return simulator.Agent{
		ID: agentID, Name: "Products", SpaceID: new(int64(spaceID)), Version: 3,
		InputParameters: map[string]any{"category": "shoes"},
		Phases: []simulator.Phase{
			phase(simulator.Queuing, time.Second), phase(simulator.Waiting, time.Second), phase(simulator.Starting, time.Second),
			phase(simulator.Running, 10*time.Second), phase(simulator.Exporting, 2*time.Second),
			phase(simulator.UpdatingDataSet, time.Second),
		},
		Outcomes: []simulator.Outcome{
			{Status: simulator.Success},
			{
				Status: simulator.Failure, Message: "Success criteria not met",
				PossibleCauses: []string{"The site changed"}, SuggestedActions: []string{"Open the agent"},
			},
		},
		Files: []simulator.File{
			{Name: new("products.csv"), Type: simulator.DeliveredFile, Content: "a,b\n1,2\n"},
			{Name: nil, Type: simulator.LogText, Content: "done"},
			{Name: new("products.csv"), Type: simulator.ExtractedFiles, Size: 1000, RegionID: new(int64(2))},
			{Name: new("odd"), Type: "", Content: "?"},
		},
		Records: 100, Exported: 90, Pages: 7, Errors: 1, Traffic: 123456, Cost: "2.5",
		Schedules: []simulator.Schedule{wiredSchedule(wiredScheduleID), wiredSchedule(scheduleToDeleteID)},
	}
}

// TestEveryCallKeepsTheContract sends every call in all of the simulator's shapes, and checks what the client returns.
func TestEveryCallKeepsTheContract(t *testing.T) {
	for name, shape := range map[string]func(*simulator.Options, *simulator.Agent){
		"default shapes":   func(*simulator.Options, *simulator.Agent) {},
		"legacy names":     func(o *simulator.Options, _ *simulator.Agent) { o.LegacyStatusNames = true },
		"runId":            func(o *simulator.Options, _ *simulator.Agent) { o.StartAnswersRunID = true },
		"inline downloads": func(o *simulator.Options, _ *simulator.Agent) { o.InlineDownloads = true },
		"kill stopping":    func(o *simulator.Options, _ *simulator.Agent) { o.Kill = simulator.KillWhileStoppingForces },
		"no limit":         func(o *simulator.Options, _ *simulator.Agent) { o.RateLimit = -1 },
		"null fields":      func(_ *simulator.Options, a *simulator.Agent) { a.NullFields = true },
		"parallel set":     func(_ *simulator.Options, a *simulator.Agent) { a.ParallelSet = true },
		"personal space": func(_ *simulator.Options, a *simulator.Agent) {
			a.SpaceID, a.InputParameters, a.Name = nil, nil, ""
		},
		"runs archived at once": func(_ *simulator.Options, a *simulator.Agent) { a.HistoryAfter = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var o simulator.Options
				agent := wiredAgent()
				shape(&o, &agent)
				o.Agents = []simulator.Agent{agent}
				exercise(t, newContractCloud(t, o), agent)
			})
		})
	}
}

// withoutMethod are operations that the client has no method for: the tests send them as they are.
var withoutMethod = map[string]bool{"getLatestFailure": true}

// TestCallsCoverEveryOperationOfTheContract finds operations that the tests above do not send, and
// successful answers that the simulator never gives.
func TestCallsCoverEveryOperationOfTheContract(t *testing.T) {
	answered := map[string]map[int]int{}
	for _, inline := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			agent := wiredAgent()
			c := newContractCloud(t, simulator.Options{Agents: []simulator.Agent{agent}, InlineDownloads: inline})
			exercise(t, c, agent)
			for operation, statuses := range c.contract.answered {
				if answered[operation] == nil {
					answered[operation] = map[int]int{}
				}
				maps.Copy(answered[operation], statuses)
			}
		})
	}
	for operation, statuses := range mustContract(t, openContract).successes() {
		for _, status := range statuses {
			if answered[operation][status] == 0 {
				t.Errorf("%s was never answered with %d, but with %v", operation, status, answered[operation])
			}
		}
		if calls[operation] == nil && !withoutMethod[operation] {
			t.Errorf("calls has no entry for %s: it is not refused in the tests of refusals", operation)
		}
	}
}

// exercise sends every call at least once, to an agent made of wiredAgent.
func exercise(t *testing.T, c *contractCloud, agent simulator.Agent) {
	t.Helper()
	exerciseAgent(t, c, agent)
	exerciseAgents(t, c)
	exerciseSpaces(t, c, agent.SpaceID)
	exerciseCredits(t, c)
	run := exerciseStart(t, c)
	exerciseStatus(t, c, run.ID, agent.NullFields)
	exerciseCosts(t, c, run.ID)
	exerciseFiles(t, c, run.ID, agent.Files)
	exerciseStops(t, c, agent.NullFields)
	exerciseDiagnostics(t, c)
	exerciseDelete(t, c, run.ID)
	exerciseSchedules(t, c)
}

func exerciseAgent(t *testing.T, c *contractCloud, want simulator.Agent) {
	t.Helper()
	got, err := c.client.Agent(t.Context(), agentID)
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != want.ID || want.Name != "" && got.Name != want.Name || !reflect.DeepEqual(got.SpaceID, want.SpaceID) {
		t.Errorf("the client read the agent as %+v", got)
	}
	if got.Version == nil || *got.Version != int64(want.Version) || got.IsActive == nil || !*got.IsActive {
		t.Errorf("the client read the agent's version as %v and active as %v", got.Version, got.IsActive)
	}
}

// exerciseStart starts a run with every field that the client knows, and another with every field of the contract.
func exerciseStart(t *testing.T, c *contractCloud) *sequentum.Run {
	t.Helper()
	run := c.startRun(t, sequentum.StartRequest{
		InputParameters: `{"category": "boots", "page": 1}`,
		Parallelism:     new(int64(2)), ParallelMaxConcurrency: new(int64(1)), ParallelExport: "Combined",
		ProxyPoolID: new(int64(5)), Exclusive: new(false), LogLevel: "Warning", LogMode: "TextAndHtml",
	})
	received, _ := c.Run(run.ID)
	want := map[string]any{
		"inputParameters": `{"category": "boots", "page": 1}`,
		"parallelism":     2, "parallelMaxConcurrency": 1, "parallelExport": "Combined",
		"proxyPoolId": 5, "isExclusive": false, "logLevel": "Warning", "logMode": "TextAndHtml",
	}
	if !sameJSON(t, received.Body, want) {
		t.Errorf("the cloud received the start %v, want %v", received.Body, want)
	}
	if c.startRun(t, sequentum.StartRequest{}).ID == run.ID {
		t.Errorf("two starts were answered with the same run %d", run.ID)
	}
	status := c.sendRaw(t, http.MethodPost, "/agent/4711/start", `{
		"inputParameters": "{}", "parallelism": 50, "parallelMaxConcurrency": 10, "parallelExport": "Separated",
		"proxyPoolId": 1, "timeout": 3600, "isExclusive": false, "isWaitOnFailure": true, "isRunSynchronously": false,
		"logLevel": "Fatal", "logMode": "Text"}`)
	if status != http.StatusOK && status != http.StatusAccepted {
		t.Errorf("a start with every field was answered with %d", status)
	}
	return run
}

// exerciseStatus follows a run through all its phases to its end, and then reads the lists.
func exerciseStatus(t *testing.T, c *contractCloud, runID int64, sparse bool) {
	t.Helper()
	seen := map[string]bool{}
	for !seen["Success"] {
		run, err := c.client.RunStatus(t.Context(), agentID, runID)
		if err != nil {
			t.Fatal(err)
		}
		c.checkRun(t, run, sparse)
		seen[run.Status.String()] = true
		time.Sleep(500 * time.Millisecond)
	}
	for _, phase := range wiredAgent().Phases {
		if !seen[phase.Status.String()] {
			t.Errorf("the client never saw the run %s", phase.Status)
		}
	}
	for _, maxRecords := range []int{0, 1, 1000} {
		list, err := c.client.ListRuns(t.Context(), agentID, maxRecords)
		if err != nil {
			t.Fatal(err)
		}
		runs := list.Runs
		if want := len(c.Runs(agentID)); maxRecords == 1 && len(runs) != 1 || maxRecords == 1000 && len(runs) != want {
			t.Errorf("a list of at most %d holds %d of %d runs", maxRecords, len(runs), want)
		}
		for i := range runs {
			c.checkRun(t, &runs[i], sparse)
		}
	}
}

func exerciseFiles(t *testing.T, c *contractCloud, runID int64, want []simulator.File) {
	t.Helper()
	files, err := c.client.RunFiles(t.Context(), agentID, runID)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(want) {
		t.Fatalf("the client read %d files, want %d", len(files), len(want))
	}
	for i, file := range files {
		if !reflect.DeepEqual(file.Name, want[i].Name) || file.SizeBytes == nil || *file.SizeBytes != want[i].Length() || file.CreatedAt.IsZero() {
			t.Errorf("the client read file %d as %+v, want %+v", i, file, want[i])
		}
		if name := file.Type.Name(); name == nil && want[i].Type != "" || name != nil && *name != string(want[i].Type) {
			t.Errorf("the client read the type of file %d as %+v, want %q", i, file.Type, want[i].Type)
		}
		link, err := c.client.FileLink(t.Context(), agentID, runID, file.ID)
		if err != nil {
			t.Fatal(err)
		}
		if content := c.readLink(t, link); int64(len(content)) != want[i].Length() || want[i].Content != "" && content != want[i].Content {
			t.Errorf("the content of file %d has %d bytes, want %d", i, len(content), want[i].Length())
		}
	}
}

// exerciseStops stops one run and kills another, each twice, and once more when they have finished.
func exerciseStops(t *testing.T, c *contractCloud, sparse bool) {
	t.Helper()
	for name, call := range map[string]func(runID int64) error{
		"stop": func(runID int64) error { return c.client.StopRun(t.Context(), agentID, runID) },
		"kill": func(runID int64) error { return c.client.KillRun(t.Context(), agentID, runID) },
	} {
		run := c.startRun(t, sequentum.StartRequest{})
		time.Sleep(5 * time.Second)
		for range 2 {
			if err := call(run.ID); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		time.Sleep(3 * time.Second)
		run, err := c.client.RunStatus(t.Context(), agentID, run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if run.Status != sequentum.StatusStopped {
			t.Errorf("after the %s the run is %s", name, run.Status)
		}
		c.checkRun(t, run, sparse)
		if err := call(run.ID); !sequentum.IsClientError(err) || !sequentum.NotAccepted(err) {
			t.Errorf("the %s of a finished run: %v", name, err)
		}
	}
}

func exerciseDiagnostics(t *testing.T, c *contractCloud) {
	t.Helper()
	run := c.startRun(t, sequentum.StartRequest{})
	time.Sleep(time.Minute)
	got, err := c.client.RunDiagnostics(t.Context(), agentID, run.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := &sequentum.Diagnostics{
		Message: "Success criteria not met", PossibleCauses: []string{"The site changed"}, SuggestedActions: []string{"Open the agent"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the client read the diagnosis as %+v, want %+v", got, want)
	}
	if status := c.sendRaw(t, http.MethodGet, "/analytics/agents/4711/latest-failure", ""); status != http.StatusOK {
		t.Errorf("the latest failure was answered with %d", status)
	}
}

func exerciseDelete(t *testing.T, c *contractCloud, runID int64) {
	t.Helper()
	for _, method := range []sequentum.RemoveMethod{
		sequentum.RemoveAllFiles, sequentum.RemoveAllFilesAndAgentInput, sequentum.RemoveEntireRun,
	} {
		if err := c.client.DeleteRun(t.Context(), agentID, runID, method); err != nil {
			t.Errorf("%s: %v", method, err)
		}
		_, err := c.client.RunStatus(t.Context(), agentID, runID)
		if method == sequentum.RemoveEntireRun {
			if !sequentum.IsNotFound(err) {
				t.Errorf("the status of a run that was removed: %v", err)
			}
			continue
		}
		if err != nil {
			t.Errorf("the status after %s: %v", method, err)
		}
		if files, err := c.client.RunFiles(t.Context(), agentID, runID); err != nil || len(files) > 0 {
			t.Errorf("after %s there are %d files: %v", method, len(files), err)
		}
		if run, _ := c.Run(runID); (run.InputParameters == "") != (method == sequentum.RemoveAllFilesAndAgentInput) {
			t.Errorf("after %s the run's input is %q", method, run.InputParameters)
		}
	}
	if err := c.client.DeleteRun(t.Context(), agentID, c.finishedRun(t, simulator.Skipped), ""); err != nil {
		t.Errorf("without a method: %v", err)
	}
}

// successes lists, for each operation, the statuses below 400 that the contract has answers for.
func (c *contract) successes() map[string][]int {
	successes := map[string][]int{}
	for _, item := range c.doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for status := 100; status < 400; status++ {
				if operation.Responses.Status(status) != nil {
					successes[operation.OperationID] = append(successes[operation.OperationID], status)
				}
			}
		}
	}
	return successes
}

// paths are the paths of all operations, by the contract's names.
func (c *contract) paths() map[string]string {
	paths := map[string]string{}
	for path, item := range c.doc.Paths.Map() {
		for _, operation := range item.Operations() {
			paths[operation.OperationID] = path
		}
	}
	return paths
}

// sameJSON compares two values by what they are in JSON.
func sameJSON(t *testing.T, a, b any) bool {
	t.Helper()
	var normal [2]any
	for i, value := range []any{a, b} {
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &normal[i]); err != nil {
			t.Fatal(err)
		}
	}
	return reflect.DeepEqual(normal[0], normal[1])
}
