// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	ctymsgpack "github.com/zclconf/go-cty/cty/msgpack"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// objectCase is a random object of a resource type, with all that core sends about it. It begins as an object that the
// provider has stored. Then some values become others, whether or not that makes sense.
type objectCase struct {
	typ                     string
	state, config, proposed map[string]tftypes.Value
	private                 []byte
	identity                *tfprotov6.ResourceIdentityData
	changes                 []string // what is unusual
}

// newObjectCase makes a case. framework plans the object that it begins with.
func newObjectCase(rng *rand.Rand, framework *core.Process, typ string) *objectCase {
	o := &objectCase{typ: typ, config: randomConfig(rng, typ)}
	o.state = core.Attributes(framework.Plan(typ, nil, nil, o.object(o.config), o.object(o.config)).Value)
	o.finishRun(rng)
	o.identity = o.identityIn(o.state)
	before := maps.Clone(o.state)
	for range pick(rng, 0, 0, 1, 1, 1, 2, 3) {
		switch rng.IntN(11) {
		case 0, 1, 2:
			o.change(rng, "state", o.state)
		case 3, 4:
			o.change(rng, "configuration", o.config)
		case 5, 6:
			o.change(rng, "state and configuration", o.state, o.config)
		case 7:
			o.private = pick(rng, []byte{}, []byte(`{}`), []byte(`{"archived":"dHJ1ZQ=="}`), []byte(`{"unfinished_wait":"eyJvd24iOnRydWV9"}`))
		case 8:
			o.identity = pick(rng, nil, o.identityIn(before), identityOf(core.Number(4711), core.Number(7)))
		default:
			o.removeArgument(rng)
		}
	}
	if oneIn(rng, 12) {
		o.breakNumber(rng)
	}
	o.proposed = core.Attributes(core.ProposedNew(core.Schemas()[typ], o.object(o.state), o.object(o.config)))
	if oneIn(rng, 8) {
		o.change(rng, "proposed state", o.proposed)
	}
	return o
}

// randomConfig sets some arguments.
func randomConfig(rng *rand.Rand, typ string) map[string]tftypes.Value {
	schema := core.Schemas()[typ]
	config := core.Attributes(core.ObjectOf(schema, map[string]tftypes.Value{"timeouts": randomValue(rng, core.Timeouts(typ, nil).Type())}))
	for _, a := range schema.Block.Attributes {
		if a.Optional && !a.WriteOnly && oneIn(rng, 3) {
			config[a.Name] = randomValue(rng, a.Type)
		}
	}
	for name, id := range map[string]int64{"agent_id": 4711, "run_id": 100001} {
		if slices.ContainsFunc(schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool { return a.Name == name && a.Required }) {
			config[name] = core.Number(id)
		}
	}
	return config
}

// finishRun fills in what is known of a run that has been started.
func (o *objectCase) finishRun(rng *rand.Rand) {
	for name, value := range o.state {
		if !value.IsFullyKnown() {
			o.state[name] = randomValue(rng, value.Type())
		}
	}
	o.setIDs(rng)
	end := pick(rng, "Success", "Success", "Success", "Completed", "Stopped", "Skipped", "Failed", "Failure", "Running", "Queuing", "Unknown(77)", neverRead)
	active := end == "Running" || end == "Queuing" || end == "Unknown(77)" || end == neverRead
	successes := pick(rng, []string{"Completed", "Success"}, []string{"Success", "Completed"}, []string{}, []string{end}, []string{"Failure", "Success"})
	counts := slices.Contains(successes, end) || end == "Failed" && slices.Contains(successes, "Failure")
	o.state["status"], o.state["finished"], o.state["succeeded"] = core.Text(end), core.Bool(!active), core.Bool(!active && counts)
	if end == neverRead {
		o.state["status"] = tftypes.NewValue(tftypes.String, nil)
	}
	if oneIn(rng, 2) { // values that contradict each other
		o.state["finished"], o.state["succeeded"] = core.Bool(oneIn(rng, 2)), core.Bool(oneIn(rng, 2))
	}
	o.setArgument("success_statuses", core.TextSet(successes))
	if _, ok := o.state["wait_for_completion"]; ok && oneIn(rng, 2) {
		o.setArgument("wait_for_completion", core.Bool(false))
		o.setArgument("replace_on_failure", core.Bool(oneIn(rng, 2)))
	}
}

// neverRead stands for the status of a run that was imported and not read yet. State has none.
const neverRead = ""

// setIDs names the run of the object. An id of 0 is an error that the plan reports.
func (o *objectCase) setIDs(rng *rand.Rand) {
	agentID, runID, id := int64(4711), int64(100001), "4711/100001"
	switch rng.IntN(20) {
	case 0:
		agentID, id = 0, "0/100001"
	case 1:
		agentID = 0
	case 2:
		runID, id = 0, "4711/0"
	}
	o.state["agent_id"], o.state["run_id"], o.state["id"] = core.Number(agentID), core.Number(runID), core.Text(id)
	for _, name := range []string{"agent_id", "run_id"} {
		if !o.config[name].IsNull() {
			o.config[name] = o.state[name]
		}
	}
}

