// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// maxOutagesInRow ends the reading of many lists: each that has no answer takes all retries.
const maxOutagesInRow = 3

// scheduleCollection is the schedules of one or many agents, and what could not be read of them. All is collected before
// anything is sent, because the CLI reads no warning that comes after the last object.
type scheduleCollection struct {
	data  *providerData
	limit int64

	schedules []listedSchedule
	read      int      // agents whose lists were read
	failed    []string // agents whose lists could not be read, and why
	unasked   int      // agents that were not asked after that
	outages   int      // lists in a row without a usable answer
	skipped   []string // agents whose lists have elements that cannot be used
}

// addOneAgent adds the schedules of an agent. It returns an error if they cannot be listed.
func (c *scheduleCollection) addOneAgent(ctx context.Context, agentID int64) diag.Diagnostic {
	switch limit, err := c.add(ctx, sequentum.Agent{ID: agentID}); {
	case sequentum.IsNotFound(err):
		return agentNotFound(agentID, err)
	case err != nil:
		return diag.NewErrorDiagnostic(fmt.Sprintf("The schedules of agent %d could not be listed", agentID), limit.explain(err))
	}
	return nil
}

// addAllAgents adds the schedules of all agents, until there are enough. It returns an error if the agents cannot be
// listed, if nothing can be read of any of them, or if it was interrupted.
func (c *scheduleCollection) addAllAgents(ctx context.Context) diag.Diagnostic {
	var diags diag.Diagnostics
	limit, limited, cancel := c.data.limitList(ctx)
	defer cancel()
	agents, ok := c.data.listAgents(limited, limit, &diags)
	if !ok {
		return diags[0]
	}
	agents = slices.DeleteFunc(slices.Clone(agents), hasNoSchedules)
	for i, agent := range agents {
		if int64(len(c.schedules)) >= c.limit {
			break
		}
		limit, err := c.add(ctx, agent)
		if ctx.Err() != nil && err != nil {
			return diag.NewErrorDiagnostic("The schedules could not be listed", limit.explain(err))
		}
		if err != nil && c.noteFailure(agent, err) {
			c.unasked = len(agents) - i - 1
			break
		}
	}
	if c.read == 0 && len(c.failed) > 0 {
		return diag.NewErrorDiagnostic("The schedules could not be listed", c.describeFailures())
	}
	return nil
}

// hasNoSchedules reports a type of which the API says that it is no agent, such as a template. Only agents have schedules.
func hasNoSchedules(a sequentum.Agent) bool {
	names := sequentum.AgentTypeNames()
	return a.Type != names[0] && slices.Contains(names, a.Type)
}

// noteFailure notes an agent whose schedules could not be listed, and reports whether further requests will fail too.
func (c *scheduleCollection) noteFailure(agent sequentum.Agent, err error) (hopeless bool) {
	c.failed = append(c.failed, describeAgent(agent)+": "+err.Error())
	if sequentum.IsClientError(err) {
		c.outages = 0
		e, ok := errors.AsType[*sequentum.Error](err)
		return sequentum.IsUnauthorized(err) || ok && e.Scope != ""
	}
	c.outages++
	return c.outages == maxOutagesInRow
}

// add adds the schedules of an agent, ordered by id, each once.
func (c *scheduleCollection) add(ctx context.Context, agent sequentum.Agent) (*timeLimit, error) {
	limit, limited, cancel := c.data.limitList(ctx)
	defer cancel()
	found, err := c.data.schedules.list(limited, agent.ID)
	if err != nil {
		return limit, err
	}
	c.read, c.outages = c.read+1, 0
	if found.Skipped > 0 {
		c.skipped = append(c.skipped, fmt.Sprintf("Agent %d: %s", agent.ID, plural(int64(found.Skipped), "element")))
	}
	schedules := slices.SortedStableFunc(slices.Values(found.Schedules), func(a, b sequentum.Schedule) int { return cmp.Compare(a.ID, b.ID) })
	for i, s := range schedules {
		if i == 0 || s.ID != schedules[i-1].ID {
			c.schedules = append(c.schedules, listedSchedule{Schedule: s, agentName: agent.Name})
		}
	}
	return limit, nil
}

// warnings say what the list lacks.
func (c *scheduleCollection) warnings() []diag.Diagnostic {
	var warnings []diag.Diagnostic
	if n := len(c.failed) + c.unasked; n > 0 {
		warnings = append(warnings, diag.NewWarningDiagnostic(
			fmt.Sprintf("The schedules of %s could not be listed", plural(int64(n), "agent")), c.describeFailures()))
	}
	if len(c.skipped) > 0 {
		warnings = append(warnings, diag.NewWarningDiagnostic("The list of schedules is not complete",
			paragraphs(listedBriefly("The provider left out elements that it cannot use, for example because the id is missing", c.skipped), seeLogOfSkipped)))
	}
	return warnings
}

// describeFailures says which agents could not be read, and why.
func (c *scheduleCollection) describeFailures() string {
	unasked := ""
	switch c.unasked {
	case 0:
	case 1:
		unasked = "The other agent was not asked."
	default:
		unasked = fmt.Sprintf("The other %d agents were not asked.", c.unasked)
	}
	return paragraphs(listedBriefly("No list was read for", c.failed), unasked)
}
