package provider

import (
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The validators of ids let 0 pass: a bare mock_provider of `terraform test` gives it for every computed id, and runs
// the validators on what the id is passed to. [refuseZeroID] refuses it where a mock provider does not come.

// agentIDValidators are the same wherever an agent is named: the API's ids of agents are int32.
func agentIDValidators() []validator.Int64 {
	return []validator.Int64{int64validator.Between(0, math.MaxInt32)}
}

func runIDValidators() []validator.Int64 {
	return []validator.Int64{int64validator.AtLeast(0)}
}

// refuseZeroID adds an error about an id that is 0. What is null or not known yet passes.
func refuseZeroID(argument string, id types.Int64, diags *diag.Diagnostics) {
	if isSet(id) && id.ValueInt64() < 1 {
		diags.AddAttributeError(path.Root(argument), "Invalid id", fmt.Sprintf("%s must be 1 or more, and is %d.", argument, id.ValueInt64()))
	}
}
