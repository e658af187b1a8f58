// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateState is what a resource keeps beside its state, out of sight of the configuration.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// A privateFlag is one fact in private state: it is set or not.
type privateFlag string

// archivedFlag: the provider has seen that a Failure in state was archived. The run can no longer be restarted, so the
// provider does not ask about it any more.
const archivedFlag privateFlag = "archived"

func (f privateFlag) isSet(ctx context.Context, private privateState, diags *diag.Diagnostics) bool {
	raw, d := private.GetKey(ctx, string(f))
	diags.Append(d...)
	return len(raw) > 0
}

func (f privateFlag) set(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, string(f), []byte("true"))...)
}

func (f privateFlag) clear(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, string(f), nil)...)
}
