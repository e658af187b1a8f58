// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// startInvocation is one invocation of sequentum_run_start.
type startInvocation struct {
	data     *providerData
	config   *runStartModel
	statuses []string
	limit    *timeLimit
	log      sequentum.LogFunc
	lastSeen atomic.Pointer[sequentum.Run] // the run that was started; nil: none is known yet
}

// startAndWait starts one run and waits for it. ctx ends with the CLI's interrupt, limited also with the timeout.
func (s *startInvocation) startAndWait(ctx, limited context.Context, diags *diag.Diagnostics) {
	stopping, cancel := sequentum.Outlive(ctx, s.data.clock, interruptedStopTime)
	defer cancel()
	started, err := s.data.runs.Start(limited, s.config.request(s.log))
	if err == nil {
		s.lastSeen.Store(started.Run)
	}
	report := startReport{by: actionStarts, agentID: s.agentID(), timeout: s.limit.length, now: s.data.now()}
	if err != nil {
		diags.Append(report.failed(err, s.limit.howCut()))
		return
	}
	s.warn(limited, report.started(started), diags)
	if s.config.waits() || ctx.Err() != nil {
		s.waitFor(ctx, limited, stopping, started.Run, diags)
	}
	if started.Again != nil {
		s.warn(limited, s.lateRuns(ctx, report, started), diags)
	}
}

// warn adds warnings, and shows their summaries as progress: the CLI drops the warnings of a triggered action that succeeds.
func (s *startInvocation) warn(ctx context.Context, warnings diag.Diagnostics, diags *diag.Diagnostics) {
	for _, warning := range warnings {
		s.log(ctx, warning.Summary()+".", nil)
	}
	diags.Append(warnings...)
}

// waitFor waits for the run. After an interrupt it stops the run, if that is configured, before stopping ends.
func (s *startInvocation) waitFor(ctx, limited, stopping context.Context, accepted *sequentum.Run, diags *diag.Diagnostics) {
	w := s.data.waitForRun(ctx, limited, accepted.Ref(), accepted, s.statuses, s.log)
	if w.run != nil {
		s.lastSeen.Store(w.run)
	}
	if w.end == waitInterrupted && s.config.StopOnInterrupt.ValueBool() {
		diags.Append(s.stop(stopping, w.ref))
		return
	}
	diags.Append(s.data.reportWait(ctx, waitReport{waitResult: w, waiter: actionWaits, timeout: s.limit.length, logLines: s.config.FailureLogLines.ValueInt64()})...)
}

// stop stops the run after an interrupt. The result is an error in any case: the action did not do its work.
func (s *startInvocation) stop(ctx context.Context, ref sequentum.RunRef) diag.Diagnostic {
	ended, err := s.data.runs.Stop(ctx, run.StopRequest{Ref: ref, Grace: interruptedGrace, Active: true, Log: s.log})
	report := stopReport{ref: ref, now: s.data.now()}
	if err != nil {
		return diag.NewErrorDiagnostic(fmt.Sprintf("Interrupted; run %s may still be active", ref),
			paragraphs(report.failed(err).Detail(), adviseToManage(ref)))
	}
	outcome := "ended as " + ended.Run.Status.String()
	if stopped := report.stopped(ended); len(stopped) > 0 {
		outcome = "was stopped"
		if ended.Killed {
			outcome = "was killed, because it did not end after the stop"
		}
	}
	return diag.NewErrorDiagnostic(fmt.Sprintf("Interrupted; run %s %s", ref, outcome), describeRun(ended.Run, s.data.now()))
}

// lateRuns looks for a run of the first start where a start was sent twice. After an interrupt there is no time for that.
func (s *startInvocation) lateRuns(ctx context.Context, report startReport, started *run.Started) diag.Diagnostics {
	if ctx.Err() != nil {
		return report.late(started, nil, errors.New("the action was interrupted"))
	}
	late, err := s.data.runs.LateRuns(ctx, started)
	return report.late(started, late, err)
}

// unanswered is the error about an invocation that did not end soon after an interrupt.
func (s *startInvocation) unanswered() diag.Diagnostic {
	const late = "When the action had to end, a request about the run was still unanswered."
	seen := s.lastSeen.Load()
	switch {
	case seen == nil:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Interrupted while agent %d was being started: a run may have been started", s.agentID()),
			paragraphs("The start was sent. When the action had to end, the start was still unanswered.", actionStarts.adviseToLook(s.agentID())))
	case seen.Status.Finished():
		return diag.NewErrorDiagnostic(fmt.Sprintf("Interrupted; run %s ended as %s", seen.Ref(), seen.Status), paragraphs(describeRun(seen, s.data.now()), late))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Interrupted; run %s may still be active", seen.Ref()), paragraphs(describeRun(seen, s.data.now()), late, adviseToManage(seen.Ref())))
	}
}

// afterBug is what the user has to know after a panic.
func (s *startInvocation) afterBug() string {
	if seen := s.lastSeen.Load(); seen != nil {
		return paragraphs(fmt.Sprintf("Run %s was started. No state holds it.", seen.Ref()), adviseToManage(seen.Ref()))
	}
	return paragraphs("A run may have been started.", actionStarts.adviseToLook(s.agentID()))
}

func (s *startInvocation) agentID() int64 { return s.config.AgentID.ValueInt64() }
