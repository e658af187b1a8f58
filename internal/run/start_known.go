// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// knownBefore is what is known of the agent's runs when a start is sent. The run of the start is not among them.
type knownBefore struct {
	seq       uint64        // a run that only a later answer was the first to show was not known
	newestSeq uint64        // of the request whose answer showed the newest runs
	left      time.Duration // for how much longer it holds; not above zero: it does not
	// skipped is how many entries of the latest list could not be read, of the listSize that was asked for.
	skipped, listSize int
	// aged: it may have been older than knowledgeLife when the start was sent, so that a new run proves nothing.
	aged bool
}

// knownFresh returns what is known of the agent's newest runs: from the answer to a list or a start that is at most
// knowledgeLife old, and newer than any stop or kill by this process: a place that became free may have let another run
// in. If what is known is older, it asks for a list.
func (a *agent) knownFresh(ctx context.Context) (knownBefore, error) {
	for {
		if known := a.history.known(); known.left > 0 {
			return known, nil
		}
		if err := a.listUnlessFresh(ctx); err != nil {
			return knownBefore{}, err
		}
	}
}

// listUnlessFresh requests the agent's newest runs. It stops when another answer shows them first, for example the
// watcher's list: a start then needs no list of its own.
func (a *agent) listUnlessFresh(ctx context.Context) error {
	unlessFresh, cancel := context.WithCancel(partOfStart(ctx))
	defer cancel()
	defer a.history.cancelWhenFresh(cancel)()
	_, err := a.list(unlessFresh, smallList)
	if unlessFresh.Err() != nil && ctx.Err() == nil {
		return nil // another answer has shown them, though a stop can have made it outdated already
	}
	return err
}

// partOfStart gives the lists before a start the priority of the start. Behind the polls of many agents they would keep
// the start waiting.
func partOfStart(ctx context.Context) context.Context {
	return sequentum.WithPriority(ctx, sequentum.PriorityControl)
}
