// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

func (r *runDownloadResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := downloadSelectionAttributes()
	maps.Copy(attributes, downloadBehaviourAttributes())
	attributes["files"] = schema.MapNestedAttribute{
		Computed: true,
		MarkdownDescription: "The files on disk, by their name in the directory. The name on disk is the file's own name, made safe for every file system. Separators and forbidden characters become `_`. A name that is too long is cut. A file without a name is called `file-ID`. If several files would get the same name, each name also contains the file's id. " +
			"A name that Terraform or OpenTofu would read by itself, such as `x.tf` or `terraform.tfstate`, gets a `_` at its end or beginning. " +
			"If the run has not started yet, the names are not known. A `for_each` over them then needs two applies, the first with `-target`.",
		NestedObject: schema.NestedAttributeObject{Attributes: resourceAttributes(downloadedFile{}.attributes(types.StringUnknown()))},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Downloads files of a run to a directory on the machine that runs Terraform. They stay there after the platform's retention has removed the run.\n\n" +
			"Each file is streamed to a temporary file, checked and then renamed, so a file is never half-written. A broken transfer continues where it stopped if the download host can prove that the file is unchanged. Otherwise it starts again. A transfer that receives no data for one minute is stopped and tried again. " +
			"If one file cannot be fetched, the others are still fetched. The next apply fetches the files that a failed or interrupted apply did not fetch. " +
			"A refresh reads every file to see that it is unchanged. Only a file that is missing or was altered is fetched again.\n\n" +
			"New files are downloaded before old files are removed. A file that still matches the configuration stays, with a warning, even if the platform no longer lists it or does not answer. " +
			"Destroying the resource removes the files that it wrote. It leaves the directory, and files that were changed after the download.\n\n" +
			"Each file costs one request of the API's budget. This limits the download of many small files: at 100 requests a minute, a thousand files take ten minutes. Files of a run that ended without success are downloaded too.",
		Attributes: attributes,
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock(ctx, timeouts.Opts{
				Create: true, Update: true,
				CreateDescription: "How long the first download may take. Defaults to `6h`. When this time has passed, the complete files stay on disk, and the error says what the provider was waiting for.",
				UpdateDescription: "How long a later download may take. Defaults to `6h`. When this time has passed, the next apply fetches the rest.",
			}),
		},
	}
}

// downloadSelectionAttributes say which files are downloaded to where.
func downloadSelectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"agent_id": schema.Int64Attribute{
			Required: true, Validators: int32IDValidators(),
			MarkdownDescription: "The id of the run's agent. Changes in place, as `run_id` does.",
		},
		"run_id": schema.Int64Attribute{
			Required: true, Validators: int64IDValidators(),
			MarkdownDescription: "The id of the run. Changes in place: the files of the new run are fetched first, and then the files of the old run are removed. While the run is active, its files can be missing or incomplete, and a warning says so.",
		},
		"directory": schema.StringAttribute{
			Required: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "Where the files go. The provider creates the directory if it does not exist. A relative path begins at the directory where Terraform runs. `\"${path.module}/out\"` is safer. " +
				"The provider never writes outside of the directory, whatever name a file has. A change is made in place: files that are on disk and unchanged are moved without a request, and only missing files are fetched. A replacement with `create_before_destroy` into the same directory needs `overwrite = true`.",
		},
		"types": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			Validators: []validator.Set{
				setvalidator.SizeAtLeast(1),
				setvalidator.ValueStringsAre(stringvalidator.OneOf(sequentum.FileTypeNames()...)),
			},
			MarkdownDescription: "Downloads only files of these types, such as `DeliveredFile`. Null elements count as absent. Defaults to all files, including logs and internal ones. A change is made in place: files that match now are downloaded, and files that no longer match are removed.",
		},
		"name_regex": schema.StringAttribute{
			Optional: true, Validators: []validator.String{regularExpression{}},
			MarkdownDescription: "Downloads only files whose name contains a match of this regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)). For example, `\\\\.csv$` selects all CSV files. A change is made in place: files that match now are downloaded, and files that no longer match are removed.",
		},
	}
}

// downloadBehaviourAttributes say what the provider does in special cases. A change of them downloads nothing.
func downloadBehaviourAttributes() map[string]schema.Attribute {
	flag := func(value bool, description string) schema.Attribute {
		return schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(value), MarkdownDescription: description,
		}
	}
	return map[string]schema.Attribute{
		"overwrite":       flag(false, "Whether to replace an existing file that this resource did not write. Defaults to `false`: such a file is an error, and nothing is fetched. With `true`, a symbolic link is replaced, but the file that it points to is not."),
		"allow_empty":     flag(false, "Whether to accept that no file matches. Defaults to `false`: no match is an error."),
		"keep_on_destroy": flag(false, "Whether the files stay when this resource is destroyed. Defaults to `false`. Destroy uses the value from the last apply."),
		"refetch_missing": flag(true, "Whether missing files are fetched again. Defaults to `true`. With `false` they stay in `files` and no change is planned. Use `false` on machines that start with an empty disk. Altered files are always fetched again."),
	}
}
