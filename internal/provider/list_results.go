// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
)

// listResults sends what a list block finds.
//
// An error discards all results of the block, those that were sent before it too. So what concerns only some of them is a
// warning. The CLI reads no further than its limit: what is to be said has to come before the last result.
type listResults struct {
	req  list.ListRequest
	push func(list.ListResult) bool
	left int64 // how many objects the CLI still reads
	over bool  // the CLI reads no more
}

func newListResults(req list.ListRequest, push func(list.ListResult) bool) *listResults {
	return &listResults{req: req, push: push, left: req.Limit}
}

// wanted reports whether the CLI reads more objects.
func (l *listResults) wanted() bool { return !l.over && l.left > 0 }

// sendObject sends an object under a name that a person knows it by. fill fills the resource, in which the two ids are
// set already. It is called only if the CLI asks for the resource. An object that cannot be sent becomes a warning.
func (l *listResults) sendObject(ctx context.Context, object objectRef, displayName string, fill func(*tfsdk.Resource) diag.Diagnostics) {
	result := l.req.NewListResult(ctx)
	result.DisplayName = displayName
	result.Diagnostics.Append(object.setIDs(ctx, result.Identity)...)
	if l.req.IncludeResource {
		result.Diagnostics.Append(object.setIDs(ctx, result.Resource)...)
		result.Diagnostics.Append(fill(result.Resource)...)
	}
	if errs := result.Diagnostics.Errors(); len(errs) > 0 {
		l.sendDiagnostics(diag.NewWarningDiagnostic(object.title()+" could not be listed", errs[0].Summary()+": "+errs[0].Detail()))
		return
	}
	l.left--
	l.over = !l.push(result)
}

// sendDiagnostics sends warnings that concern no single object, or errors.
func (l *listResults) sendDiagnostics(diags ...diag.Diagnostic) {
	if len(diags) > 0 && !l.over {
		l.over = !l.push(list.ListResult{Diagnostics: diags})
	}
}

// listedAgentValidators are for the agent_id of a list block. No mock_provider passes 0 to it.
func listedAgentValidators() []validator.Int64 {
	return []validator.Int64{int64validator.Between(1, math.MaxInt32)}
}

// listBlockDescription says how to use a list block. noun is what it lists.
func listBlockDescription(noun string) string {
	return "Write the `list` block in a file whose name ends with `.tfquery.hcl`. `limit` defaults to 100. Write the arguments below in its `config` block. " +
		"`terraform query -generate-config-out=FILE` writes a `resource` block and an `import` block for each " + noun + " to a new file. The next apply imports them into state. The guide [Importing an existing account](../guides/importing.md) shows each step."
}

// seeLogOfSkipped says where elements are described that were left out.
const seeLogOfSkipped = "For details, run the command with TF_LOG_PROVIDER=warn."

// limitList limits the time for one list of the API. A list block has no timeouts.
func (d *providerData) limitList(ctx context.Context) (*timeLimit, context.Context, context.CancelFunc) {
	limit, limited, cancel := d.limitTime(ctx, "a list", defaultLookupTimeout)
	limit.fixed = true
	return limit, limited, cancel
}

// agentNotFound is the error of a list block whose agent the API does not find.
func agentNotFound(agentID int64, cause error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("agent_id"), fmt.Sprintf("Agent %d is not found", agentID),
		paragraphs(cause.Error(), "The agent was deleted, it never existed, or this key cannot see it."))
}
