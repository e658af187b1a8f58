// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runCreation is one create of a sequentum_run: the first start, its wait, and the retries asked for.
type runCreation struct {
	data         *providerData
	plan         *runModel
	request      run.StartRequest
	timeout      time.Duration
	statuses     []string
	resp         *resource.CreateResponse
	attempts     []int64      // the runs of all attempts so far
	startedTwice *run.Started // the first attempt whose start was sent twice; nil: none was
	// notRetried says why a retry that was due was not started.
	notRetried string
}

// startAndWait starts attempts until one has ended with success or no further one is due. ctx ends with the CLI's
// interrupt, limited also with the create timeout.
func (c *runCreation) startAndWait(ctx, limited context.Context) {
	defer c.warnOfLateRuns(ctx)
	current := c.startAttempt(ctx, limited)
	for current != nil && c.plan.waits() {
		w := c.data.waitForRun(ctx, limited, current.Ref(), current, c.statuses, logInfo)
		if w.run == nil {
			w.run = current
		}
		c.saveState(ctx, w.run)
		if w.end != waitFailed || !w.run.Status.IsFailure() || int64(len(c.attempts)) > c.plan.Retries.ValueInt64() {
			c.concludeWait(ctx, w)
			return
		}
		if current = c.retryFailed(ctx, limited, w); current == nil {
			c.concludeWait(ctx, w)
		}
	}
}

// warnOfLateRuns looks, after all else, for a run of the first start where a start was sent twice.
func (c *runCreation) warnOfLateRuns(ctx context.Context) {
	if c.startedTwice == nil {
		return
	}
	late, err := c.data.runs.LateRuns(ctx, c.startedTwice)
	c.resp.Diagnostics.Append(c.startReport().late(c.startedTwice, late, err)...)
}

func (c *runCreation) startReport() startReport {
	return startReport{by: resourceStarts, agentID: c.request.AgentID, timeout: c.timeout, now: c.data.now()}
}

// startAttempt starts one run, and puts it into state before anything else can go wrong. nil: no run was started, and
// the diagnostics say why.
func (c *runCreation) startAttempt(ctx, limited context.Context) *sequentum.Run {
	started, err := c.data.runs.Start(limited, c.request)
	if err != nil {
		c.resp.Diagnostics.Append(c.startReport().failed(err, howCut(ctx, limited)))
		return nil
	}
	c.attempts = append(c.attempts, started.Run.ID)
	c.plan.setRun(started.Run.ID, c.attempts)
	c.saveState(ctx, started.Run)
	if started.Again != nil && c.startedTwice == nil {
		c.startedTwice = started
	}
	c.resp.Diagnostics.Append(c.startReport().started(started)...)
	return started.Run
}

// retryFailed returns the run to wait for next after a failure: usually a new one, but the failed one itself when
// somebody has restarted it. nil: neither.
func (c *runCreation) retryFailed(ctx, limited context.Context, failed waitResult) *sequentum.Run {
	again, err := c.data.runs.ReadConfirmed(limited, failed.ref)
	cut := howCut(ctx, limited)
	switch {
	case cut.interrupted:
		c.notRetried = "No retry was started, because of the interrupt."
	case cut.timedOut:
		c.notRetried = "No retry was started, because timeouts.create (" + c.timeout.String() + ") had passed."
	case err != nil:
		c.notRetried = "No retry was started. Before a retry, the provider reads the status of the failed run again, because somebody may have restarted it. That request failed: " + err.Error()
	case !again.Status.IsFailure():
		logInfo(ctx, fmt.Sprintf("Somebody restarted run %s after its failure. The provider continues waiting for it and starts no retry.", failed.ref), nil)
		return again // it is active, or has ended otherwise by now
	default:
		logInfo(ctx, fmt.Sprintf("Run %s failed. The provider starts attempt %d of %d.", failed.ref, len(c.attempts)+1, c.plan.Retries.ValueInt64()+1), nil)
		return c.startAttempt(ctx, limited)
	}
	return nil
}

// concludeWait does what the end of the last wait calls for: it records the files, notes an unfinished wait, and adds
// the diagnostic.
func (c *runCreation) concludeWait(ctx context.Context, w waitResult) {
	if w.finished() && c.plan.RecordFiles.ValueBool() && ctx.Err() == nil {
		c.plan.Files = c.data.recordFiles(ctx, w.ref, &c.resp.Diagnostics)
		c.saveState(ctx, w.run)
	}
	if !w.finished() && w.end != waitNotFound {
		writeUnfinishedWait(ctx, c.resp.Private, &unfinishedWait{Own: true, Tainted: w.end != waitInterrupted}, &c.resp.Diagnostics)
	}
	c.resp.Diagnostics.Append(c.data.reportWait(ctx, waitReport{
		waitResult: w, waiter: createWaits, timeout: c.timeout, attempts: c.attempts, notRetried: c.notRetried,
		logLines: c.plan.FailureLogLines.ValueInt64(),
	})...)
}

// saveState puts the run, as it is known now, into state.
func (c *runCreation) saveState(ctx context.Context, r *sequentum.Run) {
	c.plan.setFrom(r, c.statuses)
	c.resp.Diagnostics.Append(c.resp.State.Set(ctx, c.plan)...)
	c.resp.Diagnostics.Append(c.resp.Identity.Set(ctx, c.plan.identity())...)
}

// saveAfterPanic writes the note about the unfinished wait, with which the next apply of an untainted resource continues
// waiting, and returns what the user has to know of the start.
func (c *runCreation) saveAfterPanic(ctx context.Context) string {
	if len(c.attempts) == 0 {
		return paragraphs("A run may have been started.", resourceStarts.adviseToLook(c.request.AgentID))
	}
	writeUnfinishedWait(ctx, c.resp.Private, &unfinishedWait{Own: true, Tainted: true}, &c.resp.Diagnostics)
	further := ""
	if c.plan.Retries.ValueInt64() > 0 {
		further = paragraphs("A retry may have been started too.", resourceStarts.adviseToLook(c.request.AgentID))
	}
	return paragraphs(fmt.Sprintf("Run %s was started, and state holds it. Terraform marks the resource as tainted. ", c.plan.ref())+
		"To continue waiting for this run: run `terraform untaint ADDRESS`, and apply. To give up this run: apply without untaint. The apply then stops this run and starts another.", further)
}
