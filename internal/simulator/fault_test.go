package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// Every action that ends a request, and what the client sees of it, before and after the effect of a start.
func TestFaultsBeforeAndAfterTheEffect(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		check func(r reply, err error) bool
	}{
		"reset": {Fault{Action: Reset}, func(_ reply, err error) bool {
			return errors.Is(err, syscall.ECONNRESET)
		}},
		"status code": {Fault{Action: StatusCode, RetryAfter: "7"}, func(r reply, err error) bool {
			return err == nil && r.code == 500 && json.Valid([]byte(r.text)) && r.header.Get("Retry-After") == "7" && r.header.Get("X-RateLimit-Limit") == "100"
		}},
		"status code and body": {Fault{Action: StatusCode, Code: 422, Body: `{"message":"No."}`, NoHeaders: true}, func(r reply, err error) bool {
			return err == nil && r.code == 422 && r.text == `{"message":"No."}` && r.header.Get("X-RateLimit-Limit") == ""
		}},
		"html": {Fault{Action: HTML}, func(r reply, err error) bool {
			return err == nil && r.code == 502 && strings.Contains(r.text, "502 Bad Gateway") && r.header.Get("X-RateLimit-Limit") == ""
		}},
		"html and body": {Fault{Action: HTML, Code: 404, Body: "<p>lost"}, func(r reply, err error) bool {
			return err == nil && r.code == 404 && r.text == "<p>lost" && r.header.Get("Content-Type") == "text/html" && r.header.Get("X-RateLimit-Limit") == ""
		}},
		"truncated JSON": {Fault{Action: TruncateJSON}, func(r reply, err error) bool {
			return err == nil && r.code/100 == 2 && strings.HasPrefix(r.text, `{"id":`) && !json.Valid([]byte(r.text))
		}},
		"truncated body": {Fault{Action: TruncateBody, Bytes: 9}, func(r reply, err error) bool {
			return err == nil && errors.Is(r.err, io.ErrUnexpectedEOF) && r.text == `{"id":100`
		}},
		"garbage": {Fault{Action: Garbage}, func(r reply, err error) bool {
			return err == nil && r.code == 200 && r.text != "" && !json.Valid([]byte(r.text))
		}},
		"redirect": {Fault{Action: Redirect, Location: "http://elsewhere.invalid/"}, func(r reply, err error) bool {
			return err == nil && r.code == 302 && r.header.Get("Location") == "http://elsewhere.invalid/"
		}},
	} {
		for _, after := range []bool{false, true} {
			t.Run(name+map[bool]string{false: ", before", true: ", after"}[after], func(t *testing.T) {
				f := test.fault
				f.Kind, f.After = KindStart, after
				o := cloudOf(products())
				o.Faults = []Fault{f}
				inLab(t, o, func(l *lab) {
					r, err := l.try("POST", "/agent/4711/start", "{}")
					if !test.check(r, err) {
						l.t.Errorf("the client saw %+v, %v", r, err)
					}
					want := 0
					if after {
						want = 1
					}
					if got := len(l.Runs(4711)); got != want {
						l.t.Errorf("%d runs, want %d", got, want)
					}
					l.start() // once only
				})
			})
		}
	}
}

func TestFaultsOfReads(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		id := l.start()
		whole := l.send("GET", path(id, "/status"), "")
		l.Inject(Fault{Action: TruncateJSON}, Fault{Action: TruncateBody, Bytes: 20}, Fault{Action: TruncateBody, Bytes: 1 << 20})
		if r := l.send("GET", path(id, "/status"), ""); r.text != whole.text[:len(whole.text)/2] || r.err != nil || r.header.Get("Content-Length") != "" {
			l.t.Errorf("half of the answer is %q, %v", r.text, r.err)
		}
		if r := l.send("GET", path(id, "/status"), ""); r.text != whole.text[:20] || r.err == nil {
			l.t.Errorf("20 bytes of the answer are %q, %v", r.text, r.err)
		}
		if r := l.send("GET", path(id, "/status"), ""); r.text != whole.text || r.err != nil {
			l.t.Errorf("a cut beyond the end left %q, %v", r.text, r.err)
		}
	})
}

