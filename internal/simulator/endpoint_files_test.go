package simulator

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// linkOfFinishedRun finishes a run of agent 4711 and returns the signed link to its first file.
func (tc *testCloud) linkOfFinishedRun() string {
	tc.t.Helper()
	id := tc.startRun()
	time.Sleep(time.Minute)
	file := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))[0]
	return tc.linkToFile(id, file)
}

func (tc *testCloud) linkToFile(runID int64, file map[string]any) string {
	tc.t.Helper()
	r := tc.send("GET", runPathOf(runID, "/file/"+number(file["id"])+"/download"), "")
	if r.code != http.StatusFound && r.code != http.StatusTemporaryRedirect {
		tc.t.Fatalf("the download answered %d %s", r.code, r.text)
	}
	return r.header.Get("Location")
}

// fetchLink gets a signed link, or a range of it, without the key.
func (tc *testCloud) fetchLink(link, ranges string) reply {
	tc.t.Helper()
	return tc.fetchIfRange(link, ranges, "")
}

// fetchIfRange is fetchLink with the header If-Range.
func (tc *testCloud) fetchIfRange(link, ranges, ifRange string) reply {
	tc.t.Helper()
	req := tc.newRequest(tc.t.Context(), http.MethodGet, link, nil)
	req.Header.Del("Authorization")
	if ranges != "" {
		req.Header.Set("Range", ranges)
	}
	if ifRange != "" {
		req.Header.Set("If-Range", ifRange)
	}
	r, err := tc.doRequest(req)
	if err != nil {
		tc.t.Fatal(err)
	}
	return r
}

func number(id any) string { return strconv.FormatInt(int64(id.(float64)), 10) }

func TestTheListOfFiles(t *testing.T) {
	a := products()
	a.Files[0].RegionID = new(int64(3))
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(time.Minute)
		files := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))
		if f := files[0]; f["name"] != "a.csv" || f["fileType"] != 1.0 || f["fileSize"] != 4.0 || f["regionId"] != 3.0 || f["created"] == nil {
			tc.t.Errorf("the first file is %v", f)
		}
		if f := files[1]; f["name"] != nil || f["fileType"] != 6.0 || f["fileSize"] != 3.0 || f["regionId"] != nil || f["id"] == files[0]["id"] {
			tc.t.Errorf("the second file is %v", f)
		}
		if got := tc.fetchLink(tc.linkToFile(id, files[1]), "").text; got != "\x00\x01\x02" {
			tc.t.Errorf("the second file holds %q", got)
		}
		tc.wantCode(tc.send("GET", runPathOf(id, "/file/1/download"), ""), http.StatusNotFound)
		tc.wantCode(tc.send("GET", runPathOf(id, "/file/x/download"), ""), http.StatusNotFound)
	})
}

func TestSignedLinks(t *testing.T) {
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

func TestFaultsOfSignedDownloads(t *testing.T) {
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

func TestInlineDownloads(t *testing.T) {
	o := withAgents(products())
	o.InlineDownloads = true
	inBubble(t, o, func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(time.Minute)
		file := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))[0]
		r := tc.send("GET", runPathOf(id, "/file/"+number(file["id"])+"/download"), "")
		if tc.wantCode(r, http.StatusOK); r.text != "a,b\n" || r.header.Get("Content-Length") != "4" {
			tc.t.Errorf("the content is %q, %v", r.text, r.header)
		}
	})
}

func TestDownloadsAlternateTheirRedirects(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		id := tc.startRun()
		time.Sleep(time.Minute)
		file := tc.jsonList(tc.send("GET", runPathOf(id, "/files"), ""))[0]
		for _, want := range []int{302, 307, 302} {
			tc.wantCode(tc.send("GET", runPathOf(id, "/file/"+number(file["id"])+"/download"), ""), want)
		}
	})
}

func TestGeneratedContent(t *testing.T) {
	f := File{Name: new("a"), Size: 100_003}
	whole, err := io.ReadAll(f.Open())
	if err != nil || int64(len(whole)) != f.Length() {
		t.Fatalf("%d bytes, %v", len(whole), err)
	}
	if err := iotest.TestReader(f.Open(), whole); err != nil {
		t.Error(err)
	}
	for _, other := range []File{{Name: new("b"), Size: f.Size}, {Size: f.Size}} {
		content, err := io.ReadAll(other.Open())
		if err != nil || bytes.Equal(content, whole) {
			t.Errorf("another name has the same content, %v", err)
		}
	}
	shorter, err := io.ReadAll(File{Name: f.Name, Size: 77}.Open())
	if err != nil || sha256.Sum256(shorter) != sha256.Sum256(whole[:77]) {
		t.Errorf("a shorter file is no beginning of the longer one, %v", err)
	}
}

func BenchmarkGeneratedContent(b *testing.B) {
	f := File{Size: 64 << 20}
	b.SetBytes(f.Size)
	for b.Loop() {
		if _, err := io.Copy(io.Discard, f.Open()); err != nil {
			b.Fatal(err)
		}
	}
}
