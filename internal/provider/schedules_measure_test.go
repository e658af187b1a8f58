// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure && unix

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// What 30 schedules of 3 agents cost, beside the same without anything shared: there each is handled by a process of its
// own, and a refresh asks for each schedule. With MEASURED set to a folder the table is written there for the guide.
func TestMeasureSchedules(t *testing.T) {
	table := "| case | requests | naive |\n| --- | ---: | ---: |\n"
	row := func(name string, shared, naive int) {
		fmt.Printf("%s: %d requests, naive: %d\n", name, shared, naive)
		table += fmt.Sprintf("| %s | %d | %d |\n", name, shared, naive)
	}
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		objects := s.createMany(s.thirty())
		created := s.sent()
		p := s.startProcess()
		mustRead := func(p *core.Process, o *core.Object) { // a read that failed is no cheap one
			if a := p.Read(o); a.Failed() {
				t.Error(core.Errors(a.Diagnostics))
			}
		}
		atTheSameTime(len(objects), func(i int) { mustRead(p, objects[i]) })
		refreshed := s.sent()
		for _, arguments := range s.thirty() {
			s.createMany([]map[string]tftypes.Value{arguments})
		}
		row("create 30 schedules of 3 agents", created, s.sent())
		s.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, Times: -1, Action: simulator.StatusCode, Code: 405}) // no lists
		for _, o := range objects {
			mustRead(s.startProcess(), o)
		}
		row("refresh 30 schedules of 3 agents", refreshed, s.requests()[simulator.KindSchedule])
	})
	if folder := os.Getenv("MEASURED"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, "schedules.md"), []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// sent is how many requests were sent since the last time.
func (s *scheduling) sent() (n int) {
	for _, count := range s.requests() {
		n += count
	}
	return n
}
