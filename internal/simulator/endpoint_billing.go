// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// wireCredits is what the organization has left (API: Credits). It limits nothing: see [Agent].OutOfCredits.
type wireCredits struct {
	AvailableCredits Amount `json:"availableCredits"`
	OrganizationID   int64  `json:"organizationId"`
	RetrievedAt      string `json:"retrievedAt"`
}

func (c *Cloud) getCredits(q *call) answer {
	return jsonAnswer(http.StatusOK, wireCredits{
		AvailableCredits: c.credits, OrganizationID: organizationID, RetrievedAt: wireTime(q.now),
	})
}

// SetCredits replaces what the organization has left. It changes nothing else.
func (c *Cloud) SetCredits(amount Amount) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.credits = amount
}

// costPage is a page of the costs of an agent's runs (API: Credits).
type costPage struct {
	Runs             []wireCost `json:"runs"`
	TotalRecordCount *int       `json:"totalRecordCount"`
	TotalCost        Amount     `json:"totalCost"`
	AgentID          int64      `json:"agentId"`
	AgentName        *string    `json:"agentName"`
}

type wireCost struct {
	RunID       int64   `json:"runId"`
	Date        string  `json:"date"`
	StartTime   *string `json:"startTime"`
	EndTime     *string `json:"endTime"`
	Cost        *Amount `json:"cost"`
	BillingType *string `json:"billingType"`
}

// runCost is a run with what it has cost.
type runCost struct {
	*run
	state
	cost *Amount // nil: not billed
}

// costOrders are the columns that costs can be sorted by.
var costOrders = map[string]order[runCost]{
	"date":     func(a, b runCost, _ time.Time) int { return a.created.Compare(b.created) },
	"cost":     func(a, b runCost, _ time.Time) int { return a.amount().compare(b.amount()) },
	"duration": func(a, b runCost, now time.Time) int { return cmp.Compare(a.seconds(now), b.seconds(now)) },
}

// listCosts shows what runs have cost, by default the oldest first, also those that are gone. A run that is not billed
// yet is missing if its id is even, and has no cost if its id is odd.
func (c *Cloud) listCosts(q *call, a *agentState) answer {
	from, to, err1 := q.period()
	asked, err2 := q.page(listedAtMost, c.options.Paging)
	compare, err3 := sortFunc(q, costOrders, costOrders["date"])
	if err := errors.Join(err1, err2, err3); err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	all := slices.DeleteFunc(q.costsOf(a, from, to), func(r runCost) bool { return r.cost == nil && r.id%2 == 0 })
	slices.SortStableFunc(all, func(a, b runCost) int { return compare(a, b, q.now) })
	if c.options.Paging.behind(asked, len(all)) {
		return c.refuse(q, http.StatusNotFound, "There is no page %d.", asked.index)
	}
	part := pageOf(all, asked)
	out := costPage{
		Runs: make([]wireCost, 0, len(part)), TotalRecordCount: c.options.Paging.total(len(all)), TotalCost: totalCost(all),
		AgentID: a.settings.ID, AgentName: a.settings.wireName(),
	}
	if c.options.TotalCostOfPage {
		out.TotalCost = totalCost(part)
	}
	for _, r := range part {
		out.Runs = append(out.Runs, c.costObject(r))
	}
	return jsonAnswer(http.StatusOK, out)
}

// costsOf are the costs of the agent's runs of a period, oldest first.
func (q *call) costsOf(a *agentState, from, to time.Time) []runCost {
	var costs []runCost
	for _, r := range a.runs {
		if r.created.Before(from) || r.created.After(to) {
			continue
		}
		s, _ := r.life.stateAt(q.now)
		cost := runCost{run: r, state: s}
		if !q.now.Before(r.billedAt(s)) && s.status.Finished() && q.wantsUsage() {
			cost.cost = new(cmp.Or(r.outcome.Cost, r.settingsAtStart.Cost, "0"))
		}
		costs = append(costs, cost)
	}
	return costs
}

// usage is the one type of usage that runs are billed for.
const usage = "Server Time"

// wantsUsage tells whether the request asks for that type, or for all.
func (q *call) wantsUsage() bool {
	types := q.URL.Query().Get("usageTypes")
	return types == "" || slices.Contains(strings.Split(types, ","), usage)
}

func (c *Cloud) costObject(r runCost) wireCost {
	out := wireCost{
		RunID: r.id, Date: r.created.Format(time.DateOnly) + "T00:00:00Z", Cost: r.cost,
		StartTime: c.formatTime(r.run, 1, r.started), EndTime: c.formatTime(r.run, 2, r.ended),
	}
	if r.cost != nil {
		out.BillingType = new(usage)
	}
	return out
}

// billedAt is when the run, which has ended in state s, has a cost.
func (r *run) billedAt(s state) time.Time {
	return s.ended.Add(time.Duration(r.agent.settings.BilledAfter))
}

// amount is the cost; empty: not billed.
func (r runCost) amount() Amount {
	if r.cost == nil {
		return ""
	}
	return *r.cost
}

func (r runCost) seconds(now time.Time) int64 {
	if seconds := r.runSeconds(now); seconds != nil {
		return *seconds
	}
	return 0
}

func totalCost(costs []runCost) Amount {
	var amounts []Amount
	for _, r := range costs {
		amounts = append(amounts, r.amount())
	}
	return sum(amounts...)
}

// period is what the request asks for by startDate and endDate. Both are needed. A date without a time is its midnight.
func (q *call) period() (from, to time.Time, err error) {
	from, err1 := q.queryTime("startDate", time.Time{})
	to, err2 := q.queryTime("endDate", time.Time{})
	switch err := errors.Join(err1, err2); {
	case err != nil:
		return from, to, err
	case from.IsZero() || to.IsZero():
		return from, to, errors.New("startDate and endDate are needed")
	case to.Before(from):
		return from, to, errors.New("endDate is before startDate")
	}
	return from, to, nil
}
