// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// ProposedNew merges prior state and configuration as core does: what the configuration leaves to the provider is
// taken from the prior state.
func ProposedNew(schema *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	before, proposed := Attributes(prior), Attributes(config)
	for _, a := range schema.Block.Attributes {
		if old, ok := before[a.Name]; ok && a.Computed && proposed[a.Name].IsNull() {
			proposed[a.Name] = old
		}
	}
	return tftypes.NewValue(schema.ValueType(), proposed)
}

// InvalidPlan says which planned values core would refuse: what is configured must be planned as it is configured (or
// as it was), and what only the configuration can set must not be invented. The attributes of an object are judged one
// by one.
func InvalidPlan(schema *tfprotov6.Schema, prior, config, planned tftypes.Value) []string {
	wrong := invalidAttributes("", schema.Block.Attributes, prior, config, planned)
	wanted, got := Attributes(config), Attributes(planned)
	for _, b := range schema.Block.BlockTypes {
		if c, p := wanted[b.TypeName], got[b.TypeName]; !p.Equal(c) {
			wrong = append(wrong, fmt.Sprintf("%s is configured as %s and planned as %s", b.TypeName, c, p))
		}
	}
	return wrong
}

func invalidAttributes(at string, attributes []*tfprotov6.SchemaAttribute, prior, config, planned tftypes.Value) []string {
	before, wanted, got := Attributes(prior), Attributes(config), Attributes(planned)
	var wrong []string
	for _, a := range attributes {
		name, c, p := at+a.Name, wanted[a.Name], got[a.Name]
		old, known := before[a.Name]
		switch {
		case a.WriteOnly:
			if !p.IsNull() {
				wrong = append(wrong, name+" is write-only and planned as "+p.String())
			}
		case c.IsNull():
			if !a.Computed && !p.IsNull() {
				wrong = append(wrong, name+" is not configured and planned as "+p.String())
			}
		case isObject(a) && c.IsKnown() && p.IsKnown() && !p.IsNull():
			if !known {
				old = tftypes.NewValue(c.Type(), nil)
			}
			wrong = append(wrong, invalidAttributes(name+".", a.NestedType.Attributes, old, c, p)...)
		case !p.Equal(c) && !(known && p.Equal(old)):
			wrong = append(wrong, fmt.Sprintf("%s is configured as %s and planned as %s", name, c, p))
		}
	}
	return wrong
}

func isObject(a *tfprotov6.SchemaAttribute) bool {
	return a.NestedType != nil && a.NestedType.Nesting == tfprotov6.SchemaObjectNestingModeSingle
}

// Incompatible says where actual breaks what was planned: known values must be as planned, unknown ones can be
// anything of their type.
func Incompatible(at string, planned, actual tftypes.Value) []string {
	switch {
	case !planned.IsKnown():
		return nil
	case planned.IsNull() || actual.IsNull() || !actual.IsKnown():
		if planned.Equal(actual) {
			return nil
		}
	case planned.Type().Is(tftypes.Object{}) || planned.Type().Is(tftypes.Map{}):
		before, after := Attributes(planned), Attributes(actual)
		if len(before) == len(after) {
			var wrong []string
			for _, name := range slices.Sorted(maps.Keys(before)) {
				wrong = append(wrong, Incompatible(at+"."+name, before[name], after[name])...)
			}
			return wrong
		}
	case planned.Type().Is(tftypes.List{}):
		before, after := Elements(planned), Elements(actual)
		if len(before) == len(after) {
			var wrong []string
			for i := range before {
				wrong = append(wrong, Incompatible(fmt.Sprintf("%s[%d]", at, i), before[i], after[i])...)
			}
			return wrong
		}
	case planned.Equal(actual) || !planned.IsFullyKnown():
		return nil
	}
	return []string{fmt.Sprintf("%s was planned as %s and is %s", at, planned, actual)}
}

// forcesReplacement reports whether a path that the provider named really changes: core ignores the others.
func forcesReplacement(paths []*tftypes.AttributePath, prior, planned tftypes.Value) bool {
	return slices.ContainsFunc(paths, func(path *tftypes.AttributePath) bool {
		before, _, beforeErr := tftypes.WalkAttributePath(prior, path)
		after, _, afterErr := tftypes.WalkAttributePath(planned, path)
		if beforeErr != nil || afterErr != nil {
			return beforeErr == nil || afterErr == nil
		}
		return !before.(tftypes.Value).Equal(after.(tftypes.Value))
	})
}
