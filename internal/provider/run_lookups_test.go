// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// runIDs are the ids of the runs in a result.
func runIDs(t *testing.T, values map[string]tftypes.Value) (ids []int64) {
	t.Helper()
	runs, _ := plainOf(t, values["runs"]).([]any)
	for _, r := range runs {
		id, err := r.(map[string]any)["run_id"].(json.Number).Int64()
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func ofAgent(more map[string]tftypes.Value) map[string]tftypes.Value {
	all := map[string]tftypes.Value{"agent_id": core.Number(4711)}
	maps.Copy(all, more)
	return all
}

func textSet(elements ...string) tftypes.Value {
	var values []tftypes.Value
	for _, e := range elements {
		values = append(values, core.Text(e))
	}
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, values)
}

// nullAnd is a set with a null element beside these.
func nullAnd(elements ...string) tftypes.Value {
	values := []tftypes.Value{tftypes.NewValue(tftypes.String, nil)}
	for _, e := range elements {
		values = append(values, core.Text(e))
	}
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, values)
}

// inRuns tells a story beside an agent that has had runs of all ends: the first of the bubble, then these.
func inRuns(t *testing.T, ends []simulator.Status, story func(t *testing.T, d *downloading)) {
	t.Helper()
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		for _, end := range ends {
			d.cloud.AddFinishedRuns(4711, 1, end)
			time.Sleep(time.Hour)
		}
		story(t, d)
	})
}

func TestRunsAreFiltered(t *testing.T) {
	t.Parallel()
	ends := []simulator.Status{simulator.Failure, simulator.Failed, simulator.Success, simulator.Stopped, simulator.Completed}
	created := func(ago time.Duration) func() tftypes.Value {
		return func() tftypes.Value { return core.Text(time.Now().Add(-ago).Format(time.RFC3339)) }
	}
	for name, c := range map[string]struct {
		arguments map[string]tftypes.Value
		after     func() tftypes.Value
		want      []int64
	}{
		"all":                      {nil, nil, []int64{100006, 100005, 100004, 100003, 100002, 100001}},
		"a limit":                  {map[string]tftypes.Value{"limit": core.Number(2)}, nil, []int64{100006, 100005}},
		"a status":                 {map[string]tftypes.Value{"statuses": textSet("Completed")}, nil, []int64{100006, 100001}},
		"Failure is also Failed":   {map[string]tftypes.Value{"statuses": textSet("Failure")}, nil, []int64{100003, 100002}},
		"Failed is also Failure":   {map[string]tftypes.Value{"statuses": textSet("Failed", "Stopped")}, nil, []int64{100005, 100003, 100002}},
		"no status but null":       {map[string]tftypes.Value{"statuses": nullAnd()}, nil, []int64{100006, 100005, 100004, 100003, 100002, 100001}},
		"a status and null":        {map[string]tftypes.Value{"statuses": nullAnd("Stopped")}, nil, []int64{100005}},
		"the limit counts matches": {map[string]tftypes.Value{"statuses": textSet("Completed"), "limit": core.Number(1)}, nil, []int64{100006}},
		"none":                     {map[string]tftypes.Value{"statuses": textSet("Running", "Skipped")}, nil, nil},
		"a time":                   {nil, created(150 * time.Minute), []int64{100006, 100005}},
		"a time and a status":      {map[string]tftypes.Value{"statuses": textSet("Stopped")}, created(150 * time.Minute), []int64{100005}},
		"a time to come":           {nil, created(-time.Hour), nil},
		"a time with an offset": {nil, func() tftypes.Value {
			return core.Text(time.Now().Add(-150 * time.Minute).In(time.FixedZone("", -7*3600)).Format(time.RFC3339))
		}, []int64{100006, 100005}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inRuns(t, ends, func(t *testing.T, d *downloading) {
				arguments := ofAgent(c.arguments)
				if c.after != nil {
					arguments["created_after"] = c.after()
				}
				values, text, failed := d.lookUp("sequentum_runs", arguments)
				if failed || text != "" {
					t.Fatal(text)
				}
				if got := runIDs(t, values); !slices.Equal(got, c.want) {
					t.Errorf("the runs are %v, want %v", got, c.want)
				}
			})
		})
	}
}

