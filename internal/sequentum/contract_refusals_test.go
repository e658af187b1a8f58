// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// calls are all of the client's calls, by the contract's names. They are for a run that has one file.
// [TestCallsCoverEveryOperationOfTheContract] finds one that is missing.
var calls = map[string]func(ctx context.Context, c *sequentum.Client, runID, fileID int64) error{
	"getAgent": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.Agent(ctx, agentID)
		return err
	},
	"listAgents": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.Agents(ctx)
		return err
	},
	"listSpaces": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.Spaces(ctx)
		return err
	},
	"getSpace": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.Space(ctx, spaceID)
		return err
	},
	"getCredits": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.Credits(ctx)
		return err
	},
	"listRunCosts": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.RunCosts(ctx, agentID, time.Now(), time.Now().Add(time.Hour))
		return err
	},
	"startRun": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.StartRun(ctx, agentID, sequentum.StartRequest{})
		return err
	},
	"listRuns": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.ListRuns(ctx, agentID, 0)
		return err
	},
	"getRunStatus": func(ctx context.Context, c *sequentum.Client, runID, _ int64) error {
		_, err := c.RunStatus(ctx, agentID, runID)
		return err
	},
	"stopRun": func(ctx context.Context, c *sequentum.Client, runID, _ int64) error {
		return c.StopRun(ctx, agentID, runID)
	},
	"killRun": func(ctx context.Context, c *sequentum.Client, runID, _ int64) error {
		return c.KillRun(ctx, agentID, runID)
	},
	"deleteRun": func(ctx context.Context, c *sequentum.Client, runID, _ int64) error {
		return c.DeleteRun(ctx, agentID, runID, sequentum.RemoveEntireRun)
	},
	"listFiles": func(ctx context.Context, c *sequentum.Client, runID, _ int64) error {
		_, err := c.RunFiles(ctx, agentID, runID)
		return err
	},
	"downloadFile": func(ctx context.Context, c *sequentum.Client, runID, fileID int64) error {
		link, err := c.FileLink(ctx, agentID, runID, fileID)
		if err == nil && link.Body != nil {
			return link.Body.Close()
		}
		return err
	},
	"listSchedules": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.Schedules(ctx, agentID)
		return err
	},
	"createSchedule": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.CreateSchedule(ctx, agentID, sequentum.ScheduleSettings{Name: "New", Type: sequentum.ScheduleCron, Cron: "* * * * *"})
		return err
	},
	"getSchedule": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		_, err := c.Schedule(ctx, agentID, wiredScheduleID)
		return err
	},
	"updateSchedule": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		return c.UpdateSchedule(ctx, agentID, wiredScheduleID, sequentum.ScheduleSettings{Name: "Other", Type: sequentum.ScheduleCron, Cron: "* * * * *"})
	},
	"enableSchedule": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		return c.EnableSchedule(ctx, agentID, wiredScheduleID)
	},
	"disableSchedule": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		return c.DisableSchedule(ctx, agentID, wiredScheduleID)
	},
	"deleteSchedule": func(ctx context.Context, c *sequentum.Client, _, _ int64) error {
		return c.DeleteSchedule(ctx, agentID, scheduleToDeleteID)
	},
	"getDiagnostics": func(ctx context.Context, c *sequentum.Client, runID, _ int64) error {
		_, err := c.RunDiagnostics(ctx, agentID, runID)
		return err
	},
}

