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
	inLab(t, cloudOf(products()), func(l *lab) {
		connections := 0
		trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }}
		ask := func(ctx context.Context) error {
			req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodGet, "http://api.invalid/", nil)
			if err != nil {
				l.t.Fatal(err)
			}
			_, err = l.do(req)
			return err
		}
		if err := ask(l.t.Context()); err != nil || connections != 1 {
			l.t.Errorf("%d connections, %v", connections, err)
		}
		ended, cancel := context.WithCancel(l.t.Context())
		cancel()
		if err := ask(ended); !errors.Is(err, context.Canceled) || connections != 1 {
			l.t.Errorf("a request that was over before it began: %d connections, %v", connections, err)
		}
	})
}

func TestTheTransportEndsABodyWithItsContext(t *testing.T) {
	a := products()
	a.Files = []File{{Size: 1 << 40}}
	inLab(t, cloudOf(a), func(l *lab) {
		link := l.link()
		ctx, cancel := context.WithTimeout(l.t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
		if err != nil {
			l.t.Fatal(err)
		}
		resp, err := l.client.Do(req)
		if err != nil {
			l.t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.CopyN(io.Discard, resp.Body, 1000); err != nil || resp.ContentLength != 1<<40 {
			l.t.Errorf("length %d, %v", resp.ContentLength, err)
		}
		time.Sleep(time.Minute)
		if _, err := io.Copy(io.Discard, resp.Body); !errors.Is(err, context.DeadlineExceeded) {
			l.t.Errorf("the body ended with %v", err)
		}
		synctest.Wait()
	})
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("no body") }

func TestTheTransportSendsNoHalfRequest(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		req, err := http.NewRequestWithContext(l.t.Context(), http.MethodPost, "http://api.invalid/api/v1/agent/4711/start", brokenBody{})
		if err != nil {
			l.t.Fatal(err)
		}
		if _, err := l.do(req); err == nil || !strings.Contains(err.Error(), "no body") || l.Count(AnyKind) != 0 {
			l.t.Errorf("%d requests, %v", l.Count(AnyKind), err)
		}
	})
}

func TestTheLog(t *testing.T) {
	var seen []Request
	o := cloudOf(products())
	o.OnRequest = func(r Request) { seen = append(seen, r) }
	inLab(t, o, func(l *lab) {
		l.start()
		l.key = ""
		time.Sleep(time.Second)
		req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, "http://api.invalid/api/v1"+path(firstRun, "/status?x=1"), nil)
		if err != nil {
			l.t.Fatal(err)
		}
		req.Header.Set("User-Agent", "tester/1")
		req.Header.Set("Cookie", "a=b")
		req.Header.Set("Referer", "http://elsewhere.invalid/")
		if _, err := l.do(req); err != nil {
			l.t.Fatal(err)
		}
		l.Inject(Fault{Action: Reset})
		l.key = "ApiKey sk-simulator"
		if _, err := l.try("GET", "/agent/4711", ""); err == nil {
			l.t.Error("the reset was answered")
		}
		synctest.Wait()
		log := l.Log()
		if len(log) != 3 || len(seen) != 3 || log[0] != seen[0] || log[1] != seen[1] || log[2] != seen[2] {
			l.t.Fatalf("the log has %v, and reported were %v", log, seen)
		}
		if r := log[0]; r.Kind != KindStart || r.Method != http.MethodPost || r.Path != "/api/v1/agent/4711/start" || r.Status != 202 ||
			r.AgentID != 4711 || r.RunID != 0 || !r.Authorized || !r.HasAuthorization || r.HasCookie || r.HasReferer {
			l.t.Errorf("the start is logged as %+v", r)
		}
		if r := log[1]; r.Kind != KindStatus || r.RunID != firstRun || r.Query != "x=1" || r.Status != 401 || r.UserAgent != "tester/1" ||
			r.Authorized || r.HasAuthorization || !r.HasCookie || !r.HasReferer || r.Time.Sub(log[0].Time) != time.Second {
			l.t.Errorf("the status is logged as %+v", r)
		}
		if r := log[2]; r.Status != 0 || r.Kind != KindAgent {
			l.t.Errorf("a request without an answer is logged as %+v", r)
		}
		if l.Count(KindStart) != 1 || l.Count(AnyKind) != 3 || l.Requests()[KindStatus] != 1 {
			l.t.Errorf("the counts are %v", l.Requests())
		}
	})
}
