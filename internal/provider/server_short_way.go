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

// shortWay stands before the framework. It answers two calls itself, with what came with the call, when nothing can have
// changed and nothing is to do:
//
//   - ReadResource answers with the current state if the run has ended with success: such a run does not change any more.
//   - PlanResourceChange answers with the prior state if nothing else is asked for, and the run has ended with success, or it
//     is active and no apply waits for it.
//
// The framework would answer the same, byte for byte, but it would take most of the time of a plan to do so. All other calls,
// and all doubts, go to the framework.
type shortWay struct {
	protocolServer
	types map[string]*shortWayType // by name
}

// ReadResource is the short way of a refresh. As every Read does, it sets the identity.
func (s *shortWay) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	if t := s.types[req.TypeName]; t != nil && len(req.Private) == 0 {
		state := t.attributesOf(req.CurrentState)
		if endedWithSuccess(state) && t.fits(req.CurrentIdentity, state) {
			logShortWay(ctx)
			return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, NewIdentity: t.identityOf(state)}, nil
		}
	}
	return s.protocolServer.ReadResource(ctx, req)
}

// PlanResourceChange is the short way of a plan. Nothing is asked for if the proposed state equals the prior one, and state
// already has each default that the configuration leaves out.
func (s *shortWay) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	if t := s.types[req.TypeName]; t != nil && len(req.PriorPrivate) == 0 && sameBytes(req.ProposedNewState, req.PriorState) {
		state := t.attributesOf(req.PriorState)
		if (endedWithSuccess(state) || isUnattended(state)) && t.hasDefaults(state, t.attributesOf(req.Config)) && t.fits(req.PriorIdentity, state) {
			logShortWay(ctx)
			return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.PriorState, PlannedIdentity: t.plannedIdentity(req.PriorIdentity)}, nil
		}
	}
	return s.protocolServer.PlanResourceChange(ctx, req)
}

// endedWithSuccess reports whether the run has ended for good, and with success.
func endedWithSuccess(state rawAttributes) bool {
	status := state.status()
	return isComplete(state) && run.FinalStatus(status) && state.is("finished", true) && state.is("succeeded", true) &&
		succeeded(status, state.texts("success_statuses"))
}

// isUnattended reports whether the run is active and no apply waits for it. A plan shows it as it is.
func isUnattended(state rawAttributes) bool {
	return isComplete(state) && !state.status().Finished() && state.is("finished", false) && state.is("succeeded", false) &&
		state.is("wait_for_completion", false)
}

// isComplete reports whether state says all that an apply stores. After an import it does not: the next plan must complete it.
func isComplete(state rawAttributes) bool {
	id := state.text("id")
	_, err := runKind.parse(id)
	return err == nil && id == state.number("agent_id")+"/"+state.number("run_id") &&
		state.text("status") != "" && len(state.texts("success_statuses")) > 0
}

// sameBytes reports whether two values are there and the same, as they came.
func sameBytes(a, b *tfprotov6.DynamicValue) bool {
	return a != nil && b != nil && len(a.MsgPack) > 0 && bytes.Equal(a.MsgPack, b.MsgPack)
}

func logShortWay(ctx context.Context) {
	tflog.Trace(ctx, "nothing can have changed and nothing is to do: answered without the framework")
}
