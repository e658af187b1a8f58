// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Read refreshes a schedule. The schedules of one agent share its list.
func (r *scheduleResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state scheduleModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	gone := firedGoneFlag.isSet(ctx, req.Private, &resp.Diagnostics)
	filled := readFilled(ctx, req.Private, &resp.Diagnostics)
	timeout, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || gone || !r.data.isConfigured() {
		return // without a key state stays as it is
	}
	limit, limited, cancel := r.data.limitTime(ctx, "timeouts.read", timeout)
	defer cancel()
	f := scheduleRefresh{data: r.data, state: &state, filled: filled, limit: limit, resp: resp}
	f.refresh(limited)
}

// scheduleRefresh is one refresh of a schedule.
type scheduleRefresh struct {
	data   *providerData
	state  *scheduleModel
	filled filledValues
	limit  *timeLimit
	resp   *resource.ReadResponse
}

func (f *scheduleRefresh) refresh(ctx context.Context) {
	object := f.state.object()
	s, err := f.data.schedules.read(ctx, object, f.differs)
	if sequentum.IsNotFound(err) {
		s, err = f.data.schedules.confirmGone(ctx, object, err)
	}
	switch {
	case sequentum.IsNotFound(err):
		f.handleNotFound(ctx, err)
	case err != nil:
		f.resp.Diagnostics.AddError(object.title()+" could not be read", paragraphs(f.limit.explain(err), "State is unchanged."))
	default:
		f.save(ctx, s)
	}
}

// differs reports whether a list shows something else than state. That is asked of the schedule itself before it is
// believed: it may be half an element, or a list that is behind.
func (f *scheduleRefresh) differs(s *sequentum.Schedule) bool {
	if f.state.neverRead() {
		return s.Type == ""
	}
	after := *f.state
	refreshed(&after, s, f.filled, f.data.now())
	return !after.sameArguments(f.state)
}

// refreshed puts into the model what the platform shows. A schedule that has fired shows no drift: it never fires again,
// and the server may have disabled it.
func refreshed(m *scheduleModel, s *sequentum.Schedule, filled filledValues, now time.Time) {
	if s.NextRunAt.IsZero() {
		now = now.Add(clockSkew)
	}
	first, fired := m.neverRead(), hasFired(s, now)
	if first || !fired || !m.hasPassed(now) {
		m.refreshFrom(s, filled)
	}
	if first && (fired || m.Enabled.IsNull()) {
		m.Enabled = types.BoolValue(true) // it has fired, so it was enabled; or the platform does not say
	}
	m.setRead(s)
	m.refreshCreated(s)
	if fired {
		m.NextRunAt = types.StringNull()
	}
}

func (f *scheduleRefresh) save(ctx context.Context, s *sequentum.Schedule) {
	first := f.state.neverRead()
	refreshed(f.state, s, f.filled, f.data.now())
	if first {
		f.state.filledBy(s).write(ctx, f.resp.Private, &f.resp.Diagnostics)
		if f.state.hasUnknownTiming() {
			f.resp.Diagnostics.Append(unknownTimingDiagnostic(f.state.object(), s))
		}
	}
	f.resp.Diagnostics.Append(f.resp.State.Set(ctx, f.state)...)
}

// hasUnknownTiming reports whether the platform shows none of the ways to fire that the provider knows.
func (t *scheduleTiming) hasUnknownTiming() bool {
	return t.Cron.IsNull() && t.Every.IsNull() && t.Once.IsNull()
}

func unknownTimingDiagnostic(object objectRef, s *sequentum.Schedule) diag.Diagnostic {
	return diag.NewWarningDiagnostic(object.title()+" does not fire in a way that the provider knows",
		fmt.Sprintf("Its type is %s. Set one of cron, every and once: the next apply then changes the schedule.", quoted(string(s.Type))))
}

// handleNotFound decides what a confirmed 404 means. A key that has lost its access gets the same answer, so a schedule is
// removed from state only if its agent is there.
func (f *scheduleRefresh) handleNotFound(ctx context.Context, cause error) {
	const unchanged = "State is unchanged."
	object, diags := f.state.object(), &f.resp.Diagnostics
	if f.state.neverRead() {
		diags.AddError("There is no schedule "+object.String()+" to import",
			paragraphs(cause.Error(), "The schedule never existed, it was deleted, or this key cannot see it."))
		f.resp.State.RemoveResource(ctx)
		return
	}
	switch m := f.data.askForAgent(ctx, object, cause); {
	case m.agent == agentUnknown:
		diags.Append(m.unknownDiagnostic("could not be read", unchanged))
	case m.agent == agentGoneToo:
		diags.Append(m.goneTooDiagnostic(unchanged))
	case f.state.hasPassed(f.data.now()): // the platform has deleted it after it fired
		firedGoneFlag.set(ctx, f.resp.Private, diags)
		f.state.NextRunAt = types.StringNull()
		diags.Append(f.resp.State.Set(ctx, f.state)...)
	default:
		diags.AddWarning(object.title()+" is gone: it was removed from state",
			"Its agent exists, but the API no longer knows the schedule. The next apply creates it again.")
		f.resp.State.RemoveResource(ctx)
	}
}
