// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What the headers of a part say is either not believed or makes sense: a part within the whole.
func FuzzAnswerHeaders(f *testing.F) {
	for _, seed := range [][2]string{
		{"bytes 0-9/10", `"v1"`}, {"bytes 5-9/*", `W/"v1"`}, {"bytes 9-5/10", ""}, {"bytes 0-9/5", `"`}, {"bytes -1-9/10", "v1"}, {"bytes 0-9223372036854775807/9223372036854775807", ""},
		{"bytes */10", ""}, {"items 0-9/10", ""}, {"bytes 0-9", ""}, {"", ""}, {"bytes 0x0-9/1_0", ""}, {"bytes 1-2/3 4", ""}, {"bytes -9223372036854775808--9223372036854775808/1", ""},
	} {
		f.Add(seed[0], seed[1], int64(10))
	}
	f.Fuzz(func(t *testing.T, contentRange, etag string, length int64) {
		length = max(-1, length)
		resp := &http.Response{
			StatusCode: http.StatusPartialContent, ContentLength: length, ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Range": {contentRange}, "Etag": {etag}}, Body: http.NoBody,
		}
		a := answerOf(resp)
		told := a.from >= 0
		if !a.partial || a.from < -1 || told && a.end <= a.from || !told && a.end != 0 {
			t.Errorf("%q is %+v", contentRange, a)
		}
		if a.total < -1 || a.total >= 0 && (!told || a.end > a.total) {
			t.Errorf("%q has %d bytes in all, and ends at %d", contentRange, a.total, a.end)
		}
		if a.version != "" && (a.version != etag || strings.HasPrefix(etag, "W/")) {
			t.Errorf("%q is the validator %q", etag, a.version)
		}
		resp.StatusCode = http.StatusOK
		if a := answerOf(resp); a.partial || a.total != length {
			t.Errorf("a whole file is %+v", a)
		}
	})
}

// A link that is refused is not shown, and one that is followed is not shown in any error either.
func FuzzLink(f *testing.F) {
	for _, seed := range []string{
		"https://files.example.test/a?sig=abcdefgh%2B&x=y", "http://files.example.test/?sig=abcdefgh", "https://", "://sig=abcdefgh", "//host/path", "https://h/%zz?sig=abcdefgh", "https://[::1]:443/?a=b+c+d+e+f+g", "ftp://x", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		u, err := downloadHost{}.checkLink(link)
		if err != nil {
			if _, query, found := strings.Cut(link, "?"); found && len(query) >= shortestSecret && strings.Contains(err.Error(), query) {
				t.Errorf("%q is refused with %q", link, err)
			}
			return
		}
		if u.Scheme != "https" || u.Host == "" {
			t.Errorf("%q is followed to %v", link, u)
		}
		quoting := errors.New("the host said " + u.String() + " and " + u.RawQuery)
		shown, harmless := hideLink(quoting, u).Error(), "the host said (signed link) and (signed link)"
		for _, secret := range append([]string{u.RawQuery}, valuesOf(u)...) {
			if len(secret) >= shortestSecret && !strings.Contains(harmless, secret) && strings.Contains(shown, secret) {
				t.Errorf("%q is left in %q", secret, shown)
			}
		}
	})
}

func valuesOf(u *url.URL) []string {
	var all []string
	for _, values := range u.Query() {
		all = append(all, values...)
	}
	return all
}

// However a content is read, its end is kept, and no more of it than that.
func FuzzReadThrough(f *testing.F) {
	f.Add([]byte("one\ntwo"), uint32(0), false)
	f.Add([]byte("x"), uint32(2*maxTail), true)
	f.Fuzz(func(t *testing.T, end []byte, before uint32, told bool) {
		content := strings.Repeat("b", int(before%(3*maxTail))) + string(end)
		size := int64(-1)
		if told {
			size = int64(len(content))
		}
		tail, err := readThrough(strings.NewReader(content), size)
		if err != nil || len(tail.Content) > maxTail || !strings.HasSuffix(content, string(tail.Content)) || tail.Cut != (len(content) > maxTail) || !tail.Cut && len(tail.Content) != len(content) {
			t.Errorf("%d of %d bytes, cut: %v, %v", len(tail.Content), len(content), tail.Cut, err)
		}
	})
}
