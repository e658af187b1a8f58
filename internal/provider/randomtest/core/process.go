// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
)

// Process is one process of the provider: Terraform starts one for each walk of a command. A method asks one question of
// the protocol.
type Process struct {
	// Server answers what Process has no method for.
	Server tfprotov6.ProviderServer
	ctx    context.Context
	killed <-chan struct{}
}

// Schemas are the schemas of the provider's resources, by type. A test that runs in a bubble of testing/synctest must call
// it once outside of the bubble.
var Schemas = sync.OnceValue(func() map[string]*tfprotov6.Schema {
	all := allSchemas().ResourceSchemas
	all[providerSchema] = allSchemas().Provider
	return all
})

var allSchemas = sync.OnceValue(func() *tfprotov6.GetProviderSchemaResponse {
	server := provider.NewServer(context.Background(), provider.New("test", nil)())
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	return schemas
})

const providerSchema = "provider"

// DefaultKey is the API key of a process whose test gives it no other.
const DefaultKey = "sk-simulator"

// StartProcess starts and configures a provider whose requests go through transport. When killed is closed, the process
// is dead: ctx has to end then, too. A nil killed is never closed.
func StartProcess(ctx context.Context, transport http.RoundTripper, killed <-chan struct{}, options ...provider.ServerOption) (*Process, error) {
	return startWithKey(ctx, transport, killed, DefaultKey, options...)
}

func startWithKey(ctx context.Context, transport http.RoundTripper, killed <-chan struct{}, key string, options ...provider.ServerOption) (*Process, error) {
	wired := provider.WithTransport(network{next: transport, cut: killed})
	return configure(ctx, provider.NewServer(ctx, provider.New("test", nil, wired)(), options...), killed, key)
}

// Configure configures a server that a test has made itself, and makes a process of it.
func Configure(ctx context.Context, server tfprotov6.ProviderServer, killed <-chan struct{}) (*Process, error) {
	return configure(ctx, server, killed, DefaultKey)
}

func configure(ctx context.Context, server tfprotov6.ProviderServer, killed <-chan struct{}, key string) (*Process, error) {
	block := Schemas()[providerSchema]
	config := ObjectOf(block, map[string]tftypes.Value{
		"api_url": Text("http://127.0.0.1"),
		"api_key": Text(key),
	})
	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: Dynamic(config)})
	if err == nil && Errors(resp.Diagnostics) != "" {
		err = fmt.Errorf("configuring the provider: %s", Errors(resp.Diagnostics))
	}
	return &Process{Server: server, ctx: ctx, killed: killed}, err
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// ask makes one call of the protocol. alive is false when the process was killed before it answered.
func ask[Req, Resp any](p *Process, call func(context.Context, Req) (Resp, error), req Req) (resp Resp, alive bool) {
	answered := make(chan Resp, 1)
	go func() {
		resp, err := call(p.ctx, req)
		if err != nil {
			panic(fmt.Sprintf("the provider answered %T with an error of the protocol: %v", req, err))
		}
		answered <- resp
	}()
	select {
	case resp := <-answered:
		return resp, !isClosed(p.killed)
	case <-p.killed:
		return resp, false
	}
}

// Answer is what a call of the protocol said, with what it means for state.
type Answer struct {
	Value       tftypes.Value
	Private     []byte
	Identity    *tfprotov6.ResourceIdentityData
	Replace     []*tftypes.AttributePath
	Diagnostics []*tfprotov6.Diagnostic
	alive       bool // false: the process was killed, and there is no answer
}

// Failed reports whether the answer has an error, or the process was killed before it answered.
func (a Answer) Failed() bool { return !a.alive || Errors(a.Diagnostics) != "" }

