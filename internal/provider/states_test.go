// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// Each folder of testdata/states holds a configuration, the state that an earlier version has written for it, the files that
// it has downloaded, and the agents as they were afterwards. This version must plan nothing for it, whenever that was.
// CONTRIBUTING.md, "Release", says how to add one.
func TestScenarioStatesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("testdata/states/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("there are no states: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			config, err := simulator.ReadConfig(filepath.Join(folder, "agents.json"))
			if err != nil {
				t.Fatal(err)
			}
			var options simulator.Options
			config.Apply(&options)
			w := newWorkspace(t, options)
			// The runs of the state have ended since. The first one is of another agent: see the import block.
			w.cloud.AddFinishedRuns(4712, 1, simulator.Success)
			w.cloud.AddFinishedRuns(4711, 2, simulator.Success)
			if err := os.CopyFS(w.dir, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			state := w.read("state.json")
			if w.version().tofu {
				state = strings.ReplaceAll(state, "registry.terraform.io", "registry.opentofu.org")
			}
			w.file("terraform.tfstate", state)
			w.mustRun("plan", "-detailed-exitcode", "-no-color", "-input=false")
			for _, request := range w.cloud.Log() {
				if request.Method != http.MethodGet {
					t.Errorf("the plan has sent %s %s", request.Method, request.Path)
				}
			}
		})
	}
}

// The configuration that writes the state of a release has every resource.
func TestStatesHoldEveryResource(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../release/testdata/everything/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	for _, construct := range provider.New("test", nil)().Resources(t.Context()) {
		var metadata resource.MetadataResponse
		construct().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "sequentum"}, &metadata)
		if !strings.Contains(string(content), `resource "`+metadata.TypeName+`"`) {
			t.Errorf("the configuration lacks %s", metadata.TypeName)
		}
	}
}
