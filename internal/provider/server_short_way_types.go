// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// shortWayType is what the short way knows of a resource type. All of it comes from the type's own schemas.
type shortWayType struct {
	state    tftypes.Object
	identity *tftypes.Object      // nil: the type has none
	defaults func() rawAttributes // of the arguments that have one; nil: the framework did not say
}

// newShortWay makes the short way of sequentum_run and sequentum_run_completion.
func newShortWay(ctx context.Context, framework protocolServer) *shortWay {
	s := &shortWay{protocolServer: framework, types: map[string]*shortWayType{}}
	for _, r := range []resource.Resource{newRunResource(), newRunCompletionResource()} {
		var about resource.MetadataResponse
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: typeName}, &about)
		s.types[about.TypeName] = newShortWayType(ctx, framework, about.TypeName, r)
	}
	return s
}

func newShortWayType(ctx context.Context, framework protocolServer, name string, r resource.Resource) *shortWayType {
	var schema resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &schema)
	t := &shortWayType{state: schema.Schema.Type().TerraformType(ctx).(tftypes.Object)}
	if identified, ok := r.(resource.ResourceWithIdentity); ok {
		var schema resource.IdentitySchemaResponse
		identified.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &schema)
		identity := schema.IdentitySchema.Type().TerraformType(ctx).(tftypes.Object)
		t.identity = &identity
	}
	t.defaults = sync.OnceValue(func() rawAttributes { return t.learnDefaults(framework, name) })
	return t
}

// learnDefaults asks the framework for the plan of a new object whose arguments are all null. What is known in that plan is
// a default.
func (t *shortWayType) learnDefaults(framework protocolServer, name string) rawAttributes {
	nulls := map[string]tftypes.Value{}
	for attribute, typ := range t.state.AttributeTypes {
		nulls[attribute] = tftypes.NewValue(typ, nil)
	}
	noObject, config := dynamicValue(tftypes.NewValue(t.state, nil)), dynamicValue(tftypes.NewValue(t.state, nulls))
	// The plan has no log: no user has caused it.
	resp, err := framework.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{TypeName: name, PriorState: noObject, Config: config, ProposedNewState: config})
	if err != nil || len(resp.Diagnostics) > 0 {
		return nil
	}
	defaults := t.attributesOf(resp.PlannedState)
	maps.DeleteFunc(defaults, func(_ string, v tftypes.Value) bool { return !v.IsKnown() || v.IsNull() })
	return defaults
}

// hasDefaults reports whether state has the default of every argument that the configuration leaves out.
func (t *shortWayType) hasDefaults(state, config rawAttributes) bool {
	defaults := t.defaults()
	for name, value := range defaults {
		if config[name].IsNull() && !state[name].Equal(value) {
			return false
		}
	}
	return defaults != nil
}

// isIdentity reports whether an identity that came with a call is that of the object in state. A CLI that does not know
// identities sends none, which is right, too.
func (t *shortWayType) isIdentity(identity *tfprotov6.ResourceIdentityData, state rawAttributes) bool {
	return identity == nil || t.identity != nil && sameBytes(identity.IdentityData, t.identityOf(state).IdentityData)
}

// identityOf is the identity of the object in state: the attributes of the same names. nil if the type has none.
func (t *shortWayType) identityOf(state rawAttributes) *tfprotov6.ResourceIdentityData {
	if t.identity == nil {
		return nil
	}
	ids := map[string]tftypes.Value{}
	for name := range t.identity.AttributeTypes {
		ids[name] = state[name]
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: dynamicValue(tftypes.NewValue(*t.identity, ids))}
}

// plannedIdentity is the prior identity. Without one it is null, as the framework answers.
func (t *shortWayType) plannedIdentity(prior *tfprotov6.ResourceIdentityData) *tfprotov6.ResourceIdentityData {
	if prior != nil || t.identity == nil {
		return prior
	}
	return &tfprotov6.ResourceIdentityData{IdentityData: dynamicValue(tftypes.NewValue(*t.identity, nil))}
}

// rawAttributes are the attributes of an object as the protocol brings them, by name. Reading them so takes a fiftieth of
// the time that the framework takes to fill a model.
type rawAttributes map[string]tftypes.Value

// attributesOf reads an object of the type. nil if there is none, or if it cannot be read.
func (t *shortWayType) attributesOf(object *tfprotov6.DynamicValue) (attributes rawAttributes) {
	if object == nil {
		return nil
	}
	values := map[string]tftypes.Value{}
	if v, err := object.Unmarshal(t.state); err != nil || !v.IsKnown() || v.As(&values) != nil {
		return nil
	}
	return values
}

// text is "" if the attribute is not a known text.
func (a rawAttributes) text(name string) string { return rawText(a[name]) }

// texts are the elements of a set of texts. What is null is left out.
func (a rawAttributes) texts(name string) (texts []string) {
	var elements []tftypes.Value
	_ = a[name].As(&elements)
	for _, e := range elements {
		if !e.IsNull() {
			texts = append(texts, rawText(e))
		}
	}
	return texts
}

func rawText(v tftypes.Value) (text string) {
	_ = v.As(&text)
	return text
}

// number is "" if the attribute is not a known number.
func (a rawAttributes) number(name string) string { return wholeNumber(a[name]) }

// hasWholeNumbers reports whether all numbers are of the kind that the attributes hold. The framework refuses others, which a
// person can have written.
func (a rawAttributes) hasWholeNumbers() bool {
	for _, v := range a {
		if !isWhole(v) {
			return false
		}
	}
	return true
}

// isWhole reports whether all numbers in a value, and in its elements, fit in 64 bits.
func isWhole(v tftypes.Value) bool {
	if v.IsNull() || !v.IsKnown() {
		return true
	}
	switch typ := v.Type(); {
	case typ.Is(tftypes.Number):
		var n big.Float
		_ = v.As(&n)
		_, accuracy := n.Int64()
		return accuracy == big.Exact
	case typ.Is(tftypes.List{}), typ.Is(tftypes.Set{}):
		var elements []tftypes.Value
		_ = v.As(&elements)
		return !slices.ContainsFunc(elements, func(e tftypes.Value) bool { return !isWhole(e) })
	case typ.Is(tftypes.Object{}), typ.Is(tftypes.Map{}):
		attributes := rawAttributes{}
		_ = v.As((*map[string]tftypes.Value)(&attributes))
		return attributes.hasWholeNumbers()
	}
	return true
}

// isBool reports whether the attribute is this value. Null is neither true nor false.
func (a rawAttributes) isBool(name string, value bool) bool {
	var b *bool
	return a[name].As(&b) == nil && b != nil && *b == value
}

// status is the status of a run, as [runAttributes.lastSeen].
func (a rawAttributes) status() sequentum.Status {
	s, _ := sequentum.ParseStatus(a.text("status"))
	return s
}

func dynamicValue(v tftypes.Value) *tfprotov6.DynamicValue {
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		panic(fmt.Sprintf("%s does not have its own type: %v", v, err))
	}
	return &d
}
