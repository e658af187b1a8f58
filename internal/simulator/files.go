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
	FileSize *int64  `json:"fileSize"`
	Created  *string `json:"created"`
	RegionID *int64  `json:"regionId"`
}

// has tells whether the run has its file number i in state s.
func (r *run) has(i int, s state) bool {
	return i < int(float64(len(r.files))*s.files) || r.files[i].GrowsPerSecond > 0 && !s.started.IsZero()
}

// file is the run's file of that id as it is in state s.
func (r *run) file(id int64, s state, now time.Time) (servedFile, bool) {
	i := id - r.firstFile
	if i < 0 || i >= int64(len(r.files)) || !r.has(int(i), s) {
		return servedFile{}, false
	}
	f := servedFile{File: r.files[i], id: id, version: r.versions[id]}
	f.length = f.grown(s, now)
	// HTTP has times in seconds, so that two changes are a second apart at least.
	f.changed = r.created.Add(time.Duration(f.version) * time.Second)
	return f, true
}

// grown is how much of the file there is.
func (f File) grown(s state, now time.Time) int64 {
	if f.GrowsPerSecond <= 0 || s.status.Finished() {
		return f.Length()
	}
	return min(f.Length(), max(0, int64(now.Sub(s.started).Seconds()*float64(f.GrowsPerSecond))))
}

// listed is the size that the list of files shows; nil: null. Of a file that grows it is what it was a moment ago.
func (f File) listed(s state, now time.Time) *int64 {
	const behind = 2 * time.Second
	switch {
	case f.ListedSize == nil:
		return new(f.grown(s, now.Add(-behind)))
	case *f.ListedSize < 0:
		return nil
	}
	return f.ListedSize
}

func (c *Cloud) listFiles(q *call, r *run, s state) answer {
	created := s.ended
	if created.IsZero() {
		created = q.now
	}
	files := make([]wireFile, 0, len(r.files))
	for i, f := range r.files {
		if !r.has(i, s) {
			continue
		}
		files = append(files, wireFile{
			ID: r.firstFile + int64(i), Name: f.Name, FileType: f.Type.wire(c.options.LegacyStatusNames),
			FileSize: f.listed(s, q.now), Created: c.time(r, int64(i), created), RegionID: f.RegionID,
		})
	}
	return jsonAnswer(http.StatusOK, files)
}

func (c *Cloud) downloadFile(q *call, r *run, s state) answer {
	id := pathID(q.Request, "fileId")
	f, ok := r.file(id, s, q.now)
	if !ok {
		return c.refuse(q, http.StatusNotFound, "File %s was not found.", q.PathValue("fileId"))
	}
	if c.options.InlineDownloads {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Length", strconv.FormatInt(f.length, 10))
			_, _ = io.Copy(w, f.open()) // the client may have gone
		}
	}
	code := http.StatusFound
	if c.links.Add(1)%2 == 0 {
		code = http.StatusTemporaryRedirect
	}
	return redirectAnswer(code, c.sign(r.id, id, q.now.Add(c.options.LinkLife)))
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