// The API lists at most 1,000 runs: what is older is not found, and a warning says so.
func TestRunsOfAnAgentWithMany(t *testing.T) {
	t.Parallel()
	failures := map[string]tftypes.Value{"statuses": textSet("Failure")}
	for name, c := range map[string]struct {
		older, newer int // Completed runs beside one Failure
		arguments    map[string]tftypes.Value
		after        time.Duration
		found, lists int
		says         string
	}{
		"all in a short list":     {10, 10, failures, 0, 1, 1, ""},
		"the limit is reached":    {2000, 10, map[string]tftypes.Value{"limit": core.Number(50)}, 0, 50, 1, ""},
		"a longer list is needed": {100, 200, failures, 0, 1, 2, ""},
		"a large limit":           {500, 10, map[string]tftypes.Value{"limit": core.Number(400)}, 0, 400, 1, ""},
		"more than is listed":     {1100, 10, failures, 0, 1, 2, "Among them 1 run matches, and the limit is 50. The result cannot contain older runs."},
		"none of what is listed":  {10, 1100, failures, 0, 0, 2, "Among them 0 runs match"},
		"the time is passed":      {1100, 10, failures, time.Hour, 1, 1, ""},
		"all that is listed":      {1100, 10, map[string]tftypes.Value{"limit": core.Number(1000)}, 0, 1000, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownloading(t, nil, func(t *testing.T, d *downloading) {
				d.cloud.AddFinishedRuns(4711, c.older, simulator.Completed)
				time.Sleep(2*time.Hour + time.Duration(c.older)*time.Minute)
				d.cloud.AddFinishedRuns(4711, 1, simulator.Failure)
				time.Sleep(time.Duration(c.newer) * time.Minute) // the newer ones are created a minute apart before now
				d.cloud.AddFinishedRuns(4711, c.newer, simulator.Completed)
				arguments := ofAgent(c.arguments)
				if c.after > 0 {
					arguments["created_after"] = core.Text(time.Now().Add(-c.after).Format(time.RFC3339))
				}
				d.cloud.ResetCounts()
				values, text, failed := d.lookUp("sequentum_runs", arguments)
				if failed || (text != "") != (c.says != "") {
					t.Fatal(text)
				}
				wantText(t, text, c.says)
				if got := len(runIDs(t, values)); got != c.found || d.cloud.Count(simulator.AnyKind) != c.lists {
					t.Errorf("%d runs with %d requests, want %d with %d", got, d.cloud.Count(simulator.AnyKind), c.found, c.lists)
				}
			})
		})
	}
}

// Odd elements take no others with them, and a list that cannot be read at its length is read shorter.
func TestRunsOfAnOddList(t *testing.T) {
	t.Parallel()
	for _, odd := range simulator.OddRuns(4711) {
		inRuns(t, []simulator.Status{simulator.Failure}, func(t *testing.T, d *downloading) {
			d.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Insert: []simulator.Element{odd}, InsertAt: 1})
			values, text, failed := d.lookUp("sequentum_runs", ofAgent(nil))
			if ids := runIDs(t, values); failed || !slices.Contains(ids, 100001) || !slices.Contains(ids, 100002) {
				t.Errorf("%s: %v %s", odd, ids, text)
			}
		})
	}
}

// The warning says how far the list reaches that was read at last.
func TestRunsOfAListThatIsTooLongToRead(t *testing.T) {
	t.Parallel()
	inDownloading(t, nil, func(t *testing.T, d *downloading) {
		d.cloud.AddFinishedRuns(4711, 150, simulator.Completed)
		d.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: 6, Action: simulator.Garbage})
		values, text, failed := d.lookUp("sequentum_runs", ofAgent(map[string]tftypes.Value{"limit": core.Number(1000)}))
		if got := len(runIDs(t, values)); failed || got != 100 {
			t.Errorf("%d runs: %s", got, text)
		}
		wantText(t, text, "The list of the 1000 newest runs could not be read. The provider read only the 100 newest. Among them 100 runs match")
	})
}

