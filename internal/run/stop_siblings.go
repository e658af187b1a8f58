// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"fmt"
	"sync"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// endSiblings brings the other active runs of the same parallel start to their end, side by side, and returns them.
// The run itself comes last: if one of them does not end, the run stays active, so that a later stop sees that and
// tries again.
func (s *stopping) endSiblings(ctx context.Context) ([]sequentum.Run, error) {
	siblings, err := s.activeSiblings(ctx)
	if err != nil {
		return nil, s.stopError("looking for the other runs of the same parallel start", err)
	}
	failures := make([]error, len(siblings))
	var all sync.WaitGroup
	for i, sibling := range siblings {
		all.Go(func() {
			defer sequentum.Recover(func(p *sequentum.PanicError) { failures[i] = sibling.stopError("stop", p) })
			_, failures[i] = sibling.endRun(ctx)
		})
	}
	all.Wait()
	var ended []sequentum.Run
	for i, err := range failures {
		switch {
		case err == nil:
			ended = append(ended, *siblings[i].run)
		case !IsGone(err): // else nothing is left to stop
			return nil, &StopError{Run: siblings[i].run, Sent: siblings[i].sent, Step: fmt.Sprintf("run %d of the same parallel start", siblings[i].ref.RunID), Err: err}
		}
	}
	return ended, nil
}

// activeSiblings finds the other active runs of the same parallel start, if it shows as several runs, in the agent's
// shared list.
func (s *stopping) activeSiblings(ctx context.Context) ([]*stopping, error) {
	set := setOf(s.run)
	if set == 0 || s.run.Status.Finished() && !s.wasActive {
		return nil, nil
	}
	l, err := s.agent.sharedList(ctx, s.ref.RunID)
	if err != nil {
		return nil, err
	}
	var siblings []*stopping
	for i := range l.runs {
		if r := &l.runs[i]; r.ID != s.ref.RunID && setOf(r) == set && r.Status.Active() {
			siblings = append(siblings, &stopping{m: s.m, agent: s.agent, ref: r.Ref(), grace: s.grace, run: r, log: s.log})
		}
	}
	return siblings, nil
}