// TestRefusalsKeepTheContract refuses every call in every way, and each way in both error shapes.
func TestRefusalsKeepTheContract(t *testing.T) {
	fault := func(f simulator.Fault) func(*contractCloud) {
		return func(c *contractCloud) { c.Inject(f) }
	}
	paths := mustContract(t, openContract).paths()
	posts := map[string]bool{"startRun": true, "stopRun": true, "killRun": true, "createSchedule": true, "enableSchedule": true, "disableSchedule": true}
	for name, tc := range map[string]struct {
		refuse func(*contractCloud)
		status int
		is     func(error) bool
		// doubtful: it is not known whether a POST was accepted.
		doubtful bool
		// ofAgent: only calls whose path names the agent are refused.
		ofAgent bool
	}{
		"wrong key": {
			refuse: func(c *contractCloud) { c.SetCredentials("sk-other", "") }, status: http.StatusUnauthorized, is: sequentum.IsUnauthorized,
		},
		"no access": {
			refuse: func(c *contractCloud) { c.Forbid(true) }, status: http.StatusForbidden,
			is: func(err error) bool {
				refusal, ok := errors.AsType[*sequentum.Error](err)
				return sequentum.IsForbidden(err) && ok && refusal.Code == "insufficient_scope"
			},
		},
		"hidden agent":  {refuse: func(c *contractCloud) { c.HideAgent(agentID, true) }, status: http.StatusNotFound, is: sequentum.IsNotFound, ofAgent: true},
		"deleted agent": {refuse: func(c *contractCloud) { c.DeleteAgent(agentID) }, status: http.StatusNotFound, is: sequentum.IsNotFound, ofAgent: true},
		"outage":        {refuse: func(c *contractCloud) { c.Outage(true) }, status: http.StatusServiceUnavailable, doubtful: true},
		"500": {
			refuse: fault(simulator.Fault{Action: simulator.StatusCode, Times: -1}), status: http.StatusInternalServerError, doubtful: true,
		},
		"proxy": {refuse: fault(simulator.Fault{Action: simulator.HTML, Times: -1}), status: http.StatusBadGateway, doubtful: true},
		"proxy's 404": {
			refuse: fault(simulator.Fault{Action: simulator.HTML, Code: http.StatusNotFound, Times: -1}), status: http.StatusNotFound,
			is: func(err error) bool { return !sequentum.IsNotFound(err) }, doubtful: true,
		},
	} {
		for operation, call := range calls {
			if tc.ofAgent && !strings.Contains(paths[operation], "{agentId}") {
				continue
			}
			t.Run(name+"/"+operation, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newContractCloud(t, simulator.Options{Agents: []simulator.Agent{wiredAgent()}})
					runID := c.finishedRun(t, simulator.Failure)
					files, err := c.client.RunFiles(t.Context(), agentID, runID)
					if err != nil {
						t.Fatal(err)
					}
					tc.refuse(c)
					for range 2 {
						err := call(t.Context(), c.client, runID, files[0].ID)
						checkRefusal(t, err, tc.status)
						if tc.is != nil && !tc.is(err) {
							t.Errorf("the client misjudges %v", err)
						}
						if posts[operation] && sequentum.OutcomeUnknown(err) != tc.doubtful {
							t.Errorf("outcome unknown: %t, want %t, after %v", !tc.doubtful, tc.doubtful, err)
						}
					}
				})
			})
		}
	}
}

// TestRefusalsWithLittleInThemAreRead refuses in every shape that occurs, as the API and as a firewall with the same codes.
func TestRefusalsWithLittleInThemAreRead(t *testing.T) {
	is := map[int]func(error) bool{
		http.StatusUnauthorized: sequentum.IsUnauthorized, http.StatusForbidden: sequentum.IsForbidden, http.StatusNotFound: sequentum.IsNotFound,
		http.StatusConflict: sequentum.NotAccepted, http.StatusUnprocessableEntity: sequentum.IsPermanent,
	}
	for code, believed := range is {
		for _, shape := range append(simulator.AllErrorShapes(), "firewall") {
			for operation, call := range calls {
				t.Run(fmt.Sprintf("%d, %s/%s", code, shape, operation), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						c := newContractCloud(t, simulator.Options{Agents: []simulator.Agent{wiredAgent()}})
						runID := c.finishedRun(t, simulator.Failure)
						fault := simulator.Fault{Action: simulator.StatusCode, Code: code, Shape: shape, Times: -1}
						if shape == "firewall" {
							fault.Action, fault.Shape = simulator.HTML, ""
						}
						c.Inject(fault)
						var requests, answers []string
						c.contract.report = splitReports(&requests, &answers) // neither a firewall nor an empty answer has a contract
						err := call(t.Context(), c.client, runID, 1)
						if len(requests) > 0 {
							t.Error(requests)
						}
						own := shape != "firewall"
						if refusal, ok := errors.AsType[*sequentum.Error](err); !ok || refusal.StatusCode != code || (refusal.Message == "") != (shape == simulator.ShapeEmpty) {
							t.Fatalf("got %v", err)
						}
						if sequentum.NotAccepted(err) != own || believed(err) != (own || code == http.StatusUnprocessableEntity) {
							t.Errorf("the client misjudges %v", err)
						}
					})
				})
			}
		}
	}
}

