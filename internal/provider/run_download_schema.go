package provider

import (
	"context"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

func (r *runDownloadResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := downloadSelectionAttributes()
	maps.Copy(attributes, downloadBehaviourAttributes())
	attributes["files"] = schema.MapNestedAttribute{
		Computed: true,
		MarkdownDescription: "The files on disk, by their name in the directory. It is the file's own name, made safe for every file system: separators and characters that some system refuses become `_`, an over-long name is cut, a file without a name is `file-ID`, and of files that would share a name each has its id in it. " +
			"Of a run that is still to start the names are not known: a `for_each` over them then needs two applies, the first with `-target`.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":         schema.Int64Attribute{Computed: true, MarkdownDescription: "The file's id."},
			"name":       schema.StringAttribute{Computed: true, MarkdownDescription: "The file's name as the platform has it; null when it has none."},
			"path":       schema.StringAttribute{Computed: true, MarkdownDescription: "Where the file is: `directory` and its name there."},
			"size_bytes": schema.Int64Attribute{Computed: true, MarkdownDescription: "The file's size in bytes."},
			"sha256":     schema.StringAttribute{Computed: true, MarkdownDescription: "The SHA-256 of the content, in hexadecimal."},
			"type":       schema.StringAttribute{Computed: true, MarkdownDescription: "What kind of file it is, by name; null when the platform's type has no name here."},
		}},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Downloads files that a run left to a directory on the machine that runs Terraform, and keeps them there after the platform's retention has removed the run.\n\n" +
			"Each file is streamed to a temporary file, checked and renamed, so that it is whole or absent. A broken transfer goes on where it ended; an interrupted apply keeps what is there, and the next one fetches the rest. " +
			"A refresh reads every file to see that it is unchanged; a file that is missing or was altered is fetched again, alone. Destroying it removes the files that it wrote, except those that were changed since, and leaves the directory.\n\n" +
			"Each file costs one request of the API's budget: of a thousand small files, that limit and not the network decides how long they take (ten minutes at 100 requests a minute). Files of a run that ended badly are downloaded like any other's.",
		Attributes: attributes,
	}
}

// downloadSelectionAttributes say which files go where.
func downloadSelectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"agent_id": schema.Int64Attribute{
			Required: true, Validators: agentIDValidators(),
			MarkdownDescription: "The agent that ran. A change is made in place, as that of `run_id`.",
		},
		"run_id": schema.Int64Attribute{
			Required: true, Validators: []validator.Int64{int64validator.AtLeast(1)},
			MarkdownDescription: "The run. With a new one, its files are fetched first, and then those of the old one are removed that have no successor of the same name. While the run is active its files can be missing or incomplete, and a warning says so.",
		},
		"directory": schema.StringAttribute{
			Required: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIf(isAnotherDirectory, "another directory", "another directory")},
			MarkdownDescription: "Where the files go; it is made when it does not exist. A relative path counts from where Terraform runs: `\"${path.module}/out\"` is safer. " +
				"Nothing outside of it is written, whatever a file is called. Another one replaces the resource, which removes the files and downloads them again: the plan fails when the platform no longer has them. With `create_before_destroy` into the same directory, `overwrite` is needed.",
		},
		"types": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			Validators: []validator.Set{
				setvalidator.SizeAtLeast(1),
				setvalidator.ValueStringsAre(stringvalidator.OneOf(sequentum.FileTypeNames()...)),
			},
			MarkdownDescription: "Downloads only files of these types, such as `DeliveredFile`. Unset: all files, logs and internal ones included. A change fetches what is new, and removes what no longer matches.",
		},
		"name_regex": schema.StringAttribute{
			Optional: true, Validators: []validator.String{regularExpression{}},
			MarkdownDescription: "Downloads only files whose name matches this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) anywhere: `\\\\.csv$` takes all CSV files. A change fetches what is new, and removes what no longer matches.",
		},
	}
}

// downloadBehaviourAttributes say what is done in special cases. A change of them fetches nothing.
func downloadBehaviourAttributes() map[string]schema.Attribute {
	flag := func(value bool, description string) schema.Attribute {
		return schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(value), MarkdownDescription: description,
		}
	}
	return map[string]schema.Attribute{
		"overwrite":       flag(false, "Whether files of somebody else's are replaced where one of these is to go. Default `false`: an error, before anything is fetched. A symbolic link in the way is itself replaced, never what it points to."),
		"allow_empty":     flag(false, "Whether it is all right that no file matches. Default `false`: an error."),
		"keep_on_destroy": flag(false, "Whether the files stay when this is destroyed. Default `false`. As last applied."),
		"refetch_missing": flag(true, "Whether files that are missing are fetched again. Default `true`. With `false` they stay in `files` and plan nothing, for machines that begin empty; altered files are fetched again all the same."),
	}
}

// regularExpression asks for a regular expression that compiles.
type regularExpression struct{}

func (regularExpression) Description(context.Context) string {
	return `a regular expression such as "\.csv$"`
}

func (v regularExpression) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v regularExpression) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	if _, err := regexp.Compile(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid regular expression",
			err.Error()+". Expected "+v.Description(ctx)+".")
	}
}
