// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer makes a server of the plugin protocol, version 6, for a provider that [New] constructed. ctx carries the log
// of work that continues after the call that began it, such as a status request that other calls wait for.
func NewServer(ctx context.Context, p provider.Provider, options ...ServerOption) tfprotov6.ProviderServer {
	framework := providerserver.NewProtocol6(p)()
	afterwards, end := context.WithCancel(ctx)
	end()
	var about provider.MetadataResponse
	p.Metadata(ctx, provider.MetadataRequest{}, &about)
	s := &server{protocolServer: framework.(protocolServer), afterwards: afterwards, version: about.Version, called: func() {}}
	for _, set := range options {
		set(s)
	}
	if !s.frameworkOnly {
		s.protocolServer = newShortWay(ctx, s.protocolServer)
	}
	return s
}

// ServerOption configures the server that [NewServer] makes.
type ServerOption func(*server)

// OnFirstCall calls f before the first call of the protocol is answered.
func OnFirstCall(f func()) ServerOption {
	return func(s *server) { s.called = sync.OnceFunc(f) }
}

// FrameworkOnly has the framework answer every call: there is no [shortWay]. Tests compare the two.
func FrameworkOnly() ServerOption {
	return func(s *server) { s.frameworkOnly = true }
}

// protocolServer is all that the framework answers. The plugin library would not see a part that is missing here.
type protocolServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ActionServer
	tfprotov6.ListResourceServer
	tfprotov6.StateStoreServer
}

// server adds three things to the framework. A call with nothing to do takes the [shortWay]. A call that panics is answered
// with an error. And the memory of a plan stays flat: the framework keeps the context of every call until the process ends, to
// cancel them all on a stop, and a context holds its call, some 80 KiB for each object. So the calls that come once for each
// object get a context that releases its call afterwards.
type server struct {
	protocolServer
	afterwards context.Context // replaces the context of a call that is over: it has ended, and it still logs
	version    string          // of the provider
	called     func()          // at every call
	streams    openStreams     // of actions and lists

	frameworkOnly bool // no short way
}

func (s *server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.UpgradeResourceState, req)
}

func (s *server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.UpgradeResourceIdentity, req)
}

func (s *server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.ValidateResourceConfig, req)
}

func (s *server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.ReadResource, req)
}

func (s *server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.PlanResourceChange, req)
}

func (s *server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.ApplyResourceChange, req)
}

func (s *server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.ValidateDataResourceConfig, req)
}

func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.ReadDataSource, req)
}

func (s *server) ValidateEphemeralResourceConfig(ctx context.Context, req *tfprotov6.ValidateEphemeralResourceConfigRequest) (*tfprotov6.ValidateEphemeralResourceConfigResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.ValidateEphemeralResourceConfig, req)
}

func (s *server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.OpenEphemeralResource, req)
}

func (s *server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return answerAndRelease(ctx, s, protocolServer.ImportResourceState, req)
}

// The calls that come once for each process, or seldom, are only guarded.

func (s *server) GetMetadata(ctx context.Context, req *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	return answerGuarded(ctx, s, protocolServer.GetMetadata, req)
}

func (s *server) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return answerGuarded(ctx, s, protocolServer.GetProviderSchema, req)
}

func (s *server) GetResourceIdentitySchemas(ctx context.Context, req *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return answerGuarded(ctx, s, protocolServer.GetResourceIdentitySchemas, req)
}

func (s *server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return answerGuarded(ctx, s, protocolServer.ValidateProviderConfig, req)
}

func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return answerGuarded(ctx, s, protocolServer.ConfigureProvider, req)
}

func (s *server) ValidateActionConfig(ctx context.Context, req *tfprotov6.ValidateActionConfigRequest) (*tfprotov6.ValidateActionConfigResponse, error) {
	return answerGuarded(ctx, s, protocolServer.ValidateActionConfig, req)
}

func (s *server) PlanAction(ctx context.Context, req *tfprotov6.PlanActionRequest) (*tfprotov6.PlanActionResponse, error) {
	return answerGuarded(ctx, s, protocolServer.PlanAction, req)
}

func (s *server) ValidateListResourceConfig(ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return answerGuarded(ctx, s, protocolServer.ValidateListResourceConfig, req)
}

func (s *server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return answerGuarded(ctx, s, protocolServer.MoveResourceState, req)
}

func (s *server) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return answerGuarded(ctx, s, protocolServer.GenerateResourceConfig, req)
}

func (s *server) RenewEphemeralResource(ctx context.Context, req *tfprotov6.RenewEphemeralResourceRequest) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	return answerGuarded(ctx, s, protocolServer.RenewEphemeralResource, req)
}

func (s *server) CloseEphemeralResource(ctx context.Context, req *tfprotov6.CloseEphemeralResourceRequest) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return answerGuarded(ctx, s, protocolServer.CloseEphemeralResource, req)
}

func (s *server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return answerGuarded(ctx, s, protocolServer.CallFunction, req)
}

func (s *server) GetFunctions(ctx context.Context, req *tfprotov6.GetFunctionsRequest) (*tfprotov6.GetFunctionsResponse, error) {
	return answerGuarded(ctx, s, protocolServer.GetFunctions, req)
}

// answerAndRelease answers a call in a context that releases the call afterwards.
func answerAndRelease[Req, Resp any](ctx context.Context, s *server, call func(protocolServer, context.Context, *Req) (*Resp, error), req *Req) (*Resp, error) {
	held := &callContext{}
	held.current.Store(&ctx)
	defer held.current.Store(&s.afterwards)
	return answerGuarded(held, s, call, req)
}

// callContext is another context, which can be replaced.
type callContext struct {
	current atomic.Pointer[context.Context]
}

func (c *callContext) Deadline() (time.Time, bool) { return (*c.current.Load()).Deadline() }
func (c *callContext) Done() <-chan struct{}       { return (*c.current.Load()).Done() }
func (c *callContext) Err() error                  { return (*c.current.Load()).Err() }
func (c *callContext) Value(key any) any           { return (*c.current.Load()).Value(key) }
