// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// reportMissing reports which files were not moved or fetched, why, and what the next apply does.
func (u *directoryUpdate) reportMissing() {
	o := u.outcome
	switch missing := len(o.Failed) + len(o.CutShort) + len(o.NotTried); {
	case missing == 0:
	case len(o.Failed) > 0 || u.limit.howCut().timedOut:
		u.diags.Append(u.failedDiagnostic(missing))
	default:
		u.diags.Append(u.interruptedDiagnostic(missing))
	}
}

func (u *directoryUpdate) failedDiagnostic(missing int) diag.Diagnostic {
	o := u.outcome
	disk, changed, over, bug := false, "", "", ""
	for _, failed := range o.Failed {
		if p, ok := errors.AsType[*sequentum.PanicError](failed.Err); ok {
			bug = reportBug(u.limit.ctx, u.data.version, fmt.Sprintf("downloading file %d of run %s", failed.File.ID, u.model.ref()), p)
		}
		var fault *download.DiskError
		disk = disk || errors.As(failed.Err, &fault)
		if mismatch, ok := errors.AsType[*download.MismatchError](failed.Err); ok && mismatch.What == "SHA-256" {
			changed = "The file on the platform has changed since it was downloaded, so every attempt to fetch it again fails. To accept the new content: `terraform apply -replace=ADDRESS`. To leave the file missing: set refetch_missing = false."
		}
	}
	because, notTried := fmt.Sprintf("%d files in a row had failed", download.MaxFailuresInARow), ""
	switch cut := u.limit.howCut(); {
	case cut.timedOut:
		over, because = u.limit.timePassed(), "the time had passed"
	case cut.interrupted:
		because = "the operation was interrupted"
	}
	if n := len(o.NotTried); n > 0 {
		notTried = fmt.Sprintf("Not tried: %s, because %s.", plural(int64(n), "file"), because)
	}
	summary := fmt.Sprintf("%s of run %s could not be downloaded", plural(int64(missing), "file"), u.model.ref())
	detail := paragraphs(over, listedBriefly("What went wrong", describeFailures(append(slices.Clip(o.Failed), o.CutShort...))), notTried, changed, bug, u.describeNextApply())
	if disk {
		return diag.NewAttributeErrorDiagnostic(path.Root("directory"), summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// describeNextApply says what the next apply does.
func (u *directoryUpdate) describeNextApply() string {
	switch {
	case u.isCreate && len(u.outcome.Saved) == 0:
		return "Nothing was kept. The next apply begins again."
	case u.isCreate:
		return "State holds the files that are complete. No file is half-written. Terraform marks the resource as tainted: the next apply removes these files and starts again. To fetch only the missing files instead: run `terraform untaint ADDRESS`, and apply."
	}
	return "State holds the files that are complete. No file is half-written. The next apply fetches the rest."
}

func describeFailures(failed []download.Result) []string {
	var lines []string
	for _, f := range failed {
		lines = append(lines, fmt.Sprintf("%q (file %d): %s", f.Name, f.File.ID, f.Err))
	}
	return lines
}

// interruptedDiagnostic is a warning, so that Terraform neither taints the resource nor continues with its dependents. It
// is an error if the plan has shown all files: Terraform would report a state without them as a bug of the provider.
func (u *directoryUpdate) interruptedDiagnostic(missing int) diag.Diagnostic {
	summary := fmt.Sprintf("The download from run %s was interrupted: %s not downloaded", u.model.ref(), plural(int64(missing), "file"))
	var names []string
	for _, target := range u.outcome.NotTried {
		names = append(names, fmt.Sprintf("%q", target.Name))
	}
	detail := paragraphs(fmt.Sprintf("Downloaded before that: %s. State holds the files that are complete. No file is half-written. The next apply fetches the rest.", plural(int64(len(u.outcome.Saved)), "file")),
		listedBriefly("Cut short", describeFailures(u.outcome.CutShort)), listedBriefly("Not started", names))
	if u.model.Files.IsUnknown() {
		return diag.NewWarningDiagnostic(summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// describeOtherSize describes a file that has another size than in the list. Both sizes are in bytes.
func describeOtherSize(name string, listed, got int64) string {
	return fmt.Sprintf("%q: %s in the list, %s from the download host", name, plural(listed, "byte"), plural(got, "byte"))
}

// warnOfOtherSizes warns of files that have another size than in the list. They are complete: the list can be older.
func warnOfOtherSizes(ref sequentum.RunRef, files []string, diags *diag.Diagnostics) {
	if len(files) > 0 {
		diags.AddWarning(fmt.Sprintf("Files of run %s have another size than in the run's list of files", ref),
			paragraphs(listedBriefly("Files", files), "The download host sent each file completely, so the provider accepted it. The list can be older than the file: a log grows while its run is active."))
	}
}
