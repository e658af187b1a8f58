package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// wireFile is an output file (API: Output files).
type wireFile struct {
	ID       int64   `json:"id"`
	Name     *string `json:"name"`
	FileType any     `json:"fileType"`
	FileSize int64   `json:"fileSize"`
	Created  *string `json:"created"`
	RegionID *int64  `json:"regionId"`
}

// present are the files that the run has in state s.
func (r *run) present(s state) []File {
	return r.files[:int(float64(len(r.files))*s.files)]
}

// file is the run's file of that id in state s.
func (r *run) file(id int64, s state) (File, bool) {
	i, present := id-r.firstFile, r.present(s)
	if i < 0 || i >= int64(len(present)) {
		return File{}, false
	}
	return present[i], true
}

func (c *Cloud) listFiles(q *call) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	r, s := c.visibleRun(q.agentID, q.runID, now)
	if r == nil {
		return c.noSuchRun(q)
	}
	created := s.ended
	if created.IsZero() {
		created = now
	}
	present := r.present(s)
	files := make([]wireFile, len(present))
	for i, f := range present {
		files[i] = wireFile{
			ID: r.firstFile + int64(i), Name: f.Name, FileType: f.Type.wire(c.options.LegacyStatusNames),
			FileSize: f.Length(), Created: c.time(r, int64(i), created), RegionID: f.RegionID,
		}
	}
	return jsonAnswer(http.StatusOK, files)
}

func (c *Cloud) download(q *call) answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	r, s := c.visibleRun(q.agentID, q.runID, now)
	if r == nil {
		return c.noSuchRun(q)
	}
	id := pathID(q.Request, "fileId")
	f, ok := r.file(id, s)
	if !ok {
		return c.refuse(q, http.StatusNotFound, "File %s was not found.", q.PathValue("fileId"))
	}
	if c.options.InlineDownloads {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Length", strconv.FormatInt(f.Length(), 10))
			_, _ = io.Copy(w, f.Open()) // the client may have gone
		}
	}
	code := http.StatusFound
	if c.links.Add(1)%2 == 0 {
		code = http.StatusTemporaryRedirect
	}
	return redirectAnswer(code, c.sign(r.id, id, now.Add(c.options.LinkLife)))
}

// sign is the link to a file, which lives until expires.
func (c *Cloud) sign(runID, fileID int64, expires time.Time) string {
	path := fmt.Sprintf("/run-files/%d/%d", runID, fileID)
	until := strconv.FormatInt(expires.UnixMilli(), 10)
	query := url.Values{"expires": {until}, "signature": {c.signature(path, until)}}
	return c.downloadBase + path + "?" + query.Encode()
}

func (c *Cloud) signature(path, expires string) string {
	mac := hmac.New(sha256.New, c.secret)
	mac.Write([]byte(path + "\n" + expires))
	return hex.EncodeToString(mac.Sum(nil))
}

// downloadHandler is the second host. It behaves as an object store does.
func (c *Cloud) downloadHandler() http.Handler {
	serve := func(w http.ResponseWriter, q *call) { c.serve(w, q, c.signedDownload) }
	mux := http.NewServeMux()
	mux.Handle("GET /run-files/{runId}/{fileId}", c.record(KindSignedDownload, serve))
	mux.Handle("/", c.record(KindSignedDownload, func(w http.ResponseWriter, q *call) {
		c.storeRefusal(q, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")(w)
	}))
	return mux
}

func (c *Cloud) signedDownload(q *call) answer {
	if len(q.Header.Values("Authorization")) > 0 {
		return c.storeRefusal(q, http.StatusBadRequest, "InvalidArgument",
			"Only one auth mechanism allowed; only the X-Signature query parameter or the Authorization header should be specified.")
	}
	query := q.URL.Query()
	expires := query.Get("expires")
	if !hmac.Equal([]byte(query.Get("signature")), []byte(c.signature(q.URL.Path, expires))) {
		return c.storeRefusal(q, http.StatusForbidden, "SignatureDoesNotMatch", "The signature does not match.")
	}
	now := c.now()
	if until, err := strconv.ParseInt(expires, 10, 64); err != nil || now.UnixMilli() >= until {
		return c.storeRefusal(q, http.StatusForbidden, "AccessDenied", "Request has expired.")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var f File
	r, id, ok := c.runs[q.runID], pathID(q.Request, "fileId"), false
	if r != nil {
		s, _ := r.life.at(now)
		f, ok = r.file(id, s)
		ok = ok && !s.gone
	}
	if !ok {
		return c.storeRefusal(q, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/octet-stream")
		w.Header().Set("ETag", strconv.Quote(strconv.FormatInt(id, 36)))
		http.ServeContent(w, q.Request, "", time.Time{}, f.Open())
	}
}
