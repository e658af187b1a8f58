package run_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const letters = "abcdefghijklmnopqrstuvwxyz"

// reply is one answer of a scripted download host.
type reply struct {
	code   int
	header http.Header
	body   io.Reader // nil: nothing ever comes
	length int64     // -1: not told
}

// part is what letters hold from one byte on. When that is more than n bytes, it breaks off after them.
func part(code int, from, n int, header ...string) reply {
	rest := letters[from:]
	r := reply{code: code, header: http.Header{}, body: strings.NewReader(rest[:min(n, len(rest))]), length: int64(len(rest))}
	if n < len(rest) {
		r.body = io.MultiReader(r.body, broken{})
	}
	if code == http.StatusPartialContent {
		r.header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(letters)-1, len(letters)))
	}
	for i := 0; i < len(header); i += 2 {
		r.header.Set(header[i], header[i+1])
	}
	return r
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// silent is the reader of a host that falls silent, until the request is given up.
type silent struct{ req *http.Request }

func (s silent) Read([]byte) (int, error) {
	<-s.req.Context().Done()
	return 0, s.req.Context().Err()
}

// script answers with one reply after the other.
func script(t *testing.T, replies ...reply) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		if len(replies) == 0 {
			t.Errorf("the download host was asked once more: %v", req.Header)
			return nil, io.EOF
		}
		r := replies[0]
		replies = replies[1:]
		if r.body == nil {
			r.body = silent{req}
		}
		return &http.Response{
			StatusCode: r.code, Status: fmt.Sprintf("%d %s", r.code, http.StatusText(r.code)),
			Header: r.header, Body: io.NopCloser(r.body), ContentLength: r.length, Request: req,
		}, nil
	}
}

func TestPartsOfAFile(t *testing.T) {
	t.Parallel()
	etag := []string{"Etag", `"one"`}
	for _, c := range []struct {
		name    string
		replies []reply
		asked   []string // Range and If-Range of each request
	}{
		{"goes on", []reply{part(200, 0, 10, etag...), part(206, 10, 99, etag...)}, []string{" ", `bytes=10- "one"`}},
		{"goes on twice", []reply{part(200, 0, 10, etag...), part(206, 10, 3, etag...), part(206, 13, 99, etag...)}, []string{" ", `bytes=10- "one"`, `bytes=13- "one"`}},
		{"a weak validator is not used", []reply{part(200, 0, 10, "Etag", `W/"one"`), part(206, 10, 99)}, []string{" ", "bytes=10- "}},
		{"another file by now", []reply{part(200, 0, 10, etag...), part(200, 0, 99, "Etag", `"two"`)}, []string{" ", `bytes=10- "one"`}},
		{"knows no parts", []reply{part(200, 0, 10), part(200, 0, 12), part(200, 0, 99)}, []string{" ", "bytes=10- ", "bytes=12- "}},
		{"another part", []reply{part(200, 0, 10), part(206, 5, 99), part(200, 0, 99)}, []string{" ", "bytes=10- ", " "}},
		{"a part that is not named", []reply{part(200, 0, 10), part(206, 10, 99, "Content-Range", "?"), part(200, 0, 99)}, []string{" ", "bytes=10- ", " "}},
		{"a part of an unknown whole", []reply{part(200, 0, 10), part(206, 10, 99, "Content-Range", "bytes 10-25/*")}, []string{" ", "bytes=10- "}},
		{"no such part", []reply{part(200, 0, 10), part(416, 0, 0), part(200, 0, 99)}, []string{" ", "bytes=10- ", " "}},
		{"no length", []reply{{200, nil, strings.NewReader(letters), -1}}, []string{" "}},
		{"no length, and an early end", []reply{{200, nil, strings.NewReader(letters[:5]), -1}, part(206, 5, 99)}, []string{" ", "bytes=5- "}},
		{"silence", []reply{{200, nil, nil, 26}, part(200, 0, 99)}, []string{" ", " "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := []simulator.File{{Content: letters}}
			inDownload(t, simulator.Options{}, files, script(t, c.replies...), func(t *testing.T, s *saver) {
				s.wantSaved(files)
				s.wantCount(simulator.KindDownload, 1)
				for i, req := range s.host.requests {
					if got := req.Header.Get("Range") + " " + req.Header.Get("If-Range"); got != c.asked[i] {
						t.Errorf("request %d asked for %q, want %q", i, got, c.asked[i])
					}
				}
			})
		})
	}
}

func TestSizeThatIsNotTheListed(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]reply{
		"announced":     {200, nil, strings.NewReader(letters), 26},
		"not announced": {200, nil, strings.NewReader(letters), -1},
		"of a whole":    part(206, 0, 99),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, simulator.Options{}, []simulator.File{{Content: letters[:20]}}, script(t, r), func(t *testing.T, s *saver) {
				mismatch := as[*run.MismatchError](t, s.wantNothingSaved("its size is 26 bytes and should be 20"))
				if mismatch.What != "size" {
					t.Errorf("%v", mismatch)
				}
			})
		})
	}
	// Without a size in the list, what the host announces counts.
	inDownload(t, simulator.Options{}, []simulator.File{{Content: letters[:20]}}, script(t, part(200, 0, 99)), func(_ *testing.T, s *saver) {
		s.files[0].Size = nil
		if o := s.save(s.t.Context()); len(o.Saved) != 1 || o.Saved[0].Size != 26 {
			s.t.Errorf("%v", o)
		}
	})
}

