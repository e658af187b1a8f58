package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// lab is a cloud in a bubble of synctest, and a client that follows no redirects.
type lab struct {
	*Cloud
	t      *testing.T
	client *http.Client
	key    string // the Authorization header; empty: none
}

// inLab runs a test at a fake clock.
func inLab(t *testing.T, o Options, test func(l *lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newLab(t, New(o))) })
}

func newLab(t *testing.T, c *Cloud) *lab {
	return &lab{Cloud: c, t: t, key: "ApiKey sk-simulator", client: &http.Client{
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

// send asks and fails the test when there is no answer at all.
func (l *lab) send(method, path, body string) reply {
	l.t.Helper()
	r, err := l.try(method, path, body)
	if err != nil {
		l.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func (l *lab) try(method, path, body string) (reply, error) {
	l.t.Helper()
	url := path
	if !strings.HasPrefix(path, "http") {
		url = "http://api.invalid/api/v1" + path
	}
	req, err := http.NewRequestWithContext(l.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	if l.key != "" {
		req.Header.Set("Authorization", l.key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return l.do(req)
}

func (l *lab) do(req *http.Request) (reply, error) {
	resp, err := l.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return reply{code: resp.StatusCode, header: resp.Header, text: string(text), err: err}, nil
}

// object is the reply's JSON object.
func (l *lab) object(r reply) map[string]any {
	l.t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(r.text), &object); err != nil {
		l.t.Fatalf("%d %q is no JSON object: %v", r.code, r.text, err)
	}
	return object
}

// list is the reply's JSON array of objects.
func (l *lab) list(r reply) []map[string]any {
	l.t.Helper()
	var list []map[string]any
	if err := json.Unmarshal([]byte(r.text), &list); err != nil || r.code != http.StatusOK {
		l.t.Fatalf("%d %q is no JSON array: %v", r.code, r.text, err)
	}
	return list
}

// start starts agent 4711 over HTTP and returns the run's id.
func (l *lab) start() int64 {
	l.t.Helper()
	r := l.send("POST", "/agent/4711/start", "{}")
	if r.code != http.StatusAccepted && r.code != http.StatusOK {
		l.t.Fatalf("the start answered %d: %s", r.code, r.text)
	}
	return int64(l.object(r)["id"].(float64))
}

func path(runID int64, rest string) string { return fmt.Sprintf("/agent/4711/run/%d%s", runID, rest) }

// status is the run object of agent 4711's run.
func (l *lab) status(runID int64) map[string]any {
	l.t.Helper()
	r := l.send("GET", path(runID, "/status"), "")
	if r.code != http.StatusOK {
		l.t.Fatalf("the status answered %d: %s", r.code, r.text)
	}
	return l.object(r)
}

// wantStatus checks the run's status over HTTP.
func (l *lab) wantStatus(runID int64, want Status) {
	l.t.Helper()
	if got := Status(l.status(runID)["status"].(float64)); got != want {
		l.t.Errorf("run %d is %s, want %s", runID, got, want)
	}
}

func (l *lab) wantCode(r reply, want int) {
	l.t.Helper()
	if r.code != want {
		l.t.Errorf("the answer is %d %s, want %d", r.code, r.text, want)
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

func cloudOf(agents ...Agent) Options { return Options{Agents: agents} }
