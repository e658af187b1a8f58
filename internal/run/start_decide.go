// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// decideOutcome returns the run that our one start began. Several runs, or a doubt about the only one, is a
// [LostStartError] that names them all. nil and no error: no run has appeared. errUnreal: the API does not know the
// only one, and later looks leave it out.
func (s *lostStart) decideOutcome(ctx context.Context, shown []sequentum.Run) (*sequentum.Run, error) {
	lost := s.lostError(shown, nil)
	if s.unread {
		lost.Doubt = "the list of the agent's runs has a new entry that cannot be read"
		return nil, lost
	}
	if len(shown) == 0 {
		return nil, nil
	}
	if !oneStart(shown) {
		return nil, lost
	}
	ours := slices.MinFunc(shown, func(x, y sequentum.Run) int { return cmp.Compare(x.ID, y.ID) })
	if lost.Doubt = s.doubtAbout(&ours); lost.Doubt != "" {
		return nil, lost
	}
	_, err := s.agent.confirmStatus(ctx, ours.ID, waitOutage)
	if IsGone(err) {
		s.agent.history.recordUnreal(ours.ID)
		return nil, errUnreal
	}
	if err != nil { // the run's own status cannot tell
		return nil, s.unconfirmedError(shown, err)
	}
	s.agent.history.recordOwn(&ours) // and with it all of its set
	return &ours, nil
}

// oneStart reports whether a single start can have begun the runs: one run, or several of one parallel set.
func oneStart(runs []sequentum.Run) bool {
	if len(runs) == 1 {
		return true
	}
	set := setOf(&runs[0])
	return set != 0 && !slices.ContainsFunc(runs, func(r sequentum.Run) bool {
		return setOf(&r) != set || !mayBeSeveral(r.Parallelism)
	})
}

// doubtAbout says why the only run that has shown may not be ours, and is empty when there is no doubt. A
// setting that was not sent, or is not reported, is no difference.
func (s *lostStart) doubtAbout(r *sequentum.Run) string {
	if s.known.aged {
		return "the start waited so long in the request budget that the run may have begun before the start was sent"
	}
	if sent := s.settings.Parallelism; sent != nil && r.Parallelism != nil && *sent != *r.Parallelism {
		return fmt.Sprintf("it reports parallelism %d, but %d was sent", *r.Parallelism, *sent)
	}
	if sent := s.settings.ParallelExport; sent != "" && r.ParallelExport != "" && !strings.EqualFold(sent, r.ParallelExport) {
		return fmt.Sprintf("it reports parallel export %s, but %s was sent", r.ParallelExport, sent)
	}
	return ""
}
