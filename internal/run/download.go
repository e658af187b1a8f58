package run

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

// Downloads fetches the content of files, a few at a time. Each file costs one request of the API's budget, for the
// link to it; the download host has a client of its own, which knows no credentials (API: Output files).
type Downloads struct {
	m       *Manager
	host    downloadHost
	slots   chan struct{}
	buffers sync.Pool
}

// NewDownloads returns downloads that get their links through m. transport carries the requests to the download host;
// nil is a pooled one of its own. Links by plain http are refused unless plainHTTP allows them, as is right only where
// the API itself is reached that way, on this machine.
func NewDownloads(m *Manager, transport http.RoundTripper, plainHTTP bool) *Downloads {
	return &Downloads{
		m:     m,
		host:  newDownloadHost(transport, plainHTTP),
		slots: make(chan struct{}, downloadsAtOnce),
		buffers: sync.Pool{New: func() any {
			buffer := make([]byte, bufferSize)
			return &buffer
		}},
	}
}

// Link asks for a file's temporary signed link. A deployment that answers with the content itself has none: that is an
// error. The others are the API's.
func (d *Downloads) Link(ctx context.Context, ref Ref, fileID int64) (string, error) {
	link, err := d.fileLink(ctx, ref, fileID)
	if err != nil {
		return "", err
	}
	if link.Body != nil {
		link.Body.Close()
		return "", errors.New("this deployment has no links: it answers with the content itself")
	}
	if _, err := d.host.check(link.URL); err != nil {
		return "", err
	}
	return link.URL, nil
}

// fileLink asks where the file's content is. It never returns neither an error nor a place.
func (d *Downloads) fileLink(ctx context.Context, ref Ref, fileID int64) (*sequentum.Link, error) {
	link, err := d.m.client.FileLink(ctx, ref.AgentID, ref.RunID, fileID)
	if err == nil && (link == nil || link.URL == "" && link.Body == nil) {
		err = errors.New("the API answered neither with a link to the file nor with its content")
	}
	return link, err
}

// Read gives the content of a file and its SHA-256 in hex. More than limit bytes are a [TooLargeError], whatever the list
// says; the other errors are the API's, an [EndedError], or say what the download host did.
func (d *Downloads) Read(ctx context.Context, ref Ref, file sequentum.File, limit int64) (content []byte, sum string, err error) {
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
func (d *Downloads) acquire(ctx context.Context) error {
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

func (d *Downloads) release() { <-d.slots }

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
