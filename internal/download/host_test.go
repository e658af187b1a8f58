// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestTransferInParts(t *testing.T) {
	t.Parallel()
	etag := []string{"Etag", `"one"`}
	begun := func() reply { return part(200, 0, 10, etag...) }
	lesser := part(206, 10, 99, "Etag", `"one"`, "Content-Range", "bytes 10-15/26")
	lesser.body, lesser.length = strings.NewReader(letters[10:16]), 6
	const all, rest = " ", `bytes=10- "one"`
	for _, c := range []struct {
		name    string
		replies []reply
		asked   []string // Range and If-Range of each request
	}{
		{"the rest comes in one part", []reply{begun(), part(206, 10, 99, etag...)}, []string{all, rest}},
		{"the rest comes in two parts", []reply{begun(), part(206, 10, 3, etag...), part(206, 13, 99, etag...)}, []string{all, rest, `bytes=13- "one"`}},
		{"a part is shorter than requested", []reply{begun(), lesser, part(206, 16, 99, etag...)}, []string{all, rest, `bytes=16- "one"`}},
		{"a weak validator is not used for If-Range", []reply{part(200, 0, 10, "Etag", `W/"one"`), part(200, 0, 99)}, []string{all, all}},
		{"a date is not used for If-Range", []reply{part(200, 0, 10, "Last-Modified", "Fri, 01 May 2026 12:00:00 GMT"), part(200, 0, 99)}, []string{all, all}},
		{"the file has changed since the first part", []reply{begun(), part(200, 0, 99, "Etag", `"two"`)}, []string{all, rest}},
		{"the part is of another version", []reply{begun(), part(206, 10, 99, "Etag", `"two"`), part(200, 0, 99)}, []string{all, rest, all}},
		{"the part has only a weak validator", []reply{begun(), part(206, 10, 99, "Etag", `W/"one"`), part(200, 0, 99)}, []string{all, rest, all}},
		{"the part has no validator", []reply{begun(), part(206, 10, 99), part(200, 0, 99)}, []string{all, rest, all}},
		{"the part is of a file of another length", []reply{begun(), part(206, 10, 99, "Etag", `"one"`, "Content-Range", "bytes 10-25/27"), part(200, 0, 99)}, []string{all, rest, all}},
		{"the host ignores Range and sends the whole file", []reply{begun(), part(200, 0, 12, etag...), part(200, 0, 99)}, []string{all, rest, `bytes=12- "one"`}},
		{"the host sends another part than requested", []reply{begun(), part(206, 5, 99, etag...), part(200, 0, 99)}, []string{all, rest, all}},
		{"the Content-Range of the part is unreadable", []reply{begun(), part(206, 10, 99, "Etag", `"one"`, "Content-Range", "?"), part(200, 0, 99)}, []string{all, rest, all}},
		{"the part has no Content-Range, as with several parts", []reply{begun(), part(206, 10, 99, "Etag", `"one"`, "Content-Range", ""), part(200, 0, 99)}, []string{all, rest, all}},
		{"the length of the whole file is unknown", []reply{begun(), part(206, 10, 99, "Etag", `"one"`, "Content-Range", "bytes 10-25/*")}, []string{all, rest}},
		{"the host sends a part to a request for the whole file", []reply{part(206, 0, 99, etag...), part(200, 0, 99)}, []string{all, all}},
		{"the host answers 416 to a request for the rest", []reply{begun(), part(416, 0, 0), part(200, 0, 99)}, []string{all, rest, all}},
		{"the answer has no length, and its end is marked", []reply{unmeasured(letters, true)}, []string{all}},
		{"the answer has no length, and its end is not marked", []reply{unmeasured(letters, false)}, []string{all}},
		{"the answer has no length and ends early, and its end is not marked", []reply{unmeasured(letters[:5], false), part(200, 0, 99)}, []string{all, all}},
		{"the answer has no length and ends early, and its end is marked", []reply{unmeasured(letters[:5], true), part(200, 0, 99)}, []string{all, all}},
		{"a page of a proxy comes instead of the file", []reply{whole("<html>"), part(200, 0, 99)}, []string{all, all}},
		{"the first answer is empty", []reply{whole(""), part(200, 0, 99)}, []string{all, all}},
		{"the host sends no data", []reply{{code: 200, length: 26}, part(200, 0, 99)}, []string{all, all}},
		{"the connection breaks after the last byte", []reply{{code: 200, length: 26, body: io.MultiReader(strings.NewReader(letters), broken{})}}, []string{all}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := []simulator.File{{Content: letters}}
			inDownload(t, simulator.Options{}, files, script(t, c.replies...), func(t *testing.T, s *saver) {
				s.wantSaved(files)
				if len(s.host.requests) != len(c.replies) {
					t.Errorf("%d requests, want %d", len(s.host.requests), len(c.replies))
				}
				for i, want := range c.asked {
					req := s.host.requests[i]
					if got := req.Header.Get("Range") + " " + req.Header.Get("If-Range"); got != want {
						t.Errorf("request %d asked for %q, want %q", i, got, want)
					}
				}
			})
		})
	}
}

