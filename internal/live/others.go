// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// lookForOthers notes the runs of others while a story is played that starts runs: those that are not in known, and those
// that are active. The check before the first story cannot see what another visit starts in the same second.
func (s *session) lookForOthers(ctx context.Context, story story, known map[string]bool) error {
	if story.runs == 0 {
		return nil
	}
	list, err := s.client.ListRuns(ctx, s.AgentID, 1000)
	if err != nil {
		return fmt.Errorf("the runs of agent %d cannot be read, so it is not known whether others have started one: %w", s.AgentID, err)
	}
	active := map[string]bool{}
	for _, r := range list.Runs {
		active[strconv.FormatInt(r.ID, 10)] = r.Status.Active()
	}
	// The guard also knows runs of earlier lists, which may be removed by now.
	for _, id := range slices.Sorted(maps.Keys(s.proxy.guard.others())) {
		if (!known[id] || active[id]) && !slices.Contains(s.disturbed[story.name], id) {
			s.disturbed[story.name] = append(s.disturbed[story.name], id)
		}
	}
	return nil
}

// disturbances says which stories were played while others had runs.
func (s *session) disturbances() (found []string) {
	for _, story := range s.stories {
		for _, id := range s.disturbed[story.name] {
			found = append(found, fmt.Sprintf("the story %s: another run was started at the same time (%d/%s): its answers may be about that", story.name, s.AgentID, id))
		}
	}
	return found
}
