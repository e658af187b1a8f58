// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// lookingUp reads data sources through the protocol, in one process of the provider, as a plan does.
type lookingUp struct {
	t       *testing.T
	cloud   *simulator.Cloud
	process *core.Process
	schemas map[string]*tfprotov6.Schema
}

type attributeValues = map[string]tftypes.Value

// inLookingUp tells a story beside a simulated cloud, in a bubble.
func inLookingUp(t *testing.T, o simulator.Options, story func(t *testing.T, l *lookingUp)) {
	t.Helper()
	schemas := dataSourceSchemas(t)
	core.Schemas() // outside of the bubble
	synctest.Test(t, func(t *testing.T) {
		l := &lookingUp{t: t, cloud: simulator.New(o), schemas: schemas}
		l.restart()
		story(t, l)
	})
}

func dataSourceSchemas(t *testing.T) map[string]*tfprotov6.Schema {
	t.Helper()
	resp, err := provider.NewServer(t.Context(), provider.New("test", nil)()).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return resp.DataSourceSchemas
}

// restart begins a new process, as each walk of the CLI does.
func (l *lookingUp) restart() {
	l.t.Helper()
	process, err := core.StartProcess(l.t.Context(), l.cloud.Transport(), nil)
	if err != nil {
		l.t.Fatal(err)
	}
	l.process = process
}

// read validates and reads. text is that of all diagnostics.
func (l *lookingUp) read(typ string, given attributeValues) (found attributeValues, text string, failed bool) {
	l.t.Helper()
	schema := l.schemas[typ]
	config := core.Dynamic(core.ObjectOf(schema, given))
	valid, err := l.process.Server.ValidateDataResourceConfig(l.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typ, Config: config})
	if err != nil {
		l.t.Error(err)
		return nil, "", true
	}
	if text := core.Errors(valid.Diagnostics); text != "" {
		return nil, text, true
	}
	resp, err := l.process.Server.ReadDataSource(l.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typ, Config: config})
	if err != nil {
		l.t.Error(err)
		return nil, "", true
	}
	text = core.Warnings(resp.Diagnostics) + core.Errors(resp.Diagnostics)
	if core.Errors(resp.Diagnostics) != "" {
		return nil, text, true
	}
	state, err := resp.State.Unmarshal(schema.ValueType())
	if err != nil || !state.IsFullyKnown() {
		l.t.Errorf("the state of %s is %v, %v", typ, state, err)
	}
	for name, value := range given {
		if !core.Attributes(state)[name].Equal(value) {
			l.t.Errorf("%s: the argument %s is %s in state, and %s in the configuration", typ, name, core.Attributes(state)[name], value)
		}
	}
	return core.Attributes(state), text, false
}

func (l *lookingUp) mustRead(typ string, given attributeValues) attributeValues {
	l.t.Helper()
	found, text, failed := l.read(typ, given)
	if failed || text != "" {
		l.t.Fatalf("%s %v: %s", typ, given, text)
	}
	return found
}

// mustRefuse fails the test unless the read is an error with these texts.
func (l *lookingUp) mustRefuse(typ string, given attributeValues, texts ...string) string {
	l.t.Helper()
	found, text, failed := l.read(typ, given)
	if !failed {
		l.t.Fatalf("%s %v: found %v", typ, given, found)
	}
	wantText(l.t, unwrap(text), texts...)
	return text
}

// requests are how many were sent since the last time, by kind.
func (l *lookingUp) requests() string {
	sent := l.cloud.Requests()
	l.cloud.ResetCounts()
	maps.DeleteFunc(sent, func(_ simulator.Kind, n int) bool { return n == 0 })
	return strings.TrimPrefix(fmt.Sprint(sent), "map")
}

// atTheSameTime calls read for 0 up to n, all at the same time.
func atTheSameTime(n int, read func(i int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { read(i) })
	}
	group.Wait()
}

// lookUpAccount is a cloud with two agents of one name, one without a name, a template, and two spaces of one name.
func lookUpAccount() simulator.Options {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	agent := func(id int64, name string, space int64) simulator.Agent {
		a := simulator.Agent{ID: id, Name: name, Created: at.Add(-time.Duration(id) * time.Minute)}
		if space > 0 {
			a.SpaceID = new(space)
		}
		return a
	}
	agents := []simulator.Agent{
		agent(4711, "Shoes", 12), agent(4712, "Shoes", 0), agent(4713, "Boots", 12), agent(4714, "Cafe\u0301", 13), agent(4715, "", 13), agent(4716, "Shoe template", 12),
	}
	agents[0].Description, agents[0].StartURL, agents[0].Version, agents[0].ProxyPoolID = "All shoes", "https://shop.example/shoes", 7, new(int64(5))
	agents[0].InputParameters = map[string]any{"page": 1, "category": "boots"}
	agents[4].NullName = true
	agents[5].Type = simulator.TemplateType
	return simulator.Options{
		Agents: agents,
		Spaces: []simulator.Space{
			{ID: 12, Name: "Shop", RunRetentionHours: new(int64(720)), Scope: "Organization"}, {ID: 13, Name: "Blog"}, {ID: 14, Name: "Blog"},
		},
	}
}

func byName(name string) attributeValues { return attributeValues{"name": core.Text(name)} }

func byID(argument string, id int64) attributeValues {
	return attributeValues{argument: core.Number(id)}
}

func andArgument(given attributeValues, argument string, value tftypes.Value) attributeValues {
	all := maps.Clone(given)
	if all == nil {
		all = attributeValues{}
	}
	all[argument] = value
	return all
}