func TestRunsThatCannotBe(t *testing.T) {
	t.Parallel()
	const anExample = `such as "2030-01-31T06:00:00Z"`
	for name, c := range map[string]struct {
		arguments map[string]tftypes.Value
		says      []string
	}{
		"another agent":       {map[string]tftypes.Value{"agent_id": core.Number(77)}, []string{"Agent 77 is not found", "this key cannot see it"}},
		"no agent":            {map[string]tftypes.Value{"agent_id": core.Number(0)}, []string{"agent_id must be 1 or more"}},
		"a status by code":    {map[string]tftypes.Value{"statuses": textSet("6")}, []string{"statuses", `"Running"`, `"Failure"`}},
		"a status in lower":   {map[string]tftypes.Value{"statuses": textSet("completed")}, []string{"statuses", `"Completed"`}},
		"no statuses":         {map[string]tftypes.Value{"statuses": textSet()}, []string{"statuses", "at least 1"}},
		"a day":               {map[string]tftypes.Value{"created_after": core.Text("2026-01-31")}, []string{`"2026-01-31" is not an RFC 3339 time`, anExample}},
		"a time without zone": {map[string]tftypes.Value{"created_after": core.Text("2026-01-31T00:00:00")}, []string{anExample}},
		"year 1":              {map[string]tftypes.Value{"created_after": core.Text("0001-01-01T00:00:00Z")}, []string{`created_after: "0001-01-01T00:00:00Z" is before 1970`}},
		"words":               {map[string]tftypes.Value{"created_after": core.Text("yesterday")}, []string{anExample}},
		"empty":               {map[string]tftypes.Value{"created_after": core.Text("")}, []string{anExample}},
		"a limit of 0":        {map[string]tftypes.Value{"limit": core.Number(0)}, []string{"limit", "between 1 and 1000"}},
		"a limit of 1001":     {map[string]tftypes.Value{"limit": core.Number(1001)}, []string{"limit", "between 1 and 1000"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inRuns(t, nil, func(t *testing.T, d *downloading) {
				_, text, failed := d.lookUp("sequentum_runs", ofAgent(c.arguments))
				if !failed {
					t.Error("that was no error")
				}
				wantText(t, text, c.says...)
			})
		})
	}
}

// Look-ups of one agent share their requests.
func TestCostOfRunLookUps(t *testing.T) {
	t.Parallel()
	inDownloadingOf(t, simulator.Options{Agents: []simulator.Agent{{ID: 4711, Cost: "0.25", Files: []simulator.File{delivered("a.csv", "a\n1\n")}}}}, func(t *testing.T, d *downloading) {
		ids := d.cloud.AddFinishedRuns(4711, 30, simulator.Completed)
		var runs, withCost, lists, records []map[string]tftypes.Value
		for i, id := range ids {
			run := map[string]tftypes.Value{"agent_id": core.Number(4711), "run_id": core.Number(id)}
			runs = append(runs, run)
			paid := maps.Clone(run)
			paid["include_cost"] = core.Bool(true)
			withCost = append(withCost, paid)
			lists = append(lists, ofAgent(map[string]tftypes.Value{"limit": core.Number(int64(i + 1))}))
			records = append(records, ofFirstRun(nil))
		}
		for _, c := range []struct {
			typ       string
			arguments []map[string]tftypes.Value
			requests  int
		}{
			{"sequentum_run", runs, 1},
			{"sequentum_run", withCost, 1 + 2}, // a page of costs, and the page after it, which is empty
			{"sequentum_runs", lists, 1},
			{"sequentum_run_records", records, 2 + 30 + 30}, // the link and the content of each file
		} {
			d.cloud.ResetCounts()
			results := d.lookUpTogether(c.typ, c.arguments)
			if n := d.cloud.Count(simulator.AnyKind); n != c.requests {
				t.Errorf("%d look-ups of %s took %d requests, want %d: %v", len(results), c.typ, n, c.requests, d.cloud.Requests())
			}
			for i, values := range results {
				if c.typ == "sequentum_run" && asJSON(t, values["run_id"]) != fmt.Sprint(ids[i]) {
					t.Errorf("%d is %s", i, values)
				}
			}
		}
	})
}

