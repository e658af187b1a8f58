// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *runResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{Computed: true, MarkdownDescription: runIDDescription},
		"run_id": schema.Int64Attribute{Computed: true,
			MarkdownDescription: "The id of the run. With `retries`, the id of the latest run. With `parallelism`, the platform can show the parts as several runs. This is then the run that the platform returned for the start. Destroying it while it is active stops all parts."},
		"run_ids": schema.ListAttribute{Computed: true, ElementType: types.Int64Type,
			MarkdownDescription: "The ids of all runs that were started, oldest first."},
		"attempts": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many runs were started: the first one, and one for each retry."},
	}
	maps.Copy(attributes, runInputAttributes())
	maps.Copy(attributes, runSettingAttributes("A change is made in place, and applies to the next run."))
	maps.Copy(attributes, runWaitAttributes())
	maps.Copy(attributes, runDestroyAttributes())
	maps.Copy(attributes, runAttributesSchema())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Starts an agent, and by default waits until the run has finished.\n\n" +
			"One `sequentum_run` is one run. If an apply is interrupted, nothing is lost: state holds the run, and the next apply continues waiting for it. " +
			"Changing `agent_id`, the input or `triggers` forces a new run. If the run ends without success, a new run is planned in two cases: an apply waited for the run, or `replace_on_failure` is set and a refresh found that the run has ended. Nothing else forces a new run. Destroying the resource stops the run if it is still active.\n\n" +
			"Do not put a provisioner on a `sequentum_run`: after an interrupt, Terraform taints a resource that has one. Put the provisioner on a `terraform_data` that depends on the run.\n\n" +
			"OAuth scopes: `agents:write`, `agents:read` and `runs:read`.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock(ctx, timeouts.Opts{
				Create: true, Read: true, Delete: true,
				CreateDescription: "How long to wait for the run, including its retries. Defaults to `24h`. When this time has passed, the run continues and the resource is tainted. An interrupt (Ctrl-C, a cancelled pipeline) does not taint the resource. So make this timeout longer than the pipeline's own limit. A resumed wait gets the full timeout again.",
				ReadDescription:   "How long a refresh may take. Defaults to `2m`.",
				DeleteDescription: "How long stopping the run may take, including the grace period. Defaults to `10m`. Destroy uses the value from the last apply.",
			}),
		},
	}
}

func (r *runResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = runKind.identitySchema()
}

// runInputAttributes are the arguments that force a new run when they change.
func runInputAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"agent_id": schema.Int64Attribute{
			Required: true, Validators: int32IDValidators(),
			MarkdownDescription: "The id of the agent to run. Changing this forces a new run.",
		},
		"input_parameters": schema.StringAttribute{
			Optional:            true,
			Validators:          []validator.String{jsonObject(), stringvalidator.ConflictsWith(path.MatchRoot("input_parameters_wo"))},
			PlanModifiers:       []planmodifier.String{keepSameInput()},
			MarkdownDescription: "The agent's input: a JSON object in a string. Write it with `jsonencode`. Changing this forces a new run. Another spelling of the same JSON forces no new run: another order of keys, other spaces or escapes, or `1.0` for `1`. No input and `{}` are the same. State holds the input: use `input_parameters_wo` for secrets.",
		},
		"input_parameters_wo": schema.StringAttribute{
			Optional: true, WriteOnly: true,
			Validators:          []validator.String{jsonObject()},
			MarkdownDescription: "The same as `input_parameters`, but write-only: neither plan nor state holds it (Terraform 1.11, OpenTofu 1.11 or later). Terraform cannot see when it changes: change `input_parameters_wo_version` with it. The platform can quote the input in a run's message. In the message, the provider hides each string of the input that has six characters or more. If a later apply creates a `sequentum_run_completion`, the provider no longer knows the input. The `message` of the completion can then show the input.",
		},
		"input_parameters_wo_version": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "A version number for `input_parameters_wo`. Changing this forces a new run. `input_parameters_wo` can be null: then the run has no input.",
		},
		"triggers": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			PlanModifiers:       []planmodifier.Map{keepSameTriggers()},
			MarkdownDescription: "A map of any values, such as a date or the id of another run. Changing the map forces a new run. If the current run is still active, it is stopped first. A null element is the same as no element. An empty map is the same as no map.",
		},
	}
}

// runWaitAttributes say how to wait for the run, and what happens if it ends without success.
func runWaitAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"wait_for_completion": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			MarkdownDescription: "Whether to wait until the run has finished. Defaults to `true`. With `false`, the create returns as soon as the run is accepted. To wait, use `sequentum_run_completion`: a timeout or an interrupt then ends only the wait.",
		},
		"success_statuses": schema.SetAttribute{
			Optional: true, Computed: true, ElementType: types.StringType,
			Default:             setdefault.StaticValue(statusSet(defaultSuccessStatuses()...)),
			Validators:          successStatusValidators(),
			PlanModifiers:       []planmodifier.Set{keepSameStatuses()},
			MarkdownDescription: "The finished statuses that count as success. Null elements count as absent. Defaults to `Completed` and `Success`. `Failure` and `Failed` each stand for both: the platform shows a failed run as `Failed` after it has archived it. Add `Stopped` for runs that are stopped on purpose, or `Failure` for runs whose partial data is good enough.",
		},
		"retries": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(0),
			Validators:          []validator.Int64{int64validator.Between(0, 100)},
			MarkdownDescription: "How many more runs to start in the same apply when a run ends as `Failure`. Defaults to `0`. **Each retry is a new run and costs credits.** `Failure` can also mean that the agent's success criteria were not met. With `wait_for_completion = false` this has no effect, and the plan shows a warning.",
		},
		"replace_on_failure": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether to plan a new run when a refresh finds that the run ended without success. It has an effect only with `wait_for_completion = false`. Defaults to `false`.",
		},
		"record_files": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether to save the list of the run's files in `files`. The provider reads the list once, when the wait sees the run finish, with or without success. Defaults to `false`. The list stays in state after the platform has removed the run. If the run has more than 500 files, `files` stays null, with a warning. With `wait_for_completion = false` this has no effect, and the plan shows a warning.",
		},
		"failure_log_lines": schema.Int64Attribute{
			Optional: true, Validators: failureLogValidators(),
			MarkdownDescription: failureLogDescription + " `log_level` decides how much the log says. With `retries`, the error shows the log of the latest run. With `wait_for_completion = false` this has no effect, and the plan shows a warning.",
		},
		"if_active": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.OneOf(ifActiveStart, ifActiveFail)},
			MarkdownDescription: "What to do when the agent already has active runs that this apply did not start, such as a run that a killed pipeline left active. Unset: the run is started, and one warning per agent shows import blocks for the active runs. `start`: the run is started without a warning. `fail`: no run is started.",
		},
	}
}

// runDestroyAttributes say what happens to an active run on destroy. Destroy uses the values from the last apply.
func runDestroyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"stop_grace_period": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("2m"),
			Validators:          []validator.String{positiveDuration()},
			MarkdownDescription: "How long destroy waits after the stop. If the run is still active after this time, destroy kills it, and unfinished work can be lost. Defaults to `2m`. It must be shorter than `timeouts.delete`. Destroy uses the value from the last apply.",
		},
		"on_destroy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(destroyStops),
			Validators:          []validator.String{stringvalidator.OneOf(destroyStops, destroyLeaves)},
			MarkdownDescription: "What a destroy or a replacement does with a run that is still active. `stop`: the run is stopped (the default). `leave`: the run continues, which can cost more credits. Destroy uses the value from the last apply.",
		},
	}
}
