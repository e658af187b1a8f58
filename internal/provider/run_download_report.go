package provider

import (
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
)

// report says which files were not saved, why, and what the next apply does.
func (f *downloadFetch) report(outcome run.Outcome) {
	saved, missing := len(outcome.Saved), len(outcome.Failed)+len(outcome.NotTried)
	switch {
	case missing == 0:
	case len(outcome.Failed) > 0:
		f.diags.Append(f.failed(outcome, saved, missing))
	default:
		f.diags.Append(f.interrupted(outcome, saved, missing))
	}
}

func (f *downloadFetch) failed(outcome run.Outcome, saved, missing int) diag.Diagnostic {
	var reasons []string
	disk, changed := false, ""
	for _, failed := range outcome.Failed {
		reasons = append(reasons, fmt.Sprintf("%q (file %d): %s", failed.Name, failed.File.ID, failed.Err))
		var fault *run.DiskError
		disk = disk || errors.As(failed.Err, &fault)
		if mismatch, ok := errors.AsType[*run.MismatchError](failed.Err); ok && mismatch.What == "SHA-256" {
			changed = "The platform's content has changed since it was downloaded, so that fetching it again fails each time. To take it as it is now: `terraform apply -replace=ADDRESS`; to do without: refetch_missing = false."
		}
	}
	notTried := ""
	if n := len(outcome.NotTried); n > 0 {
		notTried = fmt.Sprintf("Not tried, because it would have gone the same way: %s.", plural(int64(n), "file"))
	}
	next := "State holds the files that are there, and nothing is half-written. The next apply fetches the rest."
	switch {
	case f.creates && saved == 0:
		next = "Nothing was kept. The next apply begins again."
	case f.creates:
		next = "State holds the files that are there, and nothing is half-written. Terraform marks the resource as tainted: the next apply removes them and begins again. To fetch only the rest instead: `terraform untaint ADDRESS`."
	}
	summary := fmt.Sprintf("%s of run %s could not be downloaded", plural(int64(missing), "file"), f.model.ref())
	detail := paragraphs(listedBriefly("What went wrong", reasons), notTried, changed, next)
	if disk {
		return diag.NewAttributeErrorDiagnostic(path.Root("directory"), summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}

// interrupted is a warning, so that Terraform neither taints the resource nor goes on to its dependents; except where
// the plan has promised all files, for then a state without them is an error of the provider's in Terraform's eyes.
func (f *downloadFetch) interrupted(outcome run.Outcome, saved, missing int) diag.Diagnostic {
	summary := fmt.Sprintf("The download from run %s was interrupted: %s to go", f.model.ref(), plural(int64(missing), "file"))
	var names []string
	for _, target := range outcome.NotTried {
		names = append(names, fmt.Sprintf("%q", target.Name))
	}
	detail := paragraphs(fmt.Sprintf("Downloaded before that: %s. State holds what is there, and nothing is half-written. The next apply fetches the rest.", plural(int64(saved), "file")),
		listedBriefly("To go", names))
	if f.model.Files.IsUnknown() {
		return diag.NewWarningDiagnostic(summary, detail)
	}
	return diag.NewErrorDiagnostic(summary, detail)
}
