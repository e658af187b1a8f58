// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// That the short way answers as the framework does is tested in randomtest.

// shortWayTypeOf is the type of a server that has the short way.
func shortWayTypeOf(t *testing.T, name string) *shortWayType {
	t.Helper()
	return NewServer(t.Context(), New("test", nil)()).(*server).protocolServer.(*shortWay).types[name]
}

// The short way learns every default from the framework, so that a new one needs no change in it.
func TestShortWayLearnsDefaults(t *testing.T) {
	for name, r := range map[string]resource.Resource{"sequentum_run": newRunResource(), "sequentum_run_completion": newRunCompletionResource()} {
		var resp resource.SchemaResponse
		r.Schema(t.Context(), resource.SchemaRequest{}, &resp)
		var want []string
		for attribute, a := range resp.Schema.Attributes {
			if hasDefault(a) {
				want = append(want, attribute)
			}
			if list, ok := a.(schema.ListNestedAttribute); ok {
				refuseDefaults(t, name+"."+attribute, list.NestedObject.Attributes)
			}
		}
		for block, b := range resp.Schema.Blocks {
			refuseDefaults(t, name+"."+block, b.(schema.SingleNestedBlock).Attributes)
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(shortWayTypeOf(t, name).defaults())); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: the short way knows the defaults of %v, expected %v", name, got, want)
		}
	}
}

// refuseDefaults fails the test if a nested attribute has a default: the plan of an object that is null does not show it.
func refuseDefaults(t *testing.T, in string, nested map[string]schema.Attribute) {
	t.Helper()
	for name, a := range nested {
		if hasDefault(a) {
			t.Errorf("%s.%s has a default, which the short way does not see", in, name)
		}
	}
}

// hasDefault knows the kinds of attributes that have a default today.
func hasDefault(a schema.Attribute) bool {
	switch a := a.(type) {
	case schema.BoolAttribute:
		return a.Default != nil
	case schema.Int64Attribute:
		return a.Default != nil
	case schema.StringAttribute:
		return a.Default != nil
	case schema.SetAttribute:
		return a.Default != nil
	}
	return false
}

// silentFramework plans nothing.
type silentFramework struct {
	protocolServer
	err  error
	resp *tfprotov6.PlanResourceChangeResponse
}

func (f silentFramework) PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return f.resp, f.err
}

// Without the defaults, nothing shows that an argument was removed from the configuration: the framework must plan.
func TestShortWayNeedsDefaults(t *testing.T) {
	known := shortWayTypeOf(t, "sequentum_run")
	for name, framework := range map[string]silentFramework{
		"an error of the protocol": {err: errors.New("no plan")},
		"a diagnostic":             {resp: &tfprotov6.PlanResourceChangeResponse{Diagnostics: []*tfprotov6.Diagnostic{{Summary: "no plan"}}}},
		"no object":                {resp: &tfprotov6.PlanResourceChangeResponse{}},
		"another type":             {resp: &tfprotov6.PlanResourceChangeResponse{PlannedState: dynamicValue(tftypes.NewValue(tftypes.String, "?"))}},
	} {
		r := newShortWayType(t.Context(), framework, "sequentum_run", newRunResource())
		if state := known.defaults(); r.defaults() != nil || r.hasDefaults(state, state) {
			t.Errorf("%s: the defaults are %v", name, r.defaults())
		}
	}
}
