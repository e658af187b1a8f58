// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A goroutine that a test leaves behind fails the run of its package: each package with tests looks for it at the end.
func TestEveryPackageLooksForLeaks(t *testing.T) {
	looks := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || hasFile(path, "go.mod")):
			return fs.SkipDir // of no package, or of another module
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		content, err := os.ReadFile(path)
		folder := filepath.ToSlash(filepath.Dir(path))
		looks[folder] = looks[folder] || strings.Contains(string(content), "\tgoleak.VerifyTestMain(m") || strings.Contains(string(content), "{ goleak.VerifyTestMain(m")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !looks["internal/run"] {
		t.Error("internal/run is not found to look for leaks: this test sees nothing")
	}
	for folder, found := range looks {
		if !found {
			t.Errorf("the tests in %s do not look for goroutines that are left: add a TestMain as in internal/run/main_test.go", folder)
		}
	}
}

func hasFile(folder, name string) bool {
	_, err := os.Stat(filepath.Join(folder, name))
	return err == nil
}