// Every status has an outcome. Only a 200 is a whole file.
func TestEveryStatusOfTheDownloadHost(t *testing.T) {
	t.Parallel()
	for _, code := range []int{201, 202, 203, 204, 205, 206, 207, 226, 299, 300, 302, 304, 305, 400, 401, 403, 404, 409, 410, 416, 418, 429, 451, 499, 500, 503, 599} {
		for _, content := range []string{"", letters} {
			t.Run(fmt.Sprintf("the host answers %d with %d bytes", code, len(content)), func(t *testing.T) {
				t.Parallel()
				r := reply{code: code, header: http.Header{}, body: strings.NewReader(content), length: int64(len(content))}
				inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, always(r), func(_ *testing.T, s *saver) {
					s.wantNothingSaved("the download host")
					// Nothing is saved either if the size of the file is not known.
					s.files[0].SizeBytes = nil
					s.wantNothingSaved("the download host")
				})
			})
		}
	}
}

// The same for the API's endpoint, which can answer with the content itself.
func TestEveryStatusOfTheDownloadEndpoint(t *testing.T) {
	t.Parallel()
	for _, code := range []int{201, 202, 203, 204, 205, 206, 226, 300, 304, 400, 401, 403, 404, 410, 500, 503} {
		for _, content := range []string{"", letters} {
			t.Run(fmt.Sprintf("the API answers %d with %d bytes", code, len(content)), func(t *testing.T) {
				t.Parallel()
				r := reply{code: code, header: http.Header{}, body: strings.NewReader(content), length: int64(len(content))}
				inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, nil, func(t *testing.T, s *saver) {
					s.api.next = always(r)
					s.wantNothingSaved("")
					if link, err := s.downloads.Link(t.Context(), s.ref, s.files[0].ID); err == nil || link != "" {
						t.Errorf("the link is %q, %v", link, err)
					}
					if content, _, err := s.downloads.Read(t.Context(), s.ref, s.files[0], 100); err == nil {
						t.Errorf("the content is %q", content)
					}
				})
			})
		}
	}
}

// The list's size is a hint. A complete answer is right.
func TestFileOfAnotherSizeThanListed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		host   roundTrip
		listed string
	}{
		"the file is longer than listed":                           {script(t, whole(letters)), letters[:20]},
		"the file is listed as empty":                              {script(t, whole(letters)), ""},
		"two answers in a row are shorter than listed":             {script(t, whole(letters), whole(letters)), letters + "…"},
		"the answer is longer than listed and has no length":       {script(t, unmeasured(letters, true)), letters[:20]},
		"the file is listed as empty and the answer has no length": {script(t, unmeasured(letters, true)), ""},
		"the parts together are longer than listed":                {script(t, part(200, 0, 10, "Etag", `"1"`), part(206, 10, 99, "Etag", `"1"`)), letters[:20]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, simulator.Options{}, []simulator.File{{Content: c.listed}}, c.host, func(t *testing.T, s *saver) {
				o := s.save(t.Context())
				if len(o.Saved) != 1 || o.Saved[0].Fingerprint.Size != 26 {
					t.Fatalf("%+v", o)
				}
				got, err := os.ReadFile(filepath.Join(s.dir, o.Saved[0].Name))
				if err != nil || string(got) != letters {
					t.Errorf("%q, %v", got, err)
				}
			})
		})
	}
	// Without a size in the list, the size that the host announces is right.
	inDownload(t, simulator.Options{}, []simulator.File{{Content: letters[:20]}}, script(t, part(200, 0, 99)), func(_ *testing.T, s *saver) {
		s.files[0].SizeBytes = nil
		if o := s.save(s.t.Context()); len(o.Saved) != 1 || o.Saved[0].Fingerprint.Size != 26 {
			s.t.Errorf("%v", o)
		}
	})
}

func TestAnswerThatIsTooLong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		length int64
		most   int64 // bytes that may be read of it
	}{
		"the answer is longer than its Content-Length": {26, 1 << 20},
		"the answer has no length and does not end":    {-1, 4 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := &endless{}
			r := reply{code: 200, body: body, length: c.length, chunked: c.length < 0}
			inDownload(t, simulator.Options{}, []simulator.File{{Content: letters[:10]}}, script(t, r), func(t *testing.T, s *saver) {
				as[*download.MismatchError](t, s.wantNothingSaved("its size is more than"))
				if body.read > c.most {
					t.Errorf("%d bytes were read", body.read)
				}
			})
		})
	}
}

