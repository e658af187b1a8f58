// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"maps"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Dynamic puts a value into the form that it has on the wire.
func Dynamic(v tftypes.Value) *tfprotov6.DynamicValue {
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		panic(err)
	}
	return &d
}

// Undynamic reads an object of a type from the form that it has on the wire. A missing one is null.
func Undynamic(typ string, d *tfprotov6.DynamicValue) tftypes.Value {
	if d == nil {
		return Null(typ)
	}
	v, err := d.Unmarshal(Schemas()[typ].ValueType())
	if err != nil {
		panic(err)
	}
	return v
}

// Null is the object of a type that does not exist.
func Null(typ string) tftypes.Value {
	return tftypes.NewValue(Schemas()[typ].ValueType(), nil)
}

// ObjectOf is a configuration that sets these attributes and no others.
func ObjectOf(schema *tfprotov6.Schema, set map[string]tftypes.Value) tftypes.Value {
	typ := schema.ValueType().(tftypes.Object)
	all := map[string]tftypes.Value{}
	for name, t := range typ.AttributeTypes {
		all[name] = tftypes.NewValue(t, nil)
	}
	maps.Copy(all, set)
	return tftypes.NewValue(typ, all)
}

// Text is a value of type string.
func Text(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

// Number is a value of type number.
func Number(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }

// Bool is a value of type bool.
func Bool(b bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, b) }

// Attributes are the top level of an object; a null object has none. The caller may change the map.
func Attributes(v tftypes.Value) map[string]tftypes.Value {
	all := map[string]tftypes.Value{}
	if v.IsKnown() && !v.IsNull() {
		if err := v.As(&all); err != nil {
			panic(err)
		}
	}
	return maps.Clone(all) // As gives the value's own
}

// TextOf reads an attribute; "" when it is null or unknown.
func TextOf(v tftypes.Value, name string) string {
	return attributeAs[string](v, name)
}

// BoolOf reads an attribute; false when it is null or unknown.
func BoolOf(v tftypes.Value, name string) bool {
	return attributeAs[bool](v, name)
}

// NumberOf reads an attribute; 0 when it is null or unknown.
func NumberOf(v tftypes.Value, name string) int64 {
	n := attributeAs[big.Float](v, name)
	i, _ := n.Int64()
	return i
}

func attributeAs[T any](v tftypes.Value, name string) T {
	var out T
	if a := Attributes(v)[name]; a.IsKnown() && !a.IsNull() {
		if err := a.As(&out); err != nil {
			panic(err)
		}
	}
	return out
}

// Elements are the elements of a list or set.
func Elements(list tftypes.Value) []tftypes.Value {
	var all []tftypes.Value
	if err := list.As(&all); err != nil {
		panic(err)
	}
	return all
}

// TextSet is a value of type set of string.
func TextSet(texts []string) tftypes.Value {
	elements := make([]tftypes.Value, len(texts))
	for i, t := range texts {
		elements[i] = Text(t)
	}
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, elements)
}

// Timeouts is the timeouts block of a resource type; "" leaves an operation out.
func Timeouts(typ string, durations map[string]string) tftypes.Value {
	block := Schemas()[typ].ValueType().(tftypes.Object).AttributeTypes["timeouts"].(tftypes.Object)
	values := map[string]tftypes.Value{}
	for operation := range block.AttributeTypes {
		values[operation] = tftypes.NewValue(tftypes.String, nil)
		if d := durations[operation]; d != "" {
			values[operation] = Text(d)
		}
	}
	return tftypes.NewValue(block, values)
}

// Unknown is a value that is known after the apply.
func Unknown(typ tftypes.Type) tftypes.Value { return tftypes.NewValue(typ, tftypes.UnknownValue) }
