// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import "github.com/hashicorp/terraform-plugin-framework/types"

// secretInputFlag: the run was started with write-only input. Only an apply that starts the run or continues waiting for
// it knows the input and can remove it from the run's message. A refresh cannot.
const secretInputFlag privateFlag = "secret_input"

// messageNotShown replaces a message in state that may quote the write-only input.
const messageNotShown = "(not shown: it may quote input_parameters_wo, which a refresh does not know)"

// messageOfRefresh is the message that a refresh may store for a run with write-only input: not the API's own, which
// may quote the input. It is the message in state while the status is the same, and otherwise [messageNotShown].
func messageOfRefresh(before, after *runAttributes) types.String {
	switch {
	case after.Message.IsNull():
		return after.Message
	case after.Status.Equal(before.Status) && !before.Message.IsNull():
		return before.Message
	}
	return types.StringValue(messageNotShown)
}
