// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const changedInPlace = "A change is made in place."

func (r *scheduleResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"id":          schema.StringAttribute{Computed: true, MarkdownDescription: "`agent_id/schedule_id`."},
		"schedule_id": schema.Int64Attribute{Computed: true, MarkdownDescription: "The id of the schedule."},
		"next_run_at": schema.StringAttribute{Computed: true, MarkdownDescription: "When the schedule fires next, as an RFC 3339 time in UTC. Null if it does not fire again: it is disabled, or its only time has passed."},
		"created_at":  schema.StringAttribute{Computed: true, MarkdownDescription: "When the schedule was created, as an RFC 3339 time in UTC. Null if the platform does not say."},
		"agent_id": schema.Int64Attribute{
			Required: true, Validators: int32IDValidators(),
			PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			MarkdownDescription: "The id of the agent that the schedule runs. Changing this forces a new schedule, and an agent that is not found is then an error at plan.",
		},
		"name": schema.StringAttribute{
			Required: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "The name of the schedule. " + changedInPlace,
		},
		"enabled": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			MarkdownDescription: "Whether the schedule fires. Defaults to `true`. A disabled schedule stays on the platform and starts no runs. " + changedInPlace,
		},
		"input_parameters": schema.StringAttribute{
			Optional: true, Validators: []validator.String{jsonObject()},
			PlanModifiers:       []planmodifier.String{keepSameInput()},
			MarkdownDescription: "The input of each run: a JSON object in a string. Write it with `jsonencode`. Another spelling of the same JSON plans no change. State and the platform hold the input, so do not put secrets into it. " + changedInPlace,
		},
		"server_group_id": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "The id of the group of servers on which the runs execute. Defaults to the platform's choice. " + changedInPlace,
		},
	}
	maps.Copy(attributes, scheduleTimingAttributes())
	maps.Copy(attributes, scheduleSettingAttributes(changedInPlace))
	for name, same := range map[string]planmodifier.String{
		"parallel_export": keepPriorValueIf(sameExport, "Other spellings of the same value are no change."),
		"log_level":       keepPriorValueIf(sameFold, "Compared without regard to case."),
		"log_mode":        keepPriorValueIf(sameFold, "Compared without regard to case."),
	} {
		if text, ok := attributes[name].(schema.StringAttribute); ok {
			text.PlanModifiers = []planmodifier.String{same}
			attributes[name] = text
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a schedule of an agent. The platform starts a run of the agent each time the schedule fires. **Each run costs credits.** Terraform does not wait for these runs and does not stop them. A destroy deletes the schedule, but an active run continues.\n\n" +
			"Set exactly one of `cron`, `every` and `once`.\n\n" +
			"For an argument that you do not set, the platform can use a default. This default plans no change. If somebody later sets the argument on the platform, the next plan shows the change, and the apply removes it.\n\n" +
			"A `once` schedule that has fired plans no change, even if the platform has disabled or deleted it. Its `next_run_at` is null. To run the agent once more, set a new `start_time`. If the schedule still exists on the platform, it is changed in place. Otherwise a new schedule is created.\n\n" +
			"An import stores every argument that the platform shows, including defaults of the platform. If your configuration does not set such an argument, the next apply removes it in place.\n\n" +
			"If the answer to a create is lost, the provider looks for the new schedule before it sends the create again. If it sends the create twice, it shows a warning.\n\n" +
			"A new `agent_id` replaces the schedule: Terraform deletes the old one and then creates the new one. If that create fails, neither exists, and the next apply creates the new one. To create the new one first, set `create_before_destroy = true` in a `lifecycle` block.\n\n" +
			"OAuth scopes: `agents:read` and `agents:write`.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: "How long to wait until the schedule is created, also in an outage. Defaults to `20m`.",
				ReadDescription:   "How long a refresh may take. Defaults to `2m`.",
				UpdateDescription: "How long a change may take. Defaults to `20m`.",
				DeleteDescription: "How long a destroy may take. Defaults to `10m`.",
			}),
		},
	}
}

// scheduleTimingAttributes say when a schedule fires.
func scheduleTimingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cron": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Fires at the times of a cron expression. Conflicts with `every` and `once`. " + changedInPlace,
			Attributes: map[string]schema.Attribute{
				"expression": schema.StringAttribute{
					Required: true, Validators: []validator.String{cronValidator{}}, PlanModifiers: []planmodifier.String{keepSameCron()},
					MarkdownDescription: "The cron expression, with five fields: minute, hour, day of month, month, day of week. `30 6 * * 1-5` is 06:30 from Monday to Friday. An expression of five fields that is wrong or never fires is an error at plan. The check accepts names such as `MON-FRI`, `7` for Sunday, `L`, `W` and `#`, and the platform may refuse them. An expression with another number of fields, such as `@daily`, gets a warning at plan, and only the platform checks it. A time zone before the expression (`CRON_TZ=`) is an error: set `timezone`.",
				},
				"timezone": schema.StringAttribute{
					Optional: true, Validators: []validator.String{zoneValidator{}},
					MarkdownDescription: "The name of the time zone of the expression, such as `Europe/Berlin`. Defaults to the time zone of the platform, usually UTC.",
				},
			},
		},
		"every": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Fires at a fixed interval, such as every 6 hours. Conflicts with `cron` and `once`. " + changedInPlace,
			Attributes: map[string]schema.Attribute{
				"count": schema.Int64Attribute{
					Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
					MarkdownDescription: "The number of periods from one time to the next, at least 1. For every 6 hours, it is 6.",
				},
				"period": schema.StringAttribute{
					Required: true, Validators: []validator.String{stringvalidator.OneOf(sequentum.SchedulePeriods()...)},
					MarkdownDescription: "The period: `minutes`, `hours`, `days`, `weeks` or `months`.",
				},
				"start_time": schema.StringAttribute{
					Optional: true, Validators: []validator.String{instantValidator{}}, PlanModifiers: []planmodifier.String{keepSameInstant()},
					MarkdownDescription: "When the schedule fires first, as an RFC 3339 time such as `2030-01-31T06:00:00Z`. It must be in the future when the schedule is created. After that, it can stay in the configuration. Defaults to a time that the platform chooses. The same time with another offset plans no change.",
				},
			},
		},
		"once": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Fires once. Conflicts with `cron` and `every`. " + changedInPlace,
			Attributes: map[string]schema.Attribute{
				"start_time": schema.StringAttribute{
					Required: true, Validators: []validator.String{instantValidator{}}, PlanModifiers: []planmodifier.String{keepSameInstant()},
					MarkdownDescription: "When the schedule fires, as an RFC 3339 time such as `2030-01-31T06:00:00Z`. It must be at least one minute in the future when the schedule is created. After that, it can stay in the configuration. The same time with another offset plans no change.",
				},
			},
		},
	}
}
