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

func TestValidators(t *testing.T) {
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

func TestQuirks(t *testing.T) {
	for name, connect := range map[string]func(*Cloud) *PipeTransport{"HTTP/1.1": (*Cloud).HTTP1Transport, "HTTP/2.0": (*Cloud).HTTP2Transport} {
		t.Run(name, func(t *testing.T) {
			inBubbleOverPipes(t, oneFile(File{Content: "0123456789"}), connect, func(tc *testCloud, _ *PipeTransport) {
				link := tc.linkOfFinishedRun()
				for _, test := range []struct {
					quirk        Quirk
					ranges       string
					code         int
					text, length string
					contentRange string
				}{
					{"", "", 200, "0123456789", "10", ""},
					{UnaskedRange, "", 206, "01234", "5", "bytes 0-4/10"},
					{UnaskedRange, "bytes=8-", 206, "89", "2", "bytes 8-9/10"},
					{UnknownSize, "bytes=8-", 206, "89", "2", "bytes 8-9/*"},
					{UnknownSize, "", 200, "0123456789", "10", ""},
					{Chunked, "", 200, "0123456789", "", ""},
					{Chunked, "bytes=8-", 206, "89", "", "bytes 8-9/10"},
					{IgnoresRange, "bytes=8-", 200, "0123456789", "10", ""},
					{ShiftedRange, "bytes=7-", 206, "89", "2", "bytes 8-9/10"},
					{ShiftedRange, "", 200, "0123456789", "10", ""},
				} {
					tc.Inject(Fault{Kind: KindSignedDownload, Quirk: test.quirk})
					r := tc.fetchLink(link, test.ranges)
					if r.err != nil || r.code != test.code || r.text != test.text || r.header.Get("Content-Length") != test.length ||
						r.header.Get("Content-Range") != test.contentRange {
						tc.t.Errorf("%s %s: %d %q %v", test.quirk, test.ranges, r.code, r.text, r.header)
					}
				}
			})
		})
	}
}

func TestAGrowingFile(t *testing.T) {
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

func TestTheListIsWrongAboutTheSize(t *testing.T) {
	for listed, want := range map[int64]any{0: 0.0, 5: 5.0, -1: nil, 1 << 60: float64(1 << 60)} {
		inBubble(t, oneFile(File{Content: "abc", ListedSize: &listed}), func(tc *testCloud) {
			link := tc.linkOfFinishedRun()
			got := tc.jsonList(tc.send("GET", runPathOf(firstRun, "/files"), ""))[0]
			if size, ok := got["fileSize"]; size != want || !ok || tc.fetchLink(link, "").text != "abc" {
				tc.t.Errorf("listed as %d: %v", listed, got)
			}
		})
	}
}
