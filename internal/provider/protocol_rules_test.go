package provider_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func dynamic(v tftypes.Value) *tfprotov6.DynamicValue {
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		panic(err)
	}
	return &d
}

func undynamic(typ string, d *tfprotov6.DynamicValue) tftypes.Value {
	if d == nil {
		return nullObject(typ)
	}
	v, err := d.Unmarshal(protocolSchemas()[typ].ValueType())
	if err != nil {
		panic(err)
	}
	return v
}

func nullObject(typ string) tftypes.Value {
	return tftypes.NewValue(protocolSchemas()[typ].ValueType(), nil)
}

// objectOf is a configuration that sets these attributes and no others.
func objectOf(schema *tfprotov6.Schema, set map[string]tftypes.Value) tftypes.Value {
	typ := schema.ValueType().(tftypes.Object)
	all := map[string]tftypes.Value{}
	for name, t := range typ.AttributeTypes {
		all[name] = tftypes.NewValue(t, nil)
	}
	maps.Copy(all, set)
	return tftypes.NewValue(typ, all)
}

func textValue(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func numberValue(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }

func boolValue(b bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, b) }

// attributes are the top level of an object, to be changed freely; none of a null one.
func attributes(v tftypes.Value) map[string]tftypes.Value {
	all := map[string]tftypes.Value{}
	if v.IsKnown() && !v.IsNull() {
		if err := v.As(&all); err != nil {
			panic(err)
		}
	}
	return maps.Clone(all) // As gives the value's own
}

// textOf, numberOf and boolOf read an attribute, with the zero value for one that is null or unknown.
func textOf(v tftypes.Value, name string) string {
	return attributeAs[string](v, name)
}

func boolOf(v tftypes.Value, name string) bool {
	return attributeAs[bool](v, name)
}

func numberOf(v tftypes.Value, name string) int64 {
	n := attributeAs[big.Float](v, name)
	i, _ := n.Int64()
	return i
}

func attributeAs[T any](v tftypes.Value, name string) T {
	var out T
	if a := attributes(v)[name]; a.IsKnown() && !a.IsNull() {
		if err := a.As(&out); err != nil {
			panic(err)
		}
	}
	return out
}

// proposedNew merges prior state and configuration as core does: what the configuration leaves to the provider is
// taken from the prior state.
func proposedNew(schema *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	before, proposed := attributes(prior), attributes(config)
	for _, a := range schema.Block.Attributes {
		if old, ok := before[a.Name]; ok && a.Computed && proposed[a.Name].IsNull() {
			proposed[a.Name] = old
		}
	}
	return tftypes.NewValue(schema.ValueType(), proposed)
}

// invalidPlan says which planned values core would refuse: what is configured must be planned as it is configured (or
// as it was), and what only the configuration can set must not be invented.
func invalidPlan(schema *tfprotov6.Schema, prior, config, planned tftypes.Value) []string {
	before, wanted, got := attributes(prior), attributes(config), attributes(planned)
	var wrong []string
	for _, a := range schema.Block.Attributes {
		c, p := wanted[a.Name], got[a.Name]
		old, known := before[a.Name]
		switch {
		case a.WriteOnly:
			if !p.IsNull() {
				wrong = append(wrong, a.Name+" is write-only and planned as "+p.String())
			}
		case c.IsNull():
			if !a.Computed && !p.IsNull() {
				wrong = append(wrong, a.Name+" is not configured and planned as "+p.String())
			}
		case !p.Equal(c) && !(known && p.Equal(old)):
			wrong = append(wrong, fmt.Sprintf("%s is configured as %s and planned as %s", a.Name, c, p))
		}
	}
	for _, b := range schema.Block.BlockTypes {
		if c, p := wanted[b.TypeName], got[b.TypeName]; !p.Equal(c) {
			wrong = append(wrong, fmt.Sprintf("%s is configured as %s and planned as %s", b.TypeName, c, p))
		}
	}
	return wrong
}

// incompatible says where actual breaks what was planned: known values must be as planned, unknown ones can be
// anything of their type.
func incompatible(at string, planned, actual tftypes.Value) []string {
	switch {
	case !planned.IsKnown():
		return nil
	case planned.IsNull() || actual.IsNull() || !actual.IsKnown():
		if planned.Equal(actual) {
			return nil
		}
	case planned.Type().Is(tftypes.Object{}) || planned.Type().Is(tftypes.Map{}):
		before, after := attributes(planned), attributes(actual)
		if len(before) == len(after) {
			var wrong []string
			for _, name := range slices.Sorted(maps.Keys(before)) {
				wrong = append(wrong, incompatible(at+"."+name, before[name], after[name])...)
			}
			return wrong
		}
	case planned.Type().Is(tftypes.List{}):
		before, after := elements(planned), elements(actual)
		if len(before) == len(after) {
			var wrong []string
			for i := range before {
				wrong = append(wrong, incompatible(fmt.Sprintf("%s[%d]", at, i), before[i], after[i])...)
			}
			return wrong
		}
	case planned.Equal(actual) || !planned.IsFullyKnown():
		return nil
	}
	return []string{fmt.Sprintf("%s was planned as %s and is %s", at, planned, actual)}
}

func elements(list tftypes.Value) []tftypes.Value {
	var all []tftypes.Value
	if err := list.As(&all); err != nil {
		panic(err)
	}
	return all
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
