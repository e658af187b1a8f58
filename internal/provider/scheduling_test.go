// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const scheduleType = "sequentum_schedule"

// scheduling drives sequentum_schedule through the protocol, in a bubble: time costs nothing, and it begins at midnight,
// 2000-01-01 UTC.
type scheduling struct {
	*stage
	cloud *simulator.Cloud
}

// inScheduling tells a story about a schedule of agent 4711. It fires daily at 03:00 until the story changes it.
func inScheduling(t *testing.T, v simulator.ScheduleVariants, story func(t *testing.T, s *scheduling)) {
	t.Helper()
	core.Schemas()
	synctest.Test(t, func(t *testing.T) { story(t, newScheduling(t, v)) })
}

// inSchedulingOverHTTP2 is inScheduling with net/http's own HTTP/2 at both ends of the wire.
func inSchedulingOverHTTP2(t *testing.T, v simulator.ScheduleVariants, story func(t *testing.T, s *scheduling)) {
	t.Helper()
	core.Schemas()
	synctest.Test(t, func(t *testing.T) {
		s := newScheduling(t, v)
		pipes := s.cloud.HTTP2Transport()
		t.Cleanup(func() { _ = pipes.Close() })
		s.transport = pipes
		story(t, s)
		for _, r := range s.cloud.Log() {
			if r.Proto != "HTTP/2.0" {
				t.Fatalf("a request came over %s", r.Proto)
			}
		}
	})
}

func newScheduling(t *testing.T, v simulator.ScheduleVariants) *scheduling {
	o := shop()
	o.Schedules = v
	s := &scheduling{cloud: simulator.New(o)}
	s.stage = &stage{t: t, typ: scheduleType, transport: s.cloud.Transport(), arguments: map[string]tftypes.Value{
		"agent_id": core.Number(4711), "name": core.Text("Nightly"), "cron": cronOf("0 3 * * *"),
	}}
	return s
}

// nested is an object of texts and numbers; nil is null.
func nested(values map[string]any, kinds map[string]tftypes.Type) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, kind := range kinds {
		all[name] = tftypes.NewValue(kind, values[name])
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, all)
}

var (
	cronKinds  = map[string]tftypes.Type{"expression": tftypes.String, "timezone": tftypes.String}
	everyKinds = map[string]tftypes.Type{"count": tftypes.Number, "period": tftypes.String, "start_time": tftypes.String}
	onceKinds  = map[string]tftypes.Type{"start_time": tftypes.String}
)

func cronOf(expression string) tftypes.Value {
	return nested(map[string]any{"expression": expression}, cronKinds)
}

func cronIn(expression, zone string) tftypes.Value {
	return nested(map[string]any{"expression": expression, "timezone": zone}, cronKinds)
}

func everyOf(count int, period string) tftypes.Value {
	return nested(map[string]any{"count": count, "period": period}, everyKinds)
}

func everyFrom(count int, period, start string) tftypes.Value {
	return nested(map[string]any{"count": count, "period": period, "start_time": start}, everyKinds)
}

func onceAt(start string) tftypes.Value {
	return nested(map[string]any{"start_time": start}, onceKinds)
}

// fires makes the schedule fire in another way.
func (s *scheduling) fires(kind string, value tftypes.Value) {
	for _, name := range []string{"cron", "every", "once"} {
		delete(s.arguments, name)
	}
	s.arguments[kind] = value
}

// id is the id of the schedule in state.
func (s *scheduling) id() int64 {
	s.t.Helper()
	if s.state == nil {
		s.t.Fatal("nothing is in state")
	}
	return core.NumberOf(s.state.Value, "schedule_id")
}

// held is the schedule as the cloud holds it.
func (s *scheduling) held() simulator.Schedule {
	s.t.Helper()
	held, ok := s.cloud.Schedule(s.id())
	if !ok {
		s.t.Fatalf("the cloud has no schedule %d", s.id())
	}
	return held
}

// edit changes the schedule as a person does in the dashboard.
func (s *scheduling) edit(change func(*simulator.Schedule)) {
	s.t.Helper()
	if !s.cloud.EditSchedule(s.id(), change) {
		s.t.Fatal("the schedule was not edited")
	}
}

// wantSchedules fails the test unless the agent has so many schedules.
func (s *scheduling) wantSchedules(n int) {
	s.t.Helper()
	if got := len(s.cloud.Schedules(4711)); got != n {
		s.t.Errorf("the agent has %d schedules, want %d", got, n)
	}
}

// requests counts what was sent since the last time, by kind, without zeros.
func (s *scheduling) requests() map[simulator.Kind]int {
	counts := map[simulator.Kind]int{}
	for _, kind := range []simulator.Kind{
		simulator.KindSchedules, simulator.KindSchedule, simulator.KindScheduleCreate, simulator.KindScheduleUpdate,
		simulator.KindScheduleDelete, simulator.KindScheduleEnable, simulator.KindScheduleDisable, simulator.KindAgent,
	} {
		if n := s.cloud.Count(kind); n > 0 {
			counts[kind] = n
		}
	}
	s.cloud.ResetCounts()
	return counts
}

// wantText is the value of an attribute of state; "" is null.
func (s *scheduling) wantAttribute(name, want string) {
	s.t.Helper()
	if got := core.TextOf(s.state.Value, name); got != want {
		s.t.Errorf("%s is %q, want %q", name, got, want)
	}
}

// at is a time so long after the story began, as an argument.
func at(after time.Duration) string {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(after).Format(time.RFC3339)
}

// import takes the schedule with that id into state.
func (s *scheduling) mustImport(id string) {
	s.t.Helper()
	p := s.startProcess()
	o, a := p.Import(s.typ, id)
	if a.Failed() {
		s.t.Fatalf("the import failed: %s", core.Errors(a.Diagnostics))
	}
	if a = p.Read(o); a.Failed() {
		s.t.Fatalf("the read after the import failed: %s", core.Errors(a.Diagnostics))
	}
	s.state = &core.Object{Type: s.typ, Value: a.Value, Private: a.Private}
}

// answeringEnabled is the way to a server that takes no notice of isEnabled in a create.
type answeringEnabled struct{ next http.RoundTripper }

func (a answeringEnabled) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/schedules") {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = bytes.Replace(body, []byte(`"isEnabled":false`), []byte(`"isEnabled":true`), 1)
		req = req.Clone(req.Context())
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return a.next.RoundTrip(req)
}
