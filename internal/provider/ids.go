package provider

import (
	"context"
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Ids begin at 1. The validator lets 0 pass all the same, and refuseZeroID refuses it at plan: a bare mock_provider of
// `terraform test` gives 0 for every computed id, has the validators look at what it is passed to, and does not plan.
type idValidator struct{ highest int64 }

// agentIDValidators are the same wherever an agent is named: the API's ids of agents are int32.
func agentIDValidators() []validator.Int64 {
	return []validator.Int64{idValidator{math.MaxInt32}}
}

func runIDValidators() []validator.Int64 {
	return []validator.Int64{idValidator{math.MaxInt64}}
}

func (v idValidator) Description(context.Context) string {
	if v.highest == math.MaxInt64 {
		return "at least 1"
	}
	return fmt.Sprintf("between 1 and %d", v.highest)
}

func (v idValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v idValidator) ValidateInt64(ctx context.Context, req validator.Int64Request, resp *validator.Int64Response) {
	if id := req.ConfigValue.ValueInt64(); id < 0 || id > v.highest {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid id", fmt.Sprintf("%s must be %s, and is %d.", req.Path, v.Description(ctx), id))
	}
}

// refuseZeroID adds an error about an id that is 0. What is null or not known yet passes.
func refuseZeroID(argument string, id types.Int64, diags *diag.Diagnostics) {
	if isSet(id) && id.ValueInt64() < 1 {
		diags.AddAttributeError(path.Root(argument), "Invalid id", fmt.Sprintf("%s must be 1 or more, and is %d.", argument, id.ValueInt64()))
	}
}
