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

// The answers in this file are for Sequentum's own client. The description of the API does not have them.

type wireSpending struct {
	TotalSpent     Amount `json:"totalSpent"`
	StartDate      string `json:"startDate"`
	EndDate        string `json:"endDate"`
	OrganizationID int64  `json:"organizationId"`
	CurrentBalance Amount `json:"currentBalance"`
}

func (c *Cloud) getSpending(q *call) answer {
	from, to, err := q.today()
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	var spent []Amount
	for _, a := range c.visibleAgents(q.now) {
		spent = append(spent, totalCost(q.costsOf(a, from, to)))
	}
	return jsonAnswer(http.StatusOK, wireSpending{sum(spent...), wireTime(from), wireTime(to), organizationID, c.credits})
}

type creditPage struct {
	Transactions   []wireTransaction `json:"transactions"`
	TotalCount     int               `json:"totalCount"`
	PageIndex      int               `json:"pageIndex"`
	RecordsPerPage int               `json:"recordsPerPage"`
}

type wireTransaction struct {
	ID              int64   `json:"id"`
	TransactionType string  `json:"transactionType"`
	Amount          Amount  `json:"amount"`
	Balance         Amount  `json:"balance"`
	Created         string  `json:"created"`
	ExpiresAt       *string `json:"expiresAt"`
	Message         string  `json:"message"`
}

// listCreditHistory shows a transaction for each run that is billed, newest first. The newest leads to the present
// balance.
func (c *Cloud) listCreditHistory(q *call) answer {
	asked, err := q.page(100, c.options.Paging)
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	var billed []runCost
	for _, a := range c.visibleAgents(q.now) {
		billed = append(billed, q.costsOf(a, time.Time{}, q.now)...)
	}
	billed = slices.DeleteFunc(billed, func(r runCost) bool { return r.cost == nil })
	slices.SortStableFunc(billed, func(a, b runCost) int { return b.billedAt(b.state).Compare(a.billedAt(a.state)) })
	all, balance := []wireTransaction{}, c.credits
	for _, r := range billed {
		all = append(all, wireTransaction{
			ID: r.id, TransactionType: "Usage", Amount: r.cost.negative(), Balance: balance,
			Created: wireTime(r.billedAt(r.state)), Message: "Run of " + r.agent.settings.Name,
		})
		balance = sum(balance, *r.cost)
	}
	return jsonAnswer(http.StatusOK, creditPage{append([]wireTransaction{}, pageOf(all, asked)...), len(all), asked.index, asked.size})
}

type usagePage struct {
	Agents           []wireUsage `json:"agents"`
	TotalRecordCount int         `json:"totalRecordCount"`
	TotalCost        Amount      `json:"totalCost"`
	StartDate        string      `json:"startDate"`
	EndDate          string      `json:"endDate"`
}

type wireUsage struct {
	AgentID   int64   `json:"agentId"`
	AgentName *string `json:"agentName"`
	Cost      Amount  `json:"cost"`
	SpaceID   *int64  `json:"spaceId"`
	name      string
}

// usageOrders are the columns that the costs of agents can be sorted by.
var usageOrders = map[string]order[wireUsage]{
	"name": func(a, b wireUsage, _ time.Time) int { return cmp.Compare(a.name, b.name) },
	"cost": func(a, b wireUsage, _ time.Time) int { return a.Cost.compare(b.Cost) },
}

// listUsage shows what all agents have cost.
func (c *Cloud) listUsage(q *call) answer {
	from, to, err1 := q.period()
	asked, err2 := q.page(listedAtMost, c.options.Paging)
	compare, err3 := sortFunc(q, usageOrders, usageOrders["name"])
	if err := errors.Join(err1, err2, err3); err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	var all []wireUsage
	var costs []Amount
	for _, a := range c.visibleAgents(q.now) {
		if !containsFold(a.settings.Name, q.URL.Query().Get("name")) {
			continue
		}
		cost := totalCost(q.costsOf(a, from, to))
		all = append(all, wireUsage{a.settings.ID, a.settings.wireName(), cost, c.spaceID(a.settings), a.settings.Name})
		costs = append(costs, cost)
	}
	slices.SortStableFunc(all, func(a, b wireUsage) int { return compare(a, b, q.now) })
	return jsonAnswer(http.StatusOK, usagePage{
		append([]wireUsage{}, pageOf(all, asked)...), len(all), sum(costs...), wireTime(from), wireTime(to),
	})
}

type wireBreakdown struct {
	AgentID    int64            `json:"agentId"`
	AgentName  *string          `json:"agentName"`
	Labels     []string         `json:"labels"`
	UsageTypes []wireUsageTypes `json:"usageTypes"`
	TotalCost  Amount           `json:"totalCost"`
	StartDate  string           `json:"startDate"`
	EndDate    string           `json:"endDate"`
}

type wireUsageTypes struct {
	Type      string   `json:"type"`
	Data      []Amount `json:"data"`
	TotalCost Amount   `json:"totalCost"`
}

// getCostBreakdown shows what an agent has cost by day or by month. Those without a run are left out.
func (c *Cloud) getCostBreakdown(q *call, a *agentState) answer {
	from, to, err := q.period()
	layout := map[string]string{"": time.DateOnly, "day": time.DateOnly, "month": "2006-01"}[strings.ToLower(q.URL.Query().Get("timeUnit"))]
	if err == nil && layout == "" {
		err = errors.New("timeUnit is neither day nor month")
	}
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	runs := q.costsOf(a, from, to)
	labels, data := []string{}, []Amount{}
	for _, r := range runs {
		label := r.created.Format(layout)
		if len(labels) == 0 || labels[len(labels)-1] != label {
			labels, data = append(labels, label), append(data, "0")
		}
		data[len(data)-1] = sum(data[len(data)-1], r.amount())
	}
	total := totalCost(runs)
	return jsonAnswer(http.StatusOK, wireBreakdown{
		a.settings.ID, a.settings.wireName(), labels, []wireUsageTypes{{usage, data, total}}, total, wireTime(from), wireTime(to),
	})
}

// today is what the request asks for by startDate and endDate; by default today.
func (q *call) today() (from, to time.Time, err error) {
	from, err1 := q.queryTime("startDate", q.now.Truncate(24*time.Hour))
	to, err2 := q.queryTime("endDate", q.now)
	return from, to, errors.Join(err1, err2)
}
