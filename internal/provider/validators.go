// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"math"
	"regexp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// idValidator asks for an id. Ids begin at 1, but the validator accepts 0, and refuseZeroID refuses it later: a bare
// mock_provider of `terraform test` gives 0 for every computed id, calls the validators of what the id is passed to, and
// does not plan.
type idValidator struct{ highest int64 }

// int32IDValidators are for an id that is an int32 in the API, such as that of an agent or a space.
func int32IDValidators() []validator.Int64 {
	return []validator.Int64{idValidator{math.MaxInt32}}
}

// int64IDValidators are for an id that is an int64 in the API, such as that of a run, a schedule or a file.
func int64IDValidators() []validator.Int64 {
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
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid id", fmt.Sprintf("%s must be %s, but it is %d.", req.Path, v.Description(ctx), id))
	}
}

// refuseZeroID adds an error about an id that is 0. What is null or not known yet passes.
func refuseZeroID(argument string, id types.Int64, diags *diag.Diagnostics) {
	if isSet(id) && id.ValueInt64() < 1 {
		diags.AddAttributeError(path.Root(argument), "Invalid id", fmt.Sprintf("%s must be 1 or more, but it is %d.", argument, id.ValueInt64()))
	}
}

// positiveDurationValidator asks for a Go duration above zero.
type positiveDurationValidator struct{}

func positiveDuration() validator.String { return positiveDurationValidator{} }

func (positiveDurationValidator) Description(context.Context) string {
	return `a duration above zero, such as "90s", "45m" or "2h"`
}

func (v positiveDurationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v positiveDurationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration",
			fmt.Sprintf("%q is not %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

// regularExpression asks for a regular expression that compiles.
type regularExpression struct{}

func (regularExpression) Description(context.Context) string {
	return `a regular expression such as "\.csv$"`
}

func (v regularExpression) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v regularExpression) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	if _, err := regexp.Compile(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid regular expression",
			err.Error()+". Expected "+v.Description(ctx)+".")
	}
}
