// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"errors"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// RunCosts says in credits what the agent's runs of a period have cost, by the id of the run (API: Credits). It reads all
// pages. A run that is not billed yet is not there. A run can have several entries, for example of several billing types:
// their costs are added.
func (c *Client) RunCosts(ctx context.Context, agentID int64, from, to time.Time) (map[int64]float64, error) {
	entries, err := fetchPages(ctx, c, pagedCall{
		path: "/billing/agents/" + strconv.FormatInt(agentID, 10) + "/runs", arrays: []string{"runs"}, priority: PriorityList, scope: scopeReadBilling,
		query: url.Values{"startDate": {from.UTC().Format(time.RFC3339)}, "endDate": {to.UTC().Format(time.RFC3339)}},
	}, (*wireRunCost).toRunCost, runCost.element)
	if err != nil {
		return nil, err
	}
	costs := map[int64]float64{}
	for _, entry := range entries {
		if entry.cost != nil {
			costs[entry.runID] += *entry.cost
		}
	}
	return costs, nil
}

// runCost is one entry of the list of costs.
type runCost struct {
	runID int64
	cost  *float64 // nil: not billed yet
	hash  int64    // of the whole entry
}

// element tells apart the entries of a list. They have no ids, and a run can have several. An entry that is the same in all
// of its fields has moved from one page to the next.
func (e runCost) element() (id int64, bytes int) { return e.hash, 0 }

type wireRunCost struct {
	RunID       id
	Date        text
	StartTime   text
	EndTime     text
	Cost        decimal
	BillingType text
}

func (w *wireRunCost) toRunCost(*redactor) (runCost, error) {
	if w.RunID == 0 {
		return runCost{}, errors.New("it has no run id")
	}
	hash := fnv.New64a()
	fields := []string{strconv.FormatInt(int64(w.RunID), 10), string(w.Date), string(w.StartTime), string(w.EndTime), string(w.BillingType)}
	if w.Cost.value != nil {
		fields = append(fields, strconv.FormatFloat(*w.Cost.value, 'g', -1, 64))
	}
	_, _ = hash.Write([]byte(strings.Join(fields, "\x00")))
	return runCost{runID: int64(w.RunID), cost: w.Cost.value, hash: int64(hash.Sum64())}, nil
}
