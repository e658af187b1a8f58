// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// oneFile is an agent whose runs leave this file.
func oneFile(f File) Options {
	a := products()
	a.Files = []File{f}
	return withAgents(a)
}

func TestChangedFileHasAnotherValidator(t *testing.T) {
	for validator, header := range map[Validator]string{StrongETag: "ETag", WeakETag: "ETag", LastModified: "Last-Modified", NoValidator: ""} {
		inBubble(t, oneFile(File{Content: "0123456789", Validator: validator}), func(tc *testCloud) {
			link := tc.linkOfFinishedRun()
			tc.Inject(Fault{Kind: KindSignedDownload, Action: TruncateBody, Bytes: 4, Changes: true})
			cut := tc.fetchLink(link, "")
			first := cut.header.Get(header)
			if cut.text != "0123" || !errors.Is(cut.err, io.ErrUnexpectedEOF) || (first == "") != (header == "") ||
				strings.HasPrefix(first, "W/") != (validator == WeakETag) || cut.header.Get("ETag")+cut.header.Get("Last-Modified") != first {
				tc.t.Fatalf("%q: %q %v", validator, cut.text, cut.header)
			}
			now := tc.fetchIfRange(link, "bytes=4-", first)
			second := now.header.Get(header)
			switch {
			case header == "": // without a validator there is no If-Range
				if now.code != http.StatusPartialContent || now.text != "56789:" {
					tc.t.Errorf("%q: %d %q", validator, now.code, now.text)
				}
			case now.code != http.StatusOK || now.text != "123456789:" || second == first:
				tc.t.Errorf("%q changed: %d %q %s, it was %s", validator, now.code, now.text, second, first)
			}
			if whole := tc.fetchIfRange(link, "bytes=4-", second); (whole.code == http.StatusOK) != (validator == WeakETag) {
				tc.t.Errorf("%q unchanged: %d", validator, whole.code)
			}
			tc.Inject(Fault{Kind: KindSignedDownload, Quirk: IgnoresIfRange})
			if part := tc.fetchIfRange(link, "bytes=4-", first); part.code != http.StatusPartialContent || part.text != "56789:" {
				tc.t.Errorf("%q, If-Range ignored: %d %q", validator, part.code, part.text)
			}
			content, _ := io.ReadAll(tc.FileContent(firstFile))
			if string(content) != "123456789:" {
				tc.t.Errorf("%q: the content is %q", validator, content)
			}
		})
	}
	inBubble(t, oneFile(File{Content: "a"}), func(tc *testCloud) {
		tc.StartRun(4711)
		if tc.FileContent(firstFile) != nil || tc.FileContent(1) != nil || tc.ChangeFile(1) {
			tc.t.Error("there is a file too early, or one too many")
		}
	})
}

func TestFileGrowsWhileItsRunIsActive(t *testing.T) {
	f := File{Name: new("run.log"), Type: LogText, Size: 1000, GrowsPerSecond: 5}
	inBubble(t, oneFile(f), func(tc *testCloud) {
		id := tc.startRun()
		files := func() []map[string]any { return tc.jsonList(tc.send("GET", runPathOf(id, "/files"), "")) }
		if got := files(); len(got) != 0 {
			tc.t.Errorf("before the run has started: %v", got)
		}
		time.Sleep(4 * time.Second) // it started two seconds ago
		got := files()
		if len(got) != 1 || got[0]["fileSize"] != 0.0 {
			tc.t.Fatalf("the list is %v", got)
		}
		first := tc.fetchLink(tc.linkToFile(id, got[0]), "")
		time.Sleep(2 * time.Second)
		got = files()
		second := tc.fetchLink(tc.linkToFile(id, got[0]), "")
		if got[0]["fileSize"] != 10.0 || len(first.text) != 10 || len(second.text) != 20 || !strings.HasPrefix(second.text, first.text) ||
			first.header.Get("ETag") == second.header.Get("ETag") {
			tc.t.Errorf("the list is %v, the host serves %d and %d bytes", got, len(first.text), len(second.text))
		}
		time.Sleep(time.Minute)
		got = files()
		if r := tc.fetchLink(tc.linkToFile(id, got[0]), ""); got[0]["fileSize"] != 1000.0 || len(r.text) != 1000 {
			tc.t.Errorf("at the end the list is %v, the host serves %d bytes", got, len(r.text))
		}
	})
}

