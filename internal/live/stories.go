// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"context"
	"fmt"
	"time"
)

// story is one use of the provider, told with the real CLI.
type story struct {
	name string
	does string
	// runs and schedules are how many it creates at most.
	runs, schedules int
	// actions: it needs a CLI that has them.
	actions bool
	play    func(context.Context, *session) error
}

// busyStory is the one that shows how exclusive agents answer.
const busyStory = "busy"

var allStories = []story{
	{name: "life", runs: 1, play: playLife, does: "a run is started, interrupted, resumed, waited for to its end, read, downloaded and imported"},
	{name: busyStory, runs: 2, play: playBusy, does: "a run is started, a second one that asks to be exclusive, and both are destroyed while they are active"},
	{name: "parallel", runs: 2, play: playParallel, does: "a start with a parallelism of 2, and its destroy"},
	{name: "erase", runs: 1, play: playErase, does: "a start with a tag, a kill, and the removal of the run"},
	{name: "actions", runs: 1, actions: true, play: playActions, does: "a run is started, stopped and removed by actions"},
	{name: "schedule", schedules: 1, play: playSchedule, does: "a schedule is created, changed, enabled, disabled, imported and deleted"},
}

const inputVariable = `
variable "input" {
  type      = string
  ephemeral = true
  sensitive = true
}
`

// runBlock is a run with the input and more arguments.
func (s *session) runBlock(name, arguments string) string {
	return fmt.Sprintf("resource \"sequentum_run\" %q {\n  agent_id = %d\n  input_parameters_wo = var.input\n  input_parameters_wo_version = 1\n%s\n}\n",
		name, s.AgentID, arguments)
}

const unwaited = "  wait_for_completion = false\n  if_active = \"start\"\n"

func (s *session) workspace() (*workspace, error) {
	return newWorkspace(s.dir, s.proxy.url, s.Options, s.say)
}

// configured is a new workspace with a configuration.
func (s *session) configured(blocks ...string) (*workspace, error) {
	w, err := s.workspace()
	if err == nil {
		err = w.configure(blocks...)
	}
	return w, err
}

// steps calls each step, until one returns an error. Between them it pauses for the request budget.
func (s *session) steps(ctx context.Context, steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
		if err := s.proxy.pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

// wantFinished is an error when a run is active that was started here.
func (s *session) wantFinished(ctx context.Context) error {
	ids, _ := s.proxy.guard.left()
	for _, id := range ids {
		r, err := s.client.RunStatus(ctx, s.AgentID, id)
		switch {
		case err != nil:
			return err
		case r.Status.Active():
			return fmt.Errorf("run %d/%d is still %s after the destroy", s.AgentID, id, r.Status)
		}
		s.ended[id] = true
	}
	return nil
}

// look reads the list of runs, right after a run's own status: is the list behind?
func (s *session) look(ctx context.Context) error {
	ids, _ := s.proxy.guard.left()
	if len(ids) > 0 {
		if _, err := s.client.RunStatus(ctx, s.AgentID, ids[len(ids)-1]); err != nil {
			return err
		}
	}
	_, err := s.client.ListRuns(ctx, s.AgentID, 1000)
	return err
}

func playBusy(ctx context.Context, s *session) error {
	first := s.runBlock("first", unwaited)
	w, err := s.configured(inputVariable, first)
	if err != nil {
		return err
	}
	return s.steps(ctx,
		func() error { return w.apply(ctx) },
		func() error { return s.look(ctx) },
		func() error {
			return w.configure(inputVariable, first, s.runBlock("second", unwaited+"  exclusive = true\n"))
		},
		func() error {
			r, err := w.run(ctx, "apply", "-auto-approve")
			if err == nil && r.code != 0 {
				s.say("    The start of a busy agent that runs exclusively was refused: see the question below.")
			}
			return err
		},
		func() error { return s.look(ctx) },
		func() error { return w.destroy(ctx) },
		func() error { return s.look(ctx) },
		func() error { return s.wantFinished(ctx) },
	)
}

func playParallel(ctx context.Context, s *session) error {
	w, err := s.configured(inputVariable, s.runBlock("r", unwaited+"  parallelism = 2\n"))
	if err != nil {
		return err
	}
	return s.steps(ctx,
		func() error { return s.look(ctx) },
		func() error { return w.apply(ctx) },
		func() error { return s.look(ctx) },
		func() error { return w.destroy(ctx) },
		func() error { return s.look(ctx) },
		func() error { return s.wantFinished(ctx) },
	)
}

const actionBlocks = `
variable "run_id" {
  type    = number
  default = 0
}

action "sequentum_run_start" "a" {
  config {
    agent_id            = %[1]d
    wait_for_completion = false
  }
}

action "sequentum_run_stop" "a" {
  config {
    agent_id = %[1]d
    run_id   = var.run_id
  }
}

action "sequentum_run_remove" "a" {
  config {
    agent_id = %[1]d
    run_id   = var.run_id
  }
}
`

func playActions(ctx context.Context, s *session) error {
	w, err := s.configured(fmt.Sprintf(actionBlocks, s.AgentID))
	if err != nil {
		return err
	}
	invoke := func(action string) func() error {
		return func() error {
			id := newest(s.proxy.recorded(callStart)).runID()
			if id == "" {
				id = "0"
			}
			return w.apply(ctx, "-invoke=action."+action+".a", "-var=run_id="+id)
		}
	}
	return s.steps(ctx, invoke("sequentum_run_start"), invoke("sequentum_run_stop"), invoke("sequentum_run_remove"))
}

func (s *session) scheduleBlock(name string, enabled bool) string {
	return fmt.Sprintf("resource \"sequentum_schedule\" \"s\" {\n  agent_id = %d\n  name = %q\n  enabled = %t\n  once = { start_time = %q }\n}\n",
		s.AgentID, name, enabled, time.Now().AddDate(1, 0, 0).UTC().Format("2006-01-02")+"T00:00:00Z")
}

func playSchedule(ctx context.Context, s *session) error {
	const name, changed = "make live of the Terraform provider", "make live of the Terraform provider, changed"
	list := fmt.Sprintf("data \"sequentum_schedules\" \"all\" {\n  agent_id = %d\n}\n", s.AgentID)
	w, err := s.configured(s.scheduleBlock(name, false))
	if err != nil {
		return err
	}
	return s.steps(ctx,
		func() error { return w.apply(ctx) },
		func() error { return w.configure(s.scheduleBlock(changed, true)) },
		func() error { return w.apply(ctx) },
		func() error { return w.configure(s.scheduleBlock(changed, false), list) },
		func() error { return w.apply(ctx) },
		func() error { return w.wantEmptyPlan(ctx) },
		func() error { return s.importSchedule(ctx, s.scheduleBlock(changed, false)) },
		func() error { return w.destroy(ctx) },
	)
}

func (s *session) importSchedule(ctx context.Context, block string) error {
	_, ids := s.proxy.guard.left()
	if len(ids) != 1 {
		return fmt.Errorf("there are %d schedules of the story, want 1", len(ids))
	}
	w, err := s.configured(block, fmt.Sprintf("import {\n  to = sequentum_schedule.s\n  id = \"%d/%d\"\n}\n", s.AgentID, ids[0]))
	if err != nil {
		return err
	}
	return w.apply(ctx)
}
