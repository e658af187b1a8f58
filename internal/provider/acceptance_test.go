// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// timelapse is how much faster the clock of an acceptance test runs: a run of a minute takes two seconds.
const timelapse = 30

// acceptance is the ordinary life of an object with the real CLI, the provider and the simulator in this process.
type acceptance struct {
	cloud     *simulator.Cloud
	provider  string // the provider block
	factories map[string]func() (tfprotov6.ProviderServer, error)
}

func newAcceptance(t *testing.T, agents ...simulator.Agent) acceptance {
	t.Helper()
	clock := simulator.Accelerated(timelapse)
	cloud := simulator.New(simulator.Options{Agents: agents, Clock: clock})
	server, err := simulator.Serve(cloud, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return acceptance{
		cloud:    cloud,
		provider: fmt.Sprintf("provider \"sequentum\" {\n  api_url = %q\n  api_key = %q\n  request_timeout = %q\n}\n", server.URL, apiKey, timelapse*time.Minute),
		factories: map[string]func() (tfprotov6.ProviderServer, error){
			"sequentum": func() (tfprotov6.ProviderServer, error) {
				return provider.NewServer(t.Context(), provider.New("test", clock)()), nil
			},
		},
	}
}

// test goes through the steps, whose configurations lack the provider block.
func (a acceptance) test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	for i := range steps {
		if steps[i].Config != "" {
			steps[i].Config = a.provider + steps[i].Config
		}
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: a.factories, Steps: steps})
}

// everyPhase is an agent whose runs go through all phases in about a minute.
func everyPhase() simulator.Agent {
	return simulator.Agent{
		ID: 4711, Name: "Shoes", Version: 3, SpaceID: new(int64(12)), Records: 120, Exported: 118, Pages: 40, Errors: 2, Traffic: 1 << 20,
		Phases: []simulator.Phase{
			{Status: simulator.Queuing, Duration: simulator.Duration(5 * time.Second)},
			{Status: simulator.Starting, Duration: simulator.Duration(5 * time.Second)},
			{Status: simulator.Running, Duration: simulator.Duration(30 * time.Second)},
			{Status: simulator.Exporting, Duration: simulator.Duration(10 * time.Second)},
		},
		Outcomes: []simulator.Outcome{{Status: simulator.Success, Message: "All criteria passed"}},
		Files: []simulator.File{
			{Name: new("products.csv"), Type: simulator.DeliveredFile, Content: "name,price\nboot,80\n"},
			{Name: new("run.log"), Type: simulator.LogText, Content: "started\n"},
		},
	}
}

func values(checks map[string]knownvalue.Check, address string) []statecheck.StateCheck {
	var all []statecheck.StateCheck
	for name, check := range checks {
		all = append(all, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), check))
	}
	return all
}
