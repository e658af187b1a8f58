package simulator

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// inBubbleOverPipes runs a test at a fake clock, over net/http's own HTTP/2 or HTTP/1.1 in memory.
func inBubbleOverPipes(t *testing.T, o Options, connect func(*Cloud) *PipeTransport, test func(tc *testCloud, pipes *PipeTransport)) {
	t.Helper()
	inBubble(t, o, func(tc *testCloud) {
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

// A client of net/http that takes no care sends a POST again, and each time it is another run.
func TestHTTP2HasNetHTTPStartTwice(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		runs  int // after the effect
		body  string
	}{
		"PROTOCOL_ERROR":             {Fault{Action: ResetStream}, 2, "{}"},
		"PROTOCOL_ERROR, no body":    {Fault{Action: ResetStream}, 2, ""},
		"REFUSED_STREAM":             {Fault{Action: ResetStream, StreamError: RefusedStream}, 2, "{}"},
		"nine resets":                {Fault{Action: ResetStream, Times: 9}, 10, "{}"},
		"GOAWAY":                     {Fault{Action: GoAwayUnprocessed}, 2, "{}"},
		"GOAWAY without a body":      {Fault{Action: GoAwayUnprocessed}, 2, ""},
		"INTERNAL_ERROR":             {Fault{Action: ResetStream, StreamError: InternalError}, 1, "{}"},
		"CANCEL":                     {Fault{Action: ResetStream, StreamError: StreamCancel}, 1, "{}"},
		"GOAWAY that counts it":      {Fault{Action: GoAwayCut}, 1, "{}"},
		"GOAWAY before the answer":   {Fault{Action: GoAwayAnswer}, 1, "{}"},
		"reset of the connection":    {Fault{Action: Reset}, 1, "{}"},
		"half an answer":             {Fault{Action: TruncateBody, Bytes: 7}, 1, "{}"},
		"half an answer, other code": {Fault{Action: TruncateBody, Bytes: 7, StreamError: ProtocolError}, 1, "{}"},
	} {
		for _, after := range []bool{false, true} {
			t.Run(name+map[bool]string{false: ", before", true: ", after"}[after], func(t *testing.T) {
				f := test.fault
				f.Kind, f.After = KindStart, after
				inBubbleOverPipes(t, withAgents(products()), (*Cloud).HTTP2Transport, func(tc *testCloud, _ *PipeTransport) {
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

// What a client sees of the faults that it does not mend itself.
func TestWhatHTTP2ShowsOfAFault(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		check func(r reply, err error) bool
	}{
		"CANCEL": {Fault{Action: ResetStream, StreamError: StreamCancel}, func(_ reply, err error) bool {
			return err != nil && strings.Contains(err.Error(), "CANCEL")
		}},
		"reset": {Fault{Action: Reset}, func(_ reply, err error) bool {
			return errors.Is(err, syscall.ECONNRESET)
		}},
		"GOAWAY that counts it": {Fault{Action: GoAwayCut, StreamError: EnhanceCalm}, func(_ reply, err error) bool {
			return err != nil && strings.Contains(err.Error(), "GOAWAY") && strings.Contains(err.Error(), "ENHANCE_YOUR_CALM")
		}},
		"GOAWAY before the answer": {Fault{Action: GoAwayAnswer}, func(r reply, err error) bool {
			return err == nil && r.err == nil && r.code == 202
		}},
		"headers only": {Fault{Action: TruncateBody, StreamError: RefusedStream}, func(r reply, err error) bool {
			return err == nil && r.code == 202 && r.text == "" && r.err != nil && strings.Contains(r.err.Error(), "REFUSED_STREAM")
		}},
		"half an answer": {Fault{Action: TruncateBody, Bytes: 7}, func(r reply, err error) bool {
			return err == nil && r.text == `{"id":1` && r.err != nil && strings.Contains(r.err.Error(), "INTERNAL_ERROR")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubbleOverPipes(t, withAgents(products()), (*Cloud).HTTP2Transport, func(tc *testCloud, _ *PipeTransport) {
				f := test.fault
				f.Kind, f.After = KindStart, true
				tc.Inject(f)
				if r, err := tc.trySend("POST", "/agent/4711/start", "{}"); !test.check(r, err) {
					tc.t.Errorf("the client saw %+v, %v", r, err)
				}
				tc.startRun() // once only
				if got := len(tc.Runs(4711)); got != 2 {
					tc.t.Errorf("%d runs, want 2", got)
				}
			})
		})
	}
}

// With HTTP/1.1, and in memory without a connection, the connection ends instead.
func TestStreamFaultsWithoutAStream(t *testing.T) {
	for name, connect := range map[string]func(*Cloud) *PipeTransport{"HTTP/1.1": (*Cloud).HTTP1Transport, "memory": nil} {
		for _, action := range []Action{ResetStream, GoAwayUnprocessed, GoAwayCut, GoAwayAnswer} {
			t.Run(name+" "+string(action), func(t *testing.T) {
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
				if connect == nil {
					inBubble(t, withAgents(products()), func(tc *testCloud) { test(tc, nil) })
					return
				}
				inBubbleOverPipes(t, withAgents(products()), connect, test)
			})
		}
	}
}

// Streams of one connection are told apart: a fault hits its own, and a GOAWAY all that are newer.
func TestAStreamFaultLeavesOthers(t *testing.T) {
	for name, test := range map[string]struct {
		action   Action
		asked    int
		sees     string
		requests int
	}{
		"the newer is reset":          {ResetStream, 1, "CANCEL", 2},
		"the newer was not processed": {GoAwayUnprocessed, 1, "OK", 3},
		"the older was not processed": {GoAwayUnprocessed, 4711, "OK", 4},
	} {
		t.Run(name, func(t *testing.T) {
			inBubbleOverPipes(t, withAgents(products(), Agent{ID: 1}), (*Cloud).HTTP2Transport, func(tc *testCloud, _ *PipeTransport) {
				tc.send("GET", "/agent/1", "") // connects
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

// Where the headers leave no room to name the stream, the fault takes the connection.
func TestAStreamThatCannotBeNamed(t *testing.T) {
	for name, size := range map[string]int{"a frame that is full": maxFrame - 30, "two frames": maxFrame + 10} {
		t.Run(name, func(t *testing.T) {
			inBubbleOverPipes(t, withAgents(products()), (*Cloud).HTTP2Transport, func(tc *testCloud, _ *PipeTransport) {
				ask := func() (reply, error) {
					req := tc.newRequest(tc.t.Context(), http.MethodGet, "/agent/4711", nil)
					req.Header.Set("X-Long", strings.Repeat("~", size)) // which no code makes shorter
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

func TestPipesInSimulatedTime(t *testing.T) {
	for name, connect := range map[string]func(*Cloud) *PipeTransport{"HTTP/1.1": (*Cloud).HTTP1Transport, "HTTP/2.0": (*Cloud).HTTP2Transport} {
		t.Run(name, func(t *testing.T) {
			a := products()
			a.Files = []File{{Size: 1 << 20}}
			inBubbleOverPipes(t, withAgents(a), connect, func(tc *testCloud, pipes *PipeTransport) {
				begin := time.Now()
				id := tc.startRun()
				time.Sleep(time.Hour)
				tc.wantStatus(id, Completed)
				files := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))
				link := tc.send("GET", runPathOf(id, "/file/"+number(files[0]["id"])+"/download"), "").header.Get("Location")
				if r := tc.fetchLink(link, ""); len(r.text) != 1<<20 || r.err != nil {
					tc.t.Errorf("the file has %d bytes, %v", len(r.text), r.err)
				}
				if took := time.Since(begin); took != time.Hour {
					tc.t.Errorf("it took %v, want an hour", took)
				}
				if r := tc.Log()[0]; r.Proto != name {
					tc.t.Errorf("it spoke %s", r.Proto)
				}
				pipes.CloseIdleConnections()
				pipes.Refuse(true)
				if _, err := tc.trySend("GET", "/agent/4711", ""); !errors.Is(err, syscall.ECONNREFUSED) {
					tc.t.Errorf("a host that is down: %v", err)
				}
				pipes.Refuse(false)
				tc.wantStatus(id, Completed)
				tc.Inject(Fault{Action: Hang})
				failed := make(chan error)
				go func() {
					_, err := tc.trySend("GET", "/agent/4711", "")
					failed <- err
				}()
				synctest.Wait()
				if err := pipes.Close(); err != nil {
					tc.t.Error(err)
				}
				if err := <-failed; err == nil {
					tc.t.Error("a request that hangs was answered")
				}
				if _, err := tc.trySend("GET", "/agent/4711", ""); !errors.Is(err, syscall.ECONNREFUSED) {
					tc.t.Errorf("a host that is closed: %v", err)
				}
			})
		})
	}
}

// tlsTransport is a client of the server that trusts its authority, and speaks HTTP/2 or only HTTP/1.1.
func tlsTransport(t *testing.T, s *Server, http2 bool) *http.Transport {
	t.Helper()
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(s.CACertPEM()) {
		t.Fatalf("no certificate: %q", s.CACertPEM())
	}
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetHTTP1(true)
	transport.Protocols.SetHTTP2(http2)
	transport.TLSClientConfig = tlsTrusting(trusted)
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

func TestServeTLS(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		proto := map[bool]string{false: "HTTP/1.1", true: "HTTP/2.0"}[http2]
		t.Run(proto, func(t *testing.T) {
			a := products()
			a.Phases, a.Files = nil, []File{{Size: 3 << 20}}
			o := withAgents(a)
			o.TLS = true
			s, tc := serve(t, o)
			if _, err := tc.trySend("GET", s.URL+"/api/v1/agent/4711", ""); err == nil || !strings.HasPrefix(s.URL, "https://") {
				t.Errorf("%s is trusted without its authority: %v", s.URL, err)
			}
			tc.client.Transport = tlsTransport(t, s, http2)
			r := tc.send("POST", s.URL+"/api/v1/agent/4711/start", "{}")
			tc.wantCode(r, http.StatusAccepted)
			id := int64(tc.jsonObject(r)["id"].(float64))
			link := tc.send("GET", s.URL+"/api/v1"+runPathOf(id, "/file/"+number(float64(firstFile))+"/download"), "").header.Get("Location")
			if !strings.HasPrefix(link, s.DownloadURL+"/") || !strings.HasPrefix(link, "https://") {
				t.Fatalf("the link is %s", link)
			}
			want, _ := io.ReadAll(a.Files[0].Open())
			if got := tc.fetchLink(link, ""); !bytes.Equal([]byte(got.text), want) || got.err != nil {
				t.Errorf("the link gives %d bytes, %v", len(got.text), got.err)
			}
			for _, r := range tc.Log() {
				if r.Proto != proto {
					t.Errorf("%s by %s", r.Path, r.Proto)
				}
			}
			tc.Inject(Fault{Kind: KindStart, After: true, Action: Reset})
			if _, err := tc.trySend("POST", s.URL+"/api/v1/agent/4711/start", "{}"); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("a reset is %v", err)
			}
			tc.Inject(Fault{Kind: KindStart, After: true, Action: ResetStream})
			_, _ = tc.trySend("POST", s.URL+"/api/v1/agent/4711/start", "{}")
			if got, want := len(tc.Runs(4711)), map[bool]int{false: 3, true: 4}[http2]; got != want {
				t.Errorf("%d runs, want %d: net/http sends a POST again", got, want)
			}
			s.Refuse()
			tc.client.Transport = tlsTransport(t, s, http2)
			if _, err := tc.trySend("GET", s.URL+"/api/v1/agent/4711", ""); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("a host that is down: %v", err)
			}
		})
	}
}

func TestNoStreamError(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it is accepted")
		}
	}()
	New(Options{}).Inject(Fault{Action: ResetStream, StreamError: "OOPS"})
}
