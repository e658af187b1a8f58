// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Nothing is known of a run that was imported while the provider was not configured.
func TestWarningOfAStopOfARunThatWasNeverRead(t *testing.T) {
	var diags diag.Diagnostics
	new(runResource).warnOfStop(&runModel{AgentID: types.Int64Value(4711), RunID: types.Int64Value(100001)}, "A destroy", &diags)
	if len(diags) != 1 || diags[0].Summary() != "A destroy stops run 4711/100001, which may still be active" ||
		!strings.HasPrefix(diags[0].Detail(), "It was imported and never read, so its status is not known. ") {
		t.Errorf("%v", diags)
	}
}
