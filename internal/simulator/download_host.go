// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Validator is the header by which the host of signed links tells versions of a file apart.
type Validator string

// The validators.
const (
	StrongETag   Validator = ""              // an ETag that is different for every content
	WeakETag     Validator = "weak"          // an ETag that cannot be used for a range
	LastModified Validator = "last_modified" // the time of the last change, to the second
	NoValidator  Validator = "none"
)

// UnmarshalText reads a validator from an agents file.
func (v *Validator) UnmarshalText(text []byte) error {
	return decodeName(v, text, []Validator{WeakETag, LastModified, NoValidator})
}

// downloadHandler is the host that signed links point to. It behaves like an object store.
func (c *Cloud) downloadHandler() http.Handler {
	serve := func(w http.ResponseWriter, q *call) { c.answerWithFault(w, q, (*Cloud).signedDownload) }
	mux := http.NewServeMux()
	mux.Handle("GET /run-files/{runId}/{fileId}", c.loggedHandler(route{kind: KindSignedDownload}, serve))
	mux.Handle("/", c.loggedHandler(route{kind: KindSignedDownload}, func(w http.ResponseWriter, q *call) {
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
	f, ok := c.signedFile(q)
	if !ok {
		return c.refuseDownload(q, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	}
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/octet-stream")
		modified := time.Time{}
		switch f.Validator {
		case StrongETag:
			w.Header().Set("ETag", f.etag())
		case WeakETag:
			w.Header().Set("ETag", "W/"+f.etag())
		case LastModified:
			modified = f.changed
		}
		http.ServeContent(quirkWriter{w, q.quirk}, q.quirk.changeRequest(q.Request, f.length), "", modified, f.content())
	}
}

// signedFile is the file that the path names, as long as its run is not removed.
func (c *Cloud) signedFile(q *call) (runFile, bool) {
	r := c.runs[q.runID]
	if r == nil {
		return runFile{}, false
	}
	s, _ := r.life.stateAt(q.now)
	f, ok := r.fileWithID(pathID(q.Request, "fileId"), s, q.now)
	return f, ok && !s.gone
}

// signedLink is the link to a file, which is valid until expires.
func (c *Cloud) signedLink(runID, fileID int64, expires time.Time) string {
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
