// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"archive/zip"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// keyVariants are the ways to hand over the API key that the table of the guide has, by the text of the row.
var keyVariants = map[string]struct{ config, variable, argument string }{
	"the API key in the environment":                                {"", "SEQUENTUM_API_KEY", ""},
	"the API key in an `ephemeral` variable, set with `TF_VAR_...`": {keyVariable("ephemeral"), "TF_VAR_key", ""},
	"the API key in an `ephemeral` variable, set with `-var`":       {keyVariable("ephemeral"), "", "-var=key="},
	"the API key in a variable that is only `sensitive`":            {keyVariable("sensitive"), "TF_VAR_key", ""},
	"the API key as text in a `.tf` file":                           {"provider \"sequentum\" {\n  api_key = \"KEY\"\n}\n", "", ""},
}

func keyVariable(property string) string {
	return "variable \"key\" {\n  type = string\n  " + property + " = true\n}\n\nprovider \"sequentum\" {\n  api_key = var.key\n}\n"
}

// secretive is a configuration that holds each value of the table but the key.
const secretive = `
variable "password" {
  type      = string
  ephemeral = true
}

resource "sequentum_run" "r" {
  agent_id         = 4711
  input_parameters = jsonencode({ plain = "what-is-put-in" })
  triggers         = { why = "what-triggers" }
  record_files     = true
}

data "sequentum_run_file" "f" {
  agent_id = 4711
  run_id   = sequentum_run.r.run_id
  file_id  = sequentum_run.r.files[0].id
}

ephemeral "sequentum_run_file_url" "u" {
  agent_id = 4711
  run_id   = sequentum_run.r.run_id
  file_id  = sequentum_run.r.files[0].id
}

resource "sequentum_run" "second" {
  agent_id                    = 4712
  input_parameters_wo         = jsonencode({ password = var.password, link = ephemeral.sequentum_run_file_url.u.url })
  input_parameters_wo_version = 1
}
`

func playWhereSecretsAre(t *testing.T, _ *guide) {
	first, second := quick(simulator.Outcome{Status: simulator.Completed, Message: "what-the-run-says"}), quick()
	first.Files, second.ID = []simulator.File{delivered("what-the-file-is-called.csv", "what-the-file-holds")}, 4712
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{first, second}})
	w.env = append(w.env, "TF_VAR_password="+password)
	w.logging("TRACE")

	w.file("main.tf", preamble+secretive)
	w.mustPlan()
	w.mustRun("apply", "-no-color", "-input=false", "plan.bin")
	link := regexp.MustCompile(`signature=(\w{64})`).FindStringSubmatch(w.cloud.Runs(4712)[0].InputParameters)
	if link == nil {
		t.Fatal("the second run got no link")
	}
	w.mustPlan()
	places := w.whereItIs(map[string]string{
		"`input_parameters_wo`":                password,
		"the link of `sequentum_run_file_url`": link[1],
		"`input_parameters`":                   "what-is-put-in",
		"`triggers`":                           "what-triggers",
		"the message of a run":                 "what-the-run-says",
		"the names of files in `files`":        "what-the-file-is-called",
		"what a data source reads of a file":   "what-the-file-holds",
	})
	for row, v := range keyVariants {
		key := fmt.Sprintf("sk-%d-of-the-variants", len(places))
		w.cloud.SetCredentials(key, "")
		w.file(logFile, "")
		w.file("main.tf", preamble+strings.ReplaceAll(v.config, "KEY", key)+secretive)
		env := w.env
		w.env = append(slices.Clone(env), "SEQUENTUM_API_KEY=")
		if v.variable != "" {
			w.env = append(w.env, v.variable+"="+key)
		}
		var arguments []string
		if v.argument != "" {
			arguments = []string{v.argument + key}
		}
		w.mustPlan(arguments...)
		places[row] = w.whereItIs(map[string]string{row: key})[row]
		w.env = env
	}
	page := readFile(t, "../../templates/guides/secrets.md")
	for row, is := range places {
		wantText(t, page, "| "+row+" | "+is+" |")
	}
	if rows := len(secretRow.FindAllString(page, -1)); rows != len(places) {
		t.Errorf("the table has %d rows, and %d of them are played", rows, len(places))
	}
}

var secretRow = regexp.MustCompile(`(?m)^\|[^|]+(\| (no|\*\*yes\*\*) ){3}\|$`)

// mustPlan saves a plan.
func (w *workspace) mustPlan(arguments ...string) {
	w.t.Helper()
	w.mustRun(append([]string{"plan", "-no-color", "-input=false", "-out=plan.bin"}, arguments...)...)
}

// whereItIs tells of each text whether it is in state, in the saved plan and in the log, as cells of a table.
func (w *workspace) whereItIs(texts map[string]string) map[string]string {
	w.t.Helper()
	state, plan, log := w.savedState(), w.savedPlan(), w.read(logFile)
	cells := map[string]string{}
	for row, text := range texts {
		var found []string
		for _, place := range []string{state, plan, log} {
			if strings.Contains(place, text) {
				found = append(found, "**yes**")
			} else {
				found = append(found, "no")
			}
		}
		cells[row] = strings.Join(found, " | ")
	}
	return cells
}

// savedPlan is all that a saved plan holds: it is a ZIP file.
func (w *workspace) savedPlan() string {
	w.t.Helper()
	plan, err := zip.OpenReader(filepath.Join(w.dir, "plan.bin"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = plan.Close() }()
	var all strings.Builder
	for _, f := range plan.File {
		r, err := f.Open()
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil {
			w.t.Fatal(err)
		}
	}
	return all.String()
}
