// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// An error would discard the objects before and after it.
func TestAnObjectThatCannotBeSentIsAWarning(t *testing.T) {
	var schema resource.SchemaResponse
	var identity resource.IdentitySchemaResponse
	new(runResource).Schema(t.Context(), resource.SchemaRequest{}, &schema)
	new(runResource).IdentitySchema(t.Context(), resource.IdentitySchemaRequest{}, &identity)
	var sent []list.ListResult
	results := newListResults(list.ListRequest{Limit: 2, IncludeResource: true, ResourceSchema: schema.Schema, ResourceIdentitySchema: identity.IdentitySchema},
		func(r list.ListResult) bool {
			sent = append(sent, r)
			return true
		})
	for id := int64(1); results.wanted(); id++ {
		ref := sequentum.RunRef{AgentID: 4711, RunID: id}
		results.sendObject(t.Context(), runObject(ref), "a run", func(*tfsdk.Resource) diag.Diagnostics {
			if id == 2 {
				return diag.Diagnostics{diag.NewErrorDiagnostic("It is odd", "Very odd.")}
			}
			return nil
		})
	}
	if len(sent) != 3 || sent[0].Identity == nil || sent[2].Identity == nil {
		t.Fatalf("%d results were sent, want two objects and a warning: %v", len(sent), sent)
	}
	warning := sent[1].Diagnostics[0]
	if sent[1].Diagnostics.HasError() || !strings.Contains(warning.Summary()+warning.Detail(), "Run 4711/2 could not be listedIt is odd: Very odd.") {
		t.Errorf("the object that cannot be sent is %v", sent[1])
	}
}
