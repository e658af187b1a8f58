// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playVersions(g *guide) {
	g.playParts(map[string]func(t *testing.T, g *guide){"upgrade": playUpgrade, "features": playFeatures})
}

func playUpgrade(t *testing.T, g *guide) {
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}})
	w.offer("0.9.0")
	w.offer("1.0.0")
	w.useMirror("2.0.0")
	pin, up, back := g.section("How to pin a version"), g.section("How to upgrade"), g.section("How to go back")

	config := pin.take("terraform")
	w.file("main.tf", config)
	w.shell(pin.take("sh"))
	w.wantLocked("1.0.0")
	w.mustApply()
	w.offer("1.1.0")
	w.mustRun("init", "-no-color")
	w.wantLocked("1.0.0")
	w.env = append(w.env, "TF_CLI_ARGS_providers_lock=-fs-mirror=mirror") // in place of the registry
	w.shell(pin.take("sh"))

	w.wantScreen(w.shell(up.take("sh")), up.take("text"))
	w.wantLocked("1.1.0")

	_, rest, _ := strings.Cut(config, "\n}\n")
	w.file("main.tf", back.take("terraform")+rest)
	w.wantScreen(w.shell(back.take("sh")), back.take("text"))
	w.wantLocked("1.0.0")
	w.wantStarts(1)

	w.file("terraform.tfstate", strings.ReplaceAll(w.savedState(), `"schema_version": 0`, `"schema_version": 99`))
	const refused = "Resource instance managed by newer provider version"
	w.wantNoPlan(refused)
	wantText(t, readFile(t, "../../templates/guides/versions.md"), refused)
}

// offer adds a version of the provider to the mirror, for every platform that the guide names.
func (w *workspace) offer(version string) {
	w.t.Helper()
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		for _, platform := range []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64"} {
			w.install(filepath.Join("mirror", registry, "sequentum/sequentum", version, platform, providerName+"_v"+version))
		}
	}
}

// wantLocked fails the test unless the lock file has this version.
func (w *workspace) wantLocked(version string) {
	w.t.Helper()
	wantText(w.t, unwrap(w.read(".terraform.lock.hcl")), fmt.Sprintf("version = %q", version))
}

// features are configurations that only a CLI with the feature accepts, by the row of the guide's table. Empty: a command.
var features = map[string]string{
	"resources and data sources":                  oneRun + filesOf,
	"ephemeral resource `sequentum_run_file_url`": "ephemeral \"sequentum_run_file_url\" \"u\" {\n  agent_id = 4711\n  run_id   = 1\n  name     = \"a\"\n}\n",
	"write-only input (`input_parameters_wo`)":    withSecret("1", ""),
	"import by `identity`":                        oneRun + "import {\n  to       = sequentum_run.r\n  identity = { agent_id = 4711, run_id = 1 }\n}\n",
	"actions (`sequentum_run_start`, …)":          "action \"sequentum_run_start\" \"a\" {\n  config {\n    agent_id = 4711\n  }\n}\n",
	"list resources (`terraform query`)":          "",
}

var featureRow = regexp.MustCompile(`(?m)^\| (.+) \| 1\.(\d+) \| (?:1\.(\d+)|no) \|$`)

// playFeatures holds the table to what this CLI does. Each CLI of the tests sees one side of a row's version.
func playFeatures(t *testing.T, _ *guide) {
	w := newWorkspace(t, simulator.Options{})
	rows := featureRow.FindAllStringSubmatch(readFile(t, "../../templates/guides/versions.md"), -1)
	if len(rows) != len(features) {
		t.Errorf("the table has %d rows, and %d of them are tried", len(rows), len(features))
	}
	for _, row := range rows {
		config, listed := features[row[1]]
		if !listed {
			t.Errorf("nothing tries the row %q", row[1])
			continue
		}
		since := row[2]
		if w.version().tofu {
			since = row[3]
		}
		var first int
		_, err := fmt.Sscan(since, &first)
		has := err == nil && w.version().minor >= first
		command := []string{"validate", "-no-color"}
		if config == "" {
			command = []string{"query", "-help"}
		}
		w.file("main.tf", preamble+config)
		if r := w.run(command...); (r.code == 0) != has {
			t.Errorf("%s: this CLI ended with %d, but by the table it has this: %t\n%s", row[1], r.code, has, r.raw)
		}
	}
}
