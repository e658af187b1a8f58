// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// testCloud is a cloud with a client that follows no redirects.
type testCloud struct {
	*Cloud
	t      testing.TB
	client *http.Client
	key    string // the Authorization header; empty: none
}

// inBubble runs a test at a fake clock.
func inBubble(t *testing.T, o Options, test func(tc *testCloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newTestCloud(t, New(o))) })
}

func newTestCloud(t testing.TB, c *Cloud) *testCloud {
	return &testCloud{Cloud: c, t: t, key: "ApiKey sk-simulator", client: &http.Client{
		Transport:     c.Transport(),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// reply is an answer that has been read to its end.
type reply struct {
	code   int
	header http.Header
	text   string
	err    error // of reading the body
}

// send sends a request and returns its answer. Without an answer the test fails.
func (tc *testCloud) send(method, path, body string) reply {
	tc.t.Helper()
	r, err := tc.trySend(method, path, body)
	if err != nil {
		tc.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

// trySend is send for a request that may have no answer.
func (tc *testCloud) trySend(method, path, body string) (reply, error) {
	tc.t.Helper()
	req := tc.newRequest(tc.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return tc.doRequest(req)
}

// newRequest makes a request with the key, to a URL or to a path of the API.
func (tc *testCloud) newRequest(ctx context.Context, method, target string, body io.Reader) *http.Request {
	tc.t.Helper()
	if !strings.HasPrefix(target, "http") {
		target = "http://api.invalid/api/v1" + target
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		tc.t.Fatal(err)
	}
	if tc.key != "" {
		req.Header.Set("Authorization", tc.key)
	}
	return req
}

func (tc *testCloud) doRequest(req *http.Request) (reply, error) {
	resp, err := tc.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return reply{code: resp.StatusCode, header: resp.Header, text: string(text), err: err}, nil
}

// jsonObject is the reply's JSON object.
func (tc *testCloud) jsonObject(r reply) map[string]any {
	tc.t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(r.text), &object); err != nil {
		tc.t.Fatalf("%d %q is no JSON object: %v", r.code, r.text, err)
	}
	return object
}

// jsonList is the reply's JSON array of objects.
func (tc *testCloud) jsonList(r reply) []map[string]any {
	tc.t.Helper()
	var list []map[string]any
	if err := json.Unmarshal([]byte(r.text), &list); err != nil || r.code != http.StatusOK {
		tc.t.Fatalf("%d %q is no JSON array: %v", r.code, r.text, err)
	}
	return list
}

// startRun starts agent 4711 over HTTP and returns the run's id.
func (tc *testCloud) startRun() int64 {
	tc.t.Helper()
	r := tc.send("POST", "/agent/4711/start", "{}")
	if r.code != http.StatusAccepted && r.code != http.StatusOK {
		tc.t.Fatalf("the start answered %d: %s", r.code, r.text)
	}
	return int64(tc.jsonObject(r)["id"].(float64))
}

func runPathOf(runID int64, rest string) string {
	return fmt.Sprintf("/agent/4711/run/%d%s", runID, rest)
}

// runStatus is the run object of agent 4711's run.
func (tc *testCloud) runStatus(runID int64) map[string]any {
	tc.t.Helper()
	r := tc.send("GET", runPathOf(runID, "/status"), "")
	if r.code != http.StatusOK {
		tc.t.Fatalf("the status answered %d: %s", r.code, r.text)
	}
	return tc.jsonObject(r)
}

// wantStatus checks the run's status over HTTP.
func (tc *testCloud) wantStatus(runID int64, want Status) {
	tc.t.Helper()
	if got := Status(tc.runStatus(runID)["status"].(float64)); got != want {
		tc.t.Errorf("run %d is %s, want %s", runID, got, want)
	}
}

func (tc *testCloud) wantCode(r reply, want int) {
	tc.t.Helper()
	if r.code != want {
		tc.t.Errorf("the answer is %d %s, want %d", r.code, r.text, want)
	}
}

// phase is a phase of n seconds.
func phase(s Status, n int) Phase {
	return Phase{Status: s, Duration: Duration(time.Duration(n) * time.Second)}
}

// products is an agent whose run queues for 2 s, starts for 1 s, runs for 10 s and exports for 4 s.
func products() Agent {
	return Agent{
		ID: 4711, Name: "Products", Records: 100, Exported: 50, Pages: 20, Errors: 10, Traffic: 1000,
		Phases: []Phase{phase(Queuing, 2), phase(Starting, 1), phase(Running, 10), phase(Exporting, 4)},
		Files:  []File{{Name: new("a.csv"), Type: DeliveredFile, Content: "a,b\n"}, {Type: LogText, Bytes: []byte{0, 1, 2}}},
	}
}

// failing is the agent with one outcome, Failure.
func failing(a Agent) Agent {
	a.Outcomes = []Outcome{{
		Status: Failure, Message: "The site refused.",
		PossibleCauses: []string{"Blocked"}, SuggestedActions: []string{"Use a proxy"},
	}}
	return a
}

func withAgents(agents ...Agent) Options { return Options{Agents: agents} }

// pipeTransports are the transports of net/http over pipes in memory.
var pipeTransports = map[string]func(*Cloud) *PipeTransport{"HTTP/1.1": (*Cloud).HTTP1Transport, "HTTP/2.0": (*Cloud).HTTP2Transport}

// allTransports are those, and Cloud.Transport, which has no connections.
var allTransports = map[string]func(*Cloud) *PipeTransport{
	"HTTP/1.1": (*Cloud).HTTP1Transport, "HTTP/2.0": (*Cloud).HTTP2Transport, "memory": nil,
}

// inBubbleOver runs a test at a fake clock, over one of the transports.
func inBubbleOver(t *testing.T, o Options, connect func(*Cloud) *PipeTransport, test func(tc *testCloud, pipes *PipeTransport)) {
	t.Helper()
	inBubble(t, o, func(tc *testCloud) {
		if connect == nil {
			test(tc, nil)
			return
		}
		pipes := connect(tc.Cloud)
		defer func() {
			if err := pipes.Close(); err != nil {
				tc.t.Error(err)
			}
		}()
		tc.client.Transport = pipes
		test(tc, pipes)
	})
}

// linkOfFinishedRun finishes a run of agent 4711 and returns the signed link to its first file.
func (tc *testCloud) linkOfFinishedRun() string {
	tc.t.Helper()
	id := tc.startRun()
	time.Sleep(time.Minute)
	file := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))[0]
	return tc.linkToFile(id, file)
}

func (tc *testCloud) linkToFile(runID int64, file map[string]any) string {
	tc.t.Helper()
	r := tc.send("GET", runPathOf(runID, "/file/"+number(file["id"])+"/download"), "")
	if r.code != http.StatusFound && r.code != http.StatusTemporaryRedirect {
		tc.t.Fatalf("the download answered %d %s", r.code, r.text)
	}
	return r.header.Get("Location")
}

// fetchLink gets a signed link, or a range of it, without the key.
func (tc *testCloud) fetchLink(link, ranges string) reply {
	tc.t.Helper()
	return tc.fetchIfRange(link, ranges, "")
}

// fetchIfRange is fetchLink with the header If-Range.
func (tc *testCloud) fetchIfRange(link, ranges, ifRange string) reply {
	tc.t.Helper()
	req := tc.newRequest(tc.t.Context(), http.MethodGet, link, nil)
	req.Header.Del("Authorization")
	if ranges != "" {
		req.Header.Set("Range", ranges)
	}
	if ifRange != "" {
		req.Header.Set("If-Range", ifRange)
	}
	r, err := tc.doRequest(req)
	if err != nil {
		tc.t.Fatal(err)
	}
	return r
}

func number(id any) string { return strconv.FormatInt(int64(id.(float64)), 10) }

func TestListOfFilesShowsNamesTypesAndSizes(t *testing.T) {
	a := products()
	a.Files[0].RegionID = new(int64(3))
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(time.Minute)
		files := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))
		if f := files[0]; f["name"] != "a.csv" || f["fileType"] != 1.0 || f["fileSize"] != 4.0 || f["regionId"] != 3.0 || f["created"] == nil {
			tc.t.Errorf("the first file is %v", f)
		}
		if f := files[1]; f["name"] != nil || f["fileType"] != 6.0 || f["fileSize"] != 3.0 || f["regionId"] != nil || f["id"] == files[0]["id"] {
			tc.t.Errorf("the second file is %v", f)
		}
		if got := tc.fetchLink(tc.linkToFile(id, files[1]), "").text; got != "\x00\x01\x02" {
			tc.t.Errorf("the second file holds %q", got)
		}
		tc.wantCode(tc.send("GET", runPathOf(id, "/file/1/download"), ""), http.StatusNotFound)
		tc.wantCode(tc.send("GET", runPathOf(id, "/file/x/download"), ""), http.StatusNotFound)
	})
}

// listedIDs are the ids in the agent's list of runs, in its order.
func (tc *testCloud) listedIDs() (ids []int64) {
	tc.t.Helper()
	for _, r := range tc.jsonList(tc.send("GET", "/agent/4711/runs", "")) {
		ids = append(ids, int64(r["id"].(float64)))
	}
	return ids
}

// beforeOrAfter names a case by when a fault hits a start.
func beforeOrAfter(after bool) string {
	if after {
		return " after the start took effect"
	}
	return " before the start took effect"
}
