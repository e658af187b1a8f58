// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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

func TestInsertPutsElementsIntoAList(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(time.Minute)
		for of, odd := range map[string][]Element{"/agent/4711/runs": OddRuns(4711), runPathOf(id, "/files"): OddFiles()} {
			whole := tc.send("GET", of, "").text
			for _, e := range odd {
				for at, want := range map[int]string{
					0: "[" + string(e) + "," + whole[1:], -1: whole[:len(whole)-1] + "," + string(e) + "]",
				} {
					tc.Inject(Fault{Insert: []Element{e}, InsertAt: at})
					if r := tc.send("GET", of, ""); r.text != want || !json.Valid([]byte(r.text)) || r.code != http.StatusOK {
						tc.t.Errorf("%s is %d %s, want %s", of, r.code, r.text, want)
					}
				}
			}
		}
		tc.Inject(Fault{Kind: KindStatus, Insert: []Element{"null"}})
		tc.wantStatus(id, Completed) // the answer is no list
		tc.Inject(Fault{Insert: []Element{"1", "2"}, InsertAt: 1, Repeat: 3})
		var list []any
		if r := tc.send("GET", runPathOf(id, "/files"), ""); json.Unmarshal([]byte(r.text), &list) != nil || len(list) != 8 || list[6] != 2.0 {
			tc.t.Errorf("six more are %s", r.text)
		}
		tc.Expire(id)
		tc.Inject(Fault{Insert: []Element{"null", "7"}})
		if r := tc.send("GET", "/agent/4711/runs", ""); r.text != "[null,7]" {
			tc.t.Errorf("an empty list with two is %s", r.text)
		}
	})
}

func TestTwiceListsActiveRunsAlsoAsStopped(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		o := withAgents(products())
		o.LegacyStatusNames = legacy
		inBubble(t, o, func(tc *testCloud) {
			tc.StartRun(4711)
			time.Sleep(time.Minute)
			tc.StartRun(4711)
			time.Sleep(5 * time.Second)
			stopped, running := any(8.0), any(1.0)
			if legacy {
				stopped, running = "Stopped", "Running"
			}
			for order, want := range map[Twice][]any{StoppedFirst: {stopped, running}, StoppedLast: {running, stopped}} {
				tc.Inject(Fault{Kind: KindRuns, Twice: order})
				runs := tc.jsonList(tc.send("GET", "/agent/4711/runs", ""))
				if len(runs) != 3 || runs[0]["id"] != runs[1]["id"] || runs[0]["status"] != want[0] || runs[1]["status"] != want[1] {
					tc.t.Fatalf("%s: the list is %v", order, runs)
				}
				tc.Inject(Fault{Kind: KindRuns, Twice: order})
				if two := tc.jsonList(tc.send("GET", "/agent/4711/runs?maxRecords=2", "")); len(two) != 2 || two[0]["id"] != two[1]["id"] {
					tc.t.Errorf("%s: two runs are %v", order, two)
				}
				past := runs[0]
				if order == StoppedLast {
					past = runs[1]
				}
				if past["tableType"] != "history" || past["endTime"] == nil || runs[2]["id"] == runs[0]["id"] {
					tc.t.Errorf("%s: the list is %v", order, runs)
				}
			}
		})
	}
}

func TestFaultReplacesHeadersAndPrefixesTheBody(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		whole := tc.send("GET", "/agent/4711", "").text
		tc.Inject(Fault{Prefix: "\ufeff", Pad: 3, Header: map[string]string{
			"X-RateLimit-Limit": "9223372036854775807", "X-RateLimit-Window-Seconds": "", "Retry-After": "-5", "content-type": "text/plain",
		}})
		r := tc.send("GET", "/agent/4711", "")
		if r.text != "\xEF\xBB\xBF   "+whole || r.header.Get("X-RateLimit-Limit") != "9223372036854775807" || r.header.Get("Retry-After") != "-5" ||
			r.header.Get("X-RateLimit-Window-Seconds") != "" || r.header.Get("Content-Type") != "text/plain" {
			tc.t.Errorf("%q %v", r.text, r.header)
		}
		tc.Inject(Fault{Action: HTML, Code: 403, Header: map[string]string{"X-RateLimit-Limit": "abc"}})
		if r := tc.send("GET", "/agent/4711", ""); r.code != 403 || r.header.Get("X-RateLimit-Limit") != "abc" {
			tc.t.Errorf("%d %v", r.code, r.header)
		}
	})
}

