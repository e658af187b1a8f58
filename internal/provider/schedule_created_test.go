// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// showingCreated is the way to a server whose answers differ in when a schedule was created: those about one schedule, and
// the list and the answer to a create.
type showingCreated struct {
	next       http.RoundTripper
	one, other string // JSON
}

var createdField = regexp.MustCompile(`"created":("[^"]*"|null)`)

func (c showingCreated) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err != nil || !strings.Contains(req.URL.Path, "/schedules") {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	value := c.one
	if strings.HasSuffix(req.URL.Path, "/schedules") {
		value = c.other
	}
	body = createdField.ReplaceAll(body, []byte(`"created":`+value))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Del("Content-Length")
	return resp, nil
}

// Answers can differ in when a schedule was created. No change ends with another value than was planned, and no refresh
// moves the value to and fro.
func TestScheduleAnswersDifferInWhenItWasCreated(t *testing.T) {
	for name, test := range map[string]struct{ one, other, want string }{
		"the list lacks it":            {`"2000-01-01T00:00:00Z"`, `null`, ""},
		"the schedule itself lacks it": {`null`, `"2000-01-01T00:00:00Z"`, "2000-01-01T00:00:00Z"},
		"another fraction":             {`"2000-01-01T00:00:01Z"`, `"2000-01-01T00:00:00.9Z"`, "2000-01-01T00:00:00.9Z"},
		"another time":                 {`"2000-01-01T00:00:07Z"`, `"2000-01-01T00:00:00Z"`, "2000-01-01T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
				s.transport = showingCreated{s.cloud.Transport(), test.one, test.other}
				for _, title := range []string{"A", "B", "C"} {
					s.arguments["name"] = core.Text(title)
					s.arguments["enabled"] = core.Bool(title != "B")
					s.mustApply()
					s.wantAttribute("created_at", test.want)
					s.wantPlan(core.ActionNone)
				}
			})
		})
	}
}

// A refresh shows when a schedule was created, also when an earlier answer lacked it, and keeps that while answers lack it.
func TestScheduleRefreshShowsWhenItWasCreated(t *testing.T) {
	inScheduling(t, simulator.ScheduleVariants{}, func(t *testing.T, s *scheduling) {
		for _, step := range []struct{ shown, want string }{
			{`null`, ""}, {`"2000-01-01T00:00:00.25Z"`, "2000-01-01T00:00:00.25Z"}, {`"2000-01-01T00:00:00Z"`, "2000-01-01T00:00:00.25Z"},
			{`null`, "2000-01-01T00:00:00.25Z"}, {`"1999-12-31T23:59:59Z"`, "1999-12-31T23:59:59Z"},
		} {
			s.transport = showingCreated{s.cloud.Transport(), step.shown, step.shown}
			s.mustApply()
			s.state = s.wantPlan(core.ActionNone).prior
			s.wantAttribute("created_at", step.want)
		}
	})
}
