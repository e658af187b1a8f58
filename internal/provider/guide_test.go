// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

var (
	guideBlock = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
	// guideFile is a file that the text before a block names. It ends the text if the reader is to write the file.
	guideFile = regexp.MustCompile("`([\\w.]+\\.(?:tf|hcl))`[^`]*")
	guideTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`)
)

// follow does what a section of a guide says: it writes the files, and runs the commands. What the guide shows of a file
// or of a screen must be there.
func (w *workspace) follow(section string) {
	w.t.Helper()
	var screen string
	before := 0
	for _, at := range guideBlock.FindAllStringSubmatchIndex(section, -1) {
		said, language, text := section[before:at[0]], section[at[2]:at[3]], section[at[4]:at[5]]
		before = at[1]
		switch language {
		case "sh":
			screen = w.shell(text)
		case "text":
			for line := range strings.Lines(text) {
				wantText(w.t, guideTime.ReplaceAllString(screen, "TIME"), guideTime.ReplaceAllString(line, "TIME"))
			}
		case "terraform":
			names := guideFile.FindAllStringSubmatch(said, -1)
			if len(names) == 0 {
				w.t.Fatalf("the guide does not say which file this is:\n%s", text)
			}
			name := names[len(names)-1][1]
			if strings.HasSuffix(said, "rite `"+name+"`:\n\n") {
				w.file(name, text)
			} else if !strings.Contains(w.read(name), text) {
				w.t.Errorf("%s does not have:\n%s\nbut:\n%s", name, text, w.read(name))
			}
		default:
			w.t.Fatalf("the guide has a block of %s", language)
		}
	}
}

// shell runs commands as a person would, who confirms each apply. It returns what they print.
func (w *workspace) shell(commands string) string {
	w.t.Helper()
	w.file("bin/.keep", "")
	bin := filepath.Join(w.dir, "bin")
	if err := os.Symlink(w.cli, filepath.Join(bin, "terraform")); err != nil && !os.IsExist(err) {
		w.t.Fatal(err)
	}
	shell := &workspace{t: w.t, dir: w.dir, cli: "sh", cloud: w.cloud, env: append(w.env,
		"PATH="+bin+":"+os.Getenv("PATH"), "TF_CLI_ARGS=-no-color", "TF_CLI_ARGS_apply=-auto-approve -input=false -no-color")}
	return shell.mustRun("-ec", commands).output
}

// account is an account that has grown by hand.
func account() simulator.Options {
	return simulator.Options{Agents: []simulator.Agent{
		{ID: 4711, Name: "Shoes", Schedules: []simulator.Schedule{
			{ID: 2001, Name: "nightly", Type: simulator.ScheduleCRON, Cron: "30 6 * * 1-5", Timezone: "Europe/Berlin"},
			{ID: 2002, Name: "often", Type: simulator.ScheduleRunEvery, RunEveryCount: 6, RunEveryPeriod: 2, Disabled: true, InputParameters: new(`{"category": "boots"}`)},
		}},
		{ID: 4712, Name: "Hats", Schedules: []simulator.Schedule{{ID: 2003, Name: "daily", Type: simulator.ScheduleCRON, Cron: "0 5 * * *", Timezone: "UTC"}}},
		{ID: 4713, Name: "Templates"},
	}}
}

func TestScenarioGuideToImporting(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, account())
	w.cloud.AddFinishedRuns(4711, 2, simulator.Completed)
	sections := strings.Split(readFile(t, "../../templates/guides/importing.md"), "\n## ")
	if len(sections) != 4 {
		t.Fatalf("the guide has %d sections", len(sections))
	}
	w.follow(sections[0])
	if w.knowsLists() {
		w.follow(sections[1])
		w.follow(sections[2])
	} else {
		w.follow(sections[3])
	}
	w.wantPlan(nil)
	if n := len(w.instances("sequentum_run.newest")) + len(w.instances("sequentum_run.newest_0")); n != 1 {
		t.Errorf("%d runs are in state, want 1", n)
	}
	w.wantOnlyReads()
	w.wantNoSecret(apiKey)
}
