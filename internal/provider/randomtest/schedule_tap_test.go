// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// originOfSchedule reads the origin of a schedule from its localSchedule, where the tap has left it. No argument manages
// localSchedule, so every change must keep it.
func originOfSchedule(one simulator.Schedule) origin {
	mark, ok := one.LocalSchedule.(map[string]any)
	if !ok {
		return origin{}
	}
	process, _ := mark["process"].(float64)
	name, _ := mark["name"].(string)
	return origin{name, int(process)}
}

// scheduleTap is what the observer sees of the wire between one process of the provider and the cloud. It adds the process
// to each create, in a field that no argument manages.
type scheduleTap struct {
	sequence *scheduleSequence
	process  int
	next     http.RoundTripper
}

// tapped is the network of a process that starts now.
func (s *scheduleSequence) tapped() http.RoundTripper {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process++
	s.processBegun = time.Now()
	return &scheduleTap{sequence: s, process: s.process, next: s.toCloud}
}

func (t *scheduleTap) RoundTrip(req *http.Request) (*http.Response, error) {
	id, create := changedSchedule(req)
	if create {
		return t.create(req)
	}
	if id != 0 {
		t.sequence.mu.Lock()
		t.sequence.touched[id] = origin{"", t.process}
		t.sequence.mu.Unlock()
	}
	return t.next.RoundTrip(req)
}

// changedSchedule is the schedule that a request changes; 0: none. create: it makes one.
func changedSchedule(req *http.Request) (id int64, create bool) {
	parts := strings.Split(strings.TrimPrefix(req.URL.Path, "/api/v1/agent/"), "/")
	if req.Method == http.MethodGet || len(parts) < 2 || parts[1] != "schedules" {
		return 0, false
	}
	if len(parts) == 2 {
		return 0, true
	}
	id, _ = strconv.ParseInt(parts[2], 10, 64)
	return id, false
}

// create sends a create that says which process sent it, and notes when its answer is lost.
func (t *scheduleTap) create(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		panic(err) // the provider has it in memory
	}
	fields := map[string]json.RawMessage{}
	var name string
	if json.Unmarshal(body, &fields) != nil || json.Unmarshal(fields["name"], &name) != nil {
		panic("a create without a name: " + string(body))
	}
	fields["localSchedule"] = marshal(map[string]any{"name": name, "process": t.process})
	from := origin{name, t.process}
	resp, err := t.next.RoundTrip(withBody(req, marshal(fields)))
	if err != nil {
		t.noteLost(from)
		return nil, err
	}
	answer, err := readAhead(resp)
	if how := classify(resp, answer, err); how == noAnswer || how == redirected || how == good && idIn(answer) == 0 {
		t.noteLost(from)
	}
	return resp, nil
}

func (t *scheduleTap) noteLost(from origin) {
	s := t.sequence
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost[from] = true
}
