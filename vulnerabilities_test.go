// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// planted is a database's entry about code that the package below calls.
const planted = `{"schema_version": "1.3.1", "id": "GO-2026-0001", "modified": "2026-01-01T00:00:00Z", "summary": "Planted by a test",
	"affected": [{"package": {"name": "golang.org/x/text", "ecosystem": "Go"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
	"ecosystem_specific": {"imports": [{"path": "golang.org/x/text/unicode/norm"}]}}], "database_specific": {"url": "https://pkg.go.dev/vuln/GO-2026-0001"}}`

// make lint fails for a vulnerability, and for whatever is wrong with the check itself. Only a database that cannot be
// reached is no failure.
func TestVulnerabilities(t *testing.T) {
	t.Parallel()
	// It is built first, because one of the cases below has no network.
	if out, err := exec.Command("internal/tools/build", "govulncheck").CombinedOutput(); err != nil {
		t.Fatalf("building govulncheck: %v\n%s", err, out)
	}
	database := t.TempDir()
	if err := os.WriteFile(filepath.Join(database, "GO-2026-0001.json"), []byte(planted), 0o600); err != nil {
		t.Fatal(err)
	}
	const unreachable = "http://127.0.0.1:9"
	for _, c := range []struct {
		name     string
		database string // "": https://vuln.go.dev, behind a proxy that is not there
		code     int
		says     string
	}{
		{"code that is called has a vulnerability", "file://" + database, 3, "Planted by a test"},
		{"the database cannot be reached", "", 0, "govulncheck has checked nothing, because the database of vulnerabilities cannot be reached: "},
		{"there is no such database", "file://" + database + "/missing", 1, "no such file or directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			command := exec.CommandContext(t.Context(), "internal/tools/find-vulnerabilities")
			if c.database == "" {
				command.Env = append(os.Environ(), "HTTPS_PROXY="+unreachable, "https_proxy="+unreachable, "NO_PROXY=", "no_proxy=")
			} else {
				command.Args = append(command.Args, "-db", c.database)
			}
			command.Args = append(command.Args, "./internal/records")
			out, err := command.CombinedOutput()
			if got := command.ProcessState.ExitCode(); got != c.code || !strings.Contains(string(out), c.says) {
				t.Errorf("it ended with %d (%v), want %d, and printed:\n%s", got, err, c.code, out)
			}
		})
	}
}
