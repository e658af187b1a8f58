package simulator

import (
	"crypto/hmac"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Validator is how the host that signed links point to tells one version of a file from another.
type Validator string

// The validators.
const (
	StrongETag   Validator = ""              // an ETag that is another one for every content
	WeakETag     Validator = "weak"          // an ETag that is good for no range
	LastModified Validator = "last_modified" // the time of the last change, to the second
	NoValidator  Validator = "none"
)

// UnmarshalText reads a validator from an agents file.
func (v *Validator) UnmarshalText(text []byte) error {
	return decodeName(v, text, []Validator{WeakETag, LastModified, NoValidator})
}

// Quirk is how the host that signed links point to treats a request otherwise than HTTP has it.
type Quirk string

// The quirks.
const (
	UnaskedRange   Quirk = "unasked_range"    // 206 with the first half where no range was asked for
	UnknownSize    Quirk = "unknown_size"     // a range of * bytes
	Chunked        Quirk = "chunked"          // no Content-Length
	IgnoresIfRange Quirk = "ignores_if_range" // the range, although the file has changed
	IgnoresRange   Quirk = "ignores_range"    // the whole file
	ShiftedRange   Quirk = "shifted_range"    // a range that begins a byte later than the one that was asked for
)

// UnmarshalText reads a quirk from an agents file.
func (k *Quirk) UnmarshalText(text []byte) error {
	return decodeName(k, text, []Quirk{UnaskedRange, UnknownSize, Chunked, IgnoresIfRange, IgnoresRange, ShiftedRange})
}

// ask is the request as a host with the quirk takes it, for a file of that size.
func (k Quirk) ask(r *http.Request, size int64) *http.Request {
	asked := r.Header.Get("Range")
	r = r.Clone(r.Context())
	switch {
	case k == UnaskedRange && asked == "":
		r.Header.Set("Range", fmt.Sprintf("bytes=0-%d", max(0, size/2-1)))
	case k == IgnoresIfRange:
		r.Header.Del("If-Range")
	case k == IgnoresRange:
		r.Header.Del("Range")
	case k == ShiftedRange:
		var first int64
		if n, _ := fmt.Sscanf(asked, "bytes=%d-", &first); n == 1 {
			r.Header.Set("Range", fmt.Sprintf("bytes=%d-", first+1))
		}
	}
	return r
}

// quirkWriter changes the headers of an answer as a quirk has them.
type quirkWriter struct {
	http.ResponseWriter
	quirk Quirk
}

func (w quirkWriter) WriteHeader(code int) {
	switch w.quirk {
	case UnknownSize:
		if part, _, ok := strings.Cut(w.Header().Get("Content-Range"), "/"); ok {
			w.Header().Set("Content-Range", part+"/*")
		}
	case Chunked:
		w.Header().Del("Content-Length")
	}
	w.ResponseWriter.WriteHeader(code)
	if w.quirk == Chunked {
		_ = http.NewResponseController(w.ResponseWriter).Flush() // so that net/http does not count a short body itself
	}
}

// downloadHandler is the second host. It behaves as an object store does.
func (c *Cloud) downloadHandler() http.Handler {
	serve := func(w http.ResponseWriter, q *call) { c.serve(w, q, (*Cloud).signedDownload) }
	mux := http.NewServeMux()
	mux.Handle("GET /run-files/{runId}/{fileId}", c.record(route{kind: KindSignedDownload}, serve))
	mux.Handle("/", c.record(route{kind: KindSignedDownload}, func(w http.ResponseWriter, q *call) {
		c.refuseDownload(q, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")(w)
	}))
	return mux
}

func (c *Cloud) signedDownload(q *call) answer {
	if len(q.Header.Values("Authorization")) > 0 {
		return c.refuseDownload(q, http.StatusBadRequest, "InvalidArgument",
			"Only one auth mechanism allowed; only the X-Signature query parameter or the Authorization header should be specified.")
	}
	query := q.URL.Query()
	expires := query.Get("expires")
	if !hmac.Equal([]byte(query.Get("signature")), []byte(c.signature(q.URL.Path, expires))) {
		return c.refuseDownload(q, http.StatusForbidden, "SignatureDoesNotMatch", "The signature does not match.")
	}
	if until, err := strconv.ParseInt(expires, 10, 64); err != nil || q.now.UnixMilli() >= until {
		return c.refuseDownload(q, http.StatusForbidden, "AccessDenied", "Request has expired.")
	}
	var f servedFile
	r, ok := c.runs[q.runID], false
	if r != nil {
		s, _ := r.life.at(q.now)
		f, ok = r.file(pathID(q.Request, "fileId"), s, q.now)
		ok = ok && !s.gone
	}
	if !ok {
		return c.refuseDownload(q, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/octet-stream")
		modified := time.Time{}
		switch f.Validator {
		case StrongETag:
			w.Header().Set("ETag", f.tag())
		case WeakETag:
			w.Header().Set("ETag", "W/"+f.tag())
		case LastModified:
			modified = f.changed
		}
		http.ServeContent(quirkWriter{w, q.quirk}, q.quirk.ask(q.Request, f.length), "", modified, f.open())
	}
}

// servedFile is a file at one moment.
type servedFile struct {
	File
	id      int64
	version int // how often it has been changed
	length  int64
	changed time.Time
}

// tag is a quoted text that is another one for every content.
func (f servedFile) tag() string {
	return strconv.Quote(fmt.Sprintf("%s-%d-%d", strconv.FormatInt(f.id, 36), f.version, f.length))
}

// open returns the content of this version.
func (f servedFile) open() *io.SectionReader {
	content := f.Open().(io.ReaderAt) // as every reader of Open is
	if f.version > 0 {
		content = altered{content, byte(f.version)}
	}
	return io.NewSectionReader(content, 0, f.length)
}

// altered is content to each byte of which something is added.
type altered struct {
	io.ReaderAt
	by byte
}

func (a altered) ReadAt(p []byte, at int64) (int, error) {
	n, err := a.ReaderAt.ReadAt(p, at)
	for i := range p[:n] {
		p[i] += a.by
	}
	return n, err
}
