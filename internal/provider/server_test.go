// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// The framework holds the context of every call until the process ends: a plan of many runs must not fill the memory
// with what came with the calls.
func TestServerLetsGoOfCalls(t *testing.T) {
	const typ = "sequentum_run"
	server := provider.NewServer(t.Context(), provider.New("test", nil)())
	state := core.Dynamic(core.ObjectOf(core.Schemas()[typ], map[string]tftypes.Value{
		"agent_id": core.Number(4711), "run_id": core.Number(1), "finished": core.Bool(true), "status": core.Text("Success"),
	}))
	config := core.Dynamic(core.ObjectOf(core.Schemas()[typ], map[string]tftypes.Value{"agent_id": core.Number(4711)}))
	for name, call := range map[string]func(context.Context) error{
		"UpgradeResourceState": func(ctx context.Context) error {
			_, err := server.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: typ, RawState: &tfprotov6.RawState{JSON: []byte(`{"agent_id":4711}`)}})
			return err
		},
		"UpgradeResourceIdentity": func(ctx context.Context) error {
			_, err := server.UpgradeResourceIdentity(ctx, &tfprotov6.UpgradeResourceIdentityRequest{TypeName: typ, RawIdentity: &tfprotov6.RawState{JSON: []byte(`{"agent_id":4711,"run_id":1}`)}})
			return err
		},
		"ValidateResourceConfig": func(ctx context.Context) error {
			_, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: typ, Config: config})
			return err
		},
		"ReadResource": func(ctx context.Context) error {
			_, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: typ, CurrentState: state})
			return err
		},
		"PlanResourceChange": func(ctx context.Context) error {
			_, err := server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: typ, PriorState: state, Config: config, ProposedNewState: state})
			return err
		},
		"ApplyResourceChange": func(ctx context.Context) error {
			_, err := server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: typ, PriorState: state, Config: config, PlannedState: core.Dynamic(core.Null(typ))})
			return err
		},
		"ValidateDataResourceConfig": func(ctx context.Context) error {
			_, err := server.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: "sequentum_run_files"})
			return err
		},
		"ReadDataSource": func(ctx context.Context) error {
			_, err := server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: "sequentum_run_files"})
			return err
		},
		"ValidateEphemeralResourceConfig": func(ctx context.Context) error {
			_, err := server.ValidateEphemeralResourceConfig(ctx, &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: "sequentum_run_file_url"})
			return err
		},
		"OpenEphemeralResource": func(ctx context.Context) error {
			_, err := server.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: "sequentum_run_file_url"})
			return err
		},
		"ImportResourceState": func(ctx context.Context) error {
			_, err := server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typ, ID: "4711/1"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			message := callWithMessage(t, call)
			// A goroutine of the call may still be about to end.
			for deadline := time.Now().Add(time.Minute); message.Value() != nil; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("what came with the call is still held after it")
				}
				runtime.GC()
			}
		})
	}
	runtime.KeepAlive(server)
}

// callWithMessage makes a call whose context holds a message, as one of gRPC does, and ends that context.
func callWithMessage(t *testing.T, call func(context.Context) error) weak.Pointer[[1 << 20]byte] {
	t.Helper()
	message := new([1 << 20]byte)
	type key struct{}
	ctx, end := context.WithCancel(context.WithValue(t.Context(), key{}, message))
	defer end()
	if err := call(ctx); err != nil {
		t.Fatal(err)
	}
	return weak.Make(message)
}

func TestServerTellsOfTheFirstCall(t *testing.T) {
	calls := 0
	server := provider.NewServer(t.Context(), provider.New("test", nil)(), provider.OnFirstCall(func() { calls++ }))
	if calls != 0 {
		t.Error("told of a call before there was one")
	}
	for range 2 {
		if _, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
			t.Fatal(err)
		}
		if calls != 1 {
			t.Errorf("told of %d first calls", calls)
		}
	}
}
