//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The plan of a wait shows what can still move, and no more; and the apply keeps to it, although the platform can say
// something else by then.
func TestPlanOfAWaitShowsWhatMoves(t *testing.T) {
	withBug(t, func(l *bugLab) {
		o := l.unwaited()
		schema := protocolSchemas()[runType]
		config := objectOf(schema, map[string]tftypes.Value{"agent_id": numberValue(4711)})
		planned := l.plugin.plan(runType, o, o.private, config, proposedNew(schema, o.value, config))
		for name, known := range map[string]bool{
			"id": true, "run_id": true, "agent_name": true, "agent_version": true, "created_at": true,
			"status": false, "finished": false, "records_extracted": false, "finished_at": false, "space_id": false,
		} {
			if attributes(planned.value)[name].IsKnown() != known {
				t.Errorf("%s is planned as %s, want it known: %v", name, attributes(planned.value)[name], known)
			}
		}
		changed := running(30 * time.Minute)
		changed.Name, changed.NullFields = "Boots", true
		l.cloud.SetAgent(changed)
		after := l.plugin.apply(runType, o, config, planned)
		if after.failed() || textOf(after.value, "status") != "Completed" {
			t.Fatalf("%s: %s", problems(after.diagnostics), after.value)
		}
		for _, wrong := range incompatible("sequentum_run.r", planned.value, after.value) {
			t.Error(wrong)
		}
	})
}
