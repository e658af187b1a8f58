package provider

import (
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// successStatusValidators let an empty set pass, which [refuseEmptyStatuses] refuses at plan: a bare mock_provider of
// `terraform test` gives one for a computed set, runs the validators on it, and does not plan.
func successStatusValidators() []validator.Set {
	return []validator.Set{setvalidator.ValueStringsAre(stringvalidator.OneOf(sequentum.FinishedStatusNames()...))}
}

func refuseEmptyStatuses(set types.Set, diags *diag.Diagnostics) {
	if isSet(set) && len(set.Elements()) == 0 {
		diags.AddAttributeError(path.Root("success_statuses"), "No success status",
			fmt.Sprintf("success_statuses must contain at least 1 status, for example %q. Remove the argument for the default.", sequentum.StatusCompleted))
	}
}

// knownStatuses are the names in a set that are known, whatever the others turn out to be.
func knownStatuses(set types.Set) []string {
	var names []string
	for _, element := range set.Elements() {
		if name, ok := element.(types.String); ok && isSet(name) {
			names = append(names, name.ValueString())
		}
	}
	return names
}

func keepSameStatuses() planmodifier.Set {
	return keepPriorValueIf(sameStatuses, "`Failure` includes `Failed`.")
}

// sameStatuses reports whether the same ends count as success.
func sameStatuses(before, after types.Set) bool {
	return statusesKnown(after) && maps.Equal(distinctStatuses(before), distinctStatuses(after))
}

func distinctStatuses(set types.Set) map[string]bool {
	distinct := map[string]bool{}
	for _, name := range knownStatuses(set) {
		if name == sequentum.StatusFailed.String() {
			name = sequentum.StatusFailure.String()
		}
		distinct[name] = true
	}
	return distinct
}
