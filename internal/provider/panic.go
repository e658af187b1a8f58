package provider

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

const (
	issuesURL  = "https://github.com/sequentum/terraform-provider-sequentum/issues"
	bugSummary = "A bug in the provider ended this operation"
)

// recovered turns a panic into an error. An operation defers it when its response holds what must not be lost: a panic
// that reaches the server's own recovery takes the response with it. what is, for example, "creating sequentum_run".
// more, which can be nil, adds what the user has to know and do.
func (d *providerData) recovered(ctx context.Context, what string, diags *diag.Diagnostics, more func() string) {
	p := recover()
	if p == nil {
		return
	}
	consequences := ""
	if more != nil {
		consequences = more()
	}
	diags.AddError(bugSummary, paragraphs(consequences, describeBug(ctx, d.version, what, p)))
}

// describeBug asks for a report of a panic that has just been recovered. The stack goes to the log alone. The panic's
// own text is shown only when the Go runtime wrote it: any other value can hold an answer of the API, and a secret.
func describeBug(ctx context.Context, version, what string, p any) string {
	kind := fmt.Sprintf("a panic with a value of type %T", p)
	if err, ok := p.(runtime.Error); ok {
		kind = err.Error()
	}
	tflog.Error(ctx, "Recovered from a panic", map[string]any{"while": what, "panic": kind, "stack": string(debug.Stack())})
	return paragraphs(
		fmt.Sprintf("It happened while %s: %s. Other operations go on.", what, kind),
		fmt.Sprintf("Please report this bug at %s, with this message, the version (%s) and the stack. The stack is in the log of a command that runs with TF_LOG_PROVIDER=error.", issuesURL, version))
}
