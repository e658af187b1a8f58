// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// shoes is the agent whose runs are listed.
func shoes() simulator.Options {
	return simulator.Options{Agents: []simulator.Agent{{ID: 4711, Name: "Shoes", Phases: endless().Phases, Records: 120}}}
}

// runs lists the agent's runs.
func (l *listing) runs(limit int64, statuses ...string) listed {
	l.t.Helper()
	config := map[string]tftypes.Value{"agent_id": core.Number(4711)}
	if len(statuses) > 0 {
		config["statuses"] = texts(statuses...)
	}
	return l.list(l.t.Context(), runType, limit, config)
}

// texts is a list of strings.
func texts(all ...string) tftypes.Value {
	values := []tftypes.Value{}
	for _, s := range all {
		values = append(values, core.Text(s))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, values)
}

func (l *listing) wantRuns(got listed, want ...int64) {
	l.t.Helper()
	if got.errors != "" || got.warnings != "" || !slices.Equal(got.ids(), want) {
		l.t.Errorf("the list has the runs %v, want %v; errors: %q; warnings: %q", got.ids(), want, got.errors, got.warnings)
	}
}

func TestListOfRuns(t *testing.T) {
	inListing(t, shoes(), func(t *testing.T, l *listing) {
		ids := l.cloud.AddFinishedRuns(4711, 3, simulator.Completed)
		accepted := time.Now().UTC().Format(time.RFC3339)
		active := l.cloud.StartRun(4711).ID
		all := []int64{active, ids[2], ids[1], ids[0]}
		l.wantRuns(l.runs(100), all...)
		l.wantRuns(l.runs(4), all...)
		l.wantRuns(l.runs(1), active)
		before := l.cloud.Count(simulator.AnyKind)
		l.wantRuns(l.runs(0))
		if asked := l.cloud.Count(simulator.AnyKind) - before; asked != 0 {
			t.Errorf("a list that nobody reads cost %d requests", asked)
		}
		if name, want := l.runs(1).objects[0].name, "Shoes, "+accepted+", Running"; name != want {
			t.Errorf("the name is %q, want %q", name, want)
		}
		if got := l.cloud.Count(simulator.KindStart); got != 0 {
			t.Errorf("%d starts", got)
		}
	})
}

// What a list gives is what an import of it reads: the plan after it is the same.
func TestListedRunIsWhatAnImportReads(t *testing.T) {
	inListing(t, shoes(), func(t *testing.T, l *listing) {
		for _, status := range []simulator.Status{simulator.Completed, simulator.Failure, simulator.Failed, simulator.Stopped} {
			l.cloud.AddFinishedRuns(4711, 1, status)
		}
		l.cloud.StartRun(4711)
		all := l.runs(100)
		if len(all.objects) != 5 {
			t.Fatalf("%d runs are listed, want 5: %s", len(all.objects), all.errors)
		}
		for _, one := range all.objects {
			imported, a := l.plugin.Import(runType, fmt.Sprintf("%d/%d", one.agentID, one.id))
			if a.Failed() {
				t.Fatal(core.Errors(a.Diagnostics))
			}
			if read := l.plugin.Read(imported); !read.Value.Equal(one.resource) {
				t.Errorf("listed:   %s\nimported: %s", one.resource, read.Value)
			}
		}
	})
}

func TestListOfRunsWithStatus(t *testing.T) {
	inListing(t, shoes(), func(t *testing.T, l *listing) {
		completed := l.cloud.AddFinishedRuns(4711, 1, simulator.Completed)[0]
		failure := l.cloud.AddFinishedRuns(4711, 1, simulator.Failure)[0]
		archived := l.cloud.AddFinishedRuns(4711, 1, simulator.Failed)[0]
		running := l.cloud.StartRun(4711).ID
		l.wantRuns(l.runs(100, "Completed"), completed)
		l.wantRuns(l.runs(100, "Failure"), archived, failure)
		l.wantRuns(l.runs(100, "Failed"), archived, failure)
		l.wantRuns(l.runs(100, "Running", "Completed"), running, completed)
		l.wantRuns(l.runs(1, "Failure"), archived)
		l.wantRuns(l.runs(100, "Skipped"))
		nothing := tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, nil)})
		l.wantRuns(l.list(t.Context(), runType, 1, map[string]tftypes.Value{"agent_id": core.Number(4711), "statuses": nothing}), running)
	})
}

