// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// computedAttribute is one read-only attribute. A table of them describes an object of the API once, for resources,
// data sources and lists.
type computedAttribute struct {
	name        string
	value       attr.Value // its type is also the attribute's type
	description string
}

func (a computedAttribute) kind() attr.Type { return a.value.Type(context.Background()) }

func (a computedAttribute) unknown() attr.Value {
	ctx := context.Background()
	value, err := a.kind().ValueFromTerraform(ctx, tftypes.NewValue(a.kind().TerraformType(ctx), tftypes.UnknownValue))
	if err != nil {
		panic(err)
	}
	return value
}

// unsupported is a fault of the table, and every test that reads a schema finds it.
func (a computedAttribute) unsupported() string {
	return fmt.Sprintf("computed_attributes.go has no schema for %s, which is a %s", a.name, a.kind())
}

func resourceAttributes(table []computedAttribute) map[string]resource.Attribute {
	attributes := map[string]resource.Attribute{}
	for _, a := range table {
		switch a.kind() {
		case types.StringType:
			attributes[a.name] = resource.StringAttribute{Computed: true, MarkdownDescription: a.description}
		case types.Int64Type:
			attributes[a.name] = resource.Int64Attribute{Computed: true, MarkdownDescription: a.description}
		case types.Float64Type:
			attributes[a.name] = resource.Float64Attribute{Computed: true, MarkdownDescription: a.description}
		case types.BoolType:
			attributes[a.name] = resource.BoolAttribute{Computed: true, MarkdownDescription: a.description}
		default:
			panic(a.unsupported())
		}
	}
	return attributes
}

func dataSourceAttributes(table []computedAttribute) map[string]datasource.Attribute {
	attributes := map[string]datasource.Attribute{}
	for _, a := range table {
		switch a.kind() {
		case types.StringType:
			attributes[a.name] = datasource.StringAttribute{Computed: true, MarkdownDescription: a.description}
		case types.Int64Type:
			attributes[a.name] = datasource.Int64Attribute{Computed: true, MarkdownDescription: a.description}
		case types.Float64Type:
			attributes[a.name] = datasource.Float64Attribute{Computed: true, MarkdownDescription: a.description}
		case types.BoolType:
			attributes[a.name] = datasource.BoolAttribute{Computed: true, MarkdownDescription: a.description}
		default:
			panic(a.unsupported())
		}
	}
	return attributes
}

// objectType is the type of a list's element that has the attributes of the table.
func objectType(table []computedAttribute) types.ObjectType {
	kinds := map[string]attr.Type{}
	for _, a := range table {
		kinds[a.name] = a.kind()
	}
	return types.ObjectType{AttrTypes: kinds}
}

// objectValue is a list's element that has the values of the table.
func objectValue(table []computedAttribute) types.Object {
	values := map[string]attr.Value{}
	for _, a := range table {
		values[a.name] = a.value
	}
	return types.ObjectValueMust(objectType(table).AttrTypes, values)
}
