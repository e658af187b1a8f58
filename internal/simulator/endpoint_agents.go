// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// agentPage is a page of the list of agents. Its elements are in one of two fields.
type agentPage struct {
	Agents           *[]wireAgent `json:"agents,omitempty"`
	Items            *[]wireAgent `json:"items,omitempty"`
	TotalRecordCount *int         `json:"totalRecordCount"`
}

// listAgents is a plain array, or a page of it where the request names a page and its size.
func (c *Cloud) listAgents(q *call) answer {
	list, err := c.filteredAgents(q)
	if err == nil {
		err = c.sortAgents(q, list)
	}
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	query, paging := q.URL.Query(), c.options.Paging
	if query.Get("pageIndex") == "" || query.Get("recordsPerPage") == "" || paging == PagingIgnored {
		return jsonAnswer(http.StatusOK, c.agentObjects(q, list))
	}
	most := c.options.AgentsPerPage
	accepted := 0 // any size: a page is shorter then
	if paging == PagingStrict {
		accepted = most
	}
	asked, err := q.page(accepted, paging)
	switch {
	case err != nil:
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	case paging.behind(asked, len(list)):
		return c.refuse(q, http.StatusNotFound, "There is no page %d.", asked.index)
	case most > 0:
		asked.size = min(asked.size, most)
	}
	agents := c.agentObjects(q, pageOf(list, asked))
	out := agentPage{Agents: &agents, TotalRecordCount: paging.total(len(list))}
	if paging == PagingItems {
		out.Agents, out.Items = nil, out.Agents
	}
	return jsonAnswer(http.StatusOK, out)
}

// searchAgents finds the agents whose name or description contains the query, in any case.
func (c *Cloud) searchAgents(q *call) answer {
	words := strings.ToLower(q.URL.Query().Get("query"))
	limit := q.maxRecords()
	switch {
	case words == "":
		return c.refuse(q, http.StatusBadRequest, "Invalid input: query is missing.")
	case limit < 1 || limit > listedAtMost:
		return c.refuse(q, http.StatusBadRequest, "Invalid input: maxRecords must be from 1 to %d.", listedAtMost)
	}
	found := slices.DeleteFunc(c.visibleAgents(q.now), func(a *agentState) bool {
		return !containsFold(a.settings.Name, words) && !containsFold(a.settings.Description, words)
	})
	return jsonAnswer(http.StatusOK, c.agentObjects(q, found[:min(limit, len(found))]))
}

// visibleAgents are all agents that the key can see, by id.
func (c *Cloud) visibleAgents(now time.Time) []*agentState {
	var list []*agentState
	for _, id := range slices.Sorted(maps.Keys(c.agents)) {
		if a := c.visibleAgent(id, now); a != nil {
			list = append(list, a)
		}
	}
	return list
}

func (c *Cloud) agentObjects(q *call, list []*agentState) []wireAgent {
	agents := make([]wireAgent, 0, len(list))
	for _, a := range list {
		agents = append(agents, c.agentObject(q, a))
	}
	return agents
}

// filteredAgents are the agents that all filters of the request let through.
func (c *Cloud) filteredAgents(q *call) ([]*agentState, error) {
	query := q.URL.Query()
	name := query.Get("name")
	spaceID, err1 := optionalNumber(q, "spaceId")
	status, err2 := filterCode("status", query.Get("status"), statusCodes)
	kind, err3 := filterCode("configType", query.Get("configType"), configTypeCodes)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(c.visibleAgents(q.now), func(a *agentState) bool {
		s := a.settings
		return !containsFold(s.Name, name) ||
			spaceID != nil && *spaceID != s.space() ||
			kind != nil && *kind != s.Type.code() ||
			status != nil && !a.lastRunHas(Status(*status), q.now)
	}), nil
}

// space is the id of the agent's space; 0: the personal space.
func (a *Agent) space() int64 {
	if a.SpaceID == nil {
		return 0
	}
	return *a.SpaceID
}

func (a *agentState) lastRunHas(status Status, now time.Time) bool {
	r, s := a.lastRun(now)
	return r != nil && s.status == status
}

// containsFold tells whether a text contains another, in any case.
func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// optionalNumber is a number from the query; nil where the query lacks it.
func optionalNumber(q *call, name string) (*int64, error) {
	text := q.URL.Query().Get(name)
	if text == "" {
		return nil, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no number", name, text)
	}
	return &n, nil
}

var (
	statusCodes = lowerNames(statusNames)
	// Sequentum's own client knows two more names: one for SharedFile, and one that no agent has.
	configTypeCodes = map[string]int{"agent": 1, "sharedfile": 2, "shared": 2, "template": 3, "command": 4, "api": 0}
)

// lowerNames are the codes of the statuses that have one, by their name in lower case.
func lowerNames(names map[Status]string) map[string]int {
	codes := make(map[string]int, len(names))
	for status, name := range names {
		if status >= 0 {
			codes[strings.ToLower(name)] = int(status)
		}
	}
	return codes
}

// filterCode is the code that a filter asks for by number or by name; nil: it asks for none.
func filterCode(filter, text string, codes map[string]int) (*int, error) {
	if text == "" {
		return nil, nil
	}
	code, known := codes[strings.ToLower(text)]
	if !known {
		var err error
		if code, err = strconv.Atoi(text); err != nil {
			return nil, fmt.Errorf("%s: %q is neither a number nor a name", filter, text)
		}
	}
	return &code, nil
}

// agentOrders are the columns that the list of agents can be sorted by.
var agentOrders = map[string]order[*agentState]{
	"name":    func(a, b *agentState, _ time.Time) int { return strings.Compare(a.settings.Name, b.settings.Name) },
	"created": func(a, b *agentState, _ time.Time) int { return a.created.Compare(b.created) },
	"updated": func(a, b *agentState, _ time.Time) int { return a.updated.Compare(b.updated) },
	"lastactivity": func(a, b *agentState, now time.Time) int {
		return a.lastActivity(now).Compare(b.lastActivity(now))
	},
	"status": func(a, b *agentState, now time.Time) int {
		_, first := a.lastRun(now)
		_, second := b.lastRun(now)
		return cmp.Compare(first.status, second.status)
	},
	"configtype": func(a, b *agentState, _ time.Time) int {
		return cmp.Compare(a.settings.Type.code(), b.settings.Type.code())
	},
}

// lastActivity is when the agent's last run was created; zero: it never ran.
func (a *agentState) lastActivity(now time.Time) time.Time {
	r, _ := a.lastRun(now)
	if r == nil {
		return time.Time{}
	}
	return r.created
}

// sortAgents sorts as the request asks. What is equal, and all without a column, stays by id.
func (c *Cloud) sortAgents(q *call, list []*agentState) error {
	byID := func(*agentState, *agentState, time.Time) int { return 0 } // as the list is already
	compare, err := sortFunc(q, agentOrders, byID)
	if err == nil {
		slices.SortStableFunc(list, func(a, b *agentState) int { return compare(a, b, q.now) })
	}
	return err
}
