package provider

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// report says which files were not brought, why, and what the next apply does.
func (b *bringing) report() {
	o := b.outcome
	switch missing := len(o.Failed) + len(o.CutShort) + len(o.NotTried); {
	case missing == 0:
	case len(o.Failed) > 0 || b.limit.cut().timedOut:
		b.diags.Append(b.failed(missing))
	default:
		b.diags.Append(b.interrupted(missing))
	}
}

// brought is how many files came in this apply.
func (b *bringing) brought() int { return len(b.outcome.Saved) + b.moved }

func (b *bringing) failed(missing int) diag.Diagnostic {
	o := b.outcome
	disk, changed, over, bug := false, "", "", ""
	for _, failed := range o.Failed {
		if p, ok := errors.AsType[*sequentum.PanicError](failed.Err); ok {
			bug = reportBug(b.limit.ctx, b.data.version, fmt.Sprintf("downloading file %d of run %s", failed.File.ID, b.model.ref()), p)
		}
		var fault *download.DiskError
		disk = disk || errors.As(failed.Err, &fault)
		if mismatch, ok := errors.AsType[*download.MismatchError](failed.Err); ok && mismatch.What == "SHA-256" {
			changed = "The file on the platform has changed since it was downloaded, so every attempt to fetch it again fails. To accept the new content: `terraform apply -replace=ADDRESS`. To leave the file missing: set refetch_missing = false."
		}
	}
	because, notTried := fmt.Sprintf("%d files in a row had failed", download.EndAfter), ""
	switch cut := b.limit.cut(); {
	case cut.timedOut:
		over, because = b.limit.over(), "the time had passed"
	case cut.interrupted:
		because = "the operation was interrupted"
	}
	if n := len(o.NotTried); n > 0 {
		notTried = fmt.Sprintf("Not tried: %s, because %s.", plural(int64(n), "file"), because)
	}
	summary := fmt.Sprintf("%s of run %s could not be downloaded", plural(int64(missing), "file"), b.model.ref())
	detail := paragraphs(over, listedBriefly("What went wrong", reasons(append(o.Failed[:len(o.Failed):len(o.Failed)], o.CutShort...))), notTried, changed, bug, b.next())
	if disk {
		return diag.NewAttributeErrorDiagnostic(path.Root("directory"), summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// next says what the next apply does.
func (b *bringing) next() string {
	switch {
	case b.creates && b.brought() == 0:
		return "Nothing was kept. The next apply begins again."
	case b.creates:
		return "State holds the files that are complete. No file is half-written. Terraform marks the resource as tainted: the next apply removes these files and starts again. To fetch only the missing files instead: run `terraform untaint ADDRESS`, and apply."
	}
	return "State holds the files that are complete. No file is half-written. The next apply fetches the rest."
}

func reasons(failed []download.FailedTarget) []string {
	var lines []string
	for _, f := range failed {
		lines = append(lines, fmt.Sprintf("%q (file %d): %s", f.Name, f.File.ID, f.Err))
	}
	return lines
}

// interrupted is a warning, so that Terraform neither taints the resource nor goes on to its dependents; except where
// the plan has promised all files, for then a state without them is an error of the provider's in Terraform's eyes.
func (b *bringing) interrupted(missing int) diag.Diagnostic {
	summary := fmt.Sprintf("The download from run %s was interrupted: %s not downloaded", b.model.ref(), plural(int64(missing), "file"))
	var names []string
	for _, target := range b.outcome.NotTried {
		names = append(names, fmt.Sprintf("%q", target.Name))
	}
	detail := paragraphs(fmt.Sprintf("Downloaded before that: %s. State holds the files that are complete. No file is half-written. The next apply fetches the rest.", plural(int64(b.brought()), "file")),
		listedBriefly("Under way at that moment", reasons(b.outcome.CutShort)), listedBriefly("Not begun", names))
	if b.model.Files.IsUnknown() {
		return diag.NewWarningDiagnostic(summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// describeOtherSize names a file whose size is not the listed one.
func describeOtherSize(name string, listed, got int64) string {
	return fmt.Sprintf("%q: %s in the list, %s from the download host", name, plural(listed, "byte"), plural(got, "byte"))
}

// warnOfOtherSizes says that files are not as long as the run's list says. The answer was complete: the list may be older.
func warnOfOtherSizes(ref sequentum.RunRef, files []string, diags *diag.Diagnostics) {
	if len(files) > 0 {
		diags.AddWarning(fmt.Sprintf("Files of run %s have another size than the run's list of files says", ref),
			paragraphs(listedBriefly("Files", files), "The download host sent each file completely, and the provider accepted it. The list can be older than the file: a log grows while its run is active."))
	}
}
