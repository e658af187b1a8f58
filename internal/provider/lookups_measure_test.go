// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure && unix

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// What look-ups cost, beside the same look-ups without anything shared: there each is a process of its own. With MEASURED
// set to a folder the table is written there for the guide.
func TestMeasureLookUps(t *testing.T) {
	agents := make([]simulator.Agent, 250)
	for i := range agents {
		agents[i] = simulator.Agent{ID: int64(5000 + i), Name: fmt.Sprintf("Agent %d", i)}
	}
	var table strings.Builder
	table.WriteString("| case | requests | naive |\n| --- | ---: | ---: |\n")
	for _, of := range []struct {
		name string
		n    int
		read func(l *lookingUp, i int)
	}{
		{"100 look-ups of 10 agents by name", 100, func(l *lookingUp, i int) { l.mustRead("sequentum_agent", byName(fmt.Sprintf("Agent %d", i%10))) }},
		{"100 look-ups of 10 agents by id", 100, func(l *lookingUp, i int) { l.mustRead("sequentum_agent", byID("agent_id", int64(5000+i%10))) }},
		{"30 look-ups of one agent by id", 30, func(l *lookingUp, _ int) { l.mustRead("sequentum_agent", byID("agent_id", 5000)) }},
		{"30 lists of the agents whose name contains a text", 30, func(l *lookingUp, i int) {
			l.mustRead("sequentum_agents", attributeValues{"name_contains": core.Text(fmt.Sprint(i))})
		}},
	} {
		inLookingUp(t, simulator.Options{Agents: agents, AgentsPerPage: 100, RateLimit: -1}, func(t *testing.T, l *lookingUp) {
			atTheSameTime(of.n, func(i int) { of.read(l, i) })
			shared := l.sent()
			for i := range of.n {
				l.restart()
				of.read(l, i)
			}
			naive := l.sent()
			fmt.Printf("%s: %d requests, naive: %d\n", of.name, shared, naive)
			fmt.Fprintf(&table, "| %s | %d | %d |\n", of.name, shared, naive)
		})
	}
	if folder := os.Getenv("MEASURED"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, "look-ups.md"), []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// sent is how many requests were sent since the last time.
func (l *lookingUp) sent() (n int) {
	for _, count := range l.cloud.Requests() {
		n += count
	}
	l.cloud.ResetCounts()
	return n
}
