package simulator

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestOddElements(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		id := l.start()
		time.Sleep(time.Minute)
		for of, odd := range map[string][]Element{"/agent/4711/runs": OddRuns(4711), path(id, "/files"): OddFiles()} {
			whole := l.send("GET", of, "").text
			for _, e := range odd {
				for at, want := range map[int]string{
					0: "[" + string(e) + "," + whole[1:], -1: whole[:len(whole)-1] + "," + string(e) + "]",
				} {
					l.Inject(Fault{Insert: []Element{e}, InsertAt: at})
					if r := l.send("GET", of, ""); r.text != want || !json.Valid([]byte(r.text)) || r.code != http.StatusOK {
						l.t.Errorf("%s is %d %s, want %s", of, r.code, r.text, want)
					}
				}
			}
		}
		l.Inject(Fault{Kind: KindStatus, Insert: []Element{"null"}})
		l.wantStatus(id, Completed) // no list
		l.Inject(Fault{Insert: []Element{"1", "2"}, InsertAt: 1, Repeat: 3})
		var list []any
		if r := l.send("GET", path(id, "/files"), ""); json.Unmarshal([]byte(r.text), &list) != nil || len(list) != 8 || list[6] != 2.0 {
			l.t.Errorf("six more are %s", r.text)
		}
		l.Expire(id)
		l.Inject(Fault{Insert: []Element{"null", "7"}})
		if r := l.send("GET", "/agent/4711/runs", ""); r.text != "[null,7]" {
			l.t.Errorf("an empty list with two is %s", r.text)
		}
	})
}

func TestARunThatIsListedTwice(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		o := cloudOf(products())
		o.LegacyStatusNames = legacy
		inLab(t, o, func(l *lab) {
			l.StartRun(4711)
			time.Sleep(time.Minute)
			l.StartRun(4711)
			time.Sleep(5 * time.Second)
			stopped, running := any(8.0), any(1.0)
			if legacy {
				stopped, running = "Stopped", "Running"
			}
			for order, want := range map[Twice][]any{StoppedFirst: {stopped, running}, StoppedLast: {running, stopped}} {
				l.Inject(Fault{Kind: KindRuns, Twice: order})
				runs := l.list(l.send("GET", "/agent/4711/runs", ""))
				if len(runs) != 3 || runs[0]["id"] != runs[1]["id"] || runs[0]["status"] != want[0] || runs[1]["status"] != want[1] {
					l.t.Fatalf("%s: the list is %v", order, runs)
				}
				l.Inject(Fault{Kind: KindRuns, Twice: order})
				if two := l.list(l.send("GET", "/agent/4711/runs?maxRecords=2", "")); len(two) != 2 || two[0]["id"] != two[1]["id"] {
					l.t.Errorf("%s: two runs are %v", order, two)
				}
				past := runs[0]
				if order == StoppedLast {
					past = runs[1]
				}
				if past["tableType"] != "history" || past["endTime"] == nil || runs[2]["id"] == runs[0]["id"] {
					l.t.Errorf("%s: the list is %v", order, runs)
				}
			}
		})
	}
}

func TestPrefixAndHeaders(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		whole := l.send("GET", "/agent/4711", "").text
		l.Inject(Fault{Prefix: "\ufeff", Pad: 3, Header: map[string]string{
			"X-RateLimit-Limit": "9223372036854775807", "X-RateLimit-Window-Seconds": "", "Retry-After": "-5", "content-type": "text/plain",
		}})
		r := l.send("GET", "/agent/4711", "")
		if r.text != "\xEF\xBB\xBF   "+whole || r.header.Get("X-RateLimit-Limit") != "9223372036854775807" || r.header.Get("Retry-After") != "-5" ||
			r.header.Get("X-RateLimit-Window-Seconds") != "" || r.header.Get("Content-Type") != "text/plain" {
			l.t.Errorf("%q %v", r.text, r.header)
		}
		l.Inject(Fault{Action: HTML, Code: 403, Header: map[string]string{"X-RateLimit-Limit": "abc"}})
		if r := l.send("GET", "/agent/4711", ""); r.code != 403 || r.header.Get("X-RateLimit-Limit") != "abc" {
			l.t.Errorf("%d %v", r.code, r.header)
		}
	})
}

// A few bytes on the wire become a lot.
func TestGzipBomb(t *testing.T) {
	inPipeLab(t, cloudOf(products()), (*Cloud).HTTP2Transport, func(l *lab, pipes *PipeTransport) {
		l.Inject(Fault{Kind: KindRuns, Gzip: GzipAccepted, Insert: []Element{"{}"}, Repeat: 1 << 20, Pad: 1 << 20})
		if r := l.send("GET", "/agent/4711/runs", ""); r.err != nil || len(r.text) != 4<<20+1 {
			l.t.Errorf("%d bytes, %v", len(r.text), r.err)
		}
		pipes.DisableCompression = true
		whole := l.send("GET", "/agent/4711", "").text
		l.Inject(Fault{Gzip: GzipAccepted}, Fault{Gzip: GzipAlways}, Fault{Gzip: GzipAlways, Pad: 1 << 20})
		if r := l.send("GET", "/agent/4711", ""); r.text != whole || r.header.Get("Content-Encoding") != "" {
			l.t.Errorf("%v %q", r.header, r.text)
		}
		r := l.send("GET", "/agent/4711", "")
		z, err := gzip.NewReader(strings.NewReader(r.text))
		if err != nil {
			l.t.Fatal(err)
		}
		if got, err := io.ReadAll(z); err != nil || string(got) != whole || r.header.Get("Content-Encoding") != "gzip" {
			l.t.Errorf("%q, %v", got, err)
		}
		if r := l.send("GET", "/agent/4711", ""); len(r.text) > 10_000 {
			l.t.Errorf("a bomb of %d bytes", len(r.text))
		}
		l.Inject(Fault{Kind: KindRuns, Insert: []Element{"{}"}, Repeat: 1 << 60}, Fault{Kind: KindRuns, Pad: 1 << 60})
		for range 2 { // nobody reads to the end of that
			req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, "http://api.invalid/api/v1/agent/4711/runs", nil)
			if err != nil {
				l.t.Fatal(err)
			}
			req.Header.Set("Authorization", l.key)
			resp, err := l.client.Do(req)
			if err != nil {
				l.t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil {
				l.t.Error(err)
			}
			_ = resp.Body.Close()
		}
	})
}

