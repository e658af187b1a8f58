// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package run knows the life of a run: it is started once, read, waited for, and stopped, then killed. It speaks to
// Sequentum Cloud through package sequentum and knows nothing of Terraform.
//
// A [Manager] has one agent value for each agent, made of parts that guard themselves: see agent.go. The path of a
// start begins in start.go, that of a wait in wait.go, that of a stop in stop.go, and that of a refresh in read.go and
// gone.go. intervals.go has all the times.
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

// Manager looks after all runs of one provider configuration. The runs of one agent share what it knows of them (whose
// turn it is to start, the lists, the watcher), so that the number of requests grows with agents and not with runs.
type Manager struct {
	client *sequentum.Client
	clock  sequentum.Clock

	mu     sync.Mutex
	agents map[int64]*agent
}

// New returns a manager that uses client. The manager has no log: each start, wait and stop takes a
// function for the lines about its run.
func New(client *sequentum.Client) *Manager {
	return &Manager{client: client, clock: client.Clock(), agents: map[int64]*agent{}}
}

// orSilent is log, or a function that drops all lines if log is nil.
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
