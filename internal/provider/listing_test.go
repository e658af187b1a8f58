// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// listing asks for lists through the protocol, as `terraform query` does. It lives in a bubble, so that time costs
// nothing.
type listing struct {
	t      *testing.T
	cloud  *simulator.Cloud
	plugin *core.Process
	// until, if set, ends the reading of a list before the result of that number, from 0.
	until func(n int) bool
}

// listed is what a list gave.
type listed struct {
	objects  []listedObject
	warnings string
	errors   string // they discard the objects
}

// listedObject is one result with an identity.
type listedObject struct {
	name     string
	agentID  int64
	id       int64
	resource tftypes.Value // null: it was not asked for
}

// inListing tells a story about lists in a simulated cloud.
func inListing(t *testing.T, o simulator.Options, story func(t *testing.T, l *listing)) {
	t.Helper()
	core.Schemas() // outside of the bubble
	listSchemas()
	synctest.Test(t, func(t *testing.T) {
		l := &listing{t: t, cloud: simulator.New(o)}
		l.connect(l.cloud.Transport())
		story(t, l)
	})
}

// connect starts a provider whose requests go through transport.
func (l *listing) connect(transport http.RoundTripper) {
	l.t.Helper()
	var err error
	if l.plugin, err = core.StartProcess(l.t.Context(), transport, nil); err != nil {
		l.t.Fatal(err)
	}
}

var listSchemas = sync.OnceValue(func() map[string]*tfprotov6.Schema {
	schemas, err := provider.NewServer(context.Background(), provider.New("test", nil)()).GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	return schemas.ListResourceSchemas
})

// list asks for at most limit objects of a type, with their resources.
func (l *listing) list(ctx context.Context, typ string, limit int64, config map[string]tftypes.Value) listed {
	l.t.Helper()
	server := l.plugin.Server.(tfprotov6.ListResourceServer)
	value := core.Dynamic(core.ObjectOf(listSchemas()[typ], config))
	valid, err := server.ValidateListResourceConfig(ctx, &tfprotov6.ValidateListResourceConfigRequest{TypeName: typ, Config: value})
	if err != nil {
		l.t.Fatal(err)
	}
	if text := core.Errors(valid.Diagnostics); text != "" {
		return listed{errors: text}
	}
	stream, err := server.ListResource(ctx, &tfprotov6.ListResourceRequest{TypeName: typ, Config: value, IncludeResource: true, Limit: limit})
	if err != nil {
		l.t.Fatal(err)
	}
	var all listed
	for result := range stream.Results {
		if l.until != nil && l.until(len(all.objects)) {
			break
		}
		all.add(l.t, typ, result)
	}
	return all
}

// add takes a result as the CLI does.
func (l *listed) add(t *testing.T, typ string, result tfprotov6.ListResourceResult) {
	t.Helper()
	l.warnings += unwrap(core.Warnings(result.Diagnostics))
	l.errors += unwrap(core.Errors(result.Diagnostics))
	switch {
	case l.errors != "":
		l.objects = nil
	case result.Identity == nil && core.Warnings(result.Diagnostics) == "":
		t.Error("a result has neither an identity nor a warning")
	case result.Identity != nil:
		kind := identityTypes[typ]
		identity, err := result.Identity.IdentityData.Unmarshal(kind)
		if err != nil {
			t.Fatal(err)
		}
		object := listedObject{name: result.DisplayName, agentID: core.NumberOf(identity, "agent_id"), resource: core.Undynamic(typ, result.Resource)}
		for name := range kind.AttributeTypes {
			if name != "agent_id" {
				object.id = core.NumberOf(identity, name)
			}
		}
		l.objects = append(l.objects, object)
	}
}

var identityTypes = map[string]tftypes.Object{
	runType:      {AttributeTypes: map[string]tftypes.Type{"agent_id": tftypes.Number, "run_id": tftypes.Number}},
	scheduleType: {AttributeTypes: map[string]tftypes.Type{"agent_id": tftypes.Number, "schedule_id": tftypes.Number}},
}

// ids are those of the objects, in order.
func (l *listed) ids() []int64 {
	ids := []int64{}
	for _, object := range l.objects {
		ids = append(ids, object.id)
	}
	return ids
}