func TestBadListOfRuns(t *testing.T) {
	inListing(t, shoes(), func(t *testing.T, l *listing) {
		id := map[string]tftypes.Value{"agent_id": core.Number(4711)}
		for _, bad := range []struct {
			argument string
			value    tftypes.Value
			says     string
		}{
			{"agent_id", core.Number(0), "agent_id value must be between 1 and 2147483647, got: 0"},
			{"agent_id", core.Number(1 << 31), "agent_id value must be between 1 and 2147483647"},
			{"statuses", texts("Finished"), `statuses[0] value must be one of: ["Running" "Exporting"`},
			{"statuses", texts(), "statuses list must contain at least 1 elements"},
		} {
			config := maps.Clone(id)
			config[bad.argument] = bad.value
			wantText(t, l.list(t.Context(), runType, 10, config).errors, bad.says)
		}
		if n := l.cloud.Count(simulator.AnyKind); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// One odd element never takes the rest with it.
func TestListOfRunsWithOddElements(t *testing.T) {
	for i, odd := range simulator.OddRuns(4711) {
		if strings.Contains(string(odd), `"configId":null`) {
			continue // a run that does not say whose it is can be used
		}
		t.Run(string(odd), func(t *testing.T) {
			inListing(t, shoes(), func(t *testing.T, l *listing) {
				ids := l.cloud.AddFinishedRuns(4711, 3, simulator.Completed)
				slices.Reverse(ids)
				l.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Insert: []simulator.Element{odd}, InsertAt: i % 2})
				for _, limit := range []int64{2, 100} { // also when the odd one takes the place of another
					all := l.runs(limit)
					want := ids[:min(limit, 3)]
					if all.errors != "" || !slices.Equal(all.ids(), want) {
						t.Errorf("the list of %d has the runs %v, want %v: %s", limit, all.ids(), want, all.errors)
					}
					wantText(t, all.warnings, "The list of the runs of agent 4711 is not complete", "1 element that the provider cannot use")
				}
			})
		})
	}
}

// A run that is being archived is listed twice. Two import blocks of one run are an error of the CLI.
func TestListOfRunsShowsEachOnce(t *testing.T) {
	for _, twice := range []simulator.Twice{simulator.StoppedFirst, simulator.StoppedLast} {
		inListing(t, shoes(), func(t *testing.T, l *listing) {
			finished := l.cloud.AddFinishedRuns(4711, 2, simulator.Completed)
			active := l.cloud.StartRun(4711).ID
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Twice: twice})
			l.wantRuns(l.runs(100), active, finished[1], finished[0])
			l.wantRuns(l.runs(2), active, finished[1])
			l.wantRuns(l.runs(100, "Stopped"))
		})
	}
}

func TestListOfMoreRunsThanTheAPILists(t *testing.T) {
	inListing(t, shoes(), func(t *testing.T, l *listing) {
		l.cloud.AddFinishedRuns(4711, 1, simulator.Failure)
		time.Sleep(24 * time.Hour)
		l.cloud.AddFinishedRuns(4711, 1000, simulator.Completed)
		for _, test := range []struct {
			limit    int64
			statuses []string
			want     int
			warns    bool
		}{
			{1000, nil, 1000, false},
			{1001, nil, 1000, true},
			{1 << 40, nil, 1000, true},
			{100, []string{"Completed"}, 100, false},
			{1, []string{"Failure"}, 0, true},
		} {
			all := l.runs(test.limit, test.statuses...)
			if len(all.objects) != test.want || all.errors != "" || (all.warnings != "") != test.warns {
				t.Errorf("limit %d, statuses %v: %d runs, want %d; warnings %q; errors %q", test.limit, test.statuses, len(all.objects), test.want, all.warnings, all.errors)
			}
			if test.warns {
				wantText(t, all.warnings, "Agent 4711 may have more runs", "The API lists at most the 1000 newest runs of an agent.")
			}
		}
	})
}

// A long list that cannot be read is replaced by a shorter one.
func TestListOfRunsThatIsTooLongToRead(t *testing.T) {
	inListing(t, shoes(), func(t *testing.T, l *listing) {
		l.cloud.AddFinishedRuns(4711, 150, simulator.Completed)
		garbage := simulator.Fault{Kind: simulator.KindRuns, Times: 6, Action: simulator.Garbage}
		l.cloud.Inject(garbage)
		all := l.runs(1000)
		if len(all.objects) != 100 || all.errors != "" {
			t.Errorf("%d runs, errors %q", len(all.objects), all.errors)
		}
		wantText(t, all.warnings, "The list of the 1000 newest runs could not be read. The provider read only the 100 newest.")
	})
}

func TestListOfRunsThatIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		fault simulator.Fault
		says  []string
	}{
		"403":             {simulator.Fault{Action: simulator.StatusCode, Code: http.StatusForbidden}, []string{"The runs of agent 4711 could not be listed", "403 Forbidden"}},
		"404":             {simulator.Fault{Action: simulator.StatusCode, Code: http.StatusNotFound}, []string{"Agent 4711 is not found", "404 Not Found", "this key cannot see it"}},
		"an outage":       {simulator.Fault{Action: simulator.HTML, Code: http.StatusServiceUnavailable}, []string{"The runs of agent 4711 could not be listed", "503 Service Unavailable"}},
		"garbage":         {simulator.Fault{Action: simulator.Garbage}, []string{"The runs of agent 4711 could not be listed"}},
		"no answer":       {simulator.Fault{Action: simulator.Hang}, []string{"The runs of agent 4711 could not be listed"}},
		"too many":        {simulator.Fault{Action: simulator.StatusCode, Code: http.StatusTooManyRequests, RetryAfter: "3600"}, []string{"The time limit of a list (10m0s) has passed.", "a 429", "Run the command again later."}},
		"only odd ones":   {simulator.Fault{Action: simulator.Bare, Code: http.StatusOK, Body: "[null, 7]"}, []string{"none of the 2 elements of the list can be used"}},
		"an object":       {simulator.Fault{Action: simulator.Bare, Code: http.StatusOK, Body: "{}"}, []string{"The runs of agent 4711 could not be listed"}},
		"an empty answer": {simulator.Fault{Action: simulator.Bare, Code: http.StatusOK}, []string{"The runs of agent 4711 could not be listed"}},
	} {
		t.Run(name, func(t *testing.T) {
			inListing(t, shoes(), func(t *testing.T, l *listing) {
				l.cloud.AddFinishedRuns(4711, 3, simulator.Completed)
				test.fault.Kind, test.fault.Times = simulator.KindRuns, -1
				l.cloud.Inject(test.fault)
				all := l.runs(100)
				wantText(t, all.errors, test.says...)
				l.cloud.ClearFaults()
				l.cloud.Release()
				time.Sleep(2 * time.Hour) // a pause after a 429
				if all := l.runs(100); len(all.objects) != 3 || all.errors != "" {
					t.Errorf("afterwards %d runs, errors %q", len(all.objects), all.errors)
				}
			})
		})
	}
}

func TestListOfRunsIsInterrupted(t *testing.T) {
	inListing(t, shoes(), func(t *testing.T, l *listing) {
		l.cloud.AddFinishedRuns(4711, 3, simulator.Completed)
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindRuns, Times: -1, Action: simulator.Hang})
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, interrupt)
		began := time.Now()
		all := l.list(ctx, runType, 100, map[string]tftypes.Value{"agent_id": core.Number(4711)})
		wantText(t, all.errors, "The runs of agent 4711 could not be listed", "The operation was interrupted.")
		if took := time.Since(began); took != time.Second {
			t.Errorf("the interrupt ended the list after %v", took)
		}
	})
}

// The CLI reads no further than it wants.
func TestListOfRunsIsReadInPart(t *testing.T) {
	inListing(t, shoes(), func(t *testing.T, l *listing) {
		ids := l.cloud.AddFinishedRuns(4711, 3, simulator.Completed)
		l.until = func(n int) bool { return n == 2 }
		l.wantRuns(l.runs(100), ids[2], ids[1])
	})
}

func TestNamesOfListedRuns(t *testing.T) {
	agent := simulator.Agent{ID: 4711, NullFields: true, Phases: endless().Phases}
	inListing(t, simulator.Options{Agents: []simulator.Agent{agent}}, func(t *testing.T, l *listing) {
		l.cloud.StartRun(4711)
		l.cloud.StartRun(4711)
		for _, one := range l.runs(100).objects {
			if one.name != "Agent 4711, Running" {
				t.Errorf("the name of a run without name and time is %q", one.name)
			}
		}
		agent.NullFields, agent.Name = false, "Shoes\n\x1b[31m"+strings.Repeat("é", 3000)
		l.cloud.SetAgent(agent)
		l.cloud.StartRun(4711)
		time.Sleep(time.Minute) // the list of before is not shared
		name := l.runs(1).objects[0].name
		if strings.ContainsAny(name, "\n\x1b") || !strings.HasPrefix(name, "Shoes �[31mé") || len([]rune(name)) > 300 {
			t.Errorf("the name is %q", name)
		}
	})
}

func TestListWithoutAConfiguredProvider(t *testing.T) {
	inListing(t, shoes(), func(t *testing.T, l *listing) {
		l.plugin.Server = provider.NewServer(t.Context(), provider.New("test", nil)())
		wantText(t, l.runs(10).errors, "The provider is not configured yet")
	})
}
