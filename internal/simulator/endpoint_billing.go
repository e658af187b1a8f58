package simulator

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
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
		AvailableCredits: c.credits, OrganizationID: organizationID, RetrievedAt: q.now.Format(time.RFC3339Nano),
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
	TotalRecordCount int        `json:"totalRecordCount"`
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

// listCosts shows what runs have cost, newest first, also those that are gone. A run that is not billed yet is missing
// if its id is even, and has no cost if its id is odd.
func (c *Cloud) listCosts(q *call, a *agentState) answer {
	from, to, err := q.period()
	var asked page
	if err == nil {
		asked, err = q.page(listedAtMost, c.options.Paging)
	}
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	all := []wireCost{}
	for _, r := range slices.Backward(a.runs) {
		if r.created.Before(from) || r.created.After(to) {
			continue
		}
		if cost := c.costOf(r, q.now); cost.Cost != nil || r.id%2 == 1 {
			all = append(all, cost)
		}
	}
	out := costPage{
		Runs: append([]wireCost{}, pageOf(all, asked)...), TotalRecordCount: len(all), TotalCost: totalCost(all),
		AgentID: a.settings.ID, AgentName: a.settings.wireName(),
	}
	if c.options.TotalCostOfPage {
		out.TotalCost = totalCost(out.Runs)
	}
	return jsonAnswer(http.StatusOK, out)
}

func (c *Cloud) costOf(r *run, now time.Time) wireCost {
	s, _ := r.life.stateAt(now)
	out := wireCost{
		RunID: r.id, Date: r.created.Format(time.DateOnly) + "T00:00:00Z",
		StartTime: c.formatTime(r, 1, s.started), EndTime: c.formatTime(r, 2, s.ended),
	}
	if r.billed(s, now) {
		out.Cost, out.BillingType = new(r.cost()), new("Usage")
	}
	return out
}

// billed tells whether the run, in state s, has a cost yet.
func (r *run) billed(s state, now time.Time) bool {
	return s.status.Finished() && !now.Before(s.ended.Add(time.Duration(r.agent.settings.BilledAfter)))
}

// cost is what the run costs once it is billed.
func (r *run) cost() Amount { return cmp.Or(r.outcome.Cost, r.settingsAtStart.Cost, "0") }

func totalCost(costs []wireCost) Amount {
	var amounts []Amount
	for _, cost := range costs {
		if cost.Cost != nil {
			amounts = append(amounts, *cost.Cost)
		}
	}
	return sum(amounts)
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
