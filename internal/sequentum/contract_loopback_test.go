// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"net/http"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// TestCallsOverLoopbackKeepTheContract sends every call over a connection, with both kinds of credentials. There
// net/http adds headers that requests in memory do not have.
func TestCallsOverLoopbackKeepTheContract(t *testing.T) {
	const accessToken = "token-of-an-hour"
	for name, credentials := range map[string]sequentum.Config{
		"API key":      {APIKey: apiKey},
		"access token": {AccessToken: accessToken, UserAgent: "terraform-provider-sequentum/test"},
	} {
		t.Run(name, func(t *testing.T) {
			simulated := simulator.New(simulator.Options{Agents: []simulator.Agent{wiredAgent()}, AccessToken: accessToken})
			server, err := simulator.Serve(simulated, "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			transport := &http.Transport{}
			t.Cleanup(func() {
				transport.CloseIdleConnections()
				if err := server.Close(); err != nil {
					t.Error(err)
				}
			})
			c := connect(t, simulated, transport, server.URL, credentials)
			for operation, call := range calls {
				runID := c.finishedRun(t, simulator.Failure)
				files, err := c.client.RunFiles(t.Context(), agentID, runID)
				if err != nil {
					t.Fatal(err)
				}
				if operation == "stopRun" || operation == "killRun" {
					runID = c.startRun(t, sequentum.StartRequest{}).ID
				}
				if err := call(t.Context(), c.client, runID, files[0].ID); err != nil {
					t.Error(err)
				}
				if len(c.contract.answered[operation]) == 0 {
					t.Errorf("the call %s did not send the operation of that name", operation)
				}
			}
		})
	}
}
