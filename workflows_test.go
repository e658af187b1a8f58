// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// workflow is what the checks need of a file in .github/workflows.
type workflow struct {
	On          map[string]any    `yaml:"on"`
	Permissions map[string]string `yaml:"permissions"`
	Concurrency map[string]string `yaml:"concurrency"`
	Defaults    struct {
		Run struct {
			Shell string `yaml:"shell"`
		} `yaml:"run"`
	} `yaml:"defaults"`
	Jobs map[string]workflowJob `yaml:"jobs"`
}

type workflowJob struct {
	Uses        string            `yaml:"uses"` // another workflow instead of steps
	Permissions map[string]string `yaml:"permissions"`
	Timeout     int               `yaml:"timeout-minutes"`
	Environment string            `yaml:"environment"`
	Steps       []workflowStep    `yaml:"steps"`
}

type workflowStep struct {
	Uses string            `yaml:"uses"`
	Run  string            `yaml:"run"`
	With map[string]any    `yaml:"with"`
	Env  map[string]string `yaml:"env"`
}

// mayWrite lists which job may change what on GitHub. Each is a door: add one only with a reason in the workflow.
var mayWrite = []string{"release/contents", "release/id-token", "release/attestations", "report/issues"}

var (
	usesLine   = regexp.MustCompile(`(?m)^ *(?:- )?uses: (.*)$`)
	pinned     = regexp.MustCompile(`^([\w.-]+/[\w./-]+@[0-9a-f]{40}) # v\d+\.\d+\.\d+$`)
	makeTarget = regexp.MustCompile(`(?m)(?:^|[(&|;!])\s*make ([a-z][a-z-]*)`)
	ownScript  = regexp.MustCompile(`(?:^|[\s("])((?:internal/tools|\.ci)/[\w/-]+)`)
)

