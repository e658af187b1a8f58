// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// Names and types come from scraped sites. A message shows neither what a terminal acts on nor a name of any length.
func TestFilesInMessages(t *testing.T) {
	t.Parallel()
	r := fileReaders(t)["sequentum_run_file"]
	files := []simulator.File{
		delivered("\x1b[2Jclear\u202e", "1"), delivered(strings.Repeat("long", 100_000), "2"),
		{Name: new("c"), Type: "\x1b]0;title\a", Content: "3"},
	}
	inDownloading(t, files, func(t *testing.T, d *downloading) {
		_, text, failed := r.read(d, ofFirstRun(map[string]tftypes.Value{"name": core.Text("none")}))
		if !failed || strings.ContainsAny(text, "\x1b\a\u202e") || len(text) > 2000 {
			t.Errorf("%v, %d bytes: %.500q", failed, len(text), text)
		}
		wantText(t, text, `\x1b[2Jclear\u202e`, "…")
	})
}
