// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// decoded is a value as the recorder would have it.
func decoded(t *testing.T, value any) any {
	t.Helper()
	content, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	back, err := decode(content)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// parsed is a JSON text as the recorder would have it.
func parsed(t *testing.T, content string) any {
	t.Helper()
	value, err := decode([]byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// readFolder is the content of all files of a folder, and their names.
func readFolder(t *testing.T, folder string) (all string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all += file + "\n" + string(content)
	}
	return all
}

// wantIn fails the test unless all parts are in the text.
func wantIn(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in:\n%s", part, text)
		}
	}
}

// wantNotIn fails the test when one of the secrets is in the text.
func wantNotIn(t *testing.T, what, text string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if at := strings.Index(strings.ToLower(text), strings.ToLower(secret)); at >= 0 {
			t.Errorf("%q is in %s: …%s…", secret, what, text[max(0, at-100):min(len(text), at+100)])
		}
	}
}
