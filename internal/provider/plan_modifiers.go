// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
)

// keepPriorValue keeps the planned value of an argument as it is in state when both mean the same, so that another
// spelling plans no change. A custom type could not do this: the framework does not consult the semantic equality
// of types while it plans.
type keepPriorValue struct {
	description string
	same        func(prior, planned attr.Value) bool
}

// keepPriorValueIf is the plan modifier for an argument of type T. same compares values that are neither null nor
// unknown; elements of a collection can be unknown.
func keepPriorValueIf[T attr.Value](same func(prior, planned T) bool, description string) keepPriorValue {
	return keepPriorValue{description, func(prior, planned attr.Value) bool { return same(prior.(T), planned.(T)) }}
}

func (k keepPriorValue) Description(context.Context) string { return k.description }

func (k keepPriorValue) MarkdownDescription(context.Context) string { return k.description }

// keeps leaves null alone: Terraform accepts a planned value from state only in place of another one.
func (k keepPriorValue) keeps(prior, planned attr.Value) bool {
	return isSet(prior) && isSet(planned) && k.same(prior, planned)
}

func (k keepPriorValue) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if k.keeps(req.StateValue, req.PlanValue) {
		resp.PlanValue = req.StateValue
	}
}

func (k keepPriorValue) PlanModifyMap(_ context.Context, req planmodifier.MapRequest, resp *planmodifier.MapResponse) {
	if k.keeps(req.StateValue, req.PlanValue) {
		resp.PlanValue = req.StateValue
	}
}

func (k keepPriorValue) PlanModifySet(_ context.Context, req planmodifier.SetRequest, resp *planmodifier.SetResponse) {
	if k.keeps(req.StateValue, req.PlanValue) {
		resp.PlanValue = req.StateValue
	}
}
