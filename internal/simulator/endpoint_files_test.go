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

// link finishes a run of agent 4711 and returns the signed link to its first file.
func (l *lab) link() string {
	l.t.Helper()
	id := l.start()
	time.Sleep(time.Minute)
	file := l.list(l.send("GET", path(id, "/files"), ""))[0]
	return l.linkTo(id, file)
}

func (l *lab) linkTo(runID int64, file map[string]any) string {
	l.t.Helper()
	r := l.send("GET", path(runID, "/file/"+number(file["id"])+"/download"), "")
	if r.code != http.StatusFound && r.code != http.StatusTemporaryRedirect {
		l.t.Fatalf("the download answered %d %s", r.code, r.text)
	}
	return r.header.Get("Location")
}

// fetch gets a signed link, without the key, from an offset on.
func (l *lab) fetch(link, ranges string) reply {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, link, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	if ranges != "" {
		req.Header.Set("Range", ranges)
	}
	r, err := l.do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

func number(id any) string { return strconv.FormatInt(int64(id.(float64)), 10) }

func TestTheListOfFiles(t *testing.T) {
	a := products()
	a.Files[0].RegionID = new(int64(3))
	inLab(t, cloudOf(a), func(l *lab) {
		id := l.start()
		time.Sleep(time.Minute)
		files := l.list(l.send("GET", path(id, "/files"), ""))
		if f := files[0]; f["name"] != "a.csv" || f["fileType"] != 1.0 || f["fileSize"] != 4.0 || f["regionId"] != 3.0 || f["created"] == nil {
			l.t.Errorf("the first file is %v", f)
		}
		if f := files[1]; f["name"] != nil || f["fileType"] != 6.0 || f["fileSize"] != 3.0 || f["regionId"] != nil || f["id"] == files[0]["id"] {
			l.t.Errorf("the second file is %v", f)
		}
		if got := l.fetch(l.linkTo(id, files[1]), "").text; got != "\x00\x01\x02" {
			l.t.Errorf("the second file holds %q", got)
		}
		l.wantCode(l.send("GET", path(id, "/file/1/download"), ""), http.StatusNotFound)
		l.wantCode(l.send("GET", path(id, "/file/x/download"), ""), http.StatusNotFound)
	})
}

func TestSignedLinks(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		link := l.link()
		r := l.fetch(link, "")
		if l.wantCode(r, http.StatusOK); r.text != "a,b\n" || r.header.Get("Content-Length") != "4" {
			l.t.Errorf("the link gives %q, %v", r.text, r.header)
		}
		r = l.fetch(link, "bytes=1-")
		if l.wantCode(r, http.StatusPartialContent); r.text != ",b\n" || r.header.Get("Content-Range") != "bytes 1-3/4" {
			l.t.Errorf("the range gives %q, %v", r.text, r.header)
		}
		l.wantCode(l.fetch(link, "bytes=9-"), http.StatusRequestedRangeNotSatisfiable)
		l.wantCode(l.fetch(link[:len(link)-1], ""), http.StatusForbidden)
		l.wantCode(l.fetch(strings.Replace(link, "expires=", "expires=9", 1), ""), http.StatusForbidden)
		l.wantCode(l.fetch(strings.Replace(link, "/run-files/", "/other/", 1), ""), http.StatusNotFound)
		r = l.send("GET", link, "")
		if l.wantCode(r, http.StatusBadRequest); !strings.Contains(r.text, "<Error>") {
			l.t.Errorf("the refusal of a key is %s", r.text)
		}
		time.Sleep(time.Minute - time.Millisecond)
		l.wantCode(l.fetch(link, ""), http.StatusOK)
		time.Sleep(time.Millisecond)
		if r = l.fetch(link, ""); r.code != http.StatusForbidden || !strings.Contains(r.text, "expired") {
			l.t.Errorf("the expired link gives %d %s", r.code, r.text)
		}
		log := l.Log()
		if last := log[len(log)-1]; last.Kind != KindSignedDownload || last.AgentID != 4711 || last.Query != "" || last.Status != 403 {
			l.t.Errorf("the log has %+v", last)
		}
		l.Expire(firstRun)
		l.SetAgent(products())
		link = l.link()
		l.Expire(firstRun + 1)
		l.wantCode(l.fetch(link, ""), http.StatusNotFound)
	})
}

func TestFaultsOfSignedDownloads(t *testing.T) {
	a := products()
	a.Files = []File{{Name: new("big"), Size: 200_000}}
	inLab(t, cloudOf(a), func(l *lab) {
		link := l.link()
		l.Inject(
			Fault{Kind: KindSignedDownload, Action: TruncateBody, Bytes: 100_000},
			Fault{Kind: KindSignedDownload, AgentID: 4711, Action: StatusCode, Code: 503},
		)
		cut := l.fetch(link, "")
		if len(cut.text) != 100_000 || !errors.Is(cut.err, io.ErrUnexpectedEOF) {
			l.t.Fatalf("%d bytes and %v, want 100000 and a lost connection", len(cut.text), cut.err)
		}
		if r := l.fetch(link, ""); r.code != 503 || !strings.Contains(r.text, "<Error>") {
			l.t.Errorf("the store's error is %d %s", r.code, r.text)
		}
		rest := l.fetch(link, "bytes=100000-")
		whole, err := io.ReadAll(a.Files[0].Open())
		if err != nil || rest.err != nil || cut.text+rest.text != string(whole) {
			l.t.Errorf("both parts are not the whole: %v, %v", err, rest.err)
		}
	})
}

func TestInlineDownloads(t *testing.T) {
	o := cloudOf(products())
	o.InlineDownloads = true
	inLab(t, o, func(l *lab) {
		id := l.start()
		time.Sleep(time.Minute)
		file := l.list(l.send("GET", path(id, "/files"), ""))[0]
		r := l.send("GET", path(id, "/file/"+number(file["id"])+"/download"), "")
		if l.wantCode(r, http.StatusOK); r.text != "a,b\n" || r.header.Get("Content-Length") != "4" {
			l.t.Errorf("the content is %q, %v", r.text, r.header)
		}
	})
}

func TestDownloadsAlternateTheirRedirects(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		id := l.start()
		time.Sleep(time.Minute)
		file := l.list(l.send("GET", path(id, "/files"), ""))[0]
		for _, want := range []int{302, 307, 302} {
			l.wantCode(l.send("GET", path(id, "/file/"+number(file["id"])+"/download"), ""), want)
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
