// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// costPages answers the pages of a list of costs, and remembers what was asked for.
type costPages struct {
	pages []string // the entries of each page; no entries on a page after the last one
	asked []url.Values
}

func (c *costPages) RoundTrip(req *http.Request) (*http.Response, error) {
	c.asked = append(c.asked, req.URL.Query())
	entries := ""
	if n, _ := strconv.Atoi(req.URL.Query().Get("pageIndex")); n <= len(c.pages) {
		entries = c.pages[n-1]
	}
	if strings.HasPrefix(entries, "<") || strings.HasPrefix(entries, "{}") {
		return exchange{answer: entries}.response(req), nil
	}
	return exchange{answer: `{"totalCost": 7, "agentName": null, "runs": [` + entries + `]}`}.response(req), nil
}

func TestRunCosts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pages []string
		want  map[int64]float64
	}{
		"none":                        {nil, map[int64]float64{}},
		"two pages":                   {[]string{`{"runId": 1, "cost": 1.25}`, `{"runId": "2", "cost": "0.5"}`}, map[int64]float64{1: 1.25, 2: 0.5}},
		"not billed yet":              {[]string{`{"runId": 1, "cost": null}, {"runId": 2}, {"runId": 3, "cost": 0}`}, map[int64]float64{3: 0}},
		"two billing types":           {[]string{`{"runId": 1, "cost": 1, "billingType": "Usage"}, {"runId": 1, "cost": 2, "billingType": "Proxy"}`}, map[int64]float64{1: 3}},
		"two days":                    {[]string{`{"runId": 1, "cost": 1, "date": "2026-03-01"}, {"runId": 1, "cost": 1, "date": "2026-03-02"}`}, map[int64]float64{1: 2}},
		"an entry that changes page":  {[]string{`{"runId": 2, "cost": 5}, {"runId": 1, "cost": 1, "date": "d"}`, `{"runId": 1, "cost": 1, "date": "d"}, {"runId": 3, "cost": 4}`}, map[int64]float64{1: 1, 2: 5, 3: 4}},
		"entries that cannot be used": {[]string{`null, {"runId": null, "cost": 9}, {"runId": 0, "cost": 9}, [], {"runId": 1, "cost": 1}`}, map[int64]float64{1: 1}},
		"a cost that is no number":    {[]string{`{"runId": 1, "cost": "NaN"}, {"runId": 2, "cost": {"x": 1}}, {"runId": 3, "cost": 2}`}, map[int64]float64{3: 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &costPages{pages: test.pages}
			client, _ := newTestClient(t, server)
			from := time.Date(2026, 3, 1, 2, 0, 0, 5, time.FixedZone("", 2*3600))
			costs, err := client.RunCosts(t.Context(), 4711, from, from.Add(48*time.Hour))
			if err != nil || !maps.Equal(costs, test.want) {
				t.Errorf("%v, %v; want %v", costs, err, test.want)
			}
			if asked := server.asked[0]; asked.Get("startDate") != "2026-03-01T00:00:00Z" || asked.Get("endDate") != "2026-03-03T00:00:00Z" {
				t.Errorf("the request asked for %v", asked)
			}
		})
	}
}

func TestRunCostsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for answer, says := range map[string]string{
		"<html>Sign in":                   "not",
		"{}":                              "runs",
		`{"runId": null}, {"cost": 1}`:    "it has no run id",
		`{"runId": 1, "cost": 1}, {"runI`: "unexpected end",
	} {
		client, _ := newTestClient(t, &costPages{pages: []string{answer}})
		if costs, err := client.RunCosts(t.Context(), 4711, time.Now(), time.Now()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, %v", answer, costs, err)
		}
	}
}
