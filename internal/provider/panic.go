// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const bugSummary = "A bug in the provider ended this operation"

// recovered turns a panic into an error. An operation defers it when its response holds what must not be lost: a panic
// that reaches the server's own recovery takes the response with it. what is, for example, "creating sequentum_run".
// more, which can be nil, adds what the user has to know and do. The provider need not be configured.
func (d *providerData) recovered(ctx context.Context, what string, diags *diag.Diagnostics, more func() string) {
	p := recover()
	if p == nil {
		return
	}
	consequences := ""
	if more != nil {
		consequences = more()
	}
	version := "not known"
	if d != nil {
		version = d.version
	}
	diags.AddError(bugSummary, paragraphs(consequences, describeBug(ctx, version, what, p)))
}

// describeBug logs a panic that has just been recovered, and asks for a report.
func describeBug(ctx context.Context, version, what string, p any) string {
	return reportBug(ctx, version, what, &sequentum.PanicError{Value: p, Stack: debug.Stack()})
}

// reportBug asks for a report of a panic, whose stack goes to the log alone.
func reportBug(ctx context.Context, version, what string, p *sequentum.PanicError) string {
	tflog.Error(ctx, "Recovered from a panic", map[string]any{"while": what, "panic": p.Reason(), "stack": string(p.Stack)})
	return paragraphs(
		fmt.Sprintf("It happened while %s: %s. Other operations continue.", what, p.Reason()),
		fmt.Sprintf("%s, with this message, the version (%s) and the stack. The stack is in the log of a command that runs with TF_LOG_PROVIDER=error.", sequentum.AskForReport, version))
}
