package simulator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheTransportReportsAConnection(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		connections := 0
		trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }}
		ask := func(ctx context.Context) error {
			req := tc.newRequest(httptrace.WithClientTrace(ctx, trace), http.MethodGet, "/", nil)
			_, err := tc.doRequest(req)
			return err
		}
		if err := ask(tc.t.Context()); err != nil || connections != 1 {
			tc.t.Errorf("%d connections, %v", connections, err)
		}
		ended, cancel := context.WithCancel(tc.t.Context())
		cancel()
		if err := ask(ended); !errors.Is(err, context.Canceled) || connections != 1 {
			tc.t.Errorf("a request that was over before it began: %d connections, %v", connections, err)
		}
	})
}

func TestTheTransportEndsABodyWithItsContext(t *testing.T) {
	a := products()
	a.Files = []File{{Size: 1 << 40}}
	inBubble(t, withAgents(a), func(tc *testCloud) {
		link := tc.linkOfFinishedRun()
		ctx, cancel := context.WithTimeout(tc.t.Context(), time.Second)
		defer cancel()
		req := tc.newRequest(ctx, http.MethodGet, link, nil)
		req.Header.Del("Authorization")
		resp, err := tc.client.Do(req)
		if err != nil {
			tc.t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.CopyN(io.Discard, resp.Body, 1000); err != nil || resp.ContentLength != 1<<40 {
			tc.t.Errorf("length %d, %v", resp.ContentLength, err)
		}
		time.Sleep(time.Minute)
		if _, err := io.Copy(io.Discard, resp.Body); !errors.Is(err, context.DeadlineExceeded) {
			tc.t.Errorf("the body ended with %v", err)
		}
		synctest.Wait()
	})
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("no body") }

func TestTheTransportSendsNoHalfRequest(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		req := tc.newRequest(tc.t.Context(), http.MethodPost, "/agent/4711/start", brokenBody{})
		if _, err := tc.doRequest(req); err == nil || !strings.Contains(err.Error(), "no body") || tc.Count(AnyKind) != 0 {
			tc.t.Errorf("%d requests, %v", tc.Count(AnyKind), err)
		}
	})
}

func TestTheLog(t *testing.T) {
	var seen []Request
	o := withAgents(products())
	o.OnRequest = func(r Request) { seen = append(seen, r) }
	inBubble(t, o, func(tc *testCloud) {
		tc.startRun()
		tc.key = ""
		time.Sleep(time.Second)
		req := tc.newRequest(tc.t.Context(), http.MethodGet, runPathOf(firstRun, "/status?x=1"), nil)
		req.Header.Set("User-Agent", "tester/1")
		req.Header.Set("Cookie", "a=b")
		req.Header.Set("Referer", "http://elsewhere.invalid/")
		if _, err := tc.doRequest(req); err != nil {
			tc.t.Fatal(err)
		}
		tc.Inject(Fault{Action: Reset})
		tc.key = "ApiKey sk-simulator"
		if _, err := tc.trySend("GET", "/agent/4711", ""); err == nil {
			tc.t.Error("the reset was answered")
		}
		synctest.Wait()
		log := tc.Log()
		if len(log) != 3 || len(seen) != 3 || log[0] != seen[0] || log[1] != seen[1] || log[2] != seen[2] {
			tc.t.Fatalf("the log has %v, and reported were %v", log, seen)
		}
		if r := log[0]; r.Kind != KindStart || r.Method != http.MethodPost || r.Path != "/api/v1/agent/4711/start" || r.Status != 202 ||
			r.AgentID != 4711 || r.RunID != 0 || !r.Authorized || !r.HasAuthorization || r.HasCookie || r.HasReferer {
			tc.t.Errorf("the start is logged as %+v", r)
		}
		if r := log[1]; r.Kind != KindStatus || r.RunID != firstRun || r.Query != "x=1" || r.Status != 401 || r.UserAgent != "tester/1" ||
			r.Authorized || r.HasAuthorization || !r.HasCookie || !r.HasReferer || r.Time.Sub(log[0].Time) != time.Second {
			tc.t.Errorf("the status is logged as %+v", r)
		}
		if r := log[2]; r.Status != 0 || r.Kind != KindAgent {
			tc.t.Errorf("a request without an answer is logged as %+v", r)
		}
		if tc.Count(KindStart) != 1 || tc.Count(AnyKind) != 3 || tc.Requests()[KindStatus] != 1 {
			tc.t.Errorf("the counts are %v", tc.Requests())
		}
	})
}
