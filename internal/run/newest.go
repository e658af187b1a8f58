package run

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// MostListed is how many runs of an agent the API lists at most (API: Runs, List).
const MostListed = largeList

// Newest are the newest runs of an agent.
type Newest struct {
	// Runs are in the API's order, newest first, and each is there once.
	Runs []sequentum.Run
	// Asked is how many were asked for at most. It is less than [Manager.ListNewest] was called with if a list of that
	// length could not be read.
	Asked int
	// Full: as many came as were asked for. The agent may have more runs.
	Full bool
	// Skipped is how many elements of the list could not be used. Each of them may be a run.
	Skipped int
}

// ListNewest asks for the newest runs of an agent, active and archived together (API: Runs, List). n is from 1 to
// [MostListed]. It is an error when no element of the list can be used.
func (m *Manager) ListNewest(ctx context.Context, agentID int64, n int) (*Newest, error) {
	l, err := m.agent(agentID).list(ctx, n)
	if err != nil {
		return nil, err
	}
	return &Newest{Runs: l.runs, Asked: l.size, Full: l.full, Skipped: l.skipped}, nil
}
