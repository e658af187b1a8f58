// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const pipelinesFolder = "../../examples/pipelines"

// takeFile gives the section's next block, which must be that file of examples/pipelines.
func (s *section) takeFile(language, file string) string {
	s.t.Helper()
	text := s.take(language)
	if text != readFile(s.t, filepath.Join(pipelinesFolder, file)) {
		s.t.Errorf("guide %s does not show %s as it is", s.guide, file)
	}
	return text
}

func parseYAML[T any](t *testing.T, text string) T {
	t.Helper()
	var parsed T
	if err := yaml.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func playPipelines(g *guide) {
	w := g.workspace(simulator.Options{Agents: []simulator.Agent{endless()}})
	w.file("main.tf", g.section("The pattern").takeFile("terraform", "main.tf"))
	w.useLockedState()
	playGitHub(w, g.section("GitHub Actions"))
	playGitLab(w, g.section("GitLab"))
	playAtlantis(w, g.section("Atlantis"))

	w.wantSuccess(w.begin("plan", "-detailed-exitcode").wait())
	w.env = append(w.env, "TF_VAR_pipeline=another")
	if r := w.beginShell(g.section("Exit codes").take("sh")).wait(); r.code != 2 {
		g.t.Errorf("a plan with changes ended with %d", r.code)
	}
	w.shellUntil(g.section("Locks").take("sh"))
	w.wantNoSecret(apiKey)

	hcp := g.workspace(simulator.Options{})
	hcp.useMirror("0.0.1")
	hcp.file("main.tf", w.read("main.tf"))
	hcp.file("cloud.tf", g.section("HCP Terraform").takeFile("terraform", "hcp/cloud.tf"))
	hcp.mustRun("init", "-backend=false", "-no-color")
	hcp.mustRun("validate", "-no-color")
}

// set adds the variables of a pipeline, whose expressions stand for these values.
func (w *workspace) set(variables map[string]string, expressions ...string) {
	for name, value := range variables {
		w.env = append(w.env, name+"="+strings.NewReplacer(expressions...).Replace(value))
	}
}

// The signals of GitHub reach only the first process of a step.
// https://docs.github.com/en/actions/reference/workflow-cancellation-reference
func playGitHub(w *workspace, s *section) {
	workflow := parseYAML[struct {
		Jobs map[string]struct {
			Env   map[string]string
			Steps []struct{ Name, Run string }
		}
	}](w.t, s.takeFile("yaml", "github/scrape.yml"))
	job := workflow.Jobs["apply"]
	w.set(job.Env, "${{ github.run_id }}", "7001", "${{ secrets.SEQUENTUM_API_KEY }}", apiKey)
	steps := map[string]string{}
	for _, step := range job.Steps {
		steps[step.Name] = step.Run
	}
	begin := func(command string) *process {
		w.t.Helper()
		w.file("step.sh", command)
		return w.beginShellWith("-e", "step.sh")
	}
	begin(steps["init"]).mustSucceed()
	begin(steps["start"]).mustSucceed()
	w.wantStarts(1)

	// Without exec, Bash keeps the signal to itself, and the kill leaves the lock behind.
	p := begin(strings.Replace(steps["wait"], "exec ", "", 1))
	p.awaitWait()
	w.signal(p.cmd.Process.Pid, syscall.SIGINT)
	p.awaitRequests(simulator.KindStatus, p.requests(simulator.KindStatus)+1)
	p.kill()
	if w.remote.holder() == "" {
		w.t.Error("the killed step left no lock: the guide says it does")
	}
	w.remote.unlock()

	p = begin(steps["wait"])
	p.awaitWait()
	w.signal(p.cmd.Process.Pid, syscall.SIGINT)

	p.mustFail("Interrupted while waiting; run 4711/100001 is still running")
	if held := w.remote.holder(); held != "" {
		w.t.Errorf("the interrupted step left its lock: %s", held)
	}

	// The workflow is run again.
	begin(steps["start"]).mustSucceed()
	p = begin(steps["wait"])
	p.awaitWait()
	w.finish(simulator.Success)
	wantText(w.t, p.mustSucceed().output, `run = "4711/100001: Success"`)
	w.wantStarts(1)
}

func playGitLab(w *workspace, s *section) {
	type job struct {
		Script    []string
		Stage     string
		Artifacts struct{ Paths []string }
	}
	pipeline := parseYAML[struct {
		Stages  []string
		Default struct {
			BeforeScript []string `yaml:"before_script"`
		}
		Variables         map[string]string
		Plan, Start, Wait job
	}](w.t, s.takeFile("yaml", "gitlab/.gitlab-ci.yml"))
	w.set(pipeline.Variables, "$CI_PIPELINE_ID", "7002")
	if got := []string{pipeline.Plan.Stage, pipeline.Start.Stage, pipeline.Wait.Stage}; fmt.Sprint(got) != fmt.Sprint(pipeline.Stages) {
		w.t.Errorf("the jobs are of the stages %q, the pipeline has %q", got, pipeline.Stages)
	}
	begin := func(j job) *process {
		w.t.Helper()
		return w.beginShell(strings.Join(append(pipeline.Default.BeforeScript, j.Script...), "\n"))
	}
	begin(pipeline.Plan).mustSucceed()
	for _, artifact := range pipeline.Plan.Artifacts.Paths {
		if w.read(artifact) == "" {
			w.t.Errorf("the job left no %s", artifact)
		}
	}
	w.wantStarts(1)
	begin(pipeline.Start).mustSucceed()
	w.wantStarts(2)
	p := begin(pipeline.Wait)
	p.awaitWait()
	p.signalGroup(syscall.SIGTERM)
	p.wait()
	w.wantNoProvider()
	p = begin(pipeline.Wait)
	p.awaitWait()
	p.kill()
	w.remote.unlock()
	p = begin(pipeline.Wait)
	p.awaitWait()
	w.finish(simulator.Completed)
	p.mustSucceed()
	w.wantStarts(2)
}

// playAtlantis runs the steps as Atlantis does: a plan into a file, and the apply of that file.
// https://www.runatlantis.io/docs/custom-workflows
func playAtlantis(w *workspace, s *section) {
	type steps struct{ Steps []any }
	config := parseYAML[struct {
		Version   int
		Projects  []struct{ Name, Dir, Workflow string }
		Workflows map[string]struct{ Plan, Apply steps }
	}](w.t, s.takeFile("yaml", "atlantis/atlantis.yaml"))
	workflow, ok := config.Workflows[config.Projects[0].Workflow]
	if config.Version != 3 || !ok || fmt.Sprint(workflow.Apply.Steps) != "[apply]" {
		w.t.Fatalf("atlantis.yaml is %+v", config)
	}
	w.env = append(w.env, "TF_VAR_pipeline=7003")
	for _, step := range workflow.Plan.Steps {
		switch step := step.(type) {
		case string:
			w.mustRun(step, "-input=false", "-no-color")
		case map[string]any:
			var arguments []string
			for _, argument := range step["plan"].(map[string]any)["extra_args"].([]any) {
				arguments = append(arguments, argument.(string))
			}
			w.mustRun(append([]string{"plan", "-input=false", "-no-color", "-out=atlantis.tfplan"}, arguments...)...)
		}
	}
	w.mustRun("apply", "-input=false", "-no-color", "atlantis.tfplan")
	w.wantStarts(3)
	w.wantRun(w.newest().ID, simulator.Running)
	w.finish(simulator.Completed)
	w.mustApply() // somewhere else
}
