package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// oddities are the ways in which the cloud of a sequence is odd. Most sequences have a few, so that each is seen alone
// and beside others.
type oddities struct {
	answers   bool // single answers that fit nothing: a 401, a firewall's page, a redirect
	refusals  bool // all is refused for a while, or every look at a run from some time on
	thin      bool // the API's errors have no shape
	elements  bool // lists hold elements that cannot be used
	headers   bool // headers carry numbers that cannot be true
	spellings bool // the configuration says the same in other words
}

func randomOddities(rng *rand.Rand) oddities {
	return oddities{
		answers: oneIn(rng, 3), refusals: oneIn(rng, 4), thin: oneIn(rng, 4),
		elements: oneIn(rng, 4), headers: oneIn(rng, 4), spellings: oneIn(rng, 4),
	}
}

// oddAnswer is a single answer that must not decide anything. It can be untrue: that a run is not found, or access
// refused. In the API's own words no effect is denied that was taken.
func oddAnswer(rng *rand.Rand) simulator.Fault {
	f := simulator.Fault{
		Kind: pick(rng, simulator.KindStatus, simulator.KindStatus, simulator.KindRuns, simulator.KindRuns, simulator.KindStart,
			simulator.KindStop, simulator.KindKill, simulator.KindAgent, simulator.KindFiles),
		Skip: max(0, rng.IntN(6)-2), Action: simulator.StatusCode,
		Code: pick(rng, 301, 400, 401, 401, 403, 403, 404, 404, 405, 410, 422),
	}
	switch rng.IntN(4) {
	case 0: // a firewall's page, or one of a proxy's that knows no such path
		f.Action, f.After = simulator.HTML, oneIn(rng, 2)
	case 1:
		f.Shape = pick(rng, simulator.AllErrorShapes()...)
	case 2:
		f.Action, f.Code, f.Location = simulator.Redirect, pick(rng, 301, 302, 303, 307, 308), "https://login.invalid/"
		f.NoHeaders = oneIn(rng, 2)
	}
	return f
}

// refusedLooks has every look at a run refused, from now on.
func refusedLooks(rng *rand.Rand) []simulator.Fault {
	f := simulator.Fault{Times: -1, Action: simulator.StatusCode, Code: pick(rng, 301, 400, 401, 403, 404, 405, 410, 422)}
	f.Shape = pick(rng, simulator.AllErrorShapes()...)
	status, runs := f, f
	status.Kind, runs.Kind = simulator.KindStatus, simulator.KindRuns
	return []simulator.Fault{status, runs}
}

// oddWire spoils answers of the cloud that the simulator gives as the API would.
type oddWire struct {
	next http.RoundTripper
	oddities

	mu  sync.Mutex
	rng *rand.Rand
}

func (o *oddWire) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := o.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	to := targetOf(req)
	if o.elements && to.kind == simulator.KindRuns && resp.StatusCode == http.StatusOK {
		body, err := readAhead(resp)
		var runs []json.RawMessage
		if err == nil && json.Unmarshal(body, &runs) == nil {
			replaceBody(resp, marshal(o.withOddElements(runs, to.agentID)))
		}
	}
	if o.headers && resp.Header.Get("X-RateLimit-Limit") != "" && oneIn(o.rng, 4) {
		resp.Header.Set("X-RateLimit-Limit", pick(o.rng, "4611686018427387904", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "0", "-1", "1e9", "1e400", "NaN", "many", " "))
		resp.Header.Set("X-RateLimit-Window-Seconds", pick(o.rng, "60", "0", "-60", "1e300", "0.0000000001", "9223372036854775807", "NaN", ""))
	}
	return resp, nil
}

func replaceBody(resp *http.Response, body []byte) {
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
}

// withOddElements puts elements into a list of runs that tell nothing of any run of the agent, or that contradict the
// list's own word on a run.
func (o *oddWire) withOddElements(runs []json.RawMessage, agentID int64) []json.RawMessage {
	odd := []json.RawMessage{
		json.RawMessage(`null`), json.RawMessage(`{}`), json.RawMessage(`"run"`), json.RawMessage(`[]`), json.RawMessage(`7`),
		json.RawMessage(fmt.Sprintf(`{"id":null,"configId":%d,"status":1}`, agentID)),
		json.RawMessage(fmt.Sprintf(`{"id":-1,"configId":%d,"status":1}`, agentID)),
		json.RawMessage(fmt.Sprintf(`{"id":0,"configId":%d,"status":1}`, agentID)),
		json.RawMessage(fmt.Sprintf(`{"id":1e30,"configId":%d,"status":1}`, agentID)),
		json.RawMessage(fmt.Sprintf(`{"id":"abc","configId":%d,"status":1}`, agentID)),
		json.RawMessage(`{"id":999999999,"configId":99,"status":1}`),
	}
	out := append([]json.RawMessage{}, runs...)
	put := func(e json.RawMessage) {
		i := o.rng.IntN(len(out) + 1)
		out = append(out[:i], append([]json.RawMessage{e}, out[i:]...)...)
	}
	for range 1 + o.rng.IntN(3) {
		put(pick(o.rng, odd...))
	}
	if len(runs) > 0 && oneIn(o.rng, 2) {
		put(twin(pick(o.rng, runs...)))
	}
	return out
}

// twin is a run once more, and Stopped; one that has finished is twice the same.
func twin(run json.RawMessage) json.RawMessage {
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(run))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		panic(err) // the simulator's own
	}
	if fields["endTime"] == nil {
		fields["status"] = int(simulator.Stopped)
	}
	return marshal(fields)
}
