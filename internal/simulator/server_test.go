// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serve serves a cloud on loopback, with a client that keeps no connection open.
func serve(t *testing.T, o Options) (*Server, *testCloud) {
	t.Helper()
	c := New(o)
	s, err := Serve(c, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	tc := newTestCloud(t, c)
	tc.client.Transport = &http.Transport{DisableKeepAlives: true}
	return s, tc
}

func TestServeListensOnTwoPorts(t *testing.T) {
	a := products()
	a.Phases = nil
	s, tc := serve(t, withAgents(a))
	if s.URL == s.DownloadURL || !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
		t.Fatalf("the hosts are %s and %s", s.URL, s.DownloadURL)
	}
	r := tc.send("POST", s.URL+"/api/v1/agent/4711/start", "{}")
	tc.wantCode(r, http.StatusAccepted)
	run := number(tc.jsonObject(r)["id"])
	files := tc.jsonList(tc.send("GET", s.URL+"/api/v1/agent/4711/run/"+run+"/files", ""))
	r = tc.send("GET", s.URL+"/api/v1/agent/4711/run/"+run+"/file/"+number(files[0]["id"])+"/download", "")
	link := r.header.Get("Location")
	if !strings.HasPrefix(link, s.DownloadURL+"/") {
		t.Fatalf("the link is %s", link)
	}
	if got := tc.fetchLink(link, ""); got.text != "a,b\n" {
		t.Errorf("the link gives %d %q", got.code, got.text)
	}
	tc.wantCode(tc.send("GET", link, ""), http.StatusBadRequest)
}

func TestServeListensOnLoopbackOnly(t *testing.T) {
	for _, listen := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0", "127.0.0.1", ""} {
		if s, err := Serve(New(Options{}), listen); err == nil {
			t.Errorf("it listens on %q: %v", listen, s.Close())
		} else if !strings.Contains(err.Error(), "listen on") {
			t.Errorf("%q: %v", listen, err)
		}
	}
	s, err := Serve(New(Options{}), "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := Serve(New(Options{}), strings.TrimPrefix(s.URL, "http://")); err == nil {
		t.Error("it listens on a port that is taken")
	}
}

func TestResetOverTCPIsSeenAsAConnectionReset(t *testing.T) {
	s, tc := serve(t, withAgents(products()))
	tc.Inject(Fault{Kind: KindStart, After: true, Action: Reset})
	if r, err := tc.trySend("POST", s.URL+"/api/v1/agent/4711/start", "{}"); !errors.Is(err, connectionReset) {
		t.Errorf("the client saw %+v, %v", r, err)
	}
	if got := len(tc.Runs(4711)); got != 1 {
		t.Errorf("%d runs, want 1", got)
	}
}

func TestTruncatedBodyOverTCPEndsAfterItsBytes(t *testing.T) {
	a := products()
	a.Phases, a.Files = nil, []File{{Size: 1 << 20}}
	s, tc := serve(t, withAgents(a))
	id := tc.StartRun(4711).ID
	r := tc.send("GET", s.URL+"/api/v1"+runPathOf(id, "/file/"+number(float64(firstFile))+"/download"), "")
	tc.Inject(Fault{Kind: KindSignedDownload, Action: TruncateBody, Bytes: 294_913})
	if got := tc.fetchLink(r.header.Get("Location"), ""); len(got.text) != 294_913 || !errors.Is(got.err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes, %v", len(got.text), got.err)
	}
}

func TestCloseEndsARequestThatWaitsFor(t *testing.T) {
	for name, fault := range map[string]Fault{
		"a release":                  {Action: Hang},
		"a release after its effect": {Action: Hang, After: true},
		"the end of a delay":         {Delay: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			s, tc := serve(t, withAgents(products()))
			tc.Inject(fault)
			failed := make(chan error)
			go func() {
				_, err := tc.trySend("POST", s.URL+"/api/v1/agent/4711/start", "{}")
				failed <- err
			}()
			want := 0
			if fault.After {
				want = 1
			}
			for tc.Count(KindStart) == 0 || len(tc.Runs(4711)) < want {
				select {
				case err := <-failed:
					t.Fatalf("the request ended with %v", err)
				default:
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if err := <-failed; err == nil {
				t.Error("the request was answered")
			}
			if got := len(tc.Runs(4711)); got != want {
				t.Errorf("%d runs, want %d", got, want)
			}
		})
	}
}

func TestServeWithTLSSpeaksHTTP2AndHTTP1(t *testing.T) {
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
			if _, err := tc.trySend("POST", s.URL+"/api/v1/agent/4711/start", "{}"); !errors.Is(err, connectionReset) {
				t.Errorf("a reset is %v", err)
			}
			tc.Inject(Fault{Kind: KindStart, After: true, Action: ResetStream})
			_, _ = tc.trySend("POST", s.URL+"/api/v1/agent/4711/start", "{}")
			if got, want := len(tc.Runs(4711)), map[bool]int{false: 3, true: 4}[http2]; got != want {
				t.Errorf("%d runs, want %d: net/http sends a POST again", got, want)
			}
			s.Refuse()
			tc.client.Transport = tlsTransport(t, s, http2)
			if _, err := tc.trySend("GET", s.URL+"/api/v1/agent/4711", ""); !errors.Is(err, connectionRefused) {
				t.Errorf("a host that is down: %v", err)
			}
		})
	}
}

// tlsTransport trusts the server's certificate authority, and speaks HTTP/2 or only HTTP/1.1.
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

func tlsTrusting(roots *x509.CertPool) *tls.Config {
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}
