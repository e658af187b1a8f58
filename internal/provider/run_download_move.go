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

// moveFiles brings the files that are in another place on disk, without a request. If the new name of a file is the old
// name of a file that is still to be moved, that file goes first.
func (u *directoryUpdate) moveFiles(ctx context.Context) {
	waiting := u.moving
	for len(waiting) > 0 {
		var later []fileMove
		for i, m := range waiting {
			if u.isSource(m.target.Name, slices.Concat(later, waiting[i+1:])) {
				later = append(later, m)
			} else {
				u.moveFile(ctx, m)
			}
		}
		if len(later) == len(waiting) { // two files exchange their names: they are fetched
			for _, m := range later {
				u.fetches = append(u.fetches, m.wantedFile)
			}
			break
		}
		waiting = later
	}
	if len(u.moving) > 0 {
		u.here.Sync()
	}
}

// isSource reports whether one of the moves takes its file from that name in the directory that is asked for.
func (u *directoryUpdate) isSource(name string, moves []fileMove) bool {
	return slices.ContainsFunc(moves, func(m fileMove) bool { return u.isAt(m.from, name) })
}

func (u *directoryUpdate) moveFile(ctx context.Context, m fileMove) {
	if ctx.Err() != nil {
		u.outcome.NotTried = append(u.outcome.NotTried, m.target)
		u.after.pending[m.target.Name] = m.from.downloadedFile
		return
	}
	modified, left, err := u.here.Move(ctx, u.directories[m.from.Directory], m.from.NameOnDisk, m.from.content(), m.target)
	var ended *download.EndedError
	switch {
	case errors.As(err, &ended):
		u.outcome.CutShort = append(u.outcome.CutShort, download.FailedTarget{Target: m.target, Err: err})
	case err != nil:
		u.outcome.Failed = append(u.outcome.Failed, download.FailedTarget{Target: m.target, Err: err})
	}
	if err != nil {
		u.after.pending[m.target.Name] = m.from.downloadedFile
		return
	}
	file := m.from.downloadedFile
	file.Written = modified
	u.after.files[m.target.Name] = file
	u.moved++
	if !left {
		u.after.old = slices.DeleteFunc(slices.Clone(u.after.old), func(p placedFile) bool {
			return p.Directory == m.from.Directory && p.NameOnDisk == m.from.NameOnDisk
		})
	}
}

// removeOld removes the files that are no longer wanted, once nothing is left to fetch. A new file in the place of an old
// one is not removed.
func (u *directoryUpdate) removeOld(ctx context.Context) {
	u.after.old = slices.DeleteFunc(slices.Clone(u.after.old), u.isCurrent)
	if u.after.complete() {
		u.after.old = removeUnchanged(ctx, u.directories, u.after.old, u.diags)
		return
	}
	// A lost file already has an entry, and needs no second one here.
	u.after.old = slices.DeleteFunc(u.after.old, func(p placedFile) bool {
		_, lost := u.after.lost[p.NameOnDisk]
		return lost && u.isAt(p, p.NameOnDisk)
	})
}

// isCurrent reports whether a file that is wanted now is in that place, also under a name that the file system treats as
// the same.
func (u *directoryUpdate) isCurrent(p placedFile) bool {
	if u.here == nil || u.directories[p.Directory] != u.here {
		return false
	}
	for name := range u.after.files {
		if name == p.NameOnDisk || strings.EqualFold(name, p.NameOnDisk) && u.here.SameFile(name, p.NameOnDisk) {
			return true
		}
	}
	return false
}

// removeUnchanged removes files, and warns of those that it leaves because they were changed. It returns those that it
// could not remove, each with an error. A nil directory does not exist.
func removeUnchanged(ctx context.Context, directories map[string]*download.Directory, files []placedFile, diags *diag.Diagnostics) []placedFile {
	var remaining []placedFile
	var changed []string
	for _, p := range files {
		directory := directories[p.Directory]
		if directory == nil || p.unwritten() {
			continue
		}
		removed, err := directory.RemoveUnchanged(ctx, p.NameOnDisk, p.content())
		switch {
		case err != nil:
			remaining = append(remaining, p)
			diags.AddError(fmt.Sprintf("The downloaded file %q could not be removed", p.NameOnDisk), err.Error())
		case !removed:
			changed = append(changed, fmt.Sprintf("%q", p.NameOnDisk))
		}
	}
	if len(changed) > 0 {
		diags.AddWarning("Downloaded files were not removed, because they were changed",
			paragraphs("These files were changed or rewritten after the download. They may contain someone's work, so they stay on disk.", listedBriefly("Files", changed)))
	}
	return remaining
}
