// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Without precautions, a client of net/http repeats a POST by itself, and each time starts another run.
func TestNetHTTPRepeatsAStartAfterAStreamError(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		runs  int // where the fault is After
		body  string
	}{
		"RST_STREAM with PROTOCOL_ERROR":                        {Fault{Action: ResetStream}, 2, "{}"},
		"RST_STREAM with PROTOCOL_ERROR, start without a body,": {Fault{Action: ResetStream}, 2, ""},
		"RST_STREAM with REFUSED_STREAM":                        {Fault{Action: ResetStream, StreamError: RefusedStream}, 2, "{}"},
		"nine RST_STREAM in a row":                              {Fault{Action: ResetStream, Times: 9}, 10, "{}"},
		"GOAWAY that calls the start unprocessed":               {Fault{Action: GoAwayUnprocessed}, 2, "{}"},
		"GOAWAY that calls a start without a body unprocessed":  {Fault{Action: GoAwayUnprocessed}, 2, ""},
		"RST_STREAM with INTERNAL_ERROR":                        {Fault{Action: ResetStream, StreamError: InternalError}, 1, "{}"},
		"RST_STREAM with CANCEL":                                {Fault{Action: ResetStream, StreamError: StreamCancel}, 1, "{}"},
		"GOAWAY that leaves the start open":                     {Fault{Action: GoAwayCut}, 1, "{}"},
		"GOAWAY before the answer":                              {Fault{Action: GoAwayAnswer}, 1, "{}"},
		"reset of the connection":                               {Fault{Action: Reset}, 1, "{}"},
		"half an answer":                                        {Fault{Action: TruncateBody, Bytes: 7}, 1, "{}"},
		"half an answer, then PROTOCOL_ERROR,":                  {Fault{Action: TruncateBody, Bytes: 7, StreamError: ProtocolError}, 1, "{}"},
	} {
		for _, after := range []bool{false, true} {
			t.Run(name+beforeOrAfter(after), func(t *testing.T) {
				f := test.fault
				f.Kind, f.After = KindStart, after
				inBubbleOver(t, withAgents(products()), (*Cloud).HTTP2Transport, func(tc *testCloud, _ *PipeTransport) {
					tc.Inject(f)
					_, _ = tc.trySend("POST", "/agent/4711/start", test.body)
					want := test.runs
					if !after && f.Action != GoAwayAnswer {
						want = test.runs - max(1, f.Times)
					}
					if got := len(tc.Runs(4711)); got != want {
						tc.t.Errorf("%d runs, want %d", got, want)
					}
					if r := tc.Log()[0]; r.Proto != "HTTP/2.0" || len(tc.Log()) != test.runs {
						tc.t.Errorf("%d requests, the first by %s", len(tc.Log()), r.Proto)
					}
				})
			})
		}
	}
}

// These faults reach the client: net/http does not repeat the request.
func TestClientOverHTTP2SeesTheFault(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		check func(r reply, err error) bool
	}{
		"RST_STREAM with CANCEL": {Fault{Action: ResetStream, StreamError: StreamCancel}, func(_ reply, err error) bool {
			return err != nil && strings.Contains(err.Error(), "CANCEL")
		}},
		"reset of the connection": {Fault{Action: Reset}, func(_ reply, err error) bool {
			return errors.Is(err, syscall.ECONNRESET)
		}},
		"GOAWAY and the end of the connection": {Fault{Action: GoAwayCut, StreamError: EnhanceCalm}, func(_ reply, err error) bool {
			return err != nil && strings.Contains(err.Error(), "GOAWAY") && strings.Contains(err.Error(), "ENHANCE_YOUR_CALM")
		}},
		"GOAWAY before the answer": {Fault{Action: GoAwayAnswer}, func(r reply, err error) bool {
			return err == nil && r.err == nil && r.code == 202
		}},
		"answer cut after its headers": {Fault{Action: TruncateBody, StreamError: RefusedStream}, func(r reply, err error) bool {
			return err == nil && r.code == 202 && r.text == "" && r.err != nil && strings.Contains(r.err.Error(), "REFUSED_STREAM")
		}},
		"answer cut in the middle": {Fault{Action: TruncateBody, Bytes: 7}, func(r reply, err error) bool {
			return err == nil && r.text == `{"id":1` && r.err != nil && strings.Contains(r.err.Error(), "INTERNAL_ERROR")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubbleOver(t, withAgents(products()), (*Cloud).HTTP2Transport, func(tc *testCloud, _ *PipeTransport) {
				f := test.fault
				f.Kind, f.After = KindStart, true
				tc.Inject(f)
				if r, err := tc.trySend("POST", "/agent/4711/start", "{}"); !test.check(r, err) {
					tc.t.Errorf("the client saw %+v, %v", r, err)
				}
				tc.startRun() // the fault hits only one request
				if got := len(tc.Runs(4711)); got != 2 {
					tc.t.Errorf("%d runs, want 2", got)
				}
			})
		})
	}
}

