// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
)

// shortWay stands before the framework. It answers two calls with the state that came with the call, if there is nothing to
// do:
//
//   - ReadResource, for a run that has ended with success: it does not change any more.
//   - PlanResourceChange, if the configuration changes nothing. The run either has ended with success, or it is active and no
//     apply waits for it.
//
// The framework would give the same answers, byte for byte, but it would take most of the time of a plan. All other calls go to
// the framework.
type shortWay struct {
	protocolServer
	types map[string]*shortWayType // by name
}

// ReadResource is the short way of a refresh. As every Read does, it sets the identity.
func (s *shortWay) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	if t := s.types[req.TypeName]; t != nil && len(req.Private) == 0 {
		state := t.attributesOf(req.CurrentState)
		if endedWithSuccess(state) && t.isIdentity(req.CurrentIdentity, state) {
			logShortWay(ctx)
			return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, NewIdentity: t.identityOf(state)}, nil
		}
	}
	return s.protocolServer.ReadResource(ctx, req)
}

// PlanResourceChange is the short way of a plan. The configuration changes nothing if the proposed state equals the prior one,
// and state has the default of each argument that the configuration leaves out.
func (s *shortWay) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if t := s.types[req.TypeName]; t != nil && len(req.PriorPrivate) == 0 && sameBytes(req.ProposedNewState, req.PriorState) {
		state := t.attributesOf(req.PriorState)
		if (endedWithSuccess(state) || isUnattended(state)) && t.hasDefaults(state, t.attributesOf(req.Config)) && t.isIdentity(req.PriorIdentity, state) {
			logShortWay(ctx)
			return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedIdentity: t.plannedIdentity(req.PriorIdentity)}, nil
		}
	}
	return s.protocolServer.PlanResourceChange(ctx, req)
}

// endedWithSuccess reports whether the run has ended for good, and with success.
func endedWithSuccess(state rawAttributes) bool {
	status := state.status()
	return run.FinalStatus(status) && state.isBool("finished", true) && state.isBool("succeeded", true) &&
		succeeded(status, state.texts("success_statuses")) && isComplete(state)
}

// isUnattended reports whether the run is active and no apply waits for it. Its plan equals its state.
func isUnattended(state rawAttributes) bool {
	return !state.status().Finished() && state.isBool("finished", false) && state.isBool("succeeded", false) &&
		state.isBool("wait_for_completion", false) && isComplete(state)
}

// isComplete reports whether state has what an apply stores. After an import something is missing, and the next plan adds it.
func isComplete(state rawAttributes) bool {
	id := state.text("id")
	_, err := runKind.parse(id)
	return err == nil && id == state.number("agent_id")+"/"+state.number("run_id") &&
		state.text("status") != "" && len(state.texts("success_statuses")) > 0 && state.hasWholeNumbers()
}

// sameBytes reports whether both values are present and have the same bytes.
func sameBytes(a, b *tfprotov6.DynamicValue) bool {
	return a != nil && b != nil && len(a.MsgPack) > 0 && bytes.Equal(a.MsgPack, b.MsgPack)
}

func logShortWay(ctx context.Context) {
	tflog.Trace(ctx, "there is nothing to do: answered from state")
}
