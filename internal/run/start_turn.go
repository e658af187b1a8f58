// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// startTurn lets the starts of one agent go one at a time, or a lost answer could not be told from a neighbour's start.
type startTurn struct {
	token  chan struct{} // holds one token while somebody has the turn
	others otherRuns     // only whoever has the turn uses it
}

// take blocks until it is the caller's turn, who must give it back, or ctx ends.
func (t *startTurn) take(ctx context.Context) error {
	select {
	case t.token <- struct{}{}:
		return nil
	case <-ctx.Done():
		return sequentum.EndedWhile(ctx, "an earlier start of the same agent")
	}
}

func (t *startTurn) giveBack() { <-t.token }