func TestRunLookUp(t *testing.T) {
	t.Parallel()
	agent := endless()
	agent.Cost, agent.BilledAfter = "12.5", simulator.Duration(time.Hour)
	inDownloadingOf(t, simulator.Options{Agents: []simulator.Agent{agent}}, func(t *testing.T, d *downloading) {
		active := d.cloud.StartRun(4711)
		time.Sleep(time.Minute)
		arguments := ofAgent(map[string]tftypes.Value{"run_id": core.Number(active.ID), "include_cost": core.Bool(true)})
		want := func(facts map[string]string) {
			t.Helper()
			values, text, failed := d.lookUp("sequentum_run", arguments)
			if failed || text != "" {
				t.Fatal(text)
			}
			for name, want := range facts {
				if got := asJSON(t, values[name]); got != want {
					t.Errorf("%s is %s, want %s", name, got, want)
				}
			}
		}
		want(map[string]string{"status": `"Running"`, "finished": "false", "found": "true", "id": fmt.Sprintf(`"4711/%d"`, active.ID), "finished_at": "null", "cost": "null"})
		d.cloud.Finish(active.ID, simulator.Failure)
		time.Sleep(time.Minute)
		want(map[string]string{"status": `"Failure"`, "finished": "true", "cost": "null"})
		time.Sleep(2 * time.Hour)
		want(map[string]string{"status": `"Failure"`, "cost": "12.5"})
		delete(arguments, "include_cost")
		d.cloud.ResetCounts()
		want(map[string]string{"status": `"Failure"`, "cost": "null"})
		if n := d.cloud.Count(simulator.AnyKind); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// The costs of a run are asked for over its whole life, whatever the platform says of its times.
func TestRunCostOverTime(t *testing.T) {
	t.Parallel()
	for name, life := range map[string]time.Duration{"a minute": time.Minute, "a month": 31 * 24 * time.Hour} {
		for _, null := range []bool{false, true} {
			t.Run(fmt.Sprint(name, null), func(t *testing.T) {
				t.Parallel()
				agent := endless()
				agent.Cost, agent.NullFields = "3", null
				inDownloadingOf(t, simulator.Options{Agents: []simulator.Agent{agent}}, func(t *testing.T, d *downloading) {
					r := d.cloud.StartRun(4711)
					time.Sleep(life)
					d.cloud.Finish(r.ID, simulator.Success)
					time.Sleep(10 * 24 * time.Hour)
					values, text, failed := d.lookUp("sequentum_run", ofAgent(map[string]tftypes.Value{"run_id": core.Number(r.ID), "include_cost": core.Bool(true)}))
					if failed || asJSON(t, values["cost"]) != "3" {
						t.Errorf("%v %s", values["cost"], text)
					}
				})
			})
		}
	}
}

func TestRunLookUpThatFails(t *testing.T) {
	t.Parallel()
	withCost := map[string]tftypes.Value{"include_cost": core.Bool(true)}
	noList := simulator.Fault{Kind: simulator.KindRuns, Times: -1, Action: simulator.Garbage}
	for name, c := range map[string]struct {
		faults []simulator.Fault
		says   []string // none: no error
	}{
		"no list":          {[]simulator.Fault{noList}, nil},
		"a 404, and found": {[]simulator.Fault{noList, {Kind: simulator.KindStatus, Action: simulator.StatusCode, Code: 404}}, nil},
		"costs are a 404": {[]simulator.Fault{{Kind: simulator.KindCosts, Times: -1, Action: simulator.StatusCode, Code: 404}},
			[]string{"The cost of run 4711/100001 could not be read", "404"}},
		"costs are a page": {[]simulator.Fault{{Kind: simulator.KindCosts, Times: -1, Action: simulator.HTML, Code: 200}},
			[]string{"The cost of run 4711/100001 could not be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inRuns(t, nil, func(t *testing.T, d *downloading) {
				for _, fault := range c.faults {
					d.cloud.Inject(fault)
				}
				_, text, failed := d.lookUp("sequentum_run", ofFirstRun(withCost))
				if failed != (len(c.says) > 0) {
					t.Error(text)
				}
				wantText(t, text, c.says...)
				wantNoText(t, text, "is not found,", "What you can do")
			})
		})
	}
}

func TestRunLookUpOfARunThatIsMissing(t *testing.T) {
	t.Parallel()
	inRuns(t, nil, func(t *testing.T, d *downloading) {
		d.cloud.Expire(firstRun)
		arguments := ofFirstRun(map[string]tftypes.Value{"include_cost": core.Bool(true)})
		_, text, failed := d.lookUp("sequentum_run", arguments)
		wantText(t, text, "Run 4711/100001 is not found", "allow_missing = true", "for the next run: keep what you need of it in state, for example in the input of a terraform_data")
		wantNoText(t, text, "record_files")
		if !failed {
			t.Error("that was no error")
		}
		arguments["allow_missing"] = core.Bool(true)
		values, text, failed := d.lookUp("sequentum_run", arguments)
		if failed || asJSON(t, values["found"]) != "false" {
			t.Fatal(text)
		}
		for _, name := range []string{"id", "status", "finished", "created_at", "records_extracted", "cost"} {
			if got := asJSON(t, values[name]); got != "null" {
				t.Errorf("%s is %s", name, got)
			}
		}
		d.cloud.HideAgent(4711, true)
		_, text, failed = d.lookUp("sequentum_run", arguments)
		wantText(t, text, "Run 4711/100001 and its agent are not found")
		if !failed {
			t.Error("that was no error")
		}
	})
}