// setArgument gives an argument this value in state and in the configuration. In the configuration a default can be null.
func (o *objectCase) setArgument(name string, value tftypes.Value) {
	if o.state[name].Equal(value) {
		return
	}
	o.state[name], o.config[name] = value, value
}

// change gives one attribute another value.
func (o *objectCase) change(rng *rand.Rand, where string, objects ...map[string]tftypes.Value) {
	name := pick(rng, slices.Sorted(maps.Keys(o.state))...)
	if name == "input_parameters_wo" && where != "configuration" {
		return // no CLI keeps a write-only value
	}
	if oneIn(rng, 3) {
		name = pick(rng, aboutTheEnd...)
	}
	value := randomValue(rng, o.state[name].Type())
	if where == "configuration" && oneIn(rng, 20) {
		value = core.Unknown(value.Type())
	}
	for _, object := range objects {
		object[name] = value
	}
	o.changes = append(o.changes, fmt.Sprintf("%s in the %s", name, where))
}

// removeArgument removes an argument that the framework has a default for from the configuration. Core then proposes the value
// in state.
func (o *objectCase) removeArgument(rng *rand.Rand) {
	var removable []string
	for _, a := range core.Schemas()[o.typ].Block.Attributes {
		if a.Optional && a.Computed && !o.config[a.Name].IsNull() {
			removable = append(removable, a.Name)
		}
	}
	if len(removable) > 0 {
		name := pick(rng, removable...)
		o.config[name] = tftypes.NewValue(o.config[name].Type(), nil)
		o.changes = append(o.changes, name+" removed from the configuration")
	}
}

// breakNumber writes a number that the attribute cannot hold, as a person can.
func (o *objectCase) breakNumber(rng *rand.Rand) {
	broken := tftypes.NewValue(tftypes.Number, pick(rng, big.NewFloat(1.5), big.NewFloat(1e30)))
	name := pick(rng, "records_extracted", "error_count", "failure_log_lines", "run_ids")
	switch typ := o.state[name].Type(); {
	case typ == nil:
		return // a completion has no such attribute
	case typ.Is(tftypes.List{}):
		broken = tftypes.NewValue(typ, []tftypes.Value{core.Number(1), broken})
	}
	o.state[name] = broken
	if name == "failure_log_lines" {
		o.config[name] = broken
	}
	o.changes = append(o.changes, name+" cannot be read")
}

// aboutTheEnd are the attributes that say how a run has ended. They change more often than others.
var aboutTheEnd = []string{"status", "finished", "succeeded", "success_statuses", "id"}

// randomValue is a value of a type: often one that means something, sometimes null. Maps have one element at most, because the
// framework gives those with more no order.
func randomValue(rng *rand.Rand, typ tftypes.Type) tftypes.Value {
	if oneIn(rng, 5) {
		return tftypes.NewValue(typ, nil)
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		attributes := map[string]tftypes.Value{}
		for _, name := range slices.Sorted(maps.Keys(typ.AttributeTypes)) {
			attributes[name] = randomValue(rng, typ.AttributeTypes[name])
		}
		return tftypes.NewValue(typ, attributes)
	case tftypes.List:
		return tftypes.NewValue(typ, randomElements(rng, typ.ElementType))
	case tftypes.Set:
		var distinct []tftypes.Value
		for _, e := range randomElements(rng, typ.ElementType) {
			if !slices.ContainsFunc(distinct, e.Equal) {
				distinct = append(distinct, e)
			}
		}
		return tftypes.NewValue(typ, distinct)
	case tftypes.Map:
		elements := map[string]tftypes.Value{}
		if oneIn(rng, 2) {
			elements["day"] = randomValue(rng, typ.ElementType)
		}
		return tftypes.NewValue(typ, elements)
	}
	switch {
	case typ.Is(tftypes.Bool):
		return core.Bool(oneIn(rng, 2))
	case typ.Is(tftypes.Number):
		return core.Number(pick[int64](rng, 0, 1, 2, 4711, 100001, -1, 1<<53+1))
	}
	return core.Text(pick(rng, "", "Success", "success", "Failure", "Running", "4711/100001", "4711/7", "0/100001", "2m", "90s", "ever", "stop", "leave", "start", `{"a": 1}`, "{"))
}

func randomElements(rng *rand.Rand, typ tftypes.Type) []tftypes.Value {
	elements := []tftypes.Value{}
	for range rng.IntN(3) {
		elements = append(elements, randomValue(rng, typ))
	}
	return elements
}

func (o *objectCase) readRequest() *tfprotov6.ReadResourceRequest {
	return &tfprotov6.ReadResourceRequest{TypeName: o.typ, CurrentState: o.encode(o.state), Private: o.private, CurrentIdentity: o.identity}
}

