// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"fmt"
	"strings"
	"testing"
)

// Each status that nobody knows is warned of once, however many runs have it, and no server fills the log with new ones.
func TestUnknownStatusesAreWarnedOfOnce(t *testing.T) {
	ctx, log := contextWithLog(t)
	var u unknownStatuses
	for range 1000 {
		for _, name := range []string{"Running", "Paused", "99"} {
			s, _ := ParseStatus(name)
			u.warn(ctx, &Run{ID: 7, AgentID: 1, Status: s})
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 2 || !strings.Contains(log.String(), `"Unknown(99)"`) || !strings.Contains(log.String(), `"Paused"`) {
		t.Errorf("%d lines: %s", n, log)
	}
	for i := range 1000 {
		s, _ := ParseStatus(fmt.Sprintf("Paused%d", i))
		u.warn(ctx, &Run{Status: s})
	}
	if n := strings.Count(log.String(), "\n"); n != maxUnknownStatuses {
		t.Errorf("%d lines", n)
	}
}
