// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Ids that no account has: the greatest that an agent can have, and one that every JSON reader can hold.
const (
	missingAgent = 1<<31 - 1
	missingID    = 1<<53 - 1
)

// readBlocks read everything about the run that is in state, and what the key can see beside it.
const readBlocks = `
locals {
  run_id = sequentum_run.r.run_id
  files  = data.sequentum_run_files.r.files
  small  = [for f in local.files : f.id if f.size_bytes != null && coalesce(f.size_bytes, 0) < 100000]
  tables = [for f in local.files : f.id if f.type == "DeliveredFile" && contains(local.small, f.id) && can(regex("[.](csv|json)$", lower(coalesce(f.name, "-"))))]
  same   = [for a in data.sequentum_agents.all.agents : a if a.name == data.sequentum_agent.a.name]
}

data "sequentum_run" "r" {
  agent_id     = %[1]d
  run_id       = local.run_id
  include_cost = true
}

data "sequentum_runs" "all" {
  agent_id = %[1]d
  limit    = 5
}

data "sequentum_run_files" "r" {
  agent_id = %[1]d
  run_id   = local.run_id
}

data "sequentum_run_file" "r" {
  count    = min(1, length(local.small))
  agent_id = %[1]d
  run_id   = local.run_id
  file_id  = local.small[0]
}

data "sequentum_run_records" "r" {
  count    = min(1, length(local.tables))
  agent_id = %[1]d
  run_id   = local.run_id
  file_id  = local.tables[0]
}

ephemeral "sequentum_run_file_url" "r" {
  count    = min(1, length(local.small))
  agent_id = %[1]d
  run_id   = local.run_id
  file_id  = local.small[0]
}

resource "sequentum_run_download" "r" {
  agent_id    = %[1]d
  run_id      = local.run_id
  directory   = "${path.root}/files"
  types       = ["DeliveredFile"]
  allow_empty = true
}

data "sequentum_agent" "a" {
  agent_id = %[1]d
}

data "sequentum_agent" "by_name" {
  count = length(local.same) == 1 ? 1 : 0
  name  = data.sequentum_agent.a.name
}

data "sequentum_agents" "all" {}

data "sequentum_spaces" "all" {}

data "sequentum_space" "s" {
  count    = min(1, length(data.sequentum_spaces.all.spaces))
  space_id = data.sequentum_spaces.all.spaces[0].space_id
}

data "sequentum_credits" "now" {}
`

// missingBlock reads an agent that does not exist.
const missingBlock = `
data "sequentum_agent" "missing" {
  agent_id = %d
}
`

func playLife(ctx context.Context, s *session) error {
	block := s.runBlock("r", "")
	w, err := s.configured(inputVariable, block)
	if err != nil {
		return err
	}
	return s.steps(ctx,
		func() error { return s.interruptWait(ctx, w) },
		func() error { return w.apply(ctx) },
		func() error {
			if n := len(s.proxy.recorded(callStart)); n != 1 {
				return fmt.Errorf("the two applies sent %d starts, want 1", n)
			}
			return s.look(ctx)
		},
		func() error { return w.wantEmptyPlan(ctx) },
		func() error {
			return w.configure(inputVariable, block, fmt.Sprintf(readBlocks, s.AgentID))
		},
		func() error { return w.apply(ctx) },
		func() error { return w.wantEmptyPlan(ctx) },
		func() error { return s.importRun(ctx) },
		func() error { return s.readMissing(ctx) },
		func() error { return s.askMore(ctx) },
		func() error { return w.destroy(ctx) },
	)
}

// interruptWait begins an apply, and interrupts it once it waits. A run can be too quick for that.
func (s *session) interruptWait(ctx context.Context, w *workspace) error {
	c, err := w.begin(ctx, "apply", "-auto-approve")
	if err != nil {
		return err
	}
	for waits := false; !waits; {
		select {
		case <-c.ended:
			waits = true
		case <-time.After(50 * time.Millisecond):
			waits = s.waitSeen()
		}
	}
	if ctx.Err() == nil { // otherwise it has got an interrupt already: with a second one a CLI ends at once
		_ = c.interrupt() // it may just have ended
	}
	r := c.wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.code == 0:
		s.say("    The run had finished before it could be interrupted. Nothing is proved about a resumed wait.")
	case !strings.Contains(r.output, "Interrupted while waiting"):
		return r.failure("it has to say that its wait was interrupted")
	}
	return nil
}

// waitSeen reports whether the run that was started was read after its start.
func (s *session) waitSeen() bool {
	start := newest(s.proxy.recorded(callStart))
	if !start.succeeded() {
		return false
	}
	return newest(s.proxy.recorded(callStatus)).ids["runId"] == start.runID()
}

