package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// resumption is a wait that continues where another one left off.
type resumption struct {
	timeout  time.Duration
	statuses []string
	mark     *waitMark
}

// resume continues waiting for the run that state holds, and returns the mark that this leaves: none after success, the
// one it found after a 404, and else one that makes the next plan continue waiting or replace the run.
func (r *runResource) resume(ctx context.Context, m *runModel, re resumption, diags *diag.Diagnostics) *waitMark {
	limited, cancel := sequentum.WithTimeout(ctx, r.data.clock, re.timeout)
	defer cancel()
	w := r.data.wait(ctx, limited, m.ref(), nil, re.statuses)
	if w.run != nil {
		known := m.runFacts
		m.setFrom(w.run, re.statuses)
		m.copyFixedValues(&known) // as it was planned
	}
	if w.finished() && m.RecordFiles.ValueBool() && m.Files.IsNull() {
		m.Files = r.data.recordFiles(ctx, w.ref, diags)
	}
	diags.Append(r.data.report(ctx, waitReport{waited: w, waiter: updateWaits, timeout: re.timeout})...)
	switch {
	case w.end == waitSucceeded:
		return nil
	case w.end == waitNotFound:
		return re.mark
	default:
		return &waitMark{Own: re.mark != nil && re.mark.Own}
	}
}
