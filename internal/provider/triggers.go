// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// sameTriggers reports whether two maps of triggers mean the same. A null element counts as absent, and an empty map as
// null: an optional variable that is left out must not cost a run.
func sameTriggers(before, after types.Map) bool {
	if before.IsUnknown() || after.IsUnknown() {
		return false
	}
	return maps.EqualFunc(nonNullElements(before), nonNullElements(after), attr.Value.Equal)
}

func nonNullElements(m types.Map) map[string]attr.Value {
	elements := m.Elements() // a copy
	maps.DeleteFunc(elements, func(_ string, v attr.Value) bool { return v.IsNull() })
	return elements
}

func keepSameTriggers() planmodifier.Map {
	return keepPriorValueIf(sameTriggers, "A null element counts as absent.")
}
