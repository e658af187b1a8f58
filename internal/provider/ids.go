// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// objectKind is a kind of object that belongs to an agent. Two ids name such an object: the agent's and its own.
type objectKind struct {
	noun       string // in messages: "run"
	idArgument string // the attribute with the object's own id: "run_id"
	exampleID  int64  // in messages
}

var runKind = objectKind{noun: "run", idArgument: "run_id", exampleID: 100001}

const exampleAgentID = 4711 // in messages

// objectRef names one object that belongs to an agent.
type objectRef struct {
	kind        objectKind
	agentID, id int64
}

func runObject(ref sequentum.RunRef) objectRef {
	return objectRef{kind: runKind, agentID: ref.AgentID, id: ref.RunID}
}

// String gives the form in which the object is imported: "4711/100001".
func (o objectRef) String() string { return fmt.Sprintf("%d/%d", o.agentID, o.id) }

// title begins a summary: "Run 4711/100001".
func (o objectRef) title() string {
	return capitalized(o.kind.noun) + " " + o.String()
}

// parse reads the form that [objectRef.String] gives. Both ids are decimal numbers from 1 up; anything else is an error.
func (k objectKind) parse(s string) (objectRef, error) {
	agent, own, _ := strings.Cut(s, "/")
	agentID, agentErr := strconv.ParseInt(agent, 10, 32)
	id, err := strconv.ParseInt(own, 10, 64)
	ref := objectRef{kind: k, agentID: agentID, id: id}
	// A sign or a leading zero would make a second name of the same object.
	if agentErr != nil || err != nil || agentID < 1 || id < 1 || ref.String() != s {
		return objectRef{}, fmt.Errorf("%q is not of the form %s%s", s, k.form(), hintAboutID(s))
	}
	return ref, nil
}

// hintAboutID names what is easily overlooked in a pair of ids.
func hintAboutID(s string) string {
	switch {
	case strings.ContainsFunc(s, unicode.IsSpace):
		return ". It contains a space"
	case slices.ContainsFunc(strings.Split(s, "/"), func(id string) bool { return len(id) > 1 && id[0] == '0' }):
		return ". An id begins with a zero"
	}
	return ""
}

func (k objectKind) form() string {
	return fmt.Sprintf("agent_id/%s, for example %d/%d", k.idArgument, exampleAgentID, k.exampleID)
}

// identitySchema is the schema of the identity of such an object: the two ids.
func (k objectKind) identitySchema() identityschema.Schema {
	return identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"agent_id":   identityschema.Int64Attribute{RequiredForImport: true, Description: "The agent's id."},
		k.idArgument: identityschema.Int64Attribute{RequiredForImport: true, Description: "The " + k.noun + "'s id."},
	}}
}

// importState puts the two ids of an object into state and identity, from an import by id or by identity. Everything
// else in state stays null. It returns false after an error.
func (k objectKind) importState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) bool {
	var agentID, id types.Int64
	switch {
	case req.ID != "":
		object, err := k.parse(req.ID)
		if err != nil {
			resp.Diagnostics.AddError("Invalid import id", "The import id "+err.Error()+".")
			return false
		}
		agentID, id = types.Int64Value(object.agentID), types.Int64Value(object.id)
	case req.Identity == nil || req.Identity.Raw.IsNull():
		resp.Diagnostics.AddError("Invalid import id", "The import id is empty. Its form is "+k.form()+".")
	default:
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("agent_id"), &agentID)...)
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(k.idArgument), &id)...)
		if agentID.ValueInt64() < 1 || id.ValueInt64() < 1 {
			resp.Diagnostics.AddError("Invalid import identity", fmt.Sprintf("agent_id and %s must both be 1 or more, for example { agent_id = %d, %s = %d }.",
				k.idArgument, exampleAgentID, k.idArgument, k.exampleID))
		}
	}
	if resp.Diagnostics.HasError() {
		return false
	}
	object := objectRef{kind: k, agentID: agentID.ValueInt64(), id: id.ValueInt64()}
	resp.Diagnostics.Append(object.setIDs(ctx, &resp.State)...)
	resp.Diagnostics.Append(object.setIDs(ctx, resp.Identity)...)
	return !resp.Diagnostics.HasError()
}

// attributeSetter is a state, an identity, or a resource of a list.
type attributeSetter interface {
	SetAttribute(ctx context.Context, path path.Path, value any) diag.Diagnostics
}

// setIDs sets the two ids of an object attribute by attribute: the zero values of a whole model have no type.
func (o objectRef) setIDs(ctx context.Context, to attributeSetter) diag.Diagnostics {
	diags := to.SetAttribute(ctx, path.Root("agent_id"), o.agentID)
	diags.Append(to.SetAttribute(ctx, path.Root(o.kind.idArgument), o.id)...)
	return diags
}
