// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package download fetches the files of runs to a directory or to memory. A file on disk is always complete: while it is
// written it has a temporary name. The package sends its requests to Sequentum Cloud through package sequentum, and knows
// nothing of Terraform.
package download

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// maxTransfers is how many transfers of one provider configuration run at a time: enough to hide the latency of small
// files, and not so many that large files slow each other down.
const maxTransfers = 4

// Downloader fetches the content of files, four at a time. Each file costs one request of the API's budget, for the link to
// it. The download host has a separate HTTP client, which knows no credentials (API: Output files). A Downloader can be
// used by several goroutines.
type Downloader struct {
	client  *sequentum.Client
	log     sequentum.LogFunc
	host    downloadHost
	slots   chan struct{}
	buffers sync.Pool
}

// New returns a downloader that asks client for the links. A nil log drops all lines. transport carries the requests to the
// download host; nil means a new pooled transport. Links with plain http are refused unless plainHTTP is true. That is safe
// only if the API itself is on this machine and reached by plain http.
func New(client *sequentum.Client, log sequentum.LogFunc, transport http.RoundTripper, plainHTTP bool) *Downloader {
	if log == nil {
		log = func(context.Context, string, map[string]any) {}
	}
	return &Downloader{
		client: client,
		log:    log,
		host:   newDownloadHost(transport, plainHTTP, client.UserAgent()),
		slots:  make(chan struct{}, maxTransfers),
		buffers: sync.Pool{New: func() any {
			buffer := make([]byte, bufferSize)
			return &buffer
		}},
	}
}

// Files lists the run's files, ordered by id, each file once. The list of a run that is still active can be empty or partial
// (API: Output files). Its errors are those of [sequentum.Client.RunFiles].
func (d *Downloader) Files(ctx context.Context, ref sequentum.RunRef) ([]sequentum.File, error) {
	files, err := d.client.RunFiles(ctx, ref.AgentID, ref.RunID)
	return slices.CompactFunc(files, func(a, b sequentum.File) bool { return a.ID == b.ID }), err
}

// Link asks for a file's signed link, which expires. Some deployments have no links and answer with the content itself: that
// is an error. A link with plain http is an error too, unless plain http is allowed. The other errors are those of
// [sequentum.Client.FileLink]. (API: Output files)
func (d *Downloader) Link(ctx context.Context, ref sequentum.RunRef, fileID int64) (string, error) {
	link, err := d.fileLink(ctx, ref, fileID)
	if err != nil {
		return "", err
	}
	if link.Body != nil {
		link.Body.Close()
		return "", errors.New("this deployment gives no links to files: it sends the content itself")
	}
	if _, err := d.host.checkLink(link.URL); err != nil {
		return "", err
	}
	return link.URL, nil
}

// fileLink asks where the file's content is. Without an error the link has a URL or a body.
func (d *Downloader) fileLink(ctx context.Context, ref sequentum.RunRef, fileID int64) (*sequentum.Link, error) {
	link, err := d.client.FileLink(ctx, ref.AgentID, ref.RunID, fileID)
	if err == nil && (link == nil || link.URL == "" && link.Body == nil) {
		err = errors.New("the API answered neither with a link to the file nor with its content")
	}
	return link, err
}

// Read returns the content of a file and its SHA-256 in hex. A content of more than limit bytes is a [TooLargeError], also
// if the run's list of files says less. When ctx ends, the error is an [EndedError]. The other errors are those of
// [sequentum.Client.FileLink], or say what the download host did.
func (d *Downloader) Read(ctx context.Context, ref sequentum.RunRef, file sequentum.File, limit int64) (content []byte, sum string, err error) {
	if err := d.acquireSlot(ctx); err != nil {
		return nil, "", err
	}
	defer d.releaseSlot()
	buffer := &limitedBuffer{limit: limit}
	t := transfer{d: d, ref: ref, file: file, writer: buffer}
	fetched, err := t.fetch(ctx)
	if err != nil {
		return nil, "", err
	}
	return buffer.Bytes(), fetched.SHA256, nil
}

// acquireSlot waits until fewer than maxTransfers are running. Its error is an [EndedError].
func (d *Downloader) acquireSlot(ctx context.Context) error {
	select {
	case d.slots <- struct{}{}:
		if ctx.Err() == nil {
			return nil
		}
		d.releaseSlot()
	case <-ctx.Done():
	}
	return &EndedError{Waiting: fmt.Sprintf("for its turn: %d files are fetched at a time", maxTransfers), cause: context.Cause(ctx)}
}

func (d *Downloader) releaseSlot() { <-d.slots }