func TestAnyStatusOfAnyEndpoint(t *testing.T) {
	for name, connect := range map[string]func(*Cloud) *PipeTransport{"HTTP/1.1": (*Cloud).HTTP1Transport, "HTTP/2.0": (*Cloud).HTTP2Transport, "memory": nil} {
		t.Run(name, func(t *testing.T) {
			test := func(l *lab, _ *PipeTransport) {
				id := l.StartRun(4711).ID
				time.Sleep(time.Minute)
				file := path(id, "/file/"+number(float64(firstFile))+"/download")
				for _, code := range []int{200, 201, 202, 203, 204, 206, 410} {
					l.Inject(Fault{Action: Bare, Code: code})
					if r := l.send("GET", file, ""); r.code != code || r.text != "" || r.err != nil || r.header.Get("X-RateLimit-Limit") != "100" {
						l.t.Errorf("%d without a body is %d %q, %v", code, r.code, r.text, r.err)
					}
					if code == 204 {
						continue
					}
					l.Inject(Fault{Action: Bare, Code: code, Body: "a,b\n"}, Fault{Kind: KindStatus, Code: code})
					if r := l.send("GET", file, ""); r.code != code || r.text != "a,b\n" || r.header.Get("Content-Length") != "4" {
						l.t.Errorf("%d with a body is %d %q", code, r.code, r.text)
					}
					if r := l.send("GET", path(id, "/status"), ""); r.code != code || !strings.HasPrefix(r.text, `{"id":`) {
						l.t.Errorf("%d of the status is %d %q", code, r.code, r.text)
					}
				}
				l.Inject(Fault{Kind: KindStatus, Code: 204})
				if r := l.send("GET", path(id, "/status"), ""); r.code != 204 || r.text != "" || r.err != nil {
					l.t.Errorf("a 204 of the status is %d %q, %v", r.code, r.text, r.err)
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

func TestAStatusOfContent(t *testing.T) {
	o := cloudOf(products())
	o.InlineDownloads = true
	inLab(t, o, func(l *lab) {
		id := l.StartRun(4711).ID
		time.Sleep(time.Minute)
		l.Inject(Fault{Kind: KindDownload, Code: 206, Header: map[string]string{"X-A": "b"}}, Fault{Kind: KindDownload, Header: map[string]string{"X-A": "b"}})
		for _, code := range []int{206, 200} {
			r := l.send("GET", path(id, "/file/"+number(float64(firstFile))+"/download"), "")
			if r.code != code || r.text != "a,b\n" || r.header.Get("X-A") != "b" {
				l.t.Errorf("%d %q %v", r.code, r.text, r.header)
			}
		}
	})
}

func TestTheReasonPhrase(t *testing.T) {
	for name, connect := range map[string]func(*Cloud) *PipeTransport{"HTTP/1.1": (*Cloud).HTTP1Transport, "HTTP/2.0": (*Cloud).HTTP2Transport, "memory": nil} {
		t.Run(name, func(t *testing.T) {
			test := func(l *lab, _ *PipeTransport) {
				link := l.link()
				l.Inject(Fault{Kind: KindSignedDownload, Action: StatusCode, Code: 403, Reason: "No {url} today", Header: map[string]string{"X-A": "b"}})
				req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, link, nil)
				if err != nil {
					l.t.Fatal(err)
				}
				resp, err := l.client.Do(req)
				if err != nil {
					l.t.Fatal(err)
				}
				defer resp.Body.Close()
				want := "403 No " + link + " today"
				if name == "HTTP/2.0" {
					want = "403 Forbidden"
				}
				text, err := io.ReadAll(resp.Body)
				if resp.Status != want || !bytes.Contains(text, []byte("SimulatedFault")) || err != nil || resp.Header.Get("X-A") != "b" {
					l.t.Errorf("%s %v %s, %v", resp.Status, resp.Header, text, err)
				}
				l.Inject(Fault{Kind: KindAgent, Reason: "{url}"})
				l.wantCode(l.send("GET", "/agent/4711", ""), http.StatusOK)
			}
			if connect == nil {
				inLab(t, cloudOf(products()), func(l *lab) { test(l, nil) })
				return
			}
			inPipeLab(t, cloudOf(products()), connect, test)
		})
	}
}

func TestADressedReset(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		l.Inject(Fault{Action: Reset, Header: map[string]string{"A": "b"}, Prefix: "x"})
		if _, err := l.try("GET", "/agent/4711", ""); !errors.Is(err, syscall.ECONNRESET) {
			l.t.Error(err)
		}
	})
}
