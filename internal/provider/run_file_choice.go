package provider

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	fileIDDescription   = "The file, by its id. Either this or `name` is given."
	fileNameDescription = "The file, by its exact name. Several files of this name are an error that lists their ids."
)

// fileChoice names one file of a run: exactly one of its fields is set.
type fileChoice struct {
	id   types.Int64
	name types.String
}

// fileChoicePaths are the attributes of which exactly one names the file.
func fileChoicePaths() []path.Expression {
	return []path.Expression{path.MatchRoot("file_id"), path.MatchRoot("name")}
}

// attribute is the one that names the file.
func (c fileChoice) attribute() path.Path {
	if c.name.IsNull() {
		return path.Root("file_id")
	}
	return path.Root("name")
}

// of finds the file; nil after an error.
func (c fileChoice) of(ref sequentum.RunRef, files []sequentum.File, diags *diag.Diagnostics) *sequentum.File {
	var found []sequentum.File
	for _, f := range files {
		if c.matches(f) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 1:
		return &found[0]
	case 0:
		diags.AddAttributeError(c.attribute(), fmt.Sprintf("Run %s has no %s", ref, c),
			paragraphs("It has "+plural(int64(len(files)), "file")+".", listedBriefly("Files", describeFiles(files))))
	default:
		diags.AddAttributeError(c.attribute(), fmt.Sprintf("Run %s has several files named %q", ref, c.name.ValueString()),
			paragraphs(listedBriefly("Files", describeFiles(found)), "Choose one of them by file_id."))
	}
	return nil
}

func (c fileChoice) matches(f sequentum.File) bool {
	if c.name.IsNull() {
		return f.ID == c.id.ValueInt64()
	}
	// Terraform's strings are in this form; the file's name need not be.
	return f.Name != nil && norm.NFC.String(*f.Name) == norm.NFC.String(c.name.ValueString())
}

// String names the file in an error.
func (c fileChoice) String() string {
	if c.name.IsNull() {
		return fmt.Sprintf("file with the id %d", c.id.ValueInt64())
	}
	return fmt.Sprintf("file named %q", c.name.ValueString())
}

func describeFiles(files []sequentum.File) []string {
	lines := make([]string, len(files))
	for i, f := range files {
		lines[i] = describeFile(f)
	}
	return lines
}

func describeFile(f sequentum.File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", f.ID)
	if f.Name != nil {
		b.WriteString(" " + quoted(*f.Name))
	}
	if f.SizeBytes != nil {
		fmt.Fprintf(&b, ", %s", plural(*f.SizeBytes, "byte"))
	}
	if name := f.Type.Name(); name != nil {
		b.WriteString(", " + strings.Trim(quoted(*name), `"`))
	}
	return b.String()
}

// maxQuoted is how many characters of a remote name a message shows.
const maxQuoted = 200

// quoted makes a name that came from a scraped site fit to be shown: what a terminal would act on is escaped.
func quoted(name string) string {
	if runes := []rune(name); len(runes) > maxQuoted {
		name = string(runes[:maxQuoted]) + "…"
	}
	return strconv.Quote(name)
}

// filesOf lists a run's files, and warns when the run is still active: its files can be missing or incomplete. That the
// run is not found is confirmed.
func (d *providerData) filesOf(ctx context.Context, ref sequentum.RunRef, diags *diag.Diagnostics) ([]sequentum.File, error) {
	// The status comes first: a run that finishes between the two requests is then warned of in vain, and never missed.
	// It is for the warning alone: without it the files are listed all the same.
	seen, err := d.runs.ReadListed(ctx, ref)
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("listing the agent's runs: %w", err)
	}
	files, err := d.confirmedFiles(ctx, ref)
	if err == nil && seen != nil && seen.Status.Active() {
		diags.AddAttributeWarning(path.Root("run_id"), fmt.Sprintf("Run %s is still active", ref),
			paragraphs(describeRun(seen, d.now()), "The list of its files can be empty or partial. Read them after a sequentum_run or sequentum_run_completion has waited for the run."))
	}
	return files, err
}

// confirmedFiles lists a run's files, and again when one answer did not find the run and others did.
func (d *providerData) confirmedFiles(ctx context.Context, ref sequentum.RunRef) ([]sequentum.File, error) {
	files, err := d.downloads.Files(ctx, ref)
	if !sequentum.IsNotFound(err) {
		return files, err
	}
	if _, err := d.runs.ConfirmGone(ctx, ref, err); err != nil {
		return nil, err
	}
	files, err = d.downloads.Files(ctx, ref)
	if sequentum.IsNotFound(err) { // not the error itself: it says that the run is gone, and the run is there
		return nil, fmt.Errorf("the API knows the run and does not find its files: %s", err.Error())
	}
	return files, err
}

// runNotFound is the error of what needs a run that the API does not know.
func runNotFound(ref sequentum.RunRef, cause error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("run_id"), fmt.Sprintf("Run %s is not found", ref),
		paragraphs(cause.Error(), "Its retention time has passed, there never was such a run, or this key cannot see it."))
}

// isPlainHTTP reports whether the API is reached unencrypted, which the provider block allows on this machine only.
// Links may then be like it.
func isPlainHTTP(apiURL string) bool {
	scheme, _, _ := strings.Cut(apiURL, "://")
	return strings.EqualFold(scheme, "http")
}
