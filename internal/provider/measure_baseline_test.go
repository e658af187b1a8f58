// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure

package provider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// What a command takes with a provider that does nothing is the CLI's own time: it has the schema, the configuration
// and the state of the real one, answers every call with what the call brought, and does not even look at it.

// nothingVariable has this test binary serve that provider.
const nothingVariable = "SEQUENTUM_TEST_PROVIDER_OF_NOTHING"

func init() {
	if os.Getenv(nothingVariable) == "" {
		return
	}
	err := tf6server.Serve("registry.terraform.io/sequentum/sequentum", func() tfprotov6.ProviderServer {
		return nothing{provider.NewServer(context.Background(), provider.New("test", nil)())}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// nothing gets its schema from the real provider.
type nothing struct{ tfprotov6.ProviderServer }

func (nothing) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (nothing) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

// UpgradeResourceState turns the JSON of a state file into what the protocol sends.
func (nothing) UpgradeResourceState(_ context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	v, err := req.RawState.Unmarshal(core.Schemas()[req.TypeName].ValueType())
	if err != nil {
		return nil, err
	}
	return &tfprotov6.UpgradeResourceStateResponse{UpgradedState: core.Dynamic(v)}, nil
}

func (nothing) ReadResource(_ context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return &tfprotov6.ReadResourceResponse{NewState: req.CurrentState, Private: req.Private, NewIdentity: req.CurrentIdentity}, nil
}

func (nothing) PlanResourceChange(_ context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: req.ProposedNewState, PlannedPrivate: req.PriorPrivate, PlannedIdentity: req.PriorIdentity}, nil
}

func (nothing) ApplyResourceChange(_ context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return &tfprotov6.ApplyResourceChangeResponse{NewState: req.PlannedState, Private: req.PlannedPrivate, NewIdentity: req.PlannedIdentity}, nil
}

// withNothing is a workspace with the configuration and the state of another, and the provider of nothing.
func (w *workspace) withNothing(t *testing.T) *workspace {
	t.Helper()
	other := newWorkspace(t, simulator.Options{})
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugin := filepath.Join(other.dir, "plugin", providerName)
	if err := os.Remove(plugin); err != nil {
		t.Fatal(err)
	}
	// It execs, so that the CLI's child is the provider itself.
	other.file("plugin/"+providerName, fmt.Sprintf("#!/bin/sh\nexport TF_LOG_SDK=off %s=yes\nexec %q\n", nothingVariable, binary))
	if err := os.Chmod(plugin, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"main.tf", "terraform.tfstate"} {
		content, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		other.file(name, string(content))
	}
	return other
}
