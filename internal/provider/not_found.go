// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// agentAnswer is what the API says of the agent of an object that it does not find. A key that has lost its access gets
// the same "not found" as one that asks for an object that is gone. So nothing is given up before the agent is known to
// be there.
type agentAnswer int

const (
	agentExists  agentAnswer = iota
	agentGoneToo             // the agent is not found either: it was deleted, or the key cannot see it
	agentUnknown             // the request for the agent failed
)

// missing is an object that the API does not find, and what the API says of its agent.
type missing struct {
	object   objectRef
	cause    error // what the API says of the object
	agent    agentAnswer
	agentErr error // why the answer is agentUnknown
}

// askForAgent asks for the agent of an object that is not found. cause is the API's answer about the object.
func (d *providerData) askForAgent(ctx context.Context, object objectRef, cause error) missing {
	m := missing{object: object, cause: cause}
	switch _, err := d.client.Agent(ctx, object.agentID); {
	case err == nil:
		m.agent = agentExists
	case sequentum.IsNotFound(err):
		m.agent = agentGoneToo
	default:
		m.agent, m.agentErr = agentUnknown, err
	}
	return m
}

// unknownDiagnostic is the error with agentUnknown. failed is the operation that could not be done, for example "could
// not be read"; state says what becomes of the object in state; "": no state holds it.
func (m missing) unknownDiagnostic(failed, state string) diag.Diagnostic {
	return diag.NewErrorDiagnostic(m.object.title()+" "+failed, paragraphs(
		fmt.Sprintf("The %s is not found any more. The request for its agent failed: %s", m.object.kind.noun, m.agentErr), state))
}

// goneTooDiagnostic is the error with agentGoneToo. state says what becomes of the object in state; "": no state holds it.
func (m missing) goneTooDiagnostic(state string) diag.Diagnostic {
	noun := m.object.kind.noun
	detail := fmt.Sprintf("Agent %d was deleted, or this API key cannot see it. If the key cannot see it, the %s may still be active.", m.object.agentID, noun)
	if state != "" {
		detail += fmt.Sprintf(" %s If the %s is really gone, remove it from state: `terraform state rm ADDRESS`.", state, noun)
	}
	return diag.NewErrorDiagnostic(m.goneTooSummary(), detail)
}

func (m missing) goneTooSummary() string { return m.object.title() + " and its agent are not found" }

// lookupDiagnostic says what follows for what only reads the object: a warning where allow_missing allows it, else
// an error that names the ways out. When the agent is not found either, it is always an error: the key may have lost its
// access. waysOut are the ways out besides allow_missing.
func (m missing) lookupDiagnostic(allowed bool, waysOut ...string) diag.Diagnostic {
	noun, own := m.object.kind.noun, path.Root(m.object.kind.idArgument)
	summary := m.object.title() + " is not found"
	gone := "Its retention time has passed, or the " + noun + " never existed."
	switch {
	case m.agent == agentUnknown:
		return diag.NewAttributeErrorDiagnostic(own, summary,
			paragraphs(m.cause.Error(), "The request for its agent failed: "+m.agentErr.Error()))
	case m.agent == agentGoneToo:
		return diag.NewAttributeErrorDiagnostic(path.Root("agent_id"), m.goneTooSummary(),
			paragraphs(m.cause.Error(), "The agent was deleted, or this API key cannot see it."))
	case allowed:
		return diag.NewAttributeWarningDiagnostic(own, summary, paragraphs(m.cause.Error(), gone+" The result is empty, and found is false."))
	}
	return diag.NewAttributeErrorDiagnostic(own, summary, paragraphs(m.cause.Error(), gone,
		listed("What you can do", append([]string{
			"set allow_missing = true to get an empty result and a warning instead of this error",
			"for a destroy: run `terraform destroy -refresh=false`",
		}, waysOut...))))
}

// runNotFound is the error of what needs a run that the API does not know.
func runNotFound(ref sequentum.RunRef, cause error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("run_id"), fmt.Sprintf("Run %s is not found", ref),
		paragraphs(cause.Error(), "Its retention time has passed, the run never existed, or this key cannot see it."))
}

// agentHint says what a user can check after a call about an agent was refused, beyond what the API says; "": nothing.
func agentHint(err error) string {
	switch {
	case sequentum.IsNotFound(err):
		return "The agent does not exist, was deleted, or this API key cannot see it."
	case sequentum.IsUnauthorized(err):
		return "The credential comes from api_key or access_token in the provider block, or from " + envAPIKey + " or " + envAccessToken + "."
	}
	return ""
}
