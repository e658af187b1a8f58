// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// TestClientAndSimulatorAgreeOnTheScopeOfEachCall compares the scope that the simulator's refusal names with the scope
// that the client names when a refusal names none. An API key has every scope, so no other test sees a wrong one.
func TestClientAndSimulatorAgreeOnTheScopeOfEachCall(t *testing.T) {
	unnamed := simulator.Fault{
		Action: simulator.StatusCode, Code: http.StatusForbidden,
		Body: `{"statusCode": 403, "message": "No access", "errorCode": "insufficient_scope"}`,
	}
	for operation, call := range calls {
		t.Run(operation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newContractCloud(t, simulator.Options{Agents: []simulator.Agent{wiredAgent()}})
				runID := c.finishedRun(t, simulator.Failure)
				c.Inject(unnamed)
				clients := scopeOf(t, call(t.Context(), c.client, runID, 1))
				c.Forbid(true)
				simulators := scopeOf(t, call(t.Context(), c.client, runID, 1))
				if clients == "" || clients != simulators {
					t.Errorf("the client names the scope %q, and the simulator %q", clients, simulators)
				}
			})
		})
	}
}

func scopeOf(t *testing.T, err error) string {
	t.Helper()
	refused, ok := errors.AsType[*sequentum.Error](err)
	if !ok || !sequentum.IsForbidden(err) {
		t.Fatalf("the error is no refusal: %v", err)
	}
	return refused.Scope
}
