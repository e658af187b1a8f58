// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	day = 24 * time.Hour
	// costPeriod is for how long the costs of an agent's runs are read at a time. Look-ups of runs of the same period share
	// the requests. An agent with a run every ten minutes has about a thousand runs in it, which is one page of the list.
	costPeriod = 7 * day
	// unknownRunAge is how old a run may be whose times are not known.
	unknownRunAge = 365 * day
)

// costQuery names the costs of an agent's runs in a time.
type costQuery struct {
	agentID  int64
	from, to time.Time
}

// costOf reads what a run has cost; null: it is not billed yet.
func (d *providerData) costOf(ctx context.Context, r *sequentum.Run) (types.Float64, error) {
	query := costQueryOf(r, d.now())
	costs, err := d.costs.read(ctx, query, func(ctx context.Context) (map[int64]float64, error) {
		return d.client.RunCosts(ctx, query.agentID, query.from, query.to)
	})
	if cost, billed := costs[r.ID]; billed {
		return types.Float64Value(cost), err
	}
	return types.Float64Null(), err
}

// costQueryOf covers the whole of a run. It is a day longer at both ends: the list may go by days of another time zone.
func costQueryOf(r *sequentum.Run, now time.Time) costQuery {
	began := cmp.Or(r.CreatedAt, r.StartedAt, r.FinishedAt, now.Add(-unknownRunAge))
	ended := cmp.Or(r.FinishedAt, now)
	return costQuery{
		agentID: r.AgentID,
		from:    began.UTC().Truncate(costPeriod).Add(-day),
		to:      ended.UTC().Truncate(costPeriod).Add(costPeriod + day),
	}
}
