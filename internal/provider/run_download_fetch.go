// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// leaveForNextApply records a file that this apply could not fetch, so that the next apply fetches it.
func (u *directoryUpdate) leaveForNextApply(w wantedFile) {
	if w.wasPending || w.known.unwritten() || u.newDirectory {
		u.after.Pending[w.target.Name] = w.known
	} else {
		u.after.Lost[w.target.Name] = w.known
	}
}

// fetchFiles downloads the files of toFetch, and records them as in state or as left for the next apply.
func (u *directoryUpdate) fetchFiles(ctx context.Context) {
	if len(u.toFetch) == 0 {
		return
	}
	var targets []download.Target
	byName := map[string]wantedFile{}
	for _, w := range u.toFetch {
		targets = append(targets, w.target)
		byName[w.target.Name] = w
	}
	outcome := u.data.downloads.Save(ctx, u.model.ref(), u.directory, targets)
	var otherSizes []string
	for _, saved := range outcome.Saved {
		file := byName[saved.Name].known
		if listed := saved.File.SizeBytes; listed != nil && *listed != saved.Fingerprint.Size {
			otherSizes = append(otherSizes, describeOtherSize(saved.Name, *listed, saved.Fingerprint.Size))
		}
		file.Size, file.SHA256, file.Written = &saved.Fingerprint.Size, saved.Fingerprint.SHA256, saved.Fingerprint.Modified
		u.after.InState[saved.Name] = file
	}
	warnOfOtherSizes(u.model.ref(), otherSizes, u.diags)
	u.outcome.Saved = append(u.outcome.Saved, outcome.Saved...)
	u.outcome.Failed = append(u.outcome.Failed, u.splitFailures(ctx, outcome.Failed, byName)...)
	u.outcome.CutShort = append(u.outcome.CutShort, outcome.CutShort...)
	u.outcome.NotTried = append(u.outcome.NotTried, outcome.NotTried...)
	for _, cut := range outcome.CutShort {
		u.leaveForNextApply(byName[cut.Name])
	}
	for _, target := range outcome.NotTried {
		u.leaveForNextApply(byName[target.Name])
	}
}

// splitFailures returns the failures that the next apply has to repeat: an error that was reported once must not
// disappear. The others are files that were downloaded once and that the platform no longer has: they stay in state.
func (u *directoryUpdate) splitFailures(ctx context.Context, failed []download.Result, byName map[string]wantedFile) []download.Result {
	var toRepeat []download.Result
	for _, one := range failed {
		w := byName[one.Name]
		if sequentum.IsNotFound(one.Err) && !w.known.unwritten() && !u.stillListed(ctx, w.known.ID) {
			u.gone = append(u.gone, w)
			continue
		}
		u.leaveForNextApply(w)
		toRepeat = append(toRepeat, one)
	}
	return toRepeat
}

// stillListed reports whether the platform lists the file. It requests the list once for each apply. A failed request is no reason to
// give up a file.
func (u *directoryUpdate) stillListed(ctx context.Context, id int64) bool {
	if u.listed == nil {
		files, err := u.data.downloads.Files(ctx, u.model.ref())
		if err != nil && !sequentum.IsNotFound(err) {
			return true
		}
		u.listed = append([]sequentum.File{}, files...)
	}
	return isListed(u.listed, id)
}
