package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
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
		"id": schema.StringAttribute{Computed: true, MarkdownDescription: "`agent_id/run_id`, the form in which a run is imported."},
		"run_id": schema.Int64Attribute{Computed: true,
			MarkdownDescription: "The id of the run. With `retries`, the id of the latest run. With `parallelism`, the platform can show the parts as several runs: then this is the run that it returned for the start, and destroying it while it is active stops all of them."},
		"run_ids": schema.ListAttribute{Computed: true, ElementType: types.Int64Type,
			MarkdownDescription: "The ids of all attempts, the latest last."},
		"attempts": schema.Int64Attribute{Computed: true, MarkdownDescription: "How many runs were started: one, and one for each retry."},
	}
	maps.Copy(attributes, runInputAttributes())
	maps.Copy(attributes, runSettingAttributes("A change is stored in place and applies to the next run."))
	maps.Copy(attributes, runWaitAttributes())
	maps.Copy(attributes, runDestroyAttributes())
	maps.Copy(attributes, runAttributesSchema())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Starts an agent, and by default waits until the run has finished.\n\n" +
			"One `sequentum_run` is one run. An interrupted apply loses nothing: state holds the run, and the next apply continues waiting for it. " +
			"A change of `agent_id`, of the input or of `triggers` forces a new run. An end without success also forces a new run, if a wait reported it, or if a refresh found it with `replace_on_failure`. Nothing else forces a new run. Destroying the resource stops the run if it is still active.\n\n" +
			"Put no provisioner on a `sequentum_run`: after an interrupt Terraform taints a resource that has one. Put it on a `terraform_data` that depends on the run.\n\n" +
			"OAuth scopes: `agents:write`, `agents:read` and `runs:read`.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock(ctx, timeouts.Opts{
				Create: true, Read: true, Delete: true,
				CreateDescription: "How long to wait for the run, retries included. Defaults to `24h`. When it passes, the run continues and the resource is tainted. An interrupt (Ctrl-C, a cancelled pipeline) taints nothing, so let the pipeline's own limit be shorter. A resumed wait has this time in full again.",
				ReadDescription:   "How long a refresh may take. Defaults to `2m`.",
				DeleteDescription: "How long stopping the run may take, its grace period included. Defaults to `10m`. Destroy uses the value from the last apply.",
			}),
		},
	}
}

func (r *runResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"agent_id": identityschema.Int64Attribute{RequiredForImport: true, Description: "The agent's id."},
		"run_id":   identityschema.Int64Attribute{RequiredForImport: true, Description: "The run's id."},
	}}
}

// runInputAttributes say which run it is: a change of any is a new run.
func runInputAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"agent_id": schema.Int64Attribute{
			Required: true, Validators: agentIDValidators(),
			MarkdownDescription: "The agent to run. A change forces a new run.",
		},
		"input_parameters": schema.StringAttribute{
			Optional:            true,
			Validators:          []validator.String{jsonObject(), stringvalidator.ConflictsWith(path.MatchRoot("input_parameters_wo"))},
			PlanModifiers:       []planmodifier.String{keepSameInput()},
			MarkdownDescription: "The agent's input as a JSON object, best written with `jsonencode`. A change forces a new run. Another spelling of the same JSON does not: the order of keys, spaces, escapes, or `1.0` for `1`. No input and `{}` are the same. The input is stored in state: use `input_parameters_wo` for secrets.",
		},
		"input_parameters_wo": schema.StringAttribute{
			Optional: true, WriteOnly: true,
			Validators:          []validator.String{jsonObject()},
			MarkdownDescription: "The same as `input_parameters`, but write-only: it reaches neither plan nor state (Terraform 1.11, OpenTofu 1.11 or later). Terraform cannot see when it changes: change `input_parameters_wo_version` with it. The platform can quote the input in a run's message. The provider hides strings of six characters or more there. A `sequentum_run_completion` that a later apply creates does not know the value: its `message` can show it.",
		},
		"input_parameters_wo_version": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "A version number for `input_parameters_wo`. A change forces a new run. `input_parameters_wo` can be null: then the run has no input.",
		},
		"triggers": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			PlanModifiers:       []planmodifier.Map{keepSameTriggers()},
			MarkdownDescription: "Any values whose change forces a new run, such as a date or the id of another run. If the current run is still active, it is stopped first. A null element is the same as no element. An empty map is the same as no map.",
		},
	}
}

// runWaitAttributes say what is waited for, and what a bad end leads to.
func runWaitAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"wait_for_completion": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			MarkdownDescription: "Whether to wait until the run has finished. Defaults to `true`. With `false` the resource is complete as soon as the run is accepted; wait with `sequentum_run_completion`, whose timeout or interrupt costs only the wait.",
		},
		"success_statuses": schema.SetAttribute{
			Optional: true, Computed: true, ElementType: types.StringType,
			Default:             setdefault.StaticValue(statusSet(defaultSuccessStatuses()...)),
			Validators:          successStatusValidators(),
			PlanModifiers:       []planmodifier.Set{keepSameStatuses()},
			MarkdownDescription: "The finished statuses that count as success. Defaults to `Completed` and `Success`. `Failed` counts wherever `Failure` does. Add `Stopped` for runs that are stopped on purpose, or `Failure` for runs whose partial data is good enough.",
		},
		"retries": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(0),
			Validators:          []validator.Int64{int64validator.Between(0, 100)},
			MarkdownDescription: "How many more runs to start in the same apply when a run ends as `Failure`. Defaults to 0. **Each retry costs a run.** `Failure` can also mean that the success criteria did not pass. It does nothing with `wait_for_completion = false`, and the plan warns.",
		},
		"replace_on_failure": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether to plan a new run when a refresh finds that the run ended without success. It applies only with `wait_for_completion = false`. Defaults to `false`.",
		},
		"record_files": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether to list the run's files once into `files` when its wait sees it finish, with or without success. Defaults to `false`. The list stays in state after retention has removed the run. Above 500 files it stays null, with a warning. It does nothing with `wait_for_completion = false`, and the plan warns.",
		},
		"if_active": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.OneOf(ifActiveStart, ifActiveFail)},
			MarkdownDescription: "What to do when the agent already has active runs that this apply did not start, such as a run that a killed pipeline left active. Unset: the run is started, and one warning per agent shows import blocks for the active runs. `start`: the run is started without a warning. `fail`: no run is started.",
		},
	}
}

// runDestroyAttributes say what becomes of an active run on destroy. Destroy uses the values from the last apply.
func runDestroyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"stop_grace_period": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("2m"),
			Validators:          []validator.String{positiveDuration()},
			MarkdownDescription: "How long destroy waits for a stopped run to end before it kills it, which can lose work in flight. Defaults to `2m`. It must be shorter than `timeouts.delete`. Destroy uses the value from the last apply.",
		},
		"on_destroy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(destroyStops),
			Validators:          []validator.String{stringvalidator.OneOf(destroyStops, destroyLeaves)},
			MarkdownDescription: "What a destroy or a replacement does with a run that is still active. `stop`: stop the run (the default). `leave`: let the run continue, which can cost more credits. Destroy uses the value from the last apply.",
		},
	}
}
