// Package run knows what a run's life means: started once, waited for, stopped and then killed, its outputs fetched.
// It speaks to Sequentum Cloud through package sequentum and knows nothing of Terraform.
package run

import (
	"context"
	"sync"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// FinalStatus reports whether a status can never change again. Every finished status is final except a failure that
// is not archived yet: until then somebody can restart it under the same id.
func FinalStatus(s sequentum.Status) bool {
	return s.Finished() && (!s.IsFailure() || s == sequentum.StatusFailed)
}

// Manager looks after all runs of one provider configuration. What is shared by the runs of one agent (the order of
// starts, the lists, the watcher) lives in it, so that cost grows with agents and not with runs.
type Manager struct {
	client *sequentum.Client
	clock  sequentum.Clock

	mu     sync.Mutex
	agents map[int64]*agent
}

// New returns a manager that speaks through client. It logs nothing of its own: each start, wait and stop takes where
// the lines about it go.
func New(client *sequentum.Client) *Manager {
	return &Manager{client: client, clock: client.Clock(), agents: map[int64]*agent{}}
}

// orSilent is log, or a function that drops all lines where there is none.
func orSilent(log sequentum.LogFunc) sequentum.LogFunc {
	if log == nil {
		return func(context.Context, string, map[string]any) {}
	}
	return log
}

// agent returns what this process knows of an agent, which at first is nothing.
func (m *Manager) agent(id int64) *agent {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.agents[id]
	if a == nil {
		a = newAgent(m, id)
		m.agents[id] = a
	}
	return a
}

// HideInput is for write-only input of a run that an earlier process has started: see [sequentum.Client.HideInput].
func (m *Manager) HideInput(input string) { m.client.HideInput(input) }

// AgentExists asks whether the agent is known to the API and visible to this key. It tells a run that has passed its
// retention from a key that has lost its access. An error other than "not found" is returned as it is.
func (m *Manager) AgentExists(ctx context.Context, agentID int64) (bool, error) {
	_, err := m.client.Agent(ctx, agentID)
	if sequentum.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}
