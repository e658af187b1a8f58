package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
)

// move brings the files that are in another place, without a request. One whose new name is that of a file that is still
// to be moved waits for it.
func (b *bringing) move(ctx context.Context) {
	waiting := b.moving
	for len(waiting) > 0 {
		var later []move
		for i, m := range waiting {
			if b.isSource(m.target.Name, slices.Concat(later, waiting[i+1:])) {
				later = append(later, m)
			} else {
				b.moveOne(ctx, m)
			}
		}
		if len(later) == len(waiting) { // names that were exchanged
			for _, m := range later {
				b.fetches = append(b.fetches, m.wanted)
			}
			break
		}
		waiting = later
	}
	if len(b.moving) > 0 {
		b.here.Sync()
	}
}

// isSource reports whether one of the moves takes its file from that name in the directory that is asked for.
func (b *bringing) isSource(name string, moves []move) bool {
	return slices.ContainsFunc(moves, func(m move) bool { return b.isAt(m.from, name) })
}

func (b *bringing) moveOne(ctx context.Context, m move) {
	if ctx.Err() != nil {
		b.outcome.NotTried = append(b.outcome.NotTried, m.target)
		b.after.pending[m.target.Name] = m.from.downloadedFile
		return
	}
	modified, left, err := b.here.Move(ctx, b.places[m.from.Directory], m.from.On, m.from.content(), m.target)
	var ended *download.EndedError
	switch {
	case errors.As(err, &ended):
		b.outcome.CutShort = append(b.outcome.CutShort, download.FailedTarget{Target: m.target, Err: err})
	case err != nil:
		b.outcome.Failed = append(b.outcome.Failed, download.FailedTarget{Target: m.target, Err: err})
	}
	if err != nil {
		b.after.pending[m.target.Name] = m.from.downloadedFile
		return
	}
	file := m.from.downloadedFile
	file.Written = modified
	b.after.files[m.target.Name] = file
	b.moved++
	if !left {
		b.after.old = slices.DeleteFunc(slices.Clone(b.after.old), func(p placedFile) bool {
			return p.Directory == m.from.Directory && p.On == m.from.On
		})
	}
}

// removeOld removes what is no longer wanted, once nothing is owed any more. What takes the place of an old file is
// none.
func (b *bringing) removeOld(ctx context.Context) {
	b.after.old = slices.DeleteFunc(slices.Clone(b.after.old), b.isCurrent)
	if b.after.complete() {
		b.after.old = removeUnchanged(ctx, b.places, b.after.old, b.diags)
		return
	}
	// What is owed has its place already.
	b.after.old = slices.DeleteFunc(b.after.old, func(p placedFile) bool {
		_, lost := b.after.lost[p.On]
		return lost && b.isAt(p, p.On)
	})
}

// isCurrent reports whether the place is that of a file that is there now, also under a name that a file system takes
// for the same.
func (b *bringing) isCurrent(p placedFile) bool {
	if b.here == nil || b.places[p.Directory] != b.here {
		return false
	}
	for name := range b.after.files {
		if name == p.On || strings.EqualFold(name, p.On) && b.here.SameFile(name, p.On) {
			return true
		}
	}
	return false
}

// removeUnchanged removes files, and warns of those that it leaves because they were changed. It returns those that it
// should have removed and could not, each of which is an error. A directory that is nil is not there.
func removeUnchanged(ctx context.Context, directories map[string]*download.Directory, files []placedFile, diags *diag.Diagnostics) []placedFile {
	var remaining []placedFile
	var changed []string
	for _, p := range files {
		directory := directories[p.Directory]
		if directory == nil || p.unwritten() {
			continue
		}
		removed, err := directory.RemoveUnchanged(ctx, p.On, p.content())
		switch {
		case err != nil:
			remaining = append(remaining, p)
			diags.AddError(fmt.Sprintf("The downloaded file %q could not be removed", p.On), err.Error())
		case !removed:
			changed = append(changed, fmt.Sprintf("%q", p.On))
		}
	}
	if len(changed) > 0 {
		diags.AddWarning("Downloaded files were left where they are",
			paragraphs("These files were changed or rewritten after the download. They may contain someone's work, so they were not removed.", listedBriefly("Files", changed)))
	}
	return remaining
}
