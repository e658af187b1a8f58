// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const agentID = 4711

// apiTransport carries the requests to the API. A test can replace it.
type apiTransport struct{ next http.RoundTripper }

func (a *apiTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	return a.next.RoundTrip(req)
}

// userAgent is what the API and the download host are told.
const userAgent = "terraform-provider-sequentum/1.2.3 (commit 0123456789ab)"

// newClient returns a client of the API at url that sends everything through transport.
func newClient(t *testing.T, url string, transport http.RoundTripper) *sequentum.Client {
	t.Helper()
	client, err := sequentum.New(sequentum.Config{BaseURL: url, APIKey: "sk-simulator", UserAgent: userAgent, MaxRetries: 5, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// finishedRun adds a finished run of the agent to the cloud.
func finishedRun(cloud *simulator.Cloud) sequentum.RunRef {
	return sequentum.RunRef{AgentID: agentID, RunID: cloud.AddFinishedRuns(agentID, 1, simulator.Completed)[0]}
}

// as returns the error of type E that err is or wraps. The test ends if there is none.
func as[E error](t *testing.T, err error) E {
	t.Helper()
	found, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("the error is %T (%v), expected a %T", err, err, found)
	}
	return found
}
