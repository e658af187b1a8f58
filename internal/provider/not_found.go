package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runNotFound is the error of what needs a run that the API does not know.
func runNotFound(ref sequentum.RunRef, cause error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("run_id"), fmt.Sprintf("Run %s is not found", ref),
		paragraphs(cause.Error(), "Its retention time has passed, there never was such a run, or this key cannot see it."))
}
