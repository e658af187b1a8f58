package run

import (
	"bytes"
	"cmp"
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
	link, err := d.m.client.FileLink(ctx, ref.AgentID, ref.RunID, fileID)
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

// TooLargeError is the error of a content that is larger than is allowed.
type TooLargeError struct {
	Limit int64 // bytes
}

func (e *TooLargeError) Error() string { return fmt.Sprintf("it is larger than %d bytes", e.Limit) }

// Read gives the content of a file and its SHA-256 in hex. More than limit bytes are a [TooLargeError]; the other errors
// are the API's, or say what the download host did.
func (d *Downloads) Read(ctx context.Context, ref Ref, file sequentum.File, limit int64) (content []byte, sum string, err error) {
	if file.Size != nil && *file.Size > limit {
		return nil, "", &TooLargeError{limit}
	}
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

// limitedMemory is a sink that takes at most limit bytes.
type limitedMemory struct {
	bytes.Buffer
	limit int64
}

func (m *limitedMemory) Write(p []byte) (int, error) {
	if int64(m.Len()+len(p)) > m.limit {
		return 0, &TooLargeError{m.limit}
	}
	return m.Buffer.Write(p)
}

func (m *limitedMemory) restart() error {
	m.Reset()
	return nil
}

// acquire waits for a transfer's turn; its error is the cause of ctx's end.
func (d *Downloads) acquire(ctx context.Context) error {
	select {
	case d.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
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

// Saved is a file that is whole, on disk, and under its name.
type Saved struct {
	Target
	Content
}

// FailedTarget is a file that was not saved. Nothing of it is left.
type FailedTarget struct {
	Target
	Err error
}

// Outcome says what became of each target: it is in exactly one of the lists, which are ordered by id.
type Outcome struct {
	Saved  []Saved
	Failed []FailedTarget
	// NotTried were not reached, because ctx ended or a fault concerned them all.
	NotTried []Target
}

// Save brings the targets into the directory, a few at a time: each streamed to a temporary file beside its name,
// checked, synced and renamed, so that a file is whole or absent. A fault of one file does not keep the others back;
// one that concerns all of them, such as a full disk or an API that does not answer, ends the rest.
func (d *Downloads) Save(ctx context.Context, ref Ref, directory *Directory, targets []Target) Outcome {
	s := saving{d: d, ref: ref, directory: directory, queue: targets}
	var workers sync.WaitGroup
	for range min(downloadsAtOnce, len(targets)) {
		workers.Go(func() { s.work(ctx) })
	}
	workers.Wait()
	if err := directory.sync(); err != nil && len(s.outcome.Saved) > 0 {
		d.m.log(ctx, "the directory could not be synced", map[string]any{"error": err.Error()})
	}
	s.outcome.NotTried = append(s.outcome.NotTried, s.queue...)
	s.outcome.sort()
	return s.outcome
}

// sort orders by id what came in the order of the transfers' ends.
func (o *Outcome) sort() {
	slices.SortFunc(o.Saved, func(a, b Saved) int { return cmp.Compare(a.File.ID, b.File.ID) })
	slices.SortFunc(o.Failed, func(a, b FailedTarget) int { return cmp.Compare(a.File.ID, b.File.ID) })
	slices.SortFunc(o.NotTried, func(a, b Target) int { return cmp.Compare(a.File.ID, b.File.ID) })
}

// saving is one Save under way.
type saving struct {
	d         *Downloads
	ref       Ref
	directory *Directory

	mu      sync.Mutex
	queue   []Target
	ended   bool // nothing more is begun
	outcome Outcome
}

func (s *saving) work(ctx context.Context) {
	for {
		if s.d.acquire(ctx) != nil {
			return
		}
		target, ok := s.next()
		if ok {
			content, err := s.save(ctx, target)
			s.note(ctx, target, content, err)
		}
		s.d.release()
		if !ok {
			return
		}
	}
}

func (s *saving) next() (Target, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || len(s.queue) == 0 {
		return Target{}, false
	}
	target := s.queue[0]
	s.queue = s.queue[1:]
	return target, true
}

func (s *saving) note(ctx context.Context, target Target, content Content, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil:
		s.outcome.Saved = append(s.outcome.Saved, Saved{target, content})
	case ctx.Err() != nil:
		s.outcome.NotTried = append(s.outcome.NotTried, target)
	default:
		s.outcome.Failed = append(s.outcome.Failed, FailedTarget{target, err})
		s.ended = s.ended || !concernsOneFile(err)
	}
}

// concernsOneFile reports whether other files may fare better.
func concernsOneFile(err error) bool {
	var refused *refusedError
	var mismatch *MismatchError
	var blocked *blockedError
	return sequentum.IsNotFound(err) || errors.As(err, &refused) || errors.As(err, &mismatch) || errors.As(err, &blocked)
}

// save brings one target into the directory.
func (s *saving) save(ctx context.Context, target Target) (content Content, err error) {
	temporary := temporaryName()
	size := int64(0)
	if target.File.Size != nil {
		size = *target.File.Size
	}
	f, err := s.directory.create(temporary, size)
	if err != nil {
		return Content{}, &DiskError{err}
	}
	named := false
	defer func() {
		if !named {
			err = errors.Join(err, s.directory.root.Remove(temporary))
		}
	}()
	sink := &fileSink{unsaved: f}
	t := transfer{d: s.d, ref: s.ref, file: target.File, sink: sink}
	content.SHA256, content.Size, err = t.do(ctx)
	if err == nil && target.SHA256 != "" && content.SHA256 != target.SHA256 {
		err = &MismatchError{What: "SHA-256", Got: content.SHA256, Want: target.SHA256}
	}
	if err != nil {
		return Content{}, errors.Join(err, sink.discard())
	}
	if err := sink.close(); err != nil {
		return Content{}, &DiskError{err}
	}
	if content.Modified, err = s.directory.put(temporary, target); err != nil {
		return Content{}, err
	}
	named = true
	return content, nil
}
