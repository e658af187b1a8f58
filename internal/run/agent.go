// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// agent is what this process knows of one agent and its runs. Each of its parts has its own file, and guards its
// own fields: no part calls another while it holds its lock, and no lock is taken in another file.
type agent struct {
	id     int64
	client *sequentum.Client
	clock  sequentum.Clock

	turn    startTurn   // starts go one at a time
	history history     // what is known of the agent's runs, and in which order it came to be known
	lists   sharedLists // lists of its runs, which reads share
	waits   waitList    // the waits for its runs, and the watcher that looks for them
}

func newAgent(m *Manager, id int64) *agent {
	a := &agent{id: id, client: m.client, clock: m.clock}
	a.turn.token = make(chan struct{}, 1)
	a.history.init(a.clock)
	a.lists.init(a.clock, a.list)
	a.waits.init(a)
	return a
}

// status asks for one run by itself: the answer that is trusted over every list.
func (a *agent) status(ctx context.Context, runID int64) (*sequentum.Run, error) {
	r, err := a.client.RunStatus(ctx, a.id, runID)
	if err != nil {
		return nil, err
	}
	a.history.recordFinal(r)
	return r, nil
}

// list asks for the agent's newest runs, at most size, and remembers the answer. If a long answer cannot be read, a
// shorter one may be.
func (a *agent) list(ctx context.Context, size int) (*list, error) {
	seq := a.history.nextSeq()
	answer, err := a.client.ListRuns(ctx, a.id, size)
	if err != nil && size > smallList && cannotBeRead(err) {
		size = smallList
		answer, err = a.client.ListRuns(ctx, a.id, size)
	}
	if err != nil {
		return nil, err
	}
	l := newList(answer, size)
	l.seq, l.at = seq, a.clock.Now()
	a.history.recordList(l)
	a.lists.recordList(l)
	return l, nil
}

// sharedList returns a list that is not older than listLife, nor than this process's last change of the run: the
// latest, one under way, or a new one.
func (a *agent) sharedList(ctx context.Context, runID int64) (*list, error) {
	changed, latest := a.history.changeOf(runID)
	return a.lists.listFor(ctx, listNeed{runID: runID, changed: changed, latest: latest})
}

// absentSince returns how many lists in a row, up to the latest, lacked the run, and when the first of them came. Only
// lists from after this process's last change of the run count.
func (a *agent) absentSince(runID int64) (lists int, since time.Time) {
	changed, _ := a.history.changeOf(runID)
	return a.lists.absentSince(runID, changed)
}
