// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// checkActionConfig runs the validators of an action's schema again. Terraform validates an action before it knows the
// values that come from a variable or a resource, and never again: a plan and an invocation have to check them.
func checkActionConfig(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var diags diag.Diagnostics
	for name, attribute := range config.Schema.GetAttributes() {
		diags.Append(checkActionValue(ctx, config, path.Root(name), attribute)...)
	}
	for block, b := range config.Schema.GetBlocks() {
		for name, attribute := range b.GetNestedObject().GetAttributes() {
			diags.Append(checkActionValue(ctx, config, path.Root(block).AtName(name), attribute)...)
		}
	}
	return diags
}

// checkActionValue runs the validators of one attribute, of the kinds that the actions have.
func checkActionValue(ctx context.Context, config tfsdk.Config, at path.Path, attribute any) diag.Diagnostics {
	var value attr.Value
	diags := config.GetAttribute(ctx, at, &value)
	switch a := attribute.(type) {
	case interface{ Int64Validators() []validator.Int64 }:
		number, _ := value.(types.Int64)
		for _, v := range a.Int64Validators() {
			var resp validator.Int64Response
			v.ValidateInt64(ctx, validator.Int64Request{Path: at, PathExpression: at.Expression(), Config: config, ConfigValue: number}, &resp)
			diags.Append(resp.Diagnostics...)
		}
	case interface{ StringValidators() []validator.String }:
		text, _ := value.(types.String)
		for _, v := range a.StringValidators() {
			var resp validator.StringResponse
			v.ValidateString(ctx, validator.StringRequest{Path: at, PathExpression: at.Expression(), Config: config, ConfigValue: text}, &resp)
			diags.Append(resp.Diagnostics...)
		}
	case interface{ SetValidators() []validator.Set }:
		set, _ := value.(types.Set)
		for _, v := range a.SetValidators() {
			var resp validator.SetResponse
			v.ValidateSet(ctx, validator.SetRequest{Path: at, PathExpression: at.Expression(), Config: config, ConfigValue: set}, &resp)
			diags.Append(resp.Diagnostics...)
		}
	}
	return diags
}