// Validate asks whether a configuration is valid.
func (p *Process) Validate(typ string, config tftypes.Value) Answer {
	resp, alive := ask(p, p.Server.ValidateResourceConfig, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typ, Config: Dynamic(config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if !alive {
		return Answer{}
	}
	return Answer{Diagnostics: resp.Diagnostics, alive: true}
}

// Read refreshes an object. The value of the answer is null when the object is gone.
func (p *Process) Read(o *Object) Answer {
	resp, alive := ask(p, p.Server.ReadResource, &tfprotov6.ReadResourceRequest{
		TypeName: o.Type, CurrentState: Dynamic(o.Value), Private: o.Private, CurrentIdentity: o.Identity,
	})
	if !alive {
		return Answer{}
	}
	return Answer{
		Value: Undynamic(o.Type, resp.NewState), Private: resp.Private, Identity: resp.NewIdentity,
		Diagnostics: resp.Diagnostics, alive: true,
	}
}

// Plan asks what becomes of prior, which is nil for a create. The proposed state is null for a destroy.
func (p *Process) Plan(typ string, prior *Object, private []byte, config, proposed tftypes.Value) Answer {
	req := &tfprotov6.PlanResourceChangeRequest{
		TypeName: typ, PriorState: Dynamic(Null(typ)), PriorPrivate: private,
		Config: Dynamic(config), ProposedNewState: Dynamic(proposed),
	}
	if prior != nil {
		req.PriorState, req.PriorIdentity = Dynamic(prior.Value), prior.Identity
	}
	resp, alive := ask(p, p.Server.PlanResourceChange, req)
	if !alive {
		return Answer{}
	}
	return Answer{
		Value: Undynamic(typ, resp.PlannedState), Private: resp.PlannedPrivate, Identity: resp.PlannedIdentity,
		Replace: resp.RequiresReplace, Diagnostics: resp.Diagnostics, alive: true,
	}
}

// Apply carries out what was planned for prior, which is nil for a create.
func (p *Process) Apply(typ string, prior *Object, config tftypes.Value, planned Answer) Answer {
	req := &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typ, PriorState: Dynamic(Null(typ)), Config: Dynamic(config),
		PlannedState: Dynamic(planned.Value), PlannedPrivate: planned.Private, PlannedIdentity: planned.Identity,
	}
	if prior != nil {
		req.PriorState = Dynamic(prior.Value)
	}
	resp, alive := ask(p, p.Server.ApplyResourceChange, req)
	if !alive {
		return Answer{}
	}
	return Answer{
		Value: Undynamic(typ, resp.NewState), Private: resp.Private, Identity: resp.NewIdentity,
		Diagnostics: resp.Diagnostics, alive: true,
	}
}

// ReadData reads a data source of a type, and gives what it said. The value has its attributes.
func (p *Process) ReadData(typ string, arguments map[string]tftypes.Value) Answer {
	schema := allSchemas().DataSourceSchemas[typ]
	resp, alive := ask(p, p.Server.ReadDataSource, &tfprotov6.ReadDataSourceRequest{
		TypeName: typ, Config: Dynamic(ObjectOf(schema, arguments)),
	})
	if !alive {
		return Answer{}
	}
	a := Answer{Diagnostics: resp.Diagnostics, alive: true}
	if resp.State != nil {
		var err error
		if a.Value, err = resp.State.Unmarshal(schema.ValueType()); err != nil {
			panic(err)
		}
	}
	return a
}

// Import takes in an object by its id. Core reads it afterwards.
func (p *Process) Import(typ, id string) (*Object, Answer) {
	resp, alive := ask(p, p.Server.ImportResourceState, &tfprotov6.ImportResourceStateRequest{TypeName: typ, ID: id})
	if !alive {
		return nil, Answer{}
	}
	a := Answer{Diagnostics: resp.Diagnostics, alive: true}
	if a.Failed() {
		return nil, a
	}
	one := resp.ImportedResources[0]
	return &Object{Type: typ, Value: Undynamic(typ, one.State), Private: one.Private, Identity: one.Identity}, a
}

// Errors are the errors among the diagnostics, "" when there is none.
func Errors(all []*tfprotov6.Diagnostic) string {
	return describeDiagnostics(all, tfprotov6.DiagnosticSeverityError)
}

// Warnings are the warnings among the diagnostics, "" when there is none.
func Warnings(all []*tfprotov6.Diagnostic) string {
	return describeDiagnostics(all, tfprotov6.DiagnosticSeverityWarning)
}

func describeDiagnostics(all []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity) string {
	var texts []string
	for _, d := range all {
		if d.Severity == severity {
			texts = append(texts, d.Summary+": "+strings.ReplaceAll(d.Detail, "\n\n", " "))
		}
	}
	return strings.Join(texts, "\n")
}
