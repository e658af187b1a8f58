// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"math/big"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// answerGuarded answers a call of the protocol, with an error if it panics. Without that, a panic ends the whole process,
// and every wait in it loses its run.
func answerGuarded[Req, Resp any](ctx context.Context, s *server, call func(protocolServer, context.Context, *Req) (*Resp, error), req *Req) (resp *Resp, err error) {
	defer func() {
		if p := recover(); p != nil {
			detail := paragraphs(describeBug(ctx, s.version, s.subject(ctx, req), p), "State is unchanged.")
			resp, err = brokenResponse[Req, Resp](req, detail), nil
		}
	}()
	s.called()
	return call(s.protocolServer, ctx, req)
}

// brokenResponse is the answer to a call that panicked. An object keeps the state that it had.
func brokenResponse[Req, Resp any](req *Req, detail string) *Resp {
	resp := new(Resp)
	switch r := any(resp).(type) {
	case *tfprotov6.StopProviderResponse:
		r.Error = bugSummary + ": " + detail
		return resp
	case *tfprotov6.CallFunctionResponse:
		r.Error = &tfprotov6.FunctionError{Text: bugSummary + ": " + detail}
		return resp
	case *tfprotov6.ReadResourceResponse:
		if of, ok := any(req).(*tfprotov6.ReadResourceRequest); ok {
			r.NewState, r.Private, r.NewIdentity = of.CurrentState, of.Private, of.CurrentIdentity
		}
	case *tfprotov6.ApplyResourceChangeResponse:
		if of, ok := any(req).(*tfprotov6.ApplyResourceChangeRequest); ok {
			r.NewState, r.Private, r.NewIdentity = of.PriorState, of.PlannedPrivate, of.PlannedIdentity
		}
	}
	// The other responses share this field, and no interface.
	reflect.ValueOf(resp).Elem().FieldByName("Diagnostics").Set(reflect.ValueOf([]*tfprotov6.Diagnostic{
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: bugSummary, Detail: detail},
	}))
	return resp
}

// subject names a call, for example "answering ReadResource for sequentum_run 4711/100001".
func (s *server) subject(ctx context.Context, req any) (name string) {
	message := reflect.ValueOf(req).Elem()
	name = "answering " + strings.TrimSuffix(message.Type().Name(), "Request")
	typeName := message.FieldByName("TypeName")
	if action := message.FieldByName("ActionType"); action.IsValid() {
		typeName = action
	}
	if !typeName.IsValid() {
		return name
	}
	name += " for " + typeName.String()
	defer func() { _ = recover() }() // the schema can be what panics: the name so far is good enough
	for _, field := range []string{"CurrentState", "PriorState", "Config"} {
		value := message.FieldByName(field)
		if !value.IsValid() {
			continue
		}
		object, _ := reflect.TypeAssert[*tfprotov6.DynamicValue](value)
		if ref := s.ref(ctx, typeName.String(), object); ref != "" {
			return name + " " + ref
		}
	}
	return name
}

// ref gives the agent and the run of an object, as far as they are known.
func (s *server) ref(ctx context.Context, typeName string, object *tfprotov6.DynamicValue) string {
	schemas, err := s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || object == nil {
		return ""
	}
	actions := map[string]*tfprotov6.Schema{}
	for name, a := range schemas.ActionSchemas {
		actions[name] = a.Schema
	}
	for _, kind := range []map[string]*tfprotov6.Schema{actions, schemas.ResourceSchemas, schemas.DataSourceSchemas, schemas.EphemeralResourceSchemas, schemas.ListResourceSchemas} {
		schema, ok := kind[typeName]
		if !ok {
			continue
		}
		attributes := map[string]tftypes.Value{}
		value, err := object.Unmarshal(schema.ValueType())
		if err != nil || value.IsNull() || value.As(&attributes) != nil {
			continue
		}
		agent, run := wholeNumber(attributes["agent_id"]), wholeNumber(attributes["run_id"])
		switch {
		case agent != "" && run != "":
			return agent + "/" + run
		case agent != "":
			return "of agent " + agent
		}
	}
	return ""
}

// wholeNumber is "" for a value that is null, unknown or no number.
func wholeNumber(v tftypes.Value) string {
	var n big.Float
	if v.Type() == nil || !v.IsKnown() || v.IsNull() || v.As(&n) != nil {
		return ""
	}
	return n.Text('f', 0)
}
