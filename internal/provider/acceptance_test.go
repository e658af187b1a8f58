package provider_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

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

// apiKey is the simulator's.
const apiKey = "sk-simulator"

// firstRun is the id of the first run that the simulator starts.
const firstRun = 100001
