package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runCreation is one create of a sequentum_run: the first start, its wait, and the retries asked for.
type runCreation struct {
	data     *providerData
	plan     *runModel
	request  run.StartRequest
	timeout  time.Duration
	statuses []string
	resp     *resource.CreateResponse
	attempts []int64      // the runs of all attempts so far
	twice    *run.Started // the first attempt whose start was sent twice; nil: none was
	// notRetried says why a retry that was due did not come.
	notRetried string
}

// do starts and waits until an attempt has ended well, or no further one is due. ctx ends with the CLI's interrupt,
// limited also with the create timeout.
func (c *runCreation) do(ctx, limited context.Context) {
	defer c.tellLateRuns(ctx)
	current := c.start(ctx, limited)
	for current != nil && c.plan.waits() {
		w := c.data.wait(ctx, limited, current.Ref(), current, c.statuses)
		if w.run == nil {
			w.run = current
		}
		c.save(ctx, w.run)
		if w.end != waitFailed || !w.run.Status.IsFailure() || int64(len(c.attempts)) > c.plan.Retries.ValueInt64() {
			c.finish(ctx, w)
			return
		}
		if current = c.retry(ctx, limited, w); current == nil {
			c.finish(ctx, w)
		}
	}
}

// tellLateRuns looks, after all else, for what may have come of a start that was sent again in good faith.
func (c *runCreation) tellLateRuns(ctx context.Context) {
	if c.twice == nil {
		return
	}
	late, err := c.data.runs.LateRuns(ctx, c.twice)
	c.resp.Diagnostics.Append(lateRunsDiagnostics(c.twice, late, err, c.data.now())...)
}

// start begins one attempt, and puts it into state before anything else can go wrong. nil: there is none, and the
// diagnostics say why.
func (c *runCreation) start(ctx, limited context.Context) *sequentum.Run {
	started, err := c.data.runs.Start(limited, c.request)
	if err != nil {
		c.resp.Diagnostics.Append(startDiagnostic(c.request.AgentID, err, howCut(ctx, limited), c.timeout, c.data.now()))
		return nil
	}
	c.attempts = append(c.attempts, started.Run.ID)
	c.plan.setRun(started.Run.ID, c.attempts)
	c.save(ctx, started.Run)
	if started.Again != nil && c.twice == nil {
		c.twice = started
	}
	c.resp.Diagnostics.Append(startedDiagnostics(started, c.data.now())...)
	return started.Run
}

// retry returns the run to wait for next after a failure: usually a new one, but the failed one itself when somebody
// has restarted it meanwhile. nil: neither.
func (c *runCreation) retry(ctx, limited context.Context, failed waited) *sequentum.Run {
	again, err := c.data.runs.ReadConfirmed(limited, failed.ref)
	cut := howCut(ctx, limited)
	switch {
	case cut.interrupted:
		c.notRetried = "Because of the interrupt it was not retried."
	case cut.timedOut:
		c.notRetried = "It was not retried, because timeouts.create (" + c.timeout.String() + ") had passed."
	case err != nil:
		c.notRetried = "It was not retried. Before a retry the provider reads the status of the failed run again, because somebody may have restarted it. That request failed: " + err.Error()
	case !again.Status.IsFailure():
		return again // somebody has restarted it: it is active, or has ended otherwise by now
	default:
		return c.start(ctx, limited)
	}
	return nil
}

// finish leaves what the end of the last wait calls for: its files, its mark, its diagnostic.
func (c *runCreation) finish(ctx context.Context, w waited) {
	if w.finished() && c.plan.RecordFiles.ValueBool() && ctx.Err() == nil {
		c.plan.Files = c.data.recordFiles(ctx, w.ref, &c.resp.Diagnostics)
		c.save(ctx, w.run)
	}
	if !w.finished() && w.end != waitNotFound {
		writeMark(ctx, c.resp.Private, &waitMark{Own: true, Tainted: w.end != waitInterrupted}, &c.resp.Diagnostics)
	}
	c.resp.Diagnostics.Append(c.data.report(ctx, waitReport{
		waited: w, waiter: createWaits, timeout: c.timeout, attempts: c.attempts, notRetried: c.notRetried,
	})...)
}

func (c *runCreation) save(ctx context.Context, r *sequentum.Run) {
	c.plan.setFrom(r, c.statuses)
	c.resp.Diagnostics.Append(c.resp.State.Set(ctx, c.plan)...)
	c.resp.Diagnostics.Append(c.resp.Identity.Set(ctx, c.plan.identity())...)
}
