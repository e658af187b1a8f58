// Package download brings the files of runs to this machine: whole or not at all, into a directory or into memory. It
// speaks to Sequentum Cloud through package sequentum and knows nothing of Terraform.
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

// downloadsAtOnce is how many transfers of one provider configuration are under way at a time: enough to hide the
// latency of small files, and not so many that large ones starve each other.
const downloadsAtOnce = 4

// Downloader fetches the content of files, a few at a time. Each file costs one request of the API's budget, for the
// link to it; the download host has a separate client, which knows no credentials (API: Output files).
type Downloader struct {
	client  *sequentum.Client
	log     sequentum.LogFunc
	host    downloadHost
	slots   chan struct{}
	buffers sync.Pool
}

// New returns a downloader that asks client for its links. A nil log drops all lines. transport carries the requests to
// the download host; nil is a separate pool of connections. Links by plain http are refused unless plainHTTP allows
// them, as is right only where the API itself is reached that way, on this machine.
func New(client *sequentum.Client, log sequentum.LogFunc, transport http.RoundTripper, plainHTTP bool) *Downloader {
	if log == nil {
		log = func(context.Context, string, map[string]any) {}
	}
	return &Downloader{
		client: client,
		log:    log,
		host:   newDownloadHost(transport, plainHTTP),
		slots:  make(chan struct{}, downloadsAtOnce),
		buffers: sync.Pool{New: func() any {
			buffer := make([]byte, bufferSize)
			return &buffer
		}},
	}
}

// Files lists what the run left behind, ordered by id, each file once. The list of a run that is still active can be empty
// or partial. Its errors are the API's.
func (d *Downloader) Files(ctx context.Context, ref sequentum.RunRef) ([]sequentum.File, error) {
	files, err := d.client.RunFiles(ctx, ref.AgentID, ref.RunID)
	return slices.CompactFunc(files, func(a, b sequentum.File) bool { return a.ID == b.ID }), err
}

// Link asks for a file's temporary signed link. A deployment that answers with the content itself has none: that is an
// error. The others are the API's.
func (d *Downloader) Link(ctx context.Context, ref sequentum.RunRef, fileID int64) (string, error) {
	link, err := d.fileLink(ctx, ref, fileID)
	if err != nil {
		return "", err
	}
	if link.Body != nil {
		link.Body.Close()
		return "", errors.New("this deployment gives no links to files: it sends the content itself")
	}
	if _, err := d.host.check(link.URL); err != nil {
		return "", err
	}
	return link.URL, nil
}

// fileLink asks where the file's content is. It returns either an error or a place, never neither.
func (d *Downloader) fileLink(ctx context.Context, ref sequentum.RunRef, fileID int64) (*sequentum.Link, error) {
	link, err := d.client.FileLink(ctx, ref.AgentID, ref.RunID, fileID)
	if err == nil && (link == nil || link.URL == "" && link.Body == nil) {
		err = errors.New("the API answered neither with a link to the file nor with its content")
	}
	return link, err
}

// Read gives the content of a file and its SHA-256 in hex. More than limit bytes are a [TooLargeError], whatever the list
// says; the other errors are the API's, an [EndedError], or say what the download host did.
func (d *Downloader) Read(ctx context.Context, ref sequentum.RunRef, file sequentum.File, limit int64) (content []byte, sum string, err error) {
	if err := d.acquire(ctx); err != nil {
		return nil, "", err
	}
	defer d.release()
	memory := &limitedMemory{limit: limit}
	t := transfer{d: d, ref: ref, file: file, sink: memory}
	if sum, _, err = t.do(ctx); err != nil {
		return nil, "", err
	}
	return memory.Bytes(), sum, nil
}

// acquire waits for a transfer's turn.
func (d *Downloader) acquire(ctx context.Context) error {
	select {
	case d.slots <- struct{}{}:
		if ctx.Err() == nil {
			return nil
		}
		d.release()
	case <-ctx.Done():
	}
	return &EndedError{Waiting: fmt.Sprintf("for its turn: %d files are fetched at a time", downloadsAtOnce), cause: context.Cause(ctx)}
}

func (d *Downloader) release() { <-d.slots }

// Target is a file to be saved.
type Target struct {
	File    sequentum.File
	Name    string // in the directory
	SHA256  string // hex; what the content must be; "": whatever it is
	Replace Replace
}

// Targets gives each file a name to be saved under, ordered by id: safe on every file system, in NFC form, and with the
// id in it where two files would otherwise share one.
func Targets(files []sequentum.File) []Target {
	files = slices.CompactFunc(files, func(a, b sequentum.File) bool { return a.ID == b.ID })
	names := diskNames(files)
	targets := make([]Target, len(files))
	for i, f := range files {
		targets[i] = Target{File: f, Name: names[f.ID]}
	}
	return targets
}
