// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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

// moveFiles moves the files of toMove, without a request. If the new name of a file is the old
// name of a file that is still to be moved, that file goes first.
func (u *directoryUpdate) moveFiles(ctx context.Context) {
	waiting := u.toMove
	for len(waiting) > 0 {
		var later []wantedFile
		for i, w := range waiting {
			if u.isSource(w.target.Name, slices.Concat(later, waiting[i+1:])) {
				later = append(later, w)
			} else {
				u.moveFile(ctx, w)
			}
		}
		if len(later) == len(waiting) { // files exchange their names: they are fetched
			for _, w := range later {
				w.source = nil
				u.toFetch = append(u.toFetch, w)
			}
			break
		}
		waiting = later
	}
	if len(u.toMove) > 0 {
		_ = u.directory.Sync() // after an error the files are still complete
	}
}

// isSource reports whether one of the files will be moved from that name in the directory of the configuration.
func (u *directoryUpdate) isSource(name string, files []wantedFile) bool {
	return slices.ContainsFunc(files, func(w wantedFile) bool { return u.isInDirectory(*w.source, name) })
}

// moveFile moves one file, and records it as in state or as pending.
func (u *directoryUpdate) moveFile(ctx context.Context, w wantedFile) {
	if ctx.Err() != nil {
		u.outcome.NotTried = append(u.outcome.NotTried, w.target)
		u.after.Pending[w.target.Name] = w.source.downloadedFile
		return
	}
	modified, oldStays, err := u.directory.Move(ctx, u.directories[w.source.Directory], w.source.NameOnDisk, w.source.fingerprint(), w.target)
	var ended *download.EndedError
	switch {
	case errors.As(err, &ended):
		u.outcome.CutShort = append(u.outcome.CutShort, download.Result{Target: w.target, Err: err})
	case err != nil:
		u.outcome.Failed = append(u.outcome.Failed, download.Result{Target: w.target, Err: err})
	}
	if err != nil {
		u.after.Pending[w.target.Name] = w.source.downloadedFile
		return
	}
	file := w.source.downloadedFile
	file.Written = modified
	u.after.InState[w.target.Name] = file
	u.outcome.Saved = append(u.outcome.Saved, download.Result{Target: w.target, Fingerprint: file.fingerprint()})
	if !oldStays {
		u.after.Old = slices.DeleteFunc(slices.Clone(u.after.Old), func(p placedFile) bool {
			return p.Directory == w.source.Directory && p.NameOnDisk == w.source.NameOnDisk
		})
	}
}

// removeOld removes the files that are no longer wanted, once nothing is left to fetch. A new file in the place of an
// old one stays.
func (u *directoryUpdate) removeOld(ctx context.Context) {
	u.after.Old = slices.DeleteFunc(slices.Clone(u.after.Old), u.holdsWantedFile)
	if u.after.complete() {
		u.after.Old = removeUnchanged(ctx, u.directories, u.after.Old, u.diags)
		return
	}
	// A lost file is recorded as lost, and not here again.
	u.after.Old = slices.DeleteFunc(u.after.Old, func(p placedFile) bool {
		_, lost := u.after.Lost[p.NameOnDisk]
		return lost && u.isInDirectory(p, p.NameOnDisk)
	})
}

// holdsWantedFile reports whether a wanted file is now in the place of that old file, also under a name that the file system
// treats as the same.
func (u *directoryUpdate) holdsWantedFile(p placedFile) bool {
	if u.directory == nil || u.directories[p.Directory] != u.directory {
		return false
	}
	for name := range u.after.InState {
		if name == p.NameOnDisk || strings.EqualFold(name, p.NameOnDisk) && u.directory.SameFile(name, p.NameOnDisk) {
			return true
		}
	}
	return false
}

// removeUnchanged removes the files that nobody has changed, and warns of the changed ones, which stay. It returns the files that
// it could not remove, and adds an error for each. directories is by path; nil: the directory does not exist.
func removeUnchanged(ctx context.Context, directories map[string]*download.Directory, files []placedFile, diags *diag.Diagnostics) []placedFile {
	var remaining []placedFile
	var changed []string
	for _, p := range files {
		directory := directories[p.Directory]
		if directory == nil || p.unwritten() {
			continue
		}
		removed, err := directory.RemoveUnchanged(ctx, p.NameOnDisk, p.fingerprint())
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