func TestSignedLinkServesRangesUntilItExpires(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		link := tc.linkOfFinishedRun()
		r := tc.fetchLink(link, "")
		if tc.wantCode(r, http.StatusOK); r.text != "a,b\n" || r.header.Get("Content-Length") != "4" {
			tc.t.Errorf("the link gives %q, %v", r.text, r.header)
		}
		r = tc.fetchLink(link, "bytes=1-")
		if tc.wantCode(r, http.StatusPartialContent); r.text != ",b\n" || r.header.Get("Content-Range") != "bytes 1-3/4" {
			tc.t.Errorf("the range gives %q, %v", r.text, r.header)
		}
		tc.wantCode(tc.fetchLink(link, "bytes=9-"), http.StatusRequestedRangeNotSatisfiable)
		tc.wantCode(tc.fetchLink(link[:len(link)-1], ""), http.StatusForbidden)
		tc.wantCode(tc.fetchLink(strings.Replace(link, "expires=", "expires=9", 1), ""), http.StatusForbidden)
		tc.wantCode(tc.fetchLink(strings.Replace(link, "/run-files/", "/other/", 1), ""), http.StatusNotFound)
		r = tc.send("GET", link, "")
		if tc.wantCode(r, http.StatusBadRequest); !strings.Contains(r.text, "<Error>") {
			tc.t.Errorf("the refusal of a key is %s", r.text)
		}
		time.Sleep(time.Minute - time.Millisecond)
		tc.wantCode(tc.fetchLink(link, ""), http.StatusOK)
		time.Sleep(time.Millisecond)
		if r = tc.fetchLink(link, ""); r.code != http.StatusForbidden || !strings.Contains(r.text, "expired") {
			tc.t.Errorf("the expired link gives %d %s", r.code, r.text)
		}
		log := tc.Log()
		if last := log[len(log)-1]; last.Kind != KindSignedDownload || last.AgentID != 4711 || last.Query != "" || last.Status != 403 {
			tc.t.Errorf("the log has %+v", last)
		}
		tc.Expire(firstRun)
		tc.SetAgent(products())
		link = tc.linkOfFinishedRun()
		tc.Expire(firstRun + 1)
		tc.wantCode(tc.fetchLink(link, ""), http.StatusNotFound)
	})
}

func TestFaultBreaksASignedDownload(t *testing.T) {
	a := products()
	a.Files = []File{{Name: new("big"), Size: 200_000}}
	inBubble(t, withAgents(a), func(tc *testCloud) {
		link := tc.linkOfFinishedRun()
		tc.Inject(
			Fault{Kind: KindSignedDownload, Action: TruncateBody, Bytes: 100_000},
			Fault{Kind: KindSignedDownload, AgentID: 4711, Action: StatusCode, Code: 503},
		)
		cut := tc.fetchLink(link, "")
		if len(cut.text) != 100_000 || !errors.Is(cut.err, io.ErrUnexpectedEOF) {
			tc.t.Fatalf("%d bytes and %v, want 100000 and a lost connection", len(cut.text), cut.err)
		}
		if r := tc.fetchLink(link, ""); r.code != 503 || !strings.Contains(r.text, "<Error>") {
			tc.t.Errorf("the store's error is %d %s", r.code, r.text)
		}
		rest := tc.fetchLink(link, "bytes=100000-")
		whole, err := io.ReadAll(a.Files[0].Open())
		if err != nil || rest.err != nil || cut.text+rest.text != string(whole) {
			tc.t.Errorf("both parts are not the whole: %v, %v", err, rest.err)
		}
	})
}
