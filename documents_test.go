package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// codePath is a file or folder of the repository, and after it perhaps a name that the file declares, as in
	// `internal/run/start.go`: `Manager.Start`.
	codePath = regexp.MustCompile("`((?:internal|examples|templates|docs)/[\\w./-]+)`(?:: `([\\w.]+)`)?")
	link     = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
)

// The documents for contributors name files and functions. A move or a rename must reach them.
func TestDocumentsNameWhatExists(t *testing.T) {
	for _, document := range []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "internal/sequentum/API.md"} {
		t.Run(document, func(t *testing.T) {
			text, err := os.ReadFile(document)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range codePath.FindAllStringSubmatch(string(text), -1) {
				wantDeclared(t, m[1], m[2])
			}
			for _, m := range link.FindAllStringSubmatch(string(text), -1) {
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
