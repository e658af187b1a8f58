// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"io"
	"net/http"
	"strconv"
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

func (c *Cloud) listFiles(q *call, r *run, s state) answer {
	created := s.ended
	if created.IsZero() {
		created = q.now
	}
	files := make([]wireFile, 0, len(r.files))
	for i := range r.files {
		f, ok := r.fileAt(int64(i), s, q.now)
		if !ok {
			continue
		}
		files = append(files, wireFile{
			ID: f.id, Name: f.Name, FileType: f.Type.wireValue(c.options.LegacyStatusNames),
			FileSize: f.listed, Created: c.formatTime(r, int64(i), created), RegionID: f.RegionID,
		})
	}
	return jsonAnswer(http.StatusOK, files)
}

func (c *Cloud) downloadFile(q *call, r *run, s state) answer {
	f, ok := r.fileWithID(pathID(q.Request, "fileId"), s, q.now)
	if !ok {
		return c.refuse(q, http.StatusNotFound, "File %s was not found.", q.PathValue("fileId"))
	}
	if c.options.InlineDownloads {
		return contentAnswer(f, "application/octet-stream")
	}
	code := http.StatusFound
	if c.links.Add(1)%2 == 0 {
		code = http.StatusTemporaryRedirect
	}
	return redirectAnswer(code, c.signedLink(r.id, f.id, q.now.Add(c.options.LinkLife)))
}

// contentAnswer answers with what a file holds.
func contentAnswer(f runFile, contentType string) answer {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.FormatInt(f.length, 10))
		_, _ = io.Copy(w, f.content()) // the client may have gone
	}
}
