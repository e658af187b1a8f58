// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// The plan of a wait shows what can still move, and no more; and the apply keeps to it, although the platform can say
// something else by then.
func TestPlanOfAWaitShowsWhatMoves(t *testing.T) {
	withBug(t, func(l *bugLab) {
		o := l.startUnwaited()
		schema := core.Schemas()[runType]
		config := core.ObjectOf(schema, map[string]tftypes.Value{"agent_id": core.Number(4711)})
		planned := l.plugin.Plan(runType, o, o.Private, config, core.ProposedNew(schema, o.Value, config))
		for name, known := range map[string]bool{
			"id": true, "run_id": true, "agent_name": true, "agent_version": true, "created_at": true,
			"status": false, "finished": false, "records_extracted": false, "finished_at": false, "space_id": false,
		} {
			if core.Attributes(planned.Value)[name].IsKnown() != known {
				t.Errorf("%s is planned as %s, want it known: %v", name, core.Attributes(planned.Value)[name], known)
			}
		}
		changed := running(30 * time.Minute)
		changed.Name, changed.NullFields = "Boots", true
		l.cloud.SetAgent(changed)
		after := l.plugin.Apply(runType, o, config, planned)
		if after.Failed() || core.TextOf(after.Value, "status") != "Completed" {
			t.Fatalf("%s: %s", core.Errors(after.Diagnostics), after.Value)
		}
		for _, wrong := range core.Incompatible("sequentum_run.r", planned.Value, after.Value) {
			t.Error(wrong)
		}
	})
}
