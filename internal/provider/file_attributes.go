package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// fileAttribute is one attribute of a file in a list, said once for the data source and the resources.
type fileAttribute struct {
	name        string
	kind        attr.Type
	description string
}

var fileAttributes = []fileAttribute{
	{"id", types.Int64Type, "The file's id."},
	{"name", types.StringType, "The file's name; null when it has none. Names can repeat within a run."},
	{"type", types.StringType, "What kind of file it is, by name, such as `DeliveredFile` or `LogText`; null when the platform's type has no name here."},
	{"type_code", types.Int64Type, "The platform's number for the type; null when it gave a name only."},
	{"size_bytes", types.Int64Type, "The file's size in bytes."},
	{"created_at", types.StringType, "When the file was made, as an RFC 3339 time in UTC; null when the platform does not say."},
}

var fileObjectType = types.ObjectType{AttrTypes: func() map[string]attr.Type {
	attributes := map[string]attr.Type{}
	for _, a := range fileAttributes {
		attributes[a.name] = a.kind
	}
	return attributes
}()}

func fileResourceAttributes() map[string]resource.Attribute {
	attributes := map[string]resource.Attribute{}
	for _, a := range fileAttributes {
		if a.kind == types.Int64Type {
			attributes[a.name] = resource.Int64Attribute{Computed: true, MarkdownDescription: a.description}
		} else {
			attributes[a.name] = resource.StringAttribute{Computed: true, MarkdownDescription: a.description}
		}
	}
	return attributes
}

func fileDataSourceAttributes() map[string]datasource.Attribute {
	attributes := map[string]datasource.Attribute{}
	for _, a := range fileAttributes {
		if a.kind == types.Int64Type {
			attributes[a.name] = datasource.Int64Attribute{Computed: true, MarkdownDescription: a.description}
		} else {
			attributes[a.name] = datasource.StringAttribute{Computed: true, MarkdownDescription: a.description}
		}
	}
	return attributes
}

// fileList is the API's list as Terraform's.
func fileList(files []sequentum.File) types.List {
	values := make([]attr.Value, len(files))
	for i, f := range files {
		values[i] = types.ObjectValueMust(fileObjectType.AttrTypes, map[string]attr.Value{
			"id":         types.Int64Value(f.ID),
			"name":       types.StringPointerValue(f.Name),
			"type":       types.StringPointerValue(f.Type.Name()),
			"type_code":  types.Int64PointerValue(f.Type.Code()),
			"size_bytes": types.Int64PointerValue(f.SizeBytes),
			"created_at": timeOrNull(f.CreatedAt),
		})
	}
	return types.ListValueMust(fileObjectType, values)
}
