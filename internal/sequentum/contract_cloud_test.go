// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const (
	agentID = 4711
	spaceID = 12
	apiKey  = "sk-simulator"
)

// contractCloud is a simulator and a client of it, with the contract between them.
type contractCloud struct {
	*simulator.Cloud
	client   *sequentum.Client
	contract *contractTransport
	baseURL  string
}

// newContractCloud returns a simulator in memory and its client, for a test inside a synctest bubble. What is not in the
// closed contract fails the test.
func newContractCloud(t testing.TB, o simulator.Options) *contractCloud {
	t.Helper()
	simulated := simulator.New(o)
	return connect(t, simulated, simulated.Transport(), "http://127.0.0.1", sequentum.Config{APIKey: apiKey})
}

// connect puts the contract between a simulator, which next leads to, and a client of the given credentials.
func connect(t testing.TB, simulated *simulator.Cloud, next http.RoundTripper, baseURL string, c sequentum.Config) *contractCloud {
	t.Helper()
	transport := &contractTransport{
		contract: mustContract(t, closedContract), next: next,
		report: func(deviation string) { t.Error(deviation) },
	}
	c.BaseURL, c.Transport, c.MaxRetries = baseURL, transport, 3
	client, err := sequentum.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &contractCloud{Cloud: simulated, client: client, contract: transport, baseURL: baseURL}
}

// sendRaw sends a request that the client has no method for, and returns the answer's status.
func (c *contractCloud) sendRaw(t testing.TB, method, path, body string) int {
	t.Helper()
	resp, err := c.contract.RoundTrip(requestTo(t, c.baseURL, method, path, body))
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode
}

// splitReports returns a report function that collects deviations of requests and of answers separately.
func splitReports(requests, answers *[]string) func(string) {
	return func(deviation string) {
		if strings.HasPrefix(deviation, "request ") {
			*requests = append(*requests, deviation)
			return
		}
		*answers = append(*answers, deviation)
	}
}

// startRun starts a run of the agent, and fails the test if that fails.
func (c *contractCloud) startRun(t testing.TB, r sequentum.StartRequest) *sequentum.Run {
	t.Helper()
	run, err := c.client.StartRun(t.Context(), agentID, r)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// finishedRun starts a run and ends it with the given status.
func (c *contractCloud) finishedRun(t testing.TB, s simulator.Status) int64 {
	t.Helper()
	run := c.startRun(t, sequentum.StartRequest{})
	c.Finish(run.ID, s)
	return run.ID
}

// checkRun compares what the client read of a run with what the cloud knows of it.
func (c *contractCloud) checkRun(t testing.TB, got *sequentum.Run, sparse bool) {
	t.Helper()
	want, ok := c.Run(got.ID)
	if !ok {
		t.Fatalf("the client read a run %d that the cloud does not know", got.ID)
	}
	if got.AgentID != want.AgentID || got.Status.String() != want.Status.String() {
		t.Errorf("the client read run %d as %s of agent %d; it is %s of agent %d",
			got.ID, got.Status, got.AgentID, want.Status, want.AgentID)
	}
	if got.Status.Finished() != want.Status.Finished() {
		t.Errorf("the client takes %s for finished: %t", got.Status, got.Status.Finished())
	}
	if sparse {
		if !got.CreatedAt.IsZero() || got.RecordsExtracted != nil || got.Message != "" || got.TableType != "" {
			t.Errorf("the client read of a run without them: created %v, records %v, message %q, table %q",
				got.CreatedAt, got.RecordsExtracted, got.Message, got.TableType)
		}
		return
	}
	for name, times := range map[string][2]time.Time{
		"created": {got.CreatedAt, want.Created}, "started": {got.StartedAt, want.Started}, "ended": {got.FinishedAt, want.Ended},
	} {
		if !times[0].Equal(times[1]) {
			t.Errorf("the client read of run %d %s %v; it is %v", got.ID, name, times[0], times[1])
		}
	}
	if got.RecordsExtracted == nil || *got.RecordsExtracted != want.Records {
		t.Errorf("the client read of run %d records %v; there are %d", got.ID, got.RecordsExtracted, want.Records)
	}
	if got.Message != want.Message {
		t.Errorf("the client read of run %d the message %q; it is %q", got.ID, got.Message, want.Message)
	}
}

// readLink returns the content that a link leads to. Its request goes to the download host without the contract, which is
// only about the API, and without the key.
func (c *contractCloud) readLink(t testing.TB, link *sequentum.Link) string {
	t.Helper()
	body := link.Body
	if body == nil {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Transport().RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			t.Errorf("the signed link answers %s", resp.Status)
		}
		body = resp.Body
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// requestTo is a request with credentials for a path under /api/v1.
func requestTo(t testing.TB, baseURL, method, path, body string) *http.Request {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, baseURL+"/api/v1"+path, content)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "ApiKey "+apiKey)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}
