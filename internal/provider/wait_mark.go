package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

const (
	markKey     = "unfinished_wait"
	archivedKey = "archived"
)

// privateState is what a resource keeps beside its state, out of sight of the configuration.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// waitMark says that a wait has something left to do. Without it the failure of a resumed wait would be reported once
// and be green on the next apply, for an update does not taint. It survives warnings and errors.
type waitMark struct {
	// Own is true when the wait was Create's: nothing depends on the run yet, and what will depend on it must wait
	// for it too.
	Own bool `json:"own"`
	// Tainted is true when that wait ended in an error, so that Terraform has marked the resource as tainted. An
	// interrupt taints nothing.
	Tainted bool `json:"tainted,omitempty"`
}

// readMark returns nil when no wait has anything left to do.
func readMark(ctx context.Context, private privateState, diags *diag.Diagnostics) *waitMark {
	raw, d := private.GetKey(ctx, markKey)
	diags.Append(d...)
	if len(raw) == 0 {
		return nil
	}
	var mark waitMark
	if err := json.Unmarshal(raw, &mark); err != nil {
		diags.AddError("Unreadable private state", "The note about an unfinished wait cannot be read: "+err.Error())
		return nil
	}
	return &mark
}

// writeMark sets the mark; nil clears it.
func writeMark(ctx context.Context, private privateState, mark *waitMark, diags *diag.Diagnostics) {
	var raw []byte
	if mark != nil {
		raw, _ = json.Marshal(mark) // a bool cannot fail
	}
	diags.Append(private.SetKey(ctx, markKey, raw)...)
}

// archived reports whether a Failure in state has been seen archived: it can no longer be restarted, so nothing is
// asked about it any more.
func archived(ctx context.Context, private privateState, diags *diag.Diagnostics) bool {
	raw, d := private.GetKey(ctx, archivedKey)
	diags.Append(d...)
	return len(raw) > 0
}

func setArchived(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, archivedKey, []byte("true"))...)
}