func TestWhichRequestsAFaultHits(t *testing.T) {
	inLab(t, cloudOf(products(), Agent{ID: 1}), func(l *lab) {
		first, second := l.start(), l.start()
		codes := func(n int, path string) (codes []int) {
			for range n {
				codes = append(codes, l.send("GET", path, "").code)
			}
			return codes
		}
		check := func(path string, want ...int) {
			l.t.Helper()
			for i, got := range codes(len(want), path) {
				if got != want[i] {
					l.t.Errorf("request %d of %s answers %d, want %d", i+1, path, got, want[i])
				}
			}
		}
		l.Inject(
			Fault{Kind: KindStatus, Skip: 1, Times: 2, Action: StatusCode, Code: 500},
			Fault{Kind: KindStatus, Action: StatusCode, Code: 501},
		)
		check(path(first, "/status"), 501, 500, 500, 200)
		l.Inject(Fault{RunID: second, Times: -1, Action: StatusCode, Code: 503})
		check(path(first, "/status"), 200)
		check(path(second, "/status"), 503, 503, 503)
		check(path(second, "/files"), 503)
		l.ClearFaults()
		check(path(second, "/status"), 200)
		l.Inject(Fault{AgentID: 1, Times: -1, Action: StatusCode, Code: 503})
		check("/agent/4711", 200)
		check("/agent/1", 503, 503)
	})
}

func TestADelayGoesOnWithoutTheClient(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		l.Inject(Fault{Kind: KindStart, Delay: time.Minute})
		ctx, cancel := context.WithTimeout(l.t.Context(), 30*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://api.invalid/api/v1/agent/4711/start", nil)
		if err != nil {
			l.t.Fatal(err)
		}
		req.Header.Set("Authorization", l.key)
		if _, err := l.do(req); !errors.Is(err, context.DeadlineExceeded) {
			l.t.Errorf("the client saw %v", err)
		}
		if got := len(l.Runs(4711)); got != 0 {
			l.t.Errorf("%d runs before the delay is over", got)
		}
		time.Sleep(time.Minute)
		if got := len(l.Runs(4711)); got != 1 {
			l.t.Errorf("%d runs after the delay, want 1", got)
		}
		l.Inject(Fault{Kind: KindStart, Delay: time.Minute, After: true})
		var took time.Duration
		go func() {
			begin := time.Now()
			l.start()
			took = time.Since(begin)
		}()
		synctest.Wait()
		if got := len(l.Runs(4711)); got != 2 {
			l.t.Errorf("%d runs while the answer is delayed, want 2", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if took != time.Minute {
			l.t.Errorf("the answer took %v, want 1m", took)
		}
	})
}

func TestHangingRequests(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		l.Inject(Fault{Kind: KindStart, Action: Hang}, Fault{Kind: KindStart, Action: Hang, After: true}, Fault{Kind: KindStart, Action: Hang})
		var answered atomic.Int32
		hang := func(ctx context.Context) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://api.invalid/api/v1/agent/4711/start", nil)
			if err != nil {
				l.t.Error(err)
				return
			}
			req.Header.Set("Authorization", l.key)
			if r, err := l.do(req); err == nil && r.code/100 == 2 {
				answered.Add(1)
			}
		}
		for i, want := range []int{0, 1} { // the second hangs after its effect
			go hang(l.t.Context())
			time.Sleep(time.Hour)
			if got := len(l.Runs(4711)); got != want || answered.Load() != 0 {
				l.t.Errorf("%d hang: %d runs and %d answers, want %d and none", i+1, got, answered.Load(), want)
			}
		}
		l.ClearFaults()
		l.Release()
		synctest.Wait()
		if got := len(l.Runs(4711)); got != 2 || answered.Load() != 2 {
			l.t.Errorf("released: %d runs and %d answers, want 2 and 2", got, answered.Load())
		}
		l.Inject(Fault{Kind: KindStart, Action: Hang})
		ctx, cancel := context.WithTimeout(l.t.Context(), time.Minute)
		defer cancel()
		hang(ctx)
		synctest.Wait()
		l.Release()
		synctest.Wait()
		if got := len(l.Runs(4711)); got != 2 {
			l.t.Errorf("%d runs: a start whose client had gone took effect", got)
		}
	})
}
