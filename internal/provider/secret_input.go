package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const secretInputKey = "secret_input"

// messageNotShown stands in state for a message that may quote the write-only input.
const messageNotShown = "(not shown: it may quote input_parameters_wo, which a refresh does not know)"

// setSecretInput notes that a run was started with write-only input. Only the client that starts the run, or continues
// waiting for it, knows the input and takes it out of what the run says of itself; a refresh does not.
func setSecretInput(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, secretInputKey, []byte("true"))...)
}

func hasSecretInput(ctx context.Context, private privateState, diags *diag.Diagnostics) bool {
	raw, d := private.GetKey(ctx, secretInputKey)
	diags.Append(d...)
	return len(raw) > 0
}

// messageOfRefresh is the message that a refresh may store of a run with write-only input, in place of the one that it
// was answered with: the one in state, as long as the run has the same status, and else none.
func messageOfRefresh(before, after *runAttributes) types.String {
	switch {
	case after.Message.IsNull():
		return after.Message
	case after.Status.Equal(before.Status) && !before.Message.IsNull():
		return before.Message
	}
	return types.StringValue(messageNotShown)
}
