package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// fileAttributes is the table of what a list shows of a file. For the schema any file will do.
func fileAttributes(f sequentum.File) []computedAttribute {
	return []computedAttribute{
		{"id", types.Int64Value(f.ID), "The file's id."},
		{"name", types.StringPointerValue(f.Name), "The file's name; null when it has none. Names can repeat within a run."},
		{"type", types.StringPointerValue(f.Type.Name()), "What kind of file it is, by name, such as `DeliveredFile` or `LogText`; null when the platform's type has no name here."},
		{"type_code", types.Int64PointerValue(f.Type.Code()), "The platform's number for the type; null when it gave a name only."},
		{"size_bytes", types.Int64PointerValue(f.SizeBytes), "The file's size in bytes."},
		{"created_at", timeOrNull(f.CreatedAt), "When the file was made, as an RFC 3339 time in UTC; null when the platform does not say."},
	}
}

var fileObjectType = objectType(fileAttributes(sequentum.File{}))

func fileResourceAttributes() map[string]resource.Attribute {
	return resourceAttributes(fileAttributes(sequentum.File{}))
}

func fileDataSourceAttributes() map[string]datasource.Attribute {
	return dataSourceAttributes(fileAttributes(sequentum.File{}))
}

// fileList is the API's list as Terraform's.
func fileList(files []sequentum.File) types.List {
	values := make([]attr.Value, len(files))
	for i, f := range files {
		values[i] = objectValue(fileAttributes(f))
	}
	return types.ListValueMust(fileObjectType, values)
}
