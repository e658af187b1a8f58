// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Result says what happened to one target that was tried. With an Err of nil the whole file is on disk, under its name. With
// any other Err nothing of the file is on disk.
type Result struct {
	Target
	Fingerprint Fingerprint // of what was saved; zero if Err is not nil
	Err         error       // why nothing was saved; nil: the file was saved
}

// Outcome says what happened to each target of a [Downloader.Save]. A target is in exactly one of the lists. The lists are
// ordered by file id.
type Outcome struct {
	Saved  []Result // without an error
	Failed []Result
	// CutShort are the targets whose transfer was under way when the context ended. Each error is an [EndedError], or a
	// fault that came at the same moment.
	CutShort []Result
	// NotTried are the targets whose transfer did not begin: the context had ended, or too many failures in a row had
	// ended the rest.
	NotTried []Target
}

// Save fetches the targets into the directory, four at a time. Each is streamed to a temporary file in the directory,
// checked, synced and renamed, so that a file is complete or absent. If one file fails, the others are still fetched. After
// [MaxFailuresInARow] failures that can concern all files, such as an API that does not answer, the rest is not tried.
func (d *Downloader) Save(ctx context.Context, ref sequentum.RunRef, directory *Directory, targets []Target) Outcome {
	s := saveOperation{d: d, ref: ref, directory: directory, queue: targets}
	var workers sync.WaitGroup
	for range min(maxTransfers, len(targets)) {
		workers.Go(func() { s.saveQueued(ctx) })
	}
	workers.Wait()
	if err := directory.Sync(); err != nil && len(s.outcome.Saved) > 0 {
		d.log(ctx, "the directory could not be synced", map[string]any{"error": err.Error()})
	}
	s.outcome.NotTried = append(s.outcome.NotTried, s.queue...)
	s.outcome.sort()
	return s.outcome
}

// sort orders the lists by file id. The transfers end in any order.
func (o *Outcome) sort() {
	for _, results := range [][]Result{o.Saved, o.Failed, o.CutShort} {
		slices.SortFunc(results, func(a, b Result) int { return cmp.Compare(a.File.ID, b.File.ID) })
	}
	slices.SortFunc(o.NotTried, func(a, b Target) int { return cmp.Compare(a.File.ID, b.File.ID) })
}

// MaxFailuresInARow is how many failures in a row, without a saved file between them, end a [Downloader.Save]. Failures that
// concern one file only, such as a file that is not found, do not count.
const MaxFailuresInARow = 3

// saveOperation is the state of one call of [Downloader.Save]. Its workers share it.
type saveOperation struct {
	d         *Downloader
	ref       sequentum.RunRef
	directory *Directory

	mu             sync.Mutex
	queue          []Target
	failuresInARow int // failures that can concern all files
	outcome        Outcome
}

// saveQueued saves targets until the queue is empty, the rest is not to be tried, or ctx ends.
func (s *saveOperation) saveQueued(ctx context.Context) {
	for {
		if s.d.acquireSlot(ctx) != nil {
			return
		}
		target, ok := s.nextTarget()
		if ok {
			saved, err := s.saveTarget(ctx, target)
			s.addResult(ctx, Result{Target: target, Fingerprint: saved, Err: err})
		}
		s.d.releaseSlot()
		if !ok {
			return
		}
	}
}

// nextTarget takes a target from the queue. It returns false if there is none, or if too many have failed.
func (s *saveOperation) nextTarget() (Target, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failuresInARow >= MaxFailuresInARow || len(s.queue) == 0 {
		return Target{}, false
	}
	target := s.queue[0]
	s.queue = s.queue[1:]
	return target, true
}

// addResult puts the result into its list of the outcome.
func (s *saveOperation) addResult(ctx context.Context, result Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case result.Err == nil:
		s.outcome.Saved = append(s.outcome.Saved, result)
		s.failuresInARow = 0
	case ctx.Err() != nil:
		s.outcome.CutShort = append(s.outcome.CutShort, result)
	default:
		s.outcome.Failed = append(s.outcome.Failed, result)
		if !concernsOneFile(result.Err) {
			s.failuresInARow++
		}
	}
}

// concernsOneFile reports whether the error says nothing about the other files, however often it occurs.
func concernsOneFile(err error) bool {
	var refused *refusedError
	var mismatch *MismatchError
	var obstacle *obstacleError
	return sequentum.IsNotFound(err) || errors.As(err, &refused) || errors.As(err, &mismatch) || errors.As(err, &obstacle) || isOutOfSpace(err)
}

// saveTarget fetches one target into the directory.
func (s *saveOperation) saveTarget(ctx context.Context, target Target) (saved Fingerprint, err error) {
	defer sequentum.Recover(func(p *sequentum.PanicError) { saved, err = Fingerprint{}, p })
	return s.directory.writeTarget(target, func(to contentWriter) (Fingerprint, error) {
		t := transfer{d: s.d, ref: s.ref, file: target.File, writer: to}
		return t.fetch(ctx)
	})
}
