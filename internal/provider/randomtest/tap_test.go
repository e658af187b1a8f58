// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// origin is the create that asked for a run. A process carries out one walk, and creates a resource at most once.
type origin struct {
	resource string // the name of the sequentum_run; "": a stranger
	process  int
}

// originOf reads the origin of a run from its input, where the configuration and the tap have left it.
func originOf(r simulator.Run) origin {
	var input struct {
		Resource string
		Process  int
	}
	if r.InputParameters != "" {
		if err := json.Unmarshal([]byte(r.InputParameters), &input); err != nil {
			panic(err)
		}
	}
	return origin{input.Resource, input.Process}
}

// tap is what the observer sees of the wire between one process of the provider and the cloud. It changes nothing that
// the provider could see: it adds the process to the input of a start, and notes how each look at a run is answered.
type tap struct {
	sequence *sequence
	process  int
	next     http.RoundTripper
}

// tapped is the network of a process that starts now.
func (s *sequence) tapped() http.RoundTripper {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process++
	return &tap{sequence: s, process: s.process, next: s.toCloud}
}

func (t *tap) RoundTrip(req *http.Request) (*http.Response, error) {
	to, from := targetOf(req), origin{}
	if to.kind == simulator.KindStart {
		req, from = t.signed(req)
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		t.noteAnswer(to, from, noAnswer, nil)
		return nil, err
	}
	if to.kind == simulator.KindStart || to.isLook() {
		body, err := readAhead(resp)
		t.noteAnswer(to, from, classify(resp, body, err), body)
	}
	return resp, nil
}

func (t *tap) noteAnswer(to target, from origin, how verdict, body []byte) {
	s := t.sequence
	s.mu.Lock()
	defer s.mu.Unlock()
	switch id := idIn(body); {
	case to.isLook():
		s.looks = append(s.looks, look{process: t.process, target: to, at: time.Now(), how: how, runs: idsIn(to, how, body)})
	case to.kind == simulator.KindStart && (how == noAnswer || how == redirected || how == good && id == 0):
		s.lostStarts[from] = true
	case to.kind == simulator.KindStart && how == good && !s.hadSeen(from, id):
		s.answered[from] = id
	}
}

// hadSeen reports whether the process of a create has seen a run before, in a look or in the answer to another start. It is
// called with the lock held.
func (s *sequence) hadSeen(from origin, runID int64) bool {
	for other, id := range s.answered {
		if other.process == from.process && other != from && id == runID {
			return true
		}
	}
	return s.wasShown(from, runID)
}

// signed is a start whose input says which process sent it.
func (t *tap) signed(req *http.Request) (*http.Request, origin) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		panic(err) // the provider has it in memory
	}
	var start map[string]any
	var input map[string]any
	if err := errors.Join(json.Unmarshal(body, &start), json.Unmarshal([]byte(start["inputParameters"].(string)), &input)); err != nil {
		panic(err)
	}
	input["process"] = t.process
	start["inputParameters"] = string(marshal(input))
	return withBody(req, marshal(start)), origin{input["resource"].(string), t.process}
}

// withBody is the request with another body. Whether it can be sent again stays as it is: a transport that sends a POST
// twice must show.
func withBody(req *http.Request, body []byte) *http.Request {
	out := req.Clone(req.Context())
	out.ContentLength = int64(len(body))
	out.Body = io.NopCloser(bytes.NewReader(body))
	if req.GetBody != nil {
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	return out
}

func marshal(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// readAhead reads the whole of an answer, and puts it back as it came, its bad end included.
func readAhead(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), failing{err}))
	return body, err
}

// failing is the end of a body that breaks off; with a nil error, of one that does not.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// target is what a request is about.
type target struct {
	kind           simulator.Kind
	agentID, runID int64
}

func (t target) isLook() bool { return t.kind == simulator.KindStatus || t.kind == simulator.KindRuns }

func targetOf(req *http.Request) target {
	parts := strings.Split(strings.TrimPrefix(req.URL.Path, "/api/v1/"), "/")
	number := func(i int) int64 {
		if i >= len(parts) {
			return 0
		}
		n, _ := strconv.ParseInt(parts[i], 10, 64)
		return n
	}
	to := target{kind: simulator.KindOther, agentID: number(1), runID: number(3)}
	if parts[0] != "agent" {
		return to
	}
	switch last := parts[len(parts)-1]; {
	case len(parts) == 2:
		to.kind = simulator.KindAgent
	case len(parts) == 3 || len(parts) == 5:
		to.kind = simulator.Kind(last) // the paths and the kinds have the same words
	}
	return to
}

// idIn is the run that a start's answer names; 0: it cannot be read.
func idIn(body []byte) int64 {
	var run struct{ ID, RunID int64 }
	if err := json.Unmarshal(body, &run); err != nil {
		return 0
	}
	return run.ID + run.RunID
}

// idsIn are the runs that a look shows. Elements that cannot be read show none.
func idsIn(to target, how verdict, body []byte) map[int64]bool {
	ids := map[int64]bool{}
	if how != good {
		return ids
	}
	elements := []json.RawMessage{}
	if to.kind != simulator.KindRuns {
		elements = append(elements, body)
	} else if json.Unmarshal(body, &elements) != nil {
		return ids
	}
	for _, e := range elements {
		var run struct{ ID, ConfigID int64 }
		if json.Unmarshal(e, &run) == nil && run.ConfigID == to.agentID {
			ids[run.ID] = true
		}
	}
	return ids
}