// checkRefusal checks that an error carries the answer's status and words.
func checkRefusal(t *testing.T, err error, status int) {
	t.Helper()
	refusal, ok := errors.AsType[*sequentum.Error](err)
	if !ok {
		t.Fatalf("the error is no refusal: %v", err)
	}
	if refusal.StatusCode != status || refusal.Message == "" {
		t.Errorf("the client read the refusal as %d %q, want %d and the API's words", refusal.StatusCode, refusal.Message, status)
	}
}

// TestCallsAreRepeatedAfterA429 answers every call with a 429 first; all of them are sent again.
func TestCallsAreRepeatedAfterA429(t *testing.T) {
	for operation, call := range calls {
		for name, retryAfter := range map[string]func() string{
			"seconds": func() string { return "7" },
			"date":    func() string { return time.Now().Add(7 * time.Second).UTC().Format(http.TimeFormat) },
		} {
			t.Run(operation+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newContractCloud(t, simulator.Options{Agents: []simulator.Agent{wiredAgent()}})
					runID := c.finishedRun(t, simulator.Failure)
					files, err := c.client.RunFiles(t.Context(), agentID, runID)
					if err != nil {
						t.Fatal(err)
					}
					if operation == "stopRun" || operation == "killRun" {
						runID = c.startRun(t, sequentum.StartRequest{}).ID
					}
					begin := time.Now()
					c.Inject(simulator.Fault{Action: simulator.StatusCode, Code: http.StatusTooManyRequests, RetryAfter: retryAfter(), Times: 2})
					if err := call(t.Context(), c.client, runID, files[0].ID); err != nil {
						t.Error(err)
					}
					// An HTTP date has no fraction of a second, and the second try finds it passed.
					if waited := time.Since(begin); waited < 6*time.Second {
						t.Errorf("the client waited %v after the 429", waited)
					}
					if c.TooMany() != 2 {
						t.Errorf("there were %d answers of 429, want 2", c.TooMany())
					}
				})
			})
		}
	}
}

// TestRefusalsOfTheSimulatorsLimitKeepTheContract sends more requests than the simulator's limit allows.
func TestRefusalsOfTheSimulatorsLimitKeepTheContract(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newContractCloud(t, simulator.Options{
			Agents: []simulator.Agent{wiredAgent()}, RateLimit: 2, Window: 10 * time.Second, Queue: -1,
		})
		for i, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests, http.StatusTooManyRequests} {
			if got := c.sendRaw(t, http.MethodGet, "/agent/4711", ""); got != want {
				t.Errorf("request %d was answered with %d, want %d", i, got, want)
			}
		}
	})
}

