// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// defaultSuccessStatuses mean the same to whoever uses the data: Success is Completed with its success criteria met.
func defaultSuccessStatuses() []string { return []string{"Completed", "Success"} }

// succeeded reports whether a run with status s has finished with success.
func succeeded(s sequentum.Status, successStatuses []string) bool {
	return s.Finished() && isOneOf(s, successStatuses)
}

// isOneOf reports whether a status is among those names. When the platform archives a run, Failure becomes Failed. So each
// of the two names stands for both, and for the older names of a failure.
func isOneOf(s sequentum.Status, names []string) bool {
	if slices.Contains(names, s.String()) {
		return true
	}
	return s.IsFailure() && slices.ContainsFunc(names, func(name string) bool {
		return name == sequentum.StatusFailure.String() || name == sequentum.StatusFailed.String()
	})
}

// statusesKnown reports whether a set of status names and all of its elements are known.
func statusesKnown(set types.Set) bool {
	return !set.IsUnknown() && !slices.ContainsFunc(set.Elements(), attr.Value.IsUnknown)
}

// statusNames reads a set of status names. A set that is null or not known yet gives the default.
func statusNames(set types.Set) []string {
	if set.IsNull() || !statusesKnown(set) {
		return defaultSuccessStatuses()
	}
	return knownTexts(set.Elements())
}

func statusSet(names ...string) types.Set {
	values := make([]attr.Value, len(names))
	for i, name := range names {
		values[i] = types.StringValue(name)
	}
	return types.SetValueMust(types.StringType, values)
}

// successStatusValidators let an empty set pass, which [refuseEmptyStatuses] refuses at plan: a bare mock_provider of
// `terraform test` gives one for a computed set, runs the validators on it, and does not plan.
func successStatusValidators() []validator.Set {
	return []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(sequentum.FinishedStatusNames()...))}
}

func refuseEmptyStatuses(set types.Set, diags *diag.Diagnostics) {
	if isSet(set) && statusesKnown(set) && len(knownTexts(set.Elements())) == 0 {
		diags.AddAttributeError(path.Root("success_statuses"), "success_statuses is empty",
			fmt.Sprintf("success_statuses must contain at least 1 status, for example %q. To use the default, remove the argument.", sequentum.StatusCompleted))
	}
}

func keepSameStatuses() planmodifier.Set {
	return keepPriorValueIf(sameStatuses, "`Failure` and `Failed` each stand for both.")
}

// sameStatuses reports whether the same ends count as success.
func sameStatuses(before, after types.Set) bool {
	return statusesKnown(after) && maps.Equal(distinctStatuses(before), distinctStatuses(after))
}

// distinctStatuses counts Failed as Failure, as [succeeded] does.
func distinctStatuses(set types.Set) map[string]bool {
	distinct := map[string]bool{}
	for _, name := range knownTexts(set.Elements()) {
		if name == sequentum.StatusFailed.String() {
			name = sequentum.StatusFailure.String()
		}
		distinct[name] = true
	}
	return distinct
}
