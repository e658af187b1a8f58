// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// fileAttributes is the table of what a list shows of a file. The schema needs no values: for it any file will do.
func fileAttributes(f sequentum.File) []computedAttribute {
	return []computedAttribute{
		{"id", types.Int64Value(f.ID), "The id of the file."},
		{"name", types.StringPointerValue(f.Name), "The name of the file. Null if it has none. Several files of a run can have the same name."},
		{"type", types.StringPointerValue(f.Type.Name()), "The type of the file by name, such as `DeliveredFile` or `LogText`. Null if the provider does not know a name for the type."},
		{"type_code", types.Int64PointerValue(f.Type.Code()), "The platform's number for the type. Null if the platform gave only a name."},
		{"size_bytes", types.Int64PointerValue(f.SizeBytes), "The size of the file in bytes."},
		{"created_at", timeOrNull(f.CreatedAt), "When the file was created, as an RFC 3339 time in UTC. Null if the platform does not say."},
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
