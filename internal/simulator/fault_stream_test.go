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

// inPipeLab runs a test at a fake clock, over net/http's own HTTP/2 or HTTP/1.1 in memory.
func inPipeLab(t *testing.T, o Options, connect func(*Cloud) *PipeTransport, test func(l *lab, pipes *PipeTransport)) {
	t.Helper()
	inLab(t, o, func(l *lab) {
		pipes := connect(l.Cloud)
		defer func() {
			if err := pipes.Close(); err != nil {
				l.t.Error(err)
			}
		}()
		l.client.Transport = pipes
		test(l, pipes)
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
				inPipeLab(t, cloudOf(products()), (*Cloud).HTTP2Transport, func(l *lab, _ *PipeTransport) {
					l.Inject(f)
					_, _ = l.try("POST", "/agent/4711/start", test.body)
					want := test.runs
					if !after && f.Action != GoAwayAnswer {
						want = test.runs - max(1, f.Times)
					}
					if got := len(l.Runs(4711)); got != want {
						l.t.Errorf("%d runs, want %d", got, want)
					}
					if r := l.Log()[0]; r.Proto != "HTTP/2.0" || len(l.Log()) != test.runs {
						l.t.Errorf("%d requests, the first by %s", len(l.Log()), r.Proto)
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
			inPipeLab(t, cloudOf(products()), (*Cloud).HTTP2Transport, func(l *lab, _ *PipeTransport) {
				f := test.fault
				f.Kind, f.After = KindStart, true
				l.Inject(f)
				if r, err := l.try("POST", "/agent/4711/start", "{}"); !test.check(r, err) {
					l.t.Errorf("the client saw %+v, %v", r, err)
				}
				l.start() // once only
				if got := len(l.Runs(4711)); got != 2 {
					l.t.Errorf("%d runs, want 2", got)
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
				test := func(l *lab, _ *PipeTransport) {
					l.Inject(Fault{Kind: KindStart, After: true, Action: action})
					r, err := l.try("POST", "/agent/4711/start", "{}")
					if answered := err == nil && r.code == 202; answered != (action == GoAwayAnswer) || !answered && !errors.Is(err, syscall.ECONNRESET) {
						l.t.Errorf("the client saw %+v, %v", r, err)
					}
					if got := len(l.Runs(4711)); got != 1 {
						l.t.Errorf("%d runs, want 1", got)
					}
				}
				if connect == nil {
					inLab(t, cloudOf(products()), func(l *lab) { test(l, nil) })
					return
				}
				inPipeLab(t, cloudOf(products()), connect, test)
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
			inPipeLab(t, cloudOf(products(), Agent{ID: 1}), (*Cloud).HTTP2Transport, func(l *lab, _ *PipeTransport) {
				l.send("GET", "/agent/1", "") // connects
				l.ResetCounts()
				l.Inject(
					Fault{AgentID: int64(test.asked), Delay: time.Second, Action: test.action, StreamError: StreamCancel},
					Fault{AgentID: 4711, Delay: 5 * time.Second}, Fault{AgentID: 1, Delay: 5 * time.Second},
				)
				var older, newer string
				ask := func(path string, saw *string) {
					r, err := l.try("GET", path, "")
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
				if older != "OK" || !strings.Contains(newer, test.sees) || l.Count(KindAgent) != test.requests {
					l.t.Errorf("the older saw %s, the newer %s; %d requests", older, newer, l.Count(KindAgent))
				}
			})
		})
	}
}

// Where the headers leave no room to name the stream, the fault takes the connection.
func TestAStreamThatCannotBeNamed(t *testing.T) {
	for name, size := range map[string]int{"a frame that is full": maxFrame - 30, "two frames": maxFrame + 10} {
		t.Run(name, func(t *testing.T) {
			inPipeLab(t, cloudOf(products()), (*Cloud).HTTP2Transport, func(l *lab, _ *PipeTransport) {
				ask := func() (reply, error) {
					req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, "http://api.invalid/api/v1/agent/4711", nil)
					if err != nil {
						l.t.Fatal(err)
					}
					req.Header.Set("Authorization", l.key)
					req.Header.Set("X-Long", strings.Repeat("~", size)) // which no code makes shorter
					return l.do(req)
				}
				if r, err := ask(); err != nil || r.code != http.StatusOK {
					l.t.Errorf("%+v, %v", r, err)
				}
				l.Inject(Fault{Action: ResetStream})
				if _, err := ask(); !errors.Is(err, syscall.ECONNRESET) || l.Count(KindAgent) != 2 {
					l.t.Errorf("%d requests, %v", l.Count(KindAgent), err)
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
			inPipeLab(t, cloudOf(a), connect, func(l *lab, pipes *PipeTransport) {
				begin := time.Now()
				id := l.start()
				time.Sleep(time.Hour)
				l.wantStatus(id, Completed)
				files := l.list(l.send("GET", path(id, "/files"), ""))
				link := l.send("GET", path(id, "/file/"+number(files[0]["id"])+"/download"), "").header.Get("Location")
				if r := l.fetch(link, ""); len(r.text) != 1<<20 || r.err != nil {
					l.t.Errorf("the file has %d bytes, %v", len(r.text), r.err)
				}
				if took := time.Since(begin); took != time.Hour {
					l.t.Errorf("it took %v, want an hour", took)
				}
				if r := l.Log()[0]; r.Proto != name {
					l.t.Errorf("it spoke %s", r.Proto)
				}
				pipes.CloseIdleConnections()
				pipes.Refuse(true)
				if _, err := l.try("GET", "/agent/4711", ""); !errors.Is(err, syscall.ECONNREFUSED) {
					l.t.Errorf("a host that is down: %v", err)
				}
				pipes.Refuse(false)
				l.wantStatus(id, Completed)
				l.Inject(Fault{Action: Hang})
				failed := make(chan error)
				go func() {
					_, err := l.try("GET", "/agent/4711", "")
					failed <- err
				}()
				synctest.Wait()
				if err := pipes.Close(); err != nil {
					l.t.Error(err)
				}
				if err := <-failed; err == nil {
					l.t.Error("a request that hangs was answered")
				}
				if _, err := l.try("GET", "/agent/4711", ""); !errors.Is(err, syscall.ECONNREFUSED) {
					l.t.Errorf("a host that is closed: %v", err)
				}
			})
		})
	}
}

// over is a client of the server that trusts its authority, and speaks HTTP/2 or only HTTP/1.1.
func over(t *testing.T, s *Server, http2 bool) *http.Transport {
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
			o := cloudOf(a)
			o.TLS = true
			s, l := serve(t, o)
			if _, err := l.try("GET", s.URL+"/api/v1/agent/4711", ""); err == nil || !strings.HasPrefix(s.URL, "https://") {
				t.Errorf("%s is trusted without its authority: %v", s.URL, err)
			}
			l.client.Transport = over(t, s, http2)
			r := l.send("POST", s.URL+"/api/v1/agent/4711/start", "{}")
			l.wantCode(r, http.StatusAccepted)
			id := int64(l.object(r)["id"].(float64))
			link := l.send("GET", s.URL+"/api/v1"+path(id, "/file/"+number(float64(firstFile))+"/download"), "").header.Get("Location")
			if !strings.HasPrefix(link, s.DownloadURL+"/") || !strings.HasPrefix(link, "https://") {
				t.Fatalf("the link is %s", link)
			}
			want, _ := io.ReadAll(a.Files[0].Open())
			if got := l.fetch(link, ""); !bytes.Equal([]byte(got.text), want) || got.err != nil {
				t.Errorf("the link gives %d bytes, %v", len(got.text), got.err)
			}
			for _, r := range l.Log() {
				if r.Proto != proto {
					t.Errorf("%s by %s", r.Path, r.Proto)
				}
			}
			l.Inject(Fault{Kind: KindStart, After: true, Action: Reset})
			if _, err := l.try("POST", s.URL+"/api/v1/agent/4711/start", "{}"); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("a reset is %v", err)
			}
			l.Inject(Fault{Kind: KindStart, After: true, Action: ResetStream})
			_, _ = l.try("POST", s.URL+"/api/v1/agent/4711/start", "{}")
			if got, want := len(l.Runs(4711)), map[bool]int{false: 3, true: 4}[http2]; got != want {
				t.Errorf("%d runs, want %d: net/http sends a POST again", got, want)
			}
			s.Refuse()
			l.client.Transport = over(t, s, http2)
			if _, err := l.try("GET", s.URL+"/api/v1/agent/4711", ""); !errors.Is(err, syscall.ECONNREFUSED) {
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
