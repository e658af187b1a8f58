// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

const unfinishedWaitKey = "unfinished_wait"

// unfinishedWait is the note in private state about a wait that was interrupted or failed. Without it, a failure that a
// resumed wait reports would be forgotten by the next apply, because an update does not taint. The note survives
// warnings and errors.
type unfinishedWait struct {
	// Own is true if Create began the wait: nothing depends on the run yet, and what will depend on it must wait
	// for it too.
	Own bool `json:"own"`
	// Tainted is true when that wait ended in an error, so that Terraform has marked the resource as tainted. An
	// interrupt taints nothing.
	Tainted bool `json:"tainted,omitempty"`
}

// readUnfinishedWait returns nil when no wait is unfinished.
func readUnfinishedWait(ctx context.Context, private privateState, diags *diag.Diagnostics) *unfinishedWait {
	raw, d := private.GetKey(ctx, unfinishedWaitKey)
	diags.Append(d...)
	if len(raw) == 0 {
		return nil
	}
	var unfinished unfinishedWait
	if err := json.Unmarshal(raw, &unfinished); err != nil {
		diags.AddError("Unreadable private state", "The note about an unfinished wait cannot be read: "+err.Error())
		return nil
	}
	return &unfinished
}

// writeUnfinishedWait keeps the note; nil clears it.
func writeUnfinishedWait(ctx context.Context, private privateState, unfinished *unfinishedWait, diags *diag.Diagnostics) {
	var raw []byte
	if unfinished != nil {
		raw, _ = json.Marshal(unfinished) // a bool cannot fail
	}
	diags.Append(private.SetKey(ctx, unfinishedWaitKey, raw)...)
}
