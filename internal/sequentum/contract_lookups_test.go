// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// exerciseAgents compares the list of agents with the agents themselves.
func exerciseAgents(t *testing.T, c *contractCloud) {
	t.Helper()
	agents, err := c.client.Agents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(agents) != 1 {
		t.Errorf("the client read %d agents, want 1", len(agents))
	}
	for _, listed := range agents {
		agent, err := c.client.Agent(t.Context(), listed.ID)
		if err != nil || !reflect.DeepEqual(*agent, listed) {
			t.Errorf("the client read the agent as %+v, and in the list as %+v: %v", agent, listed, err)
		}
	}
}

// exerciseSpaces reads the space of an agent, and the list of spaces; spaceID is nil in the personal space, which is in no
// list.
func exerciseSpaces(t *testing.T, c *contractCloud, spaceID *int64) {
	t.Helper()
	spaces, err := c.client.Spaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if spaceID == nil {
		if len(spaces) > 0 {
			t.Errorf("the client read the spaces %+v", spaces)
		}
		return
	}
	space, err := c.client.Space(t.Context(), *spaceID)
	if err != nil {
		t.Fatal(err)
	}
	if space.ID != *spaceID || space.Name == "" || !reflect.DeepEqual(spaces, []sequentum.Space{*space}) {
		t.Errorf("the client read the space as %+v, and in the list as %+v", space, spaces)
	}
}

func exerciseCredits(t *testing.T, c *contractCloud) {
	t.Helper()
	credits, err := c.client.Credits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if credits.Available <= 0 || !credits.RetrievedAt.Equal(time.Now()) {
		t.Errorf("the client read the credits as %+v", credits)
	}
}

// exerciseCosts reads what a finished run of wiredAgent has cost.
func exerciseCosts(t *testing.T, c *contractCloud, runID int64) {
	t.Helper()
	costs, err := c.client.RunCosts(t.Context(), agentID, time.Now().Add(-24*time.Hour), time.Now().Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if cost, billed := costs[runID]; !billed || cost != 2.5 {
		t.Errorf("the client read the costs as %v", costs)
	}
}

// manyAgents are agents with ids from 4711 up, of which some have no name.
func manyAgents(n int) []simulator.Agent {
	agents := make([]simulator.Agent, n)
	for i := range agents {
		agents[i] = simulator.Agent{ID: int64(agentID + i), Name: fmt.Sprintf("Agent %d", i), NullName: i%7 == 0}
	}
	return agents
}

// TestAllAgentsAreReadFromEveryServer reads a list that every variant of the simulator answers in its own way.
func TestAllAgentsAreReadFromEveryServer(t *testing.T) {
	for name, options := range map[string]simulator.Options{
		"pages":             {},
		"short pages":       {AgentsPerPage: 10},
		"even pages":        {AgentsPerPage: 5},
		"items":             {AgentsPerPage: 10, Paging: simulator.PagingItems},
		"no pages":          {Paging: simulator.PagingIgnored},
		"always the first":  {Paging: simulator.PagingFirst},
		"types as names":    {AgentsPerPage: 10, LegacyStatusNames: true},
		"one agent a page":  {AgentsPerPage: 1},
		"no limit of calls": {AgentsPerPage: 3, RateLimit: -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				options.Agents = manyAgents(25)
				c := newContractCloud(t, options)
				agents, err := c.client.Agents(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for i, a := range agents {
					if a.ID != int64(agentID+i) || (a.Name == "") != (i%7 == 0) || a.Type != "Agent" {
						t.Errorf("agent %d is %+v", i, a)
					}
				}
				if len(agents) != 25 {
					t.Errorf("%d agents", len(agents))
				}
			})
		})
	}
}

// TestOddAgentsTakeNoOthersWithThem puts elements that cannot be used into the list.
func TestOddAgentsTakeNoOthersWithThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newContractCloud(t, simulator.Options{Agents: manyAgents(25), AgentsPerPage: 10})
		c.contract.report = func(string) {} // odd elements have no contract
		c.Inject(simulator.Fault{Kind: simulator.KindAgents, Times: -1, Insert: simulator.OddAgents(), InsertAt: 2})
		agents, err := c.client.Agents(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for id := int64(agentID); id < agentID+25; id++ {
			if !slices.ContainsFunc(agents, func(a sequentum.Agent) bool { return a.ID == id }) {
				t.Errorf("agent %d is missing", id)
			}
		}
	})
}

// TestAgentsThatComeAndGoMeanwhile adds and deletes agents while the pages are read.
func TestAgentsThatComeAndGoMeanwhile(t *testing.T) {
	for name, test := range map[string]struct {
		change func(c *simulator.Cloud)
		want   int
	}{
		"one more":       {func(c *simulator.Cloud) { c.SetAgent(simulator.Agent{ID: 9000}) }, 26},
		"one less":       {func(c *simulator.Cloud) { c.DeleteAgent(agentID) }, 24},
		"one less, last": {func(c *simulator.Cloud) { c.DeleteAgent(agentID + 24) }, 24},
		"hidden":         {func(c *simulator.Cloud) { c.HideAgent(agentID+3, true) }, 24},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var cloud *simulator.Cloud
				pages := 0
				c := newContractCloud(t, simulator.Options{Agents: manyAgents(25), AgentsPerPage: 10, OnRequest: func(simulator.Request) {
					if pages++; pages == 2 {
						test.change(cloud)
					}
				}})
				cloud = c.Cloud
				agents, err := c.client.Agents(t.Context())
				if err != nil || len(agents) != test.want {
					t.Errorf("%d agents, want %d: %v", len(agents), test.want, err)
				}
			})
		})
	}
}

// TestRefusedPageIsNamed refuses one page of several.
func TestRefusedPageIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newContractCloud(t, simulator.Options{Agents: manyAgents(25), AgentsPerPage: 10})
		c.Inject(simulator.Fault{Kind: simulator.KindAgents, Skip: 2, Action: simulator.StatusCode, Code: http.StatusNotFound})
		agents, err := c.client.Agents(t.Context())
		if err == nil {
			t.Fatalf("got %d agents", len(agents))
		}
		if got := err.Error(); !sequentum.IsNotFound(err) || len(got) < 10 || got[:10] != "page 3 of " {
			t.Errorf("got %v", err)
		}
	})
}
