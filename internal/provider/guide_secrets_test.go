// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playSecrets(g *guide) {
	g.playParts(map[string]func(t *testing.T, g *guide){
		"key": playKeyFromStore, "rotation": playRotation, "token": playNewToken,
		"input": playSecretInput, "optional": playOptionalSecret, "link": playLink, "table": playWhereSecretsAre,
	})
}

// playParts plays parts of a guide at the same time, each with its own sections: most of a part is waiting.
func (g *guide) playParts(parts map[string]func(t *testing.T, g *guide)) {
	g.t.Run("parts", func(t *testing.T) {
		for name, play := range parts {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				play(t, g)
			})
		}
	})
}

// standIn puts a command on the path of the shell that does what this script says.
func (w *workspace) standIn(command, script string) {
	w.t.Helper()
	w.file("bin/"+command, "#!/bin/sh\nset -eu\n"+script)
	if err := os.Chmod(filepath.Join(w.dir, "bin", command), 0o700); err != nil {
		w.t.Fatal(err)
	}
}

// hasVault lets the shell read these secrets from a vault, each by the name of its field.
func (w *workspace) hasVault(secrets map[string]string) {
	w.t.Helper()
	var cases strings.Builder
	for field, secret := range secrets {
		fmt.Fprintf(&cases, "  *-field=%s*) echo '%s' ;;\n", field, secret)
	}
	w.standIn("vault", "case $* in\n"+cases.String()+"  *) echo \"no such secret: $*\" >&2; exit 2 ;;\nesac\n")
}

func playKeyFromStore(t *testing.T, g *guide) {
	s := g.section("The API key")
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}})
	w.env = append(w.env, "SEQUENTUM_API_KEY=")
	w.hasVault(map[string]string{"api_key": apiKey})
	w.file("main.tf", preamble+productsRun)
	w.shell(s.take("sh"))
	w.file("main.tf", preamble+s.take("terraform")+productsRun)
	w.mustRun("taint", "sequentum_run.products")
	w.shell(s.take("sh"))
	w.wantStarts(2)
	w.wantNoSecret(apiKey)
}

func playRotation(t *testing.T, g *guide) {
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{endless()}})
	w.file("main.tf", preamble+productsRun)
	p := w.beginApply()
	p.awaitWait()
	p.interrupt()
	w.cloud.SetCredentials("sk-new", "")
	p = w.beginShell(g.section("How to rotate the key").take("sh"))
	p.awaitWait()
	w.finish(simulator.Success)
	p.mustSucceed()
	w.wantStarts(1)
}

func playNewToken(t *testing.T, g *guide) {
	w := newHastyWorkspace(t, simulator.Options{Agents: []simulator.Agent{running(100 * time.Hour)}, AccessToken: "eyJ-old"})
	w.file("main.tf", preamble+productsRun)
	withKey := w.env
	w.env = append(slices.Clone(withKey), "SEQUENTUM_API_KEY=", "SEQUENTUM_ACCESS_TOKEN=eyJ-old")
	p := w.beginApply()
	p.awaitWait()
	w.cloud.SetCredentials(apiKey, "eyJ-new")
	p.mustFail("401", "terraform untaint")
	w.wantState("sequentum_run.products", true, map[string]any{"status": "Running"})
	w.env = append(slices.Clone(withKey), "SEQUENTUM_ACCESS_TOKEN=eyJ-new")
	w.wantNoPlan("SEQUENTUM_API_KEY", "SEQUENTUM_ACCESS_TOKEN")
	p = w.beginShell(g.section("Access tokens").take("sh"))
	p.awaitWait()
	w.finish(simulator.Success)
	p.mustSucceed()
	w.wantStarts(1)
}

func playSecretInput(t *testing.T, g *guide) {
	s := g.section("Secret input")
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}})
	w.hasVault(map[string]string{"password": password})
	w.file("main.tf", preamble+s.take("terraform"))
	apply := s.take("sh")
	w.shell(apply)
	wantText(t, w.newest().InputParameters, password)
	w.hasVault(map[string]string{"password": "another-secret"})
	w.wantScreen(w.shell(apply), s.take("text"))
	w.wantStarts(1)
	w.shell("terraform taint sequentum_run.products\n" + apply)
	wantText(t, w.newest().InputParameters, "another-secret")
	w.wantNoSecret(password)
}

func playOptionalSecret(t *testing.T, g *guide) {
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}})
	w.file("main.tf", preamble+g.section("An optional secret in a module").take("terraform"))
	w.mustApply()
	if input := w.newest().InputParameters; input != "" {
		t.Errorf("the run has the input %s", input)
	}
	w.wantPlan(nil)
	w.env = append(w.env, "TF_VAR_site_password="+password)
	w.mustApply("-replace=sequentum_run.products")
	w.wantSecretSent(password)
}

func playLink(t *testing.T, g *guide) {
	details := quick()
	details.ID = 4712
	w := newHastyWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick(), details}, LinkLife: time.Hour})
	config := preamble + hastyProvider + productsRun + g.section("Links to files").take("terraform")
	w.file("main.tf", config)
	w.mustApply()
	var input struct{ List string }
	if err := json.Unmarshal([]byte(w.cloud.Runs(4712)[0].InputParameters), &input); err != nil {
		t.Fatal(err)
	}
	if got := fetch(t, input.List); got != "a,b\n" {
		t.Errorf("the link leads to %q", got)
	}
	w.wantNoSecret(input.List)
	w.wantPlan(nil)
	w.mustApply("-replace=sequentum_run.products")
	w.wantRuns(map[int64]int{4711: 2, 4712: 2})
	w.cloud.Expire(w.newest().ID)
	w.wantNoPlan("not found")
	w.file("main.tf", strings.Replace(config, `"products.csv"`, "\"products.csv\"\n  allow_missing = true", 1))
	w.wantPlan(nil)
}
