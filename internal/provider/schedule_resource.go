// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// scheduleResource is sequentum_schedule. Its model, schema, plan and operations are in separate files beside this one.
type scheduleResource struct{ configuredResource }

var (
	_ resource.ResourceWithConfigure      = (*scheduleResource)(nil)
	_ resource.ResourceWithValidateConfig = (*scheduleResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*scheduleResource)(nil)
	_ resource.ResourceWithImportState    = (*scheduleResource)(nil)
	_ resource.ResourceWithIdentity       = (*scheduleResource)(nil)
)

const (
	defaultScheduleTimeout = 20 * time.Minute // of a create or update
	// shortestAhead is how far ahead the time of a once schedule must be (API: Schedules).
	shortestAhead = time.Minute
)

// firedGoneFlag: the schedule has fired, and the platform has deleted it afterwards. There is nothing more to ask.
const firedGoneFlag privateFlag = "fired_gone"

func newScheduleResource() resource.Resource { return &scheduleResource{} }

func (r *scheduleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_schedule"
}

// IdentitySchema is the two ids.
func (r *scheduleResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = scheduleKind.identitySchema()
}

// ImportState takes a schedule by its ids, and the read that follows does the rest.
func (r *scheduleResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if r.data.requireConfigured(&resp.Diagnostics) {
		scheduleKind.importState(ctx, req, resp)
	}
}

// ValidateConfig asks for exactly one of the three ways to fire.
func (r *scheduleResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config scheduleModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		config.requireOneTiming(&resp.Diagnostics)
	}
}

// requireOneTiming adds an error if more than one of the three is set, or none. What is unknown can still become null.
func (t *scheduleTiming) requireOneTiming(diags *diag.Diagnostics) {
	set, unknown := []string{}, false
	for _, one := range []struct {
		name  string
		value types.Object
	}{{"cron", t.Cron}, {"every", t.Every}, {"once", t.Once}} {
		unknown = unknown || one.value.IsUnknown()
		if isSet(one.value) {
			set = append(set, one.name)
		}
	}
	const example = "Exactly one of cron, every and once says when the schedule fires, for example:\n\n" +
		"  cron = { expression = \"30 6 * * 1-5\", timezone = \"Europe/Berlin\" }\n" +
		"  every = { count = 6, period = \"hours\" }\n" +
		"  once = { start_time = \"2030-01-31T06:00:00Z\" }"
	switch {
	case len(set) > 1:
		diags.AddAttributeError(path.Root(set[1]), fmt.Sprintf("%s conflicts with %s", set[1], set[0]), example)
	case len(set) == 0 && !unknown:
		diags.AddError("The schedule does not say when it fires", "None of cron, every and once is set. "+example)
	}
}

// refusePast adds an error if the schedule would be created with a start time that the platform refuses.
func (t *scheduleTiming) refusePast(now time.Time, diags *diag.Diagnostics) {
	start := instantOf(t.startTime())
	switch {
	case start.IsZero():
	case isSet(t.Once) && start.Before(now.Add(shortestAhead)):
		diags.AddAttributeError(path.Root("once").AtName("start_time"), "The start time is not in the future",
			fmt.Sprintf("A new schedule needs a start time that is at least one minute ahead. once.start_time (%s) is not: it is %s now. Set a later time, for example %q. Or remove the schedule from the configuration.",
				t.startTime().ValueString(), now.UTC().Format(time.RFC3339), now.UTC().Add(time.Hour).Format(time.RFC3339)))
	case !isSet(t.Once) && !start.After(now):
		diags.AddAttributeError(path.Root("every").AtName("start_time"), "The start time is not in the future",
			fmt.Sprintf("A new schedule needs a start time in the future. every.start_time (%s) has passed: it is %s now. Set a later time, for example %q. Or remove start_time.",
				t.startTime().ValueString(), now.UTC().Format(time.RFC3339), now.UTC().Add(time.Hour).Format(time.RFC3339)))
	}
}
