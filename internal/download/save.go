package download

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

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
	// CutShort were under way when ctx ended. Each error is an [EndedError].
	CutShort []FailedTarget
	// NotTried were not started, because ctx ended or a fault concerned all of them.
	NotTried []Target
}

// Save brings the targets into the directory, a few at a time: each streamed to a temporary file beside its name,
// checked, synced and renamed, so that a file is whole or absent. A fault of one file does not keep the others back;
// one that seems to concern all of them, such as an API that does not answer, ends the rest.
func (d *Downloader) Save(ctx context.Context, ref sequentum.RunRef, directory *Directory, targets []Target) Outcome {
	s := saving{d: d, ref: ref, directory: directory, queue: targets}
	var workers sync.WaitGroup
	for range min(downloadsAtOnce, len(targets)) {
		workers.Go(func() { s.work(ctx) })
	}
	workers.Wait()
	if err := directory.sync(); err != nil && len(s.outcome.Saved) > 0 {
		d.log(ctx, "the directory could not be synced", map[string]any{"error": err.Error()})
	}
	s.outcome.NotTried = append(s.outcome.NotTried, s.queue...)
	s.outcome.sort()
	return s.outcome
}

// sort orders the targets by id: they came in the order in which their transfers ended.
func (o *Outcome) sort() {
	failed := func(a, b FailedTarget) int { return cmp.Compare(a.File.ID, b.File.ID) }
	slices.SortFunc(o.Saved, func(a, b Saved) int { return cmp.Compare(a.File.ID, b.File.ID) })
	slices.SortFunc(o.Failed, failed)
	slices.SortFunc(o.CutShort, failed)
	slices.SortFunc(o.NotTried, func(a, b Target) int { return cmp.Compare(a.File.ID, b.File.ID) })
}

// EndAfter is how many faults in a row end the download of the rest, with no file saved between them: a single file
// that cannot be fetched says nothing of the others.
const EndAfter = 3

// saving is one Save under way.
type saving struct {
	d         *Downloader
	ref       sequentum.RunRef
	directory *Directory

	mu      sync.Mutex
	queue   []Target
	inARow  int // faults that may concern all files
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
	if s.inARow >= EndAfter || len(s.queue) == 0 {
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
		s.inARow = 0
	case ctx.Err() != nil:
		s.outcome.CutShort = append(s.outcome.CutShort, FailedTarget{target, err})
	default:
		s.outcome.Failed = append(s.outcome.Failed, FailedTarget{target, err})
		if !concernsOneFile(err) {
			s.inARow++
		}
	}
}

// concernsOneFile reports whether the fault says nothing of other files, however often it shows.
func concernsOneFile(err error) bool {
	var refused *refusedError
	var mismatch *MismatchError
	var blocked *blockedError
	return sequentum.IsNotFound(err) || errors.As(err, &refused) || errors.As(err, &mismatch) || errors.As(err, &blocked) || noRoom(err)
}

// save brings one target into the directory.
func (s *saving) save(ctx context.Context, target Target) (content Content, err error) {
	defer sequentum.Recover(func(p *sequentum.PanicError) { content, err = Content{}, p })
	f, err := s.directory.createTemporary()
	if err != nil {
		return Content{}, &DiskError{err}
	}
	defer func() { err = errors.Join(err, f.remove()) }()
	sink := &fileSink{unsaved: f.unsaved}
	t := transfer{d: s.d, ref: s.ref, file: target.File, sink: sink}
	content.SHA256, content.Size, err = t.do(ctx)
	if err == nil && target.SHA256 != "" && content.SHA256 != target.SHA256 {
		err = &MismatchError{What: "SHA-256", Got: content.SHA256, Want: target.SHA256}
	}
	if err != nil {
		return Content{}, errors.Join(err, sink.discard())
	}
	written, err := sink.close()
	if err != nil {
		return Content{}, &DiskError{err}
	}
	if err := s.directory.put(f, written, content.Size, target); err != nil {
		return Content{}, err
	}
	content.Modified = written.ModTime()
	return content, nil
}

// temporary is a file that does not have its final name yet.
type temporary struct {
	unsaved
	directory *Directory
	name      string // "": it is not there any more
}

func (d *Directory) createTemporary() (*temporary, error) {
	name := temporaryName()
	f, err := d.create(name)
	return &temporary{unsaved: f, directory: d, name: name}, err
}

// remove removes the file, unless it got its name.
func (t *temporary) remove() error {
	if t.name == "" {
		return nil
	}
	err := t.directory.root.Remove(t.name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody else has removed it, and that is why it failed
	}
	return err
}