func (o *objectCase) planRequest() *tfprotov6.PlanResourceChangeRequest {
	return &tfprotov6.PlanResourceChangeRequest{
		TypeName: o.typ, PriorState: o.encode(o.state), Config: o.encode(o.config), ProposedNewState: o.encode(o.proposed),
		PriorPrivate: o.private, PriorIdentity: o.identity,
	}
}

func (o *objectCase) object(attributes map[string]tftypes.Value) tftypes.Value {
	return tftypes.NewValue(core.Schemas()[o.typ].ValueType(), attributes)
}

// identityType is the type of the identity of a run.
var identityType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"agent_id": tftypes.Number, "run_id": tftypes.Number}}

// identityIn is the identity of the object with these attributes; nil if its type has none.
func (o *objectCase) identityIn(attributes map[string]tftypes.Value) *tfprotov6.ResourceIdentityData {
	if o.typ != runType {
		return nil
	}
	return identityOf(attributes["agent_id"], attributes["run_id"])
}

func identityOf(agentID, runID tftypes.Value) *tfprotov6.ResourceIdentityData {
	return &tfprotov6.ResourceIdentityData{IdentityData: encodeLikeCLI(tftypes.NewValue(identityType, map[string]tftypes.Value{"agent_id": agentID, "run_id": runID}))}
}

func (o *objectCase) encode(attributes map[string]tftypes.Value) *tfprotov6.DynamicValue {
	return encodeLikeCLI(o.object(attributes))
}

// encodeLikeCLI encodes a value with the library that the CLIs use.
func encodeLikeCLI(v tftypes.Value) *tfprotov6.DynamicValue {
	value, typ := ctyValue(core.Dynamic(v), v.Type())
	encoded, err := ctymsgpack.Marshal(value, typ)
	if err != nil {
		panic(err)
	}
	return &tfprotov6.DynamicValue{MsgPack: encoded}
}

func ctyValue(d *tfprotov6.DynamicValue, of tftypes.Type) (cty.Value, cty.Type) {
	description, err := of.MarshalJSON() //nolint:staticcheck // there is no other way to a cty type
	if err != nil {
		panic(err)
	}
	typ, err := ctyjson.UnmarshalType(description)
	if err != nil {
		panic(err)
	}
	value, err := ctymsgpack.Unmarshal(d.MsgPack, typ)
	if err != nil {
		panic(err)
	}
	return value, typ
}

// show lists the attributes that are not null.
func show(d *tfprotov6.DynamicValue, typ tftypes.Type) string {
	if d == nil {
		return "none"
	}
	value, _ := ctyValue(d, typ)
	if value.IsNull() {
		return "null"
	}
	var set []string
	for name, v := range value.AsValueMap() {
		if !v.IsNull() {
			set = append(set, fmt.Sprintf("%s=%s", name, strings.ReplaceAll(v.GoString(), "cty.", "")))
		}
	}
	slices.Sort(set)
	return strings.Join(set, " ")
}

func (o *objectCase) String() string {
	typ := o.object(o.state).Type()
	return fmt.Sprintf("%s with changes of %q\n  state    %s\n  config   %s\n  proposed %s\n  private  %s\n  identity %s",
		o.typ, o.changes, show(o.encode(o.state), typ), show(o.encode(o.config), typ), show(o.encode(o.proposed), typ), o.private, showIdentity(o.identity))
}

func showIdentity(identity *tfprotov6.ResourceIdentityData) string {
	if identity == nil {
		return "none"
	}
	return show(identity.IdentityData, identityType)
}

// isRefused reports whether an answer of one of the two calls is an error.
func isRefused(answer any) bool {
	switch a := answer.(type) {
	case *tfprotov6.ReadResourceResponse:
		return core.Errors(a.Diagnostics) != ""
	case *tfprotov6.PlanResourceChangeResponse:
		return core.Errors(a.Diagnostics) != ""
	}
	return false
}

// describeAnswer shows an answer of one of the two calls.
func (o *objectCase) describeAnswer(answer any) string {
	typ := o.object(o.state).Type()
	switch a := answer.(type) {
	case *tfprotov6.ReadResourceResponse:
		return fmt.Sprintf("  state    %s\n  identity %s\n  private  %s\n  says %s%s", show(a.NewState, typ), showIdentity(a.NewIdentity), a.Private, core.Errors(a.Diagnostics), core.Warnings(a.Diagnostics))
	case *tfprotov6.PlanResourceChangeResponse:
		return fmt.Sprintf("  state    %s\n  identity %s\n  private  %s\n  replaces for %v\n  says %s%s", show(a.PlannedState, typ), showIdentity(a.PlannedIdentity), a.PlannedPrivate, a.RequiresReplace, core.Errors(a.Diagnostics), core.Warnings(a.Diagnostics))
	}
	return fmt.Sprint(answer)
}
