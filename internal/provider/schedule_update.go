// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Update changes a schedule in place. It reads the schedule first, because a change sends all of it, and reads it again
// afterwards, because no answer to a change is certain to show it.
func (r *scheduleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state scheduleModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	gone := firedGoneFlag.isSet(ctx, req.Private, &resp.Diagnostics)
	timeout, diags := plan.Timeouts.Update(ctx, defaultScheduleTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	if gone || plan.sameArguments(&state) { // nothing that the platform knows
		plan.keepRead(&state)
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		return
	}
	if !r.data.requireConfigured(&resp.Diagnostics) {
		return
	}
	limit, limited, cancel := r.data.limitTime(ctx, "timeouts.update", timeout)
	defer cancel()
	u := scheduleUpdate{data: r.data, state: &state, plan: &plan, enabledBefore: state.Enabled, limit: limit, resp: resp}
	defer r.data.recovered(ctx, "changing schedule "+state.object().String(), &resp.Diagnostics, nil)
	u.run(limited)
}

// scheduleUpdate is one change of a schedule.
type scheduleUpdate struct {
	data        *providerData
	state, plan *scheduleModel
	// enabledBefore is what state says before the first change.
	enabledBefore types.Bool
	limit         *timeLimit
	resp          *resource.UpdateResponse
}

// run disables before it changes, and enables after it has changed: in between the schedule must not fire.
func (u *scheduleUpdate) run(ctx context.Context) {
	object := u.state.object()
	defer u.data.schedules.changing(object.agentID)()
	current, err := u.data.client.Schedule(ctx, object.agentID, object.id)
	if err != nil {
		u.fail("could not be changed", err, "Nothing was changed.")
		return
	}
	if !u.plan.Enabled.ValueBool() && isEnabled(current) {
		if current, err = u.data.schedules.setEnabled(ctx, object, false); err != nil {
			u.fail("could not be disabled", err, "")
			return
		}
		u.state.Enabled = types.BoolValue(false)
		u.saveState(ctx)
	}
	if !u.change(ctx, &current) {
		return
	}
	if wanted := u.plan.Enabled.ValueBool(); wanted != isEnabled(current) && !u.plan.hasPassed(u.data.now()) {
		if current, err = u.data.schedules.setEnabled(ctx, object, wanted); err != nil {
			u.fail("could not be "+enabledWord(wanted), err, "Its other changes were made.")
			return
		}
	}
	u.plan.setRead(current)
	u.resp.Diagnostics.Append(u.resp.State.Set(ctx, u.plan)...)
}

// isEnabled reports whether a schedule fires. One that does not say so does.
func isEnabled(s *sequentum.Schedule) bool { return s.Enabled == nil || *s.Enabled }

func enabledWord(enabled bool) string {
	if enabled {
		return "enabled"
	}
	return "disabled"
}

// change sends what differs, apart from enabled, and puts the schedule as it is afterwards into current. false: the
// diagnostics say why that failed.
func (u *scheduleUpdate) change(ctx context.Context, current **sequentum.Schedule) bool {
	content := *u.plan
	content.Enabled = u.state.Enabled
	if content.sameArguments(u.state) {
		return true
	}
	now := u.data.now()
	switch {
	case u.plan.hasPassed(now) && u.plan.Once.Equal(u.state.Once):
		return true // it has fired: the server would refuse its time, and nothing fires again
	case u.plan.hasPassed(now):
		u.resp.Diagnostics.AddAttributeError(path.Root("once").AtName("start_time"), u.state.object().title()+" was not changed: the start time has passed",
			fmt.Sprintf("%s has passed. The platform refuses a time in the past. Set a time that is at least one minute ahead, for example %q.",
				textIn(u.plan.Once, "start_time").ValueString(), now.UTC().Add(time.Hour).Format(time.RFC3339)))
		return false
	}
	sent := u.request(*current, now)
	changed, err := u.data.schedules.update(ctx, u.state.object(), sent, u.plan.removes(u.state))
	if unseen, accepted := errors.AsType[*unseenChangeError](err); accepted {
		u.saveUnseen(ctx, &content, current, sent, unseen)
		return true
	}
	if err != nil {
		u.fail("could not be changed", err, u.describeFailed(err, *current, changed))
		return false
	}
	*current = changed
	content.setRead(changed)
	u.state = &content
	u.saveState(ctx)
	content.filledBy(changed).write(ctx, u.resp.Private, &u.resp.Diagnostics)
	return true
}

// saveUnseen stores a change that the API accepted, although no look has shown it, and makes current what was sent. What the
// server filled in is not known, so the note of that stays as it is.
func (u *scheduleUpdate) saveUnseen(ctx context.Context, content *scheduleModel, current **sequentum.Schedule, sent sequentum.ScheduleSettings, unseen *unseenChangeError) {
	object := u.state.object()
	*current = &sequentum.Schedule{ID: object.id, AgentID: object.agentID, ScheduleSettings: sent}
	content.setRead(*current)
	u.state = content
	u.saveState(ctx)
	u.resp.Diagnostics.AddWarning(object.title()+" was changed, but could not be read afterwards",
		paragraphs(unseen.look.Error(), "State holds the change. The next plan reads the schedule again, and shows whether something differs."))
}

// describeFailed says whether a change that failed had an effect. shown is the schedule afterwards, nil: it is not known.
func (u *scheduleUpdate) describeFailed(err error, before, shown *sequentum.Schedule) string {
	refused := sequentum.NotAccepted(err) && !sequentum.NotSent(err)
	switch {
	case !refused || shown == nil || !reflect.DeepEqual(shown.ScheduleSettings, before.ScheduleSettings):
		return "The next plan shows whether it was changed."
	case !u.state.Enabled.Equal(u.enabledBefore):
		return "The API refused it. The schedule was disabled before. Nothing else was changed."
	}
	return "The API refused it. Nothing was changed."
}

// request is the planned schedule, with what the configuration does not manage as it is: a change clears what it does not
// send.
func (u *scheduleUpdate) request(current *sequentum.Schedule, now time.Time) sequentum.ScheduleSettings {
	s := u.plan.settings()
	s.Enabled, s.LocalSchedule, s.WaitOnFailure, s.Tag = current.Enabled, current.LocalSchedule, current.WaitOnFailure, current.Tag
	if s.Type != sequentum.ScheduleCron && s.Type == current.Type {
		s.Timezone = current.Timezone
	}
	if s.Type == sequentum.ScheduleEvery && !s.StartAt.IsZero() && !s.StartAt.After(now) {
		s.StartAt = time.Time{} // the server refuses a time that has passed; its next run keeps the rhythm
		if current.NextRunAt.After(now) {
			s.StartAt = current.NextRunAt
		}
	}
	return s
}

// saveState keeps what was done so far, in case the next step fails.
func (u *scheduleUpdate) saveState(ctx context.Context) {
	u.resp.Diagnostics.Append(u.resp.State.Set(ctx, u.state)...)
}

// fail says what could not be done. more is what the user should know besides.
func (u *scheduleUpdate) fail(what string, err error, more string) {
	hint := ""
	if sequentum.IsNotFound(err) {
		hint = "The schedule is not found any more. If it was deleted, the next plan creates it again."
	}
	u.resp.Diagnostics.Append(diag.NewErrorDiagnostic(u.state.object().title()+" "+what, paragraphs(u.limit.explain(err), hint, more)))
}

const (
	enableTries = 3
	enablePause = 2 * time.Second
)

// setEnabled enables or disables a schedule, and returns it as it is afterwards. A request whose outcome is unknown is sent
// again only after a look shows that it had no effect.
func (b *scheduleBook) setEnabled(ctx context.Context, object objectRef, enabled bool) (*sequentum.Schedule, error) {
	send := b.client.DisableSchedule
	if enabled {
		send = b.client.EnableSchedule
	}
	for try := 1; ; try++ {
		sent := send(ctx, object.agentID, object.id)
		if sent != nil && !sequentum.OutcomeUnknown(sent) {
			return nil, sent
		}
		s, err := b.lookAfterChange(ctx, object)
		switch {
		case err != nil && sent == nil:
			return nil, fmt.Errorf("the API accepted the request, but the schedule could not be read: %w", err)
		case err != nil:
			return nil, fmt.Errorf("%w; the schedule could not be read either: %s", sent, err.Error())
		case isEnabled(s) == enabled || sent == nil && s.Enabled == nil:
			return s, nil
		case sent == nil:
			sent = fmt.Errorf("the API accepted the request, but the schedule is not %s", enabledWord(enabled))
		}
		if try == enableTries || sequentum.Sleep(ctx, b.clock, enablePause) != nil {
			return nil, sent
		}
	}
}

// scheduleLookGrace is how much longer than the change that it follows a look can last. A place in the request budget alone
// can take a minute.
const scheduleLookGrace = 2 * time.Minute

// lookAfterChange reads a schedule after a change was sent. A look that failed says nothing, so it is repeated. It comes
// before other requests, and outlives an interrupt: neither must keep a change that was made from state.
func (b *scheduleBook) lookAfterChange(ctx context.Context, object objectRef) (*sequentum.Schedule, error) {
	look, cancel := sequentum.Outlive(sequentum.WithPriority(ctx, sequentum.PriorityControl), b.clock, scheduleLookGrace)
	defer cancel()
	for try := 1; ; try++ {
		s, err := b.client.Schedule(look, object.agentID, object.id)
		if err == nil || try == enableTries || sequentum.Sleep(look, b.clock, enablePause) != nil {
			return s, err
		}
	}
}

// unseenChangeError says that a change was accepted, and that no look afterwards has shown the schedule.
type unseenChangeError struct{ look error }

func (e *unseenChangeError) Error() string {
	return "the API accepted the change, but the schedule could not be read: " + e.look.Error()
}

// update replaces what a schedule says, and returns the schedule as it is afterwards. After an error it looks
// whether the schedule is as it was sent nevertheless: the answer may have been lost, or a repeated request refused because
// a time had passed meanwhile. Where s removes something, a look cannot tell. With an error it returns the schedule that the
// look showed; nil: the look failed too. An unseenChangeError is no failure of the change.
func (b *scheduleBook) update(ctx context.Context, object objectRef, s sequentum.ScheduleSettings, removes bool) (*sequentum.Schedule, error) {
	sent := b.client.UpdateSchedule(ctx, object.agentID, object.id, s)
	shown, err := b.lookAfterChange(ctx, object)
	switch {
	case sent == nil && err != nil:
		return nil, &unseenChangeError{err}
	case sent == nil:
		return shown, nil
	case err != nil:
		return nil, fmt.Errorf("%w; the schedule could not be read either: %s", sent, err.Error())
	case !removes && firstUnmet(s, shown.ScheduleSettings) == "":
		return shown, nil
	}
	return shown, sent
}
