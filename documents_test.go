// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// codePath is a file or folder of the repository, and after it perhaps a name that the file declares, as in
	// `internal/run/start.go`: `Manager.Start`. A path with (new) after it is of a worked example.
	codePath = regexp.MustCompile("`((?:internal|examples|templates|docs)/[\\w./-]+)`(?:: `([\\w.]+)`)?( \\(new\\))?")
	link     = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	fenced   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
)

// The documents for contributors name files and functions. A move or a rename must reach them.
func TestDocumentsNameWhatExists(t *testing.T) {
	for _, document := range []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "internal/sequentum/API.md", "examples/testing/README.md"} {
		t.Run(document, func(t *testing.T) {
			content, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range fenced.FindAllStringSubmatch(string(content), -1) {
				if m[1] == "go" {
					wantFormatted(t, m[2])
				}
			}
			text := fenced.ReplaceAllString(string(content), "")
			for _, m := range codePath.FindAllStringSubmatch(text, -1) {
				if m[3] != "" {
					wantNew(t, m[1])
				} else {
					wantDeclared(t, m[1], m[2])
				}
			}
			for _, m := range link.FindAllStringSubmatch(text, -1) {
				if strings.Contains(m[1], "://") {
					continue
				}
				if _, err := os.Stat(filepath.Join(filepath.Dir(document), m[1])); err != nil {
					t.Errorf("a link leads nowhere: %v", err)
				}
			}
		})
	}
}

// The front page of the project and that of the registry say the same: what the provider is, and what it promises.
func TestFrontPagesAgree(t *testing.T) {
	readme, registry := frontPage(t, "README.md"), frontPage(t, "templates/index.md.tmpl")
	_, summary, _ := strings.Cut(readme, "\n\n")
	summary, _, _ = strings.Cut(summary, "\n\n")
	if n := strings.Count(summary, "\n") + 1; n != 5 {
		t.Errorf("README.md says in %d lines what the provider is, want 5:\n%s", n, summary)
	}
	_, promises, _ := strings.Cut(readme, "\n## What it promises\n")
	promises, _, _ = strings.Cut(promises, "\n## ")
	for _, text := range []string{summary, strings.TrimSpace(promises)} {
		if text == "" || !strings.Contains(registry, text) {
			t.Errorf("templates/index.md.tmpl does not say what README.md says:\n%s", text)
		}
	}
}

// frontPage is the text of a page, whose links to the documentation begin in the same folder.
func frontPage(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(content), "](docs/", "](")
}

// wantFormatted fails the test unless the code of an example is Go, as gofmt writes it.
func wantFormatted(t *testing.T, code string) {
	t.Helper()
	formatted, err := format.Source([]byte(code))
	if err != nil || string(formatted) != code {
		t.Errorf("not the code that gofmt writes: %v\n%s", err, code)
	}
}

// wantNew fails the test when the file of a worked example exists: the document must then show the file instead.
func wantNew(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		t.Errorf("%s exists: it is not new", path)
	}
}

// wantDeclared fails the test unless the path exists and, when name is not empty, the file declares the name: a
// function, a type, or "Type.method".
func wantDeclared(t *testing.T, path, name string) {
	t.Helper()
	if name == "" {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
		return
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	declaration := `(?m)^(func|type) ` + name + `\b`
	if receiver, method, isMethod := strings.Cut(name, "."); isMethod {
		declaration = `(?m)^func \(\w* ?\*?` + receiver + `(\[\w+\])?\) ` + method + `\b`
	}
	if !regexp.MustCompile(declaration).Match(source) {
		t.Errorf("%s does not declare %s", path, name)
	}
}