// With HTTP/1.1, and with Cloud.Transport, the connection ends instead.
func TestStreamFaultWithoutAStreamEndsTheConnection(t *testing.T) {
	for name, connect := range map[string]func(*Cloud) *PipeTransport{"HTTP/1.1": (*Cloud).HTTP1Transport, "memory": nil} {
		for _, action := range []Action{ResetStream, GoAwayUnprocessed, GoAwayCut, GoAwayAnswer} {
			t.Run(string(action)+" over "+name, func(t *testing.T) {
				test := func(tc *testCloud, _ *PipeTransport) {
					tc.Inject(Fault{Kind: KindStart, After: true, Action: action})
					r, err := tc.trySend("POST", "/agent/4711/start", "{}")
					if answered := err == nil && r.code == 202; answered != (action == GoAwayAnswer) || !answered && !errors.Is(err, syscall.ECONNRESET) {
						tc.t.Errorf("the client saw %+v, %v", r, err)
					}
					if got := len(tc.Runs(4711)); got != 1 {
						tc.t.Errorf("%d runs, want 1", got)
					}
				}
				inBubbleOver(t, withAgents(products()), connect, test)
			})
		}
	}
}

// On a connection with two streams, a reset hits its own stream, and a GOAWAY all newer streams.
func TestStreamFaultHitsOnlyItsOwnStreams(t *testing.T) {
	for name, test := range map[string]struct {
		action   Action
		asked    int
		sees     string
		requests int
	}{
		"the newer request is reset":         {ResetStream, 1, "CANCEL", 2},
		"the newer request is not processed": {GoAwayUnprocessed, 1, "OK", 3},
		"the older request is not processed": {GoAwayUnprocessed, 4711, "OK", 4},
	} {
		t.Run(name, func(t *testing.T) {
			inBubbleOver(t, withAgents(products(), Agent{ID: 1}), (*Cloud).HTTP2Transport, func(tc *testCloud, _ *PipeTransport) {
				tc.send("GET", "/agent/1", "") // opens the connection
				tc.ResetCounts()
				tc.Inject(
					Fault{AgentID: int64(test.asked), Delay: time.Second, Action: test.action, StreamError: StreamCancel},
					Fault{AgentID: 4711, Delay: 5 * time.Second}, Fault{AgentID: 1, Delay: 5 * time.Second},
				)
				var older, newer string
				ask := func(path string, saw *string) {
					r, err := tc.trySend("GET", path, "")
					*saw = http.StatusText(r.code)
					if err != nil {
						*saw = err.Error()
					}
				}
				go ask("/agent/4711", &older)
				synctest.Wait()
				go ask("/agent/1", &newer)
				time.Sleep(time.Minute)
				synctest.Wait()
				if older != "OK" || !strings.Contains(newer, test.sees) || tc.Count(KindAgent) != test.requests {
					tc.t.Errorf("the older saw %s, the newer %s; %d requests", older, newer, tc.Count(KindAgent))
				}
			})
		})
	}
}

// Where the headers leave no room for the stream's number, the fault resets the connection.
func TestStreamFaultTakesTheConnectionWhereTheStreamIsUnknown(t *testing.T) {
	for name, size := range map[string]int{"headers that fill a frame": maxFrame - 30, "headers in two frames": maxFrame + 10} {
		t.Run(name, func(t *testing.T) {
			inBubbleOver(t, withAgents(products()), (*Cloud).HTTP2Transport, func(tc *testCloud, _ *PipeTransport) {
				ask := func() (reply, error) {
					req := tc.newRequest(tc.t.Context(), http.MethodGet, "/agent/4711", nil)
					req.Header.Set("X-Long", strings.Repeat("~", size)) // HPACK cannot make "~" shorter
					return tc.doRequest(req)
				}
				if r, err := ask(); err != nil || r.code != http.StatusOK {
					tc.t.Errorf("%+v, %v", r, err)
				}
				tc.Inject(Fault{Action: ResetStream})
				if _, err := ask(); !errors.Is(err, syscall.ECONNRESET) || tc.Count(KindAgent) != 2 {
					tc.t.Errorf("%d requests, %v", tc.Count(KindAgent), err)
				}
			})
		})
	}
}

func TestInjectPanicsForAnUnknownStreamError(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it is accepted")
		}
	}()
	New(Options{}).Inject(Fault{Action: ResetStream, StreamError: "OOPS"})
}