func TestAnswerThatMayBeIncomplete(t *testing.T) {
	t.Parallel()
	inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, always(unmeasured(letters, false)), func(_ *testing.T, s *saver) {
		s.files[0].SizeBytes = nil
		s.wantNothingSaved("nothing shows whether the content was complete")
	})
	inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, always(whole("")), func(_ *testing.T, s *saver) {
		s.wantNothingSaved("the answer has 0 bytes, but the run's list of files says 26")
	})
}

// net/http quotes what it cannot parse, and a host can put the link there.
func TestNoErrorShowsTheLink(t *testing.T) {
	t.Parallel()
	quoting := func(req *http.Request) error {
		return fmt.Errorf("malformed HTTP response %q, code %s", req.URL, req.URL.Query().Get("signature"))
	}
	for name, host := range map[string]roundTrip{
		"the link is in the status line": func(req *http.Request) (*http.Response, error) { return nil, quoting(req) },
		"the link is in a trailer": func(req *http.Request) (*http.Response, error) {
			return reply{code: 200, body: failing{quoting(req)}, length: -1, chunked: true}.response(req), nil
		},
		"the link is in the reason phrase": always(reply{code: 405, body: strings.NewReader(""), length: 0}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownload(t, simulator.Options{}, []simulator.File{{Content: letters}}, host, func(t *testing.T, s *saver) {
				err := s.wantNothingSaved("")
				for _, req := range s.host.requests {
					if secret := req.URL.Query().Get("signature"); strings.Contains(err.Error(), secret) {
						t.Errorf("the error shows the signature: %v", err)
					}
				}
			})
		})
	}
}

func TestRedirectsOfTheDownloadHost(t *testing.T) {
	t.Parallel()
	files := []simulator.File{{Content: letters}}
	to := func(location string) reply {
		return reply{code: 307, header: http.Header{"Location": {location}}, body: strings.NewReader("")}
	}
	follow := []reply{to("https://user:pw@eu.example.test/x?signature=2"), to("/y?signature=3"), part(200, 0, 99)}
	inDownload(t, simulator.Options{}, files, script(t, follow...), func(t *testing.T, s *saver) {
		s.wantSaved(files)
		if last := s.host.requests[2]; last.URL.Host != "eu.example.test" || last.URL.Path != "/y" {
			t.Errorf("was redirected to %s", last.URL)
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
		"the host redirects without end":                    {[]reply{to("/1"), to("/2"), to("/3"), to("/4"), to("/5")}, "redirects more than 4 times"},
		"the host redirects to something that is not a URL": {[]reply{to("http://[::1?signature=4")}, "redirects to something that is not a URL"},
		"the redirect has no Location":                      {[]reply{{code: 302, header: http.Header{}, body: strings.NewReader("")}}, "answered 302 Found"},
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
	const says = "leads to downloads.simulator.invalid over plain http"
	inDownload(t, simulator.Options{}, files, script(t), func(t *testing.T, s *saver) {
		s.downloads = download.New(s.client, nil, s.host, false)
		s.wantNothingSaved(says)
		s.wantCount(simulator.KindDownload, 1)
		if link, err := s.downloads.Link(t.Context(), s.ref, s.files[0].ID); err == nil || !strings.Contains(err.Error(), says) || link != "" {
			t.Errorf("got %q, %v", link, err)
		}
	})
	// The same for a redirect to plain http.
	there := reply{code: 302, header: http.Header{"Location": {"http://downloads.simulator.invalid/?signature=2"}}, body: strings.NewReader("")}
	inDownload(t, simulator.Options{}, files, script(t, there), func(_ *testing.T, s *saver) {
		s.api.next = secureLinks{s.api.next}
		s.downloads = download.New(s.client, nil, s.host, false)
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
		if _, err := s.downloads.Link(t.Context(), s.ref, s.files[0].ID); err == nil || !strings.Contains(err.Error(), "gives no links") {
			t.Errorf("of a deployment without links: %v", err)
		}
	})
}

// TestOwnTransport is the only test with real connections. A file that is stored compressed is saved compressed.
func TestOwnTransport(t *testing.T) {
	t.Parallel()
	cloud := simulator.New(simulator.Options{Agents: []simulator.Agent{{ID: agentID, Files: []simulator.File{{Content: letters}}}}})
	api := &apiTransport{next: cloud.Transport()}
	downloads := download.New(newClient(t, "https://cloud.example.test", api), nil, nil, true)
	id := finishedRun(cloud)
	files, err := downloads.Files(t.Context(), id)
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
	api.next = roundTrip(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {store.URL}}, Body: http.NoBody, Request: req}, nil
	})
	directory, err := download.CreateDirectory(filepath.Join(t.TempDir(), "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	defer directory.Close()
	outcome := downloads.Save(t.Context(), id, directory, download.Targets(files))
	if len(outcome.Saved) != 1 || outcome.Saved[0].Fingerprint.Size != 26 {
		t.Errorf("%v", outcome)
	}
}