// listedIDs are those of a list's elements, in order.
func listedIDs(found attributeValues, list, id string) string {
	var all []int64
	for _, element := range core.Elements(found[list]) {
		all = append(all, core.NumberOf(element, id))
	}
	return strings.Trim(fmt.Sprint(all), "[]")
}

func wantValues(t *testing.T, found, want attributeValues) {
	t.Helper()
	for name, value := range want {
		if !found[name].Equal(value) {
			t.Errorf("%s is %s, want %s", name, found[name], value)
		}
	}
}

// lookupsOfOne are the look-ups, each with arguments that find something.
var lookupsOfOne = map[string]attributeValues{
	"sequentum_agent": byName("Boots"), "sequentum_agents": nil, "sequentum_space": byName("Shop"), "sequentum_spaces": nil, "sequentum_credits": nil,
}

func TestLookUpsShareTheirRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		n    int
		read func(l *lookingUp, i int)
		want string
	}{
		"30 of one agent by id": {30, func(l *lookingUp, _ int) { l.mustRead("sequentum_agent", byID("agent_id", 4711)) }, "[agent:1]"},
		"of 3 agents by id":     {30, func(l *lookingUp, i int) { l.mustRead("sequentum_agent", byID("agent_id", 4711+int64(i%3))) }, "[agent:3]"},
		"agents by name, and lists of them": {30, func(l *lookingUp, i int) {
			l.mustRead("sequentum_agent", byName("Boots"))
			l.mustRead("sequentum_agents", attributeValues{"name_contains": core.Text(fmt.Sprint(i))})
		}, "[agents:2]"},
		"30 of one space by id": {30, func(l *lookingUp, _ int) { l.mustRead("sequentum_space", byID("space_id", 12)) }, "[space:1]"},
		"spaces by name, and lists of them": {30, func(l *lookingUp, _ int) {
			l.mustRead("sequentum_space", byName("Shop"))
			l.mustRead("sequentum_spaces", nil)
		}, "[spaces:1]"},
		"credits": {30, func(l *lookingUp, _ int) { l.mustRead("sequentum_credits", nil) }, "[credits:1]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inLookingUp(t, lookUpAccount(), func(t *testing.T, l *lookingUp) {
				atTheSameTime(test.n, func(i int) { test.read(l, i) })
				if got := l.requests(); got != test.want {
					t.Errorf("the requests are %s, want %s", got, test.want)
				}
				time.Sleep(time.Minute)
				test.read(l, 0)
				if got := l.requests(); got == "[]" {
					t.Error("a read a minute later shows what was true before")
				}
			})
		})
	}
}

// The whole list is read once for all names, in as many pages as the platform makes of it.
func TestHundredLookUpsByName(t *testing.T) {
	t.Parallel()
	agents := make([]simulator.Agent, 250)
	for i := range agents {
		agents[i] = simulator.Agent{ID: int64(5000 + i), Name: fmt.Sprintf("Agent %d", i)}
	}
	inLookingUp(t, simulator.Options{Agents: agents, AgentsPerPage: 100}, func(t *testing.T, l *lookingUp) {
		atTheSameTime(100, func(i int) {
			found := l.mustRead("sequentum_agent", byName(fmt.Sprintf("Agent %d", 24*(i%10))))
			if got := core.NumberOf(tftypes.NewValue(l.schemas["sequentum_agent"].ValueType(), found), "agent_id"); got != int64(5000+24*(i%10)) {
				t.Errorf("agent %d is %d", i, got)
			}
		})
		if got := l.requests(); got != "[agents:3]" {
			t.Errorf("the requests are %s", got)
		}
	})
}

// A failure is not shared with later reads, and every look-up ends with its time limit.
func TestLookUpsThatFail(t *testing.T) {
	t.Parallel()
	for typ, given := range lookupsOfOne {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			inLookingUp(t, lookUpAccount(), func(t *testing.T, l *lookingUp) {
				l.cloud.Inject(simulator.Fault{Times: -1, Action: simulator.StatusCode, Code: 429, RetryAfter: "3600"})
				l.mustRefuse(typ, given, "The time limit of timeouts.read (10m0s) has passed.", "At that time: ", "429 Too Many Requests")
				l.mustRefuse(typ, andArgument(given, "timeouts", timeoutBlock("read", "45s")), "The time limit of timeouts.read (45s) has passed.")
				l.mustRefuse(typ, andArgument(given, "timeouts", timeoutBlock("read", "-45s")), "Invalid duration")
				time.Sleep(2 * time.Hour)
				l.cloud.ClearFaults()
				l.mustRead(typ, given)
				time.Sleep(time.Minute)
				l.cloud.Forbid(true)
				l.mustRefuse(typ, given, "could not be ", "403 Forbidden", "the access token lacks the scope ")
				l.cloud.Forbid(false)
				l.mustRead(typ, given)
				time.Sleep(time.Minute)
				l.cloud.Outage(true)
				l.mustRefuse(typ, given, "could not be ", "503 Service Unavailable")
			})
		})
	}
}

func TestLookUpsOfAnUnconfiguredProvider(t *testing.T) {
	t.Parallel()
	schemas := dataSourceSchemas(t)
	server := provider.NewServer(t.Context(), provider.New("test", nil)())
	block := core.Schemas()["provider"]
	config := core.ObjectOf(block, attributeValues{"api_url": core.Text("http://127.0.0.1"), "api_key": core.Unknown(tftypes.String)})
	if _, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: core.Dynamic(config)}); err != nil {
		t.Fatal(err)
	}
	for typ, given := range lookupsOfOne {
		l := &lookingUp{t: t, schemas: schemas, process: &core.Process{Server: server}}
		l.mustRefuse(typ, given, "The provider is not configured yet", "The value of api_key in the provider block is not known yet.")
	}
}