// TestRefusedStartIsNotAccepted refuses starts for each of the API's reasons.
func TestRefusedStartIsNotAccepted(t *testing.T) {
	for name, tc := range map[string]struct {
		agent  func(*simulator.Agent)
		status int
	}{
		"archived":       {func(a *simulator.Agent) { a.Archived = true }, http.StatusConflict},
		"disabled":       {func(a *simulator.Agent) { a.Disabled = true }, http.StatusBadRequest},
		"out of credits": {func(a *simulator.Agent) { a.OutOfCredits = true }, http.StatusUnprocessableEntity},
		"exclusive":      {func(a *simulator.Agent) { a.Exclusive = simulator.ExclusiveRefuse }, http.StatusConflict},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				agent := wiredAgent()
				c := newContractCloud(t, simulator.Options{Agents: []simulator.Agent{agent}})
				c.StartRun(agentID)
				tc.agent(&agent)
				c.SetAgent(agent)
				for range 2 {
					_, err := c.client.StartRun(t.Context(), agentID, sequentum.StartRequest{})
					checkRefusal(t, err, tc.status)
					if !sequentum.NotAccepted(err) {
						t.Errorf("the client does not know that the start was refused: %v", err)
					}
				}
				if starts := c.Count(simulator.KindStart); starts != 2 {
					t.Errorf("two starts took %d requests", starts)
				}
			})
		})
	}
}

// TestSimulatorRefusesInvalidRequests sends requests that neither the contract nor the simulator accepts. The
// refusals themselves keep the contract.
func TestSimulatorRefusesInvalidRequests(t *testing.T) {
	for name, tc := range map[string]struct{ method, path, body string }{
		"parallelism 0":       {http.MethodPost, "/agent/4711/start", `{"parallelism": 0}`},
		"parallelism 51":      {http.MethodPost, "/agent/4711/start", `{"parallelism": 51}`},
		"parallelism as text": {http.MethodPost, "/agent/4711/start", `{"parallelism": "two"}`},
		"parallel export":     {http.MethodPost, "/agent/4711/start", `{"parallelExport": "Both"}`},
		"log level":           {http.MethodPost, "/agent/4711/start", `{"logLevel": "Debug"}`},
		"log mode":            {http.MethodPost, "/agent/4711/start", `{"logMode": "Html"}`},
		"timeout":             {http.MethodPost, "/agent/4711/start", `{"timeout": 3601}`},
		"synchronous":         {http.MethodPost, "/agent/4711/start", `{"isRunSynchronously": true}`},
		"input as object":     {http.MethodPost, "/agent/4711/start", `{"inputParameters": {"a": 1}}`},
		"input as array":      {http.MethodPost, "/agent/4711/start", `{"inputParameters": "[1]"}`},
		"input as words":      {http.MethodPost, "/agent/4711/start", `{"inputParameters": "shoes"}`},
		"unknown field":       {http.MethodPost, "/agent/4711/start", `{"runMode": 1}`},
		"body as array":       {http.MethodPost, "/agent/4711/start", `[]`},
		"half a body":         {http.MethodPost, "/agent/4711/start", `{"parallelism": 1`},
		"list of none":        {http.MethodGet, "/agent/4711/runs?maxRecords=0", ""},
		"list of 1001":        {http.MethodGet, "/agent/4711/runs?maxRecords=1001", ""},
		"list of some":        {http.MethodGet, "/agent/4711/runs?maxRecords=some", ""},
		"remove method":       {http.MethodDelete, "/agent/4711/run/100001?removeMethod=Everything", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newContractCloud(t, simulator.Options{Agents: []simulator.Agent{wiredAgent()}})
				runID := c.finishedRun(t, simulator.Completed)
				starts := len(c.Runs(agentID))
				var requests, answers []string
				c.contract.report = splitReports(&requests, &answers)
				status := c.sendRaw(t, tc.method, tc.path, tc.body)
				if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
					t.Errorf("the simulator answers %d", status)
				}
				if len(requests) != 1 || len(answers) != 0 {
					t.Errorf("the contract has against the request %q, and against the answer %q", requests, answers)
				}
				if run, _ := c.Run(runID); len(c.Runs(agentID)) != starts || run.Gone {
					t.Error("the request was refused and took effect")
				}
			})
		})
	}
}
