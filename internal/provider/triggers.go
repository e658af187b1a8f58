package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// sameTriggers reports whether two sets of triggers mean the same. A null element is no element, and an empty map no
// map: an optional variable that is left out must not cost a run.
func sameTriggers(before, after types.Map) bool {
	if before.IsUnknown() || after.IsUnknown() {
		return false
	}
	return maps.EqualFunc(setElements(before), setElements(after), attr.Value.Equal)
}

func setElements(m types.Map) map[string]attr.Value {
	elements := m.Elements() // a copy
	maps.DeleteFunc(elements, func(_ string, v attr.Value) bool { return v.IsNull() })
	return elements
}

// sameTriggersKept keeps the planned triggers as they are in state when they mean the same.
type sameTriggersKept struct{}

func keepSameTriggers() planmodifier.Map { return sameTriggersKept{} }

func (sameTriggersKept) Description(context.Context) string {
	return "A null element counts as absent."
}

func (m sameTriggersKept) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyMap leaves null alone: Terraform accepts a planned value from state only in place of another one.
func (sameTriggersKept) PlanModifyMap(_ context.Context, req planmodifier.MapRequest, resp *planmodifier.MapResponse) {
	if isSet(req.StateValue) && isSet(req.PlanValue) && sameTriggers(req.StateValue, req.PlanValue) {
		resp.PlanValue = req.StateValue
	}
}
