// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
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
	ids       bool // later runs can have lower ids
	elements  bool // lists hold elements that cannot be used
	headers   bool // headers carry numbers that cannot be true
	spellings bool // the configuration says the same in other words
}

func randomOddities(rng *rand.Rand) oddities {
	return oddities{
		answers: oneIn(rng, 3), refusals: oneIn(rng, 4), thin: oneIn(rng, 4), ids: oneIn(rng, 4),
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

// oddTransport spoils answers of the cloud that the simulator gives as the API would.
type oddTransport struct {
	next http.RoundTripper
	oddities

	mu        sync.Mutex
	rng       *rand.Rand
	oddHeader bool // the latest answer had an odd header: two in a row are to be believed
}

func (o *oddTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := o.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	to := targetOf(req)
	switch {
	case !o.elements || resp.StatusCode != http.StatusOK:
	case to.kind == simulator.KindRuns:
		o.insert(resp, simulator.OddRuns(to.agentID), o.maybe(stoppedTwin))
	case to.kind == simulator.KindFiles:
		o.insert(resp, simulator.OddFiles(), nil)
	case to.kind == simulator.KindSchedules:
		o.insert(resp, simulator.OddSchedules(to.agentID), o.maybe(renamedTwin))
	}
	o.oddHeader = o.headers && !o.oddHeader && oneIn(o.rng, 4) && resp.Header.Get("X-RateLimit-Limit") != ""
	if o.oddHeader {
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

// maybe is nil in half of the cases.
func (o *oddTransport) maybe(twin func(json.RawMessage) json.RawMessage) func(json.RawMessage) json.RawMessage {
	if oneIn(o.rng, 2) {
		return twin
	}
	return nil
}

// insert puts elements into a list that tell nothing, and one that contradicts another, unless twin is nil.
func (o *oddTransport) insert(resp *http.Response, odd []simulator.Element, twin func(json.RawMessage) json.RawMessage) {
	body, err := readAhead(resp)
	var list []json.RawMessage
	if err != nil || json.Unmarshal(body, &list) != nil || len(list) == 0 {
		return // of a list that holds nothing else, the provider says rightly that it cannot be used
	}
	var more []json.RawMessage
	for range 1 + o.rng.IntN(3) {
		more = append(more, json.RawMessage(pick(o.rng, odd...)))
	}
	if twin != nil {
		more = append(more, twin(pick(o.rng, list...)))
	}
	for _, element := range more {
		list = slices.Insert(list, o.rng.IntN(len(list)+1), element)
	}
	replaceBody(resp, marshal(list))
}

// stoppedTwin is a run once more, and Stopped; one that has finished is twice the same.
func stoppedTwin(run json.RawMessage) json.RawMessage {
	return changed(run, func(fields map[string]any) {
		if fields["endTime"] == nil {
			fields["status"] = int(simulator.Stopped)
		}
	})
}

// renamedTwin is a schedule once more, under another name.
func renamedTwin(schedule json.RawMessage) json.RawMessage {
	return changed(schedule, func(fields map[string]any) { fields["name"] = "Twin" })
}

func changed(element json.RawMessage, change func(map[string]any)) json.RawMessage {
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(element))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		panic(err) // the simulator's own
	}
	change(fields)
	return marshal(fields)
}
