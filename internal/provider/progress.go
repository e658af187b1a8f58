// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// progressOf shows the lines about a run to the user of an action, and writes them to the log. ctx is the context of the
// action.
func progressOf(ctx context.Context, resp *action.InvokeResponse) sequentum.LogFunc {
	return func(line context.Context, message string, fields map[string]any) {
		logInfo(line, message, fields)
		sendProgress(ctx, resp, message)
	}
}

// sendProgress shows one sentence to the user of an action. Once its context has ended, the plugin library reads no more
// sentences: one more could block for ever, and take the action's last event with it.
func sendProgress(ctx context.Context, resp *action.InvokeResponse, sentence string) {
	if ctx.Err() == nil {
		resp.SendProgress(action.InvokeProgressEvent{Message: sentence})
	}
}