// The compressed answer is small, and what the client reads is large.
func TestGzipMakesAFewBytesALot(t *testing.T) {
	inBubbleOver(t, withAgents(products()), (*Cloud).HTTP2Transport, func(tc *testCloud, pipes *PipeTransport) {
		tc.Inject(Fault{Kind: KindRuns, Gzip: GzipAccepted, Insert: []Element{"{}"}, Repeat: 1 << 20, Pad: 1 << 20})
		if r := tc.send("GET", "/agent/4711/runs", ""); r.err != nil || len(r.text) != 4<<20+1 {
			tc.t.Errorf("%d bytes, %v", len(r.text), r.err)
		}
		pipes.DisableCompression = true
		whole := tc.send("GET", "/agent/4711", "").text
		tc.Inject(Fault{Gzip: GzipAccepted}, Fault{Gzip: GzipAlways}, Fault{Gzip: GzipAlways, Pad: 1 << 20})
		if r := tc.send("GET", "/agent/4711", ""); r.text != whole || r.header.Get("Content-Encoding") != "" {
			tc.t.Errorf("%v %q", r.header, r.text)
		}
		r := tc.send("GET", "/agent/4711", "")
		z, err := gzip.NewReader(strings.NewReader(r.text))
		if err != nil {
			tc.t.Fatal(err)
		}
		if got, err := io.ReadAll(z); err != nil || string(got) != whole || r.header.Get("Content-Encoding") != "gzip" {
			tc.t.Errorf("%q, %v", got, err)
		}
		if r := tc.send("GET", "/agent/4711", ""); len(r.text) > 10_000 {
			tc.t.Errorf("a bomb of %d bytes", len(r.text))
		}
		tc.Inject(Fault{Kind: KindRuns, Insert: []Element{"{}"}, Repeat: 1 << 60}, Fault{Kind: KindRuns, Pad: 1 << 60})
		for range 2 { // too long to be read to the end
			req := tc.newRequest(tc.t.Context(), http.MethodGet, "/agent/4711/runs", nil)
			resp, err := tc.client.Do(req)
			if err != nil {
				tc.t.Fatal(err)
			}
			if _, err := io.CopyN(io.Discard, resp.Body, 1<<20); err != nil {
				tc.t.Error(err)
			}
			_ = resp.Body.Close()
		}
	})
}

func TestFaultCanAnswerWithAnyStatusCode(t *testing.T) {
	for name, connect := range allTransports {
		t.Run(name, func(t *testing.T) {
			test := func(tc *testCloud, _ *PipeTransport) {
				id := tc.StartRun(4711).ID
				time.Sleep(time.Minute)
				file := runPathOf(id, "/file/"+number(float64(firstFile))+"/download")
				for _, code := range []int{200, 201, 202, 203, 204, 206, 410} {
					tc.Inject(Fault{Action: Bare, Code: code})
					if r := tc.send("GET", file, ""); r.code != code || r.text != "" || r.err != nil || r.header.Get("X-RateLimit-Limit") != "100" {
						tc.t.Errorf("%d without a body is %d %q, %v", code, r.code, r.text, r.err)
					}
					if code == 204 {
						continue
					}
					tc.Inject(Fault{Action: Bare, Code: code, Body: "a,b\n"}, Fault{Kind: KindStatus, Code: code})
					if r := tc.send("GET", file, ""); r.code != code || r.text != "a,b\n" || r.header.Get("Content-Length") != "4" {
						tc.t.Errorf("%d with a body is %d %q", code, r.code, r.text)
					}
					if r := tc.send("GET", runPathOf(id, "/status"), ""); r.code != code || !strings.HasPrefix(r.text, `{"id":`) {
						tc.t.Errorf("%d of the status is %d %q", code, r.code, r.text)
					}
				}
				tc.Inject(Fault{Kind: KindStatus, Code: 204})
				if r := tc.send("GET", runPathOf(id, "/status"), ""); r.code != 204 || r.text != "" || r.err != nil {
					tc.t.Errorf("a 204 of the status is %d %q, %v", r.code, r.text, r.err)
				}
			}
			inBubbleOver(t, withAgents(products()), connect, test)
		})
	}
}

func TestFaultChangesTheStatusCodeOfADownload(t *testing.T) {
	o := withAgents(products())
	o.InlineDownloads = true
	inBubble(t, o, func(tc *testCloud) {
		id := tc.StartRun(4711).ID
		time.Sleep(time.Minute)
		tc.Inject(Fault{Kind: KindDownload, Code: 206, Header: map[string]string{"X-A": "b"}}, Fault{Kind: KindDownload, Header: map[string]string{"X-A": "b"}})
		for _, code := range []int{206, 200} {
			r := tc.send("GET", runPathOf(id, "/file/"+number(float64(firstFile))+"/download"), "")
			if r.code != code || r.text != "a,b\n" || r.header.Get("X-A") != "b" {
				tc.t.Errorf("%d %q %v", r.code, r.text, r.header)
			}
		}
	})
}

func TestFaultSetsTheReasonPhrase(t *testing.T) {
	for name, connect := range allTransports {
		t.Run(name, func(t *testing.T) {
			test := func(tc *testCloud, _ *PipeTransport) {
				link := tc.linkOfFinishedRun()
				tc.Inject(Fault{Kind: KindSignedDownload, Action: StatusCode, Code: 403, Reason: "No {url} today", Header: map[string]string{"X-A": "b"}})
				req := tc.newRequest(tc.t.Context(), http.MethodGet, link, nil)
				req.Header.Del("Authorization")
				resp, err := tc.client.Do(req)
				if err != nil {
					tc.t.Fatal(err)
				}
				defer resp.Body.Close()
				want := "403 No " + link + " today"
				if name == "HTTP/2.0" {
					want = "403 Forbidden"
				}
				text, err := io.ReadAll(resp.Body)
				if resp.Status != want || !bytes.Contains(text, []byte("SimulatedFault")) || err != nil || resp.Header.Get("X-A") != "b" {
					tc.t.Errorf("%s %v %s, %v", resp.Status, resp.Header, text, err)
				}
				tc.Inject(Fault{Kind: KindAgent, Reason: "{url}"})
				tc.wantCode(tc.send("GET", "/agent/4711", ""), http.StatusOK)
			}
			inBubbleOver(t, withAgents(products()), connect, test)
		})
	}
}

func TestResetIgnoresChangesOfTheAnswer(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		tc.Inject(Fault{Action: Reset, Header: map[string]string{"A": "b"}, Prefix: "x"})
		if _, err := tc.trySend("GET", "/agent/4711", ""); !errors.Is(err, syscall.ECONNRESET) {
			tc.t.Error(err)
		}
	})
}