// importRun imports the run into another state. Its plan must be empty then, and nothing must start.
func (s *session) importRun(ctx context.Context) error {
	id := newest(s.proxy.recorded(callStart)).runID()
	w, err := s.configured(fmt.Sprintf("resource \"sequentum_run\" \"r\" {\n  agent_id = %[1]d\n}\n\nimport {\n  to = sequentum_run.r\n  id = \"%[1]d/%[2]s\"\n}\n", s.AgentID, id))
	if err != nil {
		return err
	}
	return s.steps(ctx, func() error { return w.apply(ctx) }, func() error { return w.wantEmptyPlan(ctx) })
}

// readMissing plans with an agent that does not exist.
func (s *session) readMissing(ctx context.Context) error {
	w, err := s.configured(fmt.Sprintf(missingBlock, missingAgent))
	if err != nil {
		return err
	}
	r, err := w.run(ctx, "plan")
	if err == nil && (r.code != 1 || !strings.Contains(r.output, "was not found")) {
		err = r.failure("it has to say that the agent is not found")
	}
	return err
}

// askMore asks what the stories do not: a run and a schedule that do not exist, diagnostics of a run that did not fail, and a link that
// is kept. The errors are answers too.
func (s *session) askMore(ctx context.Context) error {
	id, err := strconv.ParseInt(newest(s.proxy.recorded(callStart)).runID(), 10, 64)
	if err != nil {
		return fmt.Errorf("the start was answered without the id of a run: %w", err)
	}
	_, _ = s.client.RunDiagnostics(ctx, s.AgentID, id)
	_, _ = s.client.RunStatus(ctx, s.AgentID, missingID)
	_, _ = s.client.Schedule(ctx, s.AgentID, missingID)
	files, err := s.client.RunFiles(ctx, s.AgentID, id)
	if err != nil || len(files) == 0 {
		return err
	}
	found, err := s.client.FileLink(ctx, s.AgentID, id, files[0].ID)
	switch {
	case err != nil:
		return err
	case found.Body != nil:
		return found.Body.Close()
	}
	s.link = &link{url: found.URL, got: time.Now()}
	s.askLinkAgain(ctx)
	return nil
}

// askLinkAgain asks the signed link for one byte.
func (s *session) askLinkAgain(ctx context.Context) {
	if s.link == nil {
		return
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.link.url, nil)
	if err != nil {
		return // the link is odd, which the provider has reported already
	}
	req.Header.Set("Range", "bytes=0-0")
	age := time.Since(s.link.got)
	resp, err := s.proxy.next.RoundTrip(req)
	if err != nil {
		return // the host of the files is not what is asked about
	}
	_ = resp.Body.Close() // its content is not read
	s.link.ages = append(s.link.ages, linkAge{age, resp.StatusCode})
}

// playErase starts a run with a tag, which the provider does not send, or without one if that is refused.
func playErase(ctx context.Context, s *session) error {
	if err := s.startWithTag(ctx); err != nil {
		return err
	}
	if first := newest(s.proxy.recorded(callStart)); !first.succeeded() {
		if !first.refused() {
			return fmt.Errorf("the start with a tag had the status %d, which is no refusal: no other one is sent", first.status)
		}
		if _, err := s.client.StartRun(ctx, s.AgentID, sequentum.StartRequest{InputParameters: s.Input, InputIsSecret: true}); err != nil {
			return err
		}
	}
	id, err := strconv.ParseInt(newest(s.proxy.recorded(callStart)).runID(), 10, 64)
	if err != nil {
		return fmt.Errorf("the start was answered without the id of a run: %w", err)
	}
	return s.steps(ctx,
		func() error { return s.look(ctx) },
		func() error { return s.client.KillRun(ctx, s.AgentID, id) },
		func() error { return s.finish(ctx, id) },
		func() error { return s.look(ctx) },
		func() error { return s.client.DeleteRun(ctx, s.AgentID, id, sequentum.RemoveEntireRun) },
		func() error {
			if _, err := s.client.RunStatus(ctx, s.AgentID, id); !sequentum.IsNotFound(err) {
				return errors.Join(fmt.Errorf("run %d/%d was removed, but reading it does not give a 404", s.AgentID, id), err)
			}
			return nil
		},
	)
}

func (s *session) startWithTag(ctx context.Context) error {
	body, err := json.Marshal(map[string]string{"tag": theTag, "inputParameters": s.Input})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s%s/agent/%d/start", s.proxy.url, apiPath, s.AgentID), bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "ApiKey "+s.APIKey)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.proxy.next.RoundTrip(req)
	if err != nil {
		return fmt.Errorf("starting a run with a tag: the answer was lost, so a run may have been started. Look at agent %d in Control Center: %w", s.AgentID, err)
	}
	return resp.Body.Close()
}
