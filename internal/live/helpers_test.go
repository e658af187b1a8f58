// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"encoding/json"
	"os"
	"path/filepath"
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