// readWorkflows returns the workflows of the project by the names of their files, and their texts.
func readWorkflows(t *testing.T) (map[string]workflow, map[string]string) {
	t.Helper()
	files, err := filepath.Glob(".github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows: %v", err)
	}
	workflows, texts := map[string]workflow{}, map[string]string{}
	for _, file := range files {
		text := readText(t, file)
		var w workflow
		if err := yaml.Unmarshal([]byte(text), &w); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		workflows[filepath.Base(file)], texts[filepath.Base(file)] = w, text
	}
	return workflows, texts
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A workflow runs with rights on the repository, and what it calls can be changed by others: actionlint (make lint) does
// not look at that.
func TestWorkflowsAreSafe(t *testing.T) {
	workflows, texts := readWorkflows(t)
	pins := map[string]string{}
	for name, w := range workflows {
		for _, problem := range workflowProblems(w, texts[name], pins) {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// workflowProblems returns what is wrong with a workflow. pins collects the pinned version of each action: all workflows
// use the same.
func workflowProblems(w workflow, text string, pins map[string]string) []string {
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, trigger := range []string{"pull_request_target", "workflow_run"} {
		if _, on := w.On[trigger]; on {
			add("%s runs the code of strangers with the rights of main", trigger)
		}
	}
	if w.Permissions == nil || len(w.Permissions) > 0 {
		add("the permissions of the workflow are not {}")
	}
	if w.Concurrency["group"] == "" {
		add("no concurrency group")
	}
	if w.Defaults.Run.Shell != "bash" {
		add("the shell is not bash: without it a failure in a pipe is no failure")
	}
	for _, line := range usesLine.FindAllStringSubmatch(text, -1) {
		action, _, _ := strings.Cut(line[1], "@")
		pin := pinned.FindStringSubmatch(line[1])
		switch {
		case strings.HasPrefix(action, "./"):
		case pin == nil:
			add("%q is not pinned: write the commit in 40 digits and the version as a comment", line[1])
		case pins[action] != "" && pins[action] != line[1]:
			add("%s has two versions: %s and %s", action, pins[action], line[1])
		default:
			pins[action] = line[1]
		}
	}
	for name, job := range w.Jobs {
		for _, problem := range jobProblems(name, job) {
			add("job %s: %s", name, problem)
		}
	}
	return problems
}

func jobProblems(name string, job workflowJob) []string {
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if job.Permissions == nil {
		add("it has no permissions of its own")
	}
	for scope, level := range job.Permissions {
		if level != "read" && !slices.Contains(mayWrite, name+"/"+scope) {
			add("it may not have %s: %s", scope, level)
		}
	}
	if job.Uses == "" && job.Timeout == 0 {
		add("no timeout-minutes")
	}
	for _, step := range job.Steps {
		if strings.Contains(step.Run, "${{") {
			add("an expression in a script: what it holds becomes code. Pass it in env: %s", step.Run)
		}
		if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
			add("the checkout leaves a token behind: set persist-credentials: false")
		}
		for _, value := range step.Env {
			if strings.Contains(value, "secrets.") && job.Environment == "" {
				add("it uses a secret without an environment that guards it")
			}
		}
		for _, script := range ownScript.FindAllStringSubmatch(step.Run, -1) {
			if _, err := os.Stat(script[1]); err != nil {
				add("%v", err)
			}
		}
	}
	return problems
}

// Each check of a workflow sees its mistake.
func TestWorkflowProblemsAreFound(t *testing.T) {
	sound := `
on: { push: {} }
permissions: {}
concurrency: { group: test }
defaults: { run: { shell: bash } }
jobs:
  test:
    permissions: { contents: read }
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with: { persist-credentials: false }
      - run: internal/tools/find-cli
`
	for mistake, replace := range map[string][2]string{
		"nothing":                         {"", ""},
		"a tag instead of a commit":       {"3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "v7.0.1"},
		"no version beside the commit":    {" # v7.0.1", ""},
		"a short commit":                  {"3d3c42e5aac5ba805825da76410c181273ba90b1", "3d3c42e5"},
		"another version elsewhere":       {"  test:", "  test2:\n    uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2\n    permissions: {}\n  test:"},
		"a token that stays":              {"{ persist-credentials: false }", "{ fetch-depth: 0 }"},
		"no permissions of the workflow":  {"permissions: {}\n", ""},
		"permissions of the workflow":     {"permissions: {}\n", "permissions: { contents: read }\n"},
		"no permissions of the job":       {"    permissions: { contents: read }\n", ""},
		"a permission to write":           {"contents: read", "contents: write"},
		"no limit of time":                {"    timeout-minutes: 5\n", ""},
		"no concurrency group":            {"concurrency: { group: test }\n", ""},
		"the shell of the machine":        {"bash", "pwsh"},
		"a trigger with the rights":       {"on: { push: {} }", "on: { pull_request_target: {} }"},
		"an expression in a script":       {"internal/tools/find-cli", "echo ${{ github.head_ref }}"},
		"a script that does not exist":    {"internal/tools/find-cli", "internal/tools/find-it"},
		"a secret without an environment": {"      - run: ", "      - env: { KEY: '${{ secrets.KEY }}' }\n        run: "},
	} {
		t.Run(mistake, func(t *testing.T) {
			if !strings.Contains(sound, replace[0]) {
				t.Fatalf("the workflow has no %q to replace", replace[0])
			}
			text := strings.Replace(sound, replace[0], replace[1], 1)
			var w workflow
			if err := yaml.Unmarshal([]byte(text), &w); err != nil {
				t.Fatal(err)
			}
			problems := workflowProblems(w, text, map[string]string{})
			if found := len(problems) == 1; found != (mistake != "nothing") || len(problems) > 1 {
				t.Errorf("found: %q", problems)
			}
		})
	}
}

// What .ci/run checks, the workflows of a pull request check too, and all of them call only what exists.
func TestWorkflowsDoWhatCIDoes(t *testing.T) {
	workflows, _ := readWorkflows(t)
	makefile, ci := readText(t, "GNUmakefile"), readText(t, ".ci/run")
	called, scripts := map[string]bool{}, ""
	for name, w := range workflows {
		_, ofPullRequests := w.On["pull_request"]
		for _, job := range w.Jobs {
			for _, step := range job.Steps {
				for _, target := range makeTarget.FindAllStringSubmatch(step.Run, -1) {
					if !strings.Contains(makefile, "\n"+target[1]+":") {
						t.Errorf("%s: the makefile has no target %s", name, target[1])
					}
					called[target[1]] = called[target[1]] || ofPullRequests
				}
				if ofPullRequests {
					scripts += step.Run + "\n"
				}
			}
		}
	}
	wanted := makeTarget.FindAllStringSubmatch(ci, -1)
	wanted = append(wanted, regexp.MustCompile(`(?m)^\s*tests ([a-z]+) `).FindAllStringSubmatch(ci, -1)...)
	if len(wanted) < 5 {
		t.Fatalf("only %q found in .ci/run: does it call make in another way now?", wanted)
	}
	for _, target := range wanted {
		if !called[target[1]] {
			t.Errorf(".ci/run calls make %s, but no workflow of a pull request does. Add it to test.yml, lint.yml or docs.yml", target[1])
		}
	}
	commands := []string{"gofmt -l .", "go mod tidy -diff", "go vet ./...", "go test ./...", "GOOS=windows"}
	for _, modules := range regexp.MustCompile(`for module in (.+); do`).FindAllStringSubmatch(ci, -1) {
		commands = append(commands, strings.Fields(modules[1])[1:]...) // after the one of the provider
	}
	if !slices.Contains(commands, "internal/tools/cover") {
		t.Error(".ci/run does not name its modules: does it do so in another way now?")
	}
	for _, command := range commands {
		if strings.Contains(ci, command) && !strings.Contains(scripts, command) {
			t.Errorf(".ci/run runs %q, but no workflow of a pull request does", command)
		}
	}
}

// The versions of the CLIs that this project builds by itself are among those that the workflow tests.
func TestWorkflowsTestTheBuiltCLIs(t *testing.T) {
	test := readText(t, ".github/workflows/test.yml")
	for _, module := range []string{"github.com/hashicorp/terraform", "github.com/opentofu/opentofu"} {
		gomod := readText(t, filepath.Join("internal/tools", filepath.Base(module), "go.mod"))
		version := regexp.MustCompile(regexp.QuoteMeta(module) + ` v(\S+)`).FindStringSubmatch(gomod)
		if version == nil || !regexp.MustCompile(`version: `+regexp.QuoteMeta(version[1])+`\b`).MatchString(test) {
			t.Errorf("test.yml does not test %s %q", module, version)
		}
	}
}

// Dependabot says nothing about a module that it was not told of.
func TestDependabotSeesEveryModule(t *testing.T) {
	var config struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
			Allow       []struct {
				Name string `yaml:"dependency-name"`
			} `yaml:"allow"`
		} `yaml:"updates"`
	}
	if err := yaml.Unmarshal([]byte(readText(t, ".github/dependabot.yml")), &config); err != nil {
		t.Fatal(err)
	}
	seen, allowed := map[string]bool{}, map[string]bool{}
	for _, update := range config.Updates {
		for _, directory := range append(update.Directories, update.Directory) {
			seen[update.Ecosystem+" "+directory] = true
		}
		for _, allow := range update.Allow {
			allowed[allow.Name] = true
		}
	}
	if !seen["github-actions /"] {
		t.Error("Dependabot does not see the actions")
	}
	modules, err := filepath.Glob("internal/tools/*/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range append(modules, "go.mod", "internal/tools/go.mod") {
		if directory := strings.TrimSuffix("/"+filepath.ToSlash(filepath.Dir(module)), "/."); !seen["gomod "+directory] && !seen["gomod "+directory+"/"] {
			t.Errorf("Dependabot does not see %s", module)
		}
		for _, tool := range regexp.MustCompile(`(?m)^(?:tool |\t)(\S+/\S+)$`).FindAllStringSubmatch(readText(t, module), -1) {
			if !slices.ContainsFunc(slices.Collect(maps.Keys(allowed)), func(name string) bool {
				return tool[1] == name || strings.HasPrefix(tool[1], name+"/")
			}) {
				t.Errorf("Dependabot does not look for new versions of the tool %s of %s: name its module under allow", tool[1], module)
			}
		}
	}
}