func TestRedirectsOfTheDownloadHost(t *testing.T) {
	t.Parallel()
	files := []simulator.File{{Content: letters}}
	to := func(location string) reply {
		return reply{307, http.Header{"Location": {location}}, strings.NewReader(""), 0}
	}
	follow := []reply{to("https://user:pw@eu.example.test/x?signature=2"), to("/y?signature=3"), part(200, 0, 99)}
	inDownload(t, simulator.Options{}, files, script(t, follow...), func(t *testing.T, s *saver) {
		s.wantSaved(files)
		if last := s.host.requests[2]; last.URL.Host != "eu.example.test" || last.URL.Path != "/y" {
			t.Errorf("was led to %s", last.URL)
		}
		for _, req := range s.host.requests {
			if req.Header.Get("Referer")+req.Header.Get("Authorization")+req.Header.Get("Cookie") != "" {
				t.Errorf("a redirect took along %v", req.Header)
			}
		}
	})
	for name, c := range map[string]struct {
		replies []reply
		says    string
	}{
		"round and round": {[]reply{to("/1"), to("/2"), to("/3"), to("/4"), to("/5")}, "redirects more than 4 times"},
		"to nowhere":      {[]reply{to("http://[::1?signature=4")}, "redirects to something that is not a URL"},
		"without address": {[]reply{{302, http.Header{}, strings.NewReader(""), 0}}, "answered 302 Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Each is tried as often as a broken connection is.
			var replies []reply
			for range 6 {
				replies = append(replies, c.replies...)
			}
			host := script(t, replies...)
			inDownload(t, simulator.Options{}, files, host, func(_ *testing.T, s *saver) { s.wantNothingSaved(c.says) })
		})
	}
}

func TestLinkByPlainHTTP(t *testing.T) {
	t.Parallel()
	files := []simulator.File{{Content: letters}}
	const says = "leads to downloads.simulator.invalid by plain http"
	inDownload(t, simulator.Options{}, files, script(t), func(t *testing.T, s *saver) {
		s.downloads = run.NewDownloads(s.runs, s.host, false)
		s.wantNothingSaved(says)
		s.wantCount(simulator.KindDownload, 1)
		if link, err := s.downloads.Link(t.Context(), s.ref, s.files[0].ID); err == nil || !strings.Contains(err.Error(), says) || link != "" {
			t.Errorf("got %q, %v", link, err)
		}
	})
	// Nor where a redirect leads there.
	there := reply{302, http.Header{"Location": {"http://downloads.simulator.invalid/?signature=2"}}, strings.NewReader(""), 0}
	inDownload(t, simulator.Options{}, files, script(t, there), func(_ *testing.T, s *saver) {
		s.transport.next = secureLinks{s.transport.next}
		s.downloads = run.NewDownloads(s.runs, s.host, false)
		s.wantNothingSaved(says)
	})
}

// secureLinks turns the simulator's links into https.
type secureLinks struct{ next http.RoundTripper }

func (l secureLinks) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(req)
	if err == nil && resp.Header.Get("Location") != "" {
		resp.Header.Set("Location", strings.Replace(resp.Header.Get("Location"), "http:", "https:", 1))
	}
	return resp, err
}

func TestLink(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, nil, func(t *testing.T, s *saver) {
		link, err := s.downloads.Link(t.Context(), s.ref, s.files[0].ID)
		if err != nil || !strings.Contains(link, "signature=") {
			t.Errorf("got %q, %v", link, err)
		}
		if _, err := s.downloads.Link(t.Context(), s.ref, 7); err == nil || !strings.Contains(err.Error(), "404") {
			t.Errorf("of an unknown file: %v", err)
		}
	})
	inDownload(t, simulator.Options{InlineDownloads: true}, []simulator.File{{Content: letters}}, nil, func(t *testing.T, s *saver) {
		if _, err := s.downloads.Link(t.Context(), s.ref, s.files[0].ID); err == nil || !strings.Contains(err.Error(), "has no links") {
			t.Errorf("of a deployment without links: %v", err)
		}
	})
}

// TestOwnTransport is the one test over real connections: what a host compresses arrives as it is stored.
func TestOwnTransport(t *testing.T) {
	t.Parallel()
	cloud := simulator.New(simulator.Options{Agents: []simulator.Agent{{ID: agentID, Files: []simulator.File{{Content: letters}}}}})
	world := newWorld(t, cloud, sequentum.Config{})
	id := ref(cloud.AddFinishedRuns(agentID, 1, simulator.Completed)[0])
	files, err := world.runs.Files(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("the store may send %q", got)
		}
		w.Header().Set("Content-Encoding", "gzip") // so it is stored
		io.WriteString(w, letters)
	}))
	defer store.Close()
	world.transport.next = roundTrip(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {store.URL}}, Body: http.NoBody, Request: req}, nil
	})
	downloads := run.NewDownloads(world.runs, nil, true)
	directory, err := run.CreateDirectory(filepath.Join(t.TempDir(), "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	defer directory.Close()
	outcome := downloads.Save(t.Context(), id, directory, run.Targets(files))
	if len(outcome.Saved) != 1 || outcome.Saved[0].Size != 26 {
		t.Errorf("%v", outcome)
	}
}
