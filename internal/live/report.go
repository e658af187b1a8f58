// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// lookEvery is how long a stopped run is left alone between two looks.
const lookEvery = 2 * time.Second

// cleanUp deletes the schedules that were created here, and stops the runs that are still active. It returns
// what it could not bring to its end.
func (s *session) cleanUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*s.stopTakes+time.Minute)
	defer cancel()
	for s.proxy.guard.awaitsStart() { // its answer says which run to stop
		if err := sequentum.Sleep(ctx, sequentum.SystemClock(), lookEvery/10); err != nil {
			break // lostStarts names it
		}
	}
	var errs []error
	if s.proxy.guard.started() > 0 {
		// The list tells the guard of the other runs of a parallel start, which the story may not have read yet.
		if _, err := s.client.ListRuns(ctx, s.AgentID, 1000); err != nil {
			errs = append(errs, fmt.Errorf("the runs of agent %d cannot be read, so look for other runs of a parallel start in Control Center: %w", s.AgentID, err))
		}
	}
	runs, schedules := s.proxy.guard.left()
	for _, id := range schedules {
		s.say("    deleting schedule %d/%d, which still exists", s.AgentID, id)
		if err := s.client.DeleteSchedule(ctx, s.AgentID, id); err != nil && !sequentum.IsNotFound(err) {
			errs = append(errs, fmt.Errorf("schedule %d/%d still exists: delete it in Control Center: %w", s.AgentID, id, err))
		}
	}
	for _, id := range runs {
		if err := s.finish(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("run %d/%d may still be active: stop it in Control Center: %w", s.AgentID, id, err))
		}
	}
	return errors.Join(errs...)
}

// finish waits until a run has finished, and stops or kills it. A run that has finished is left as it is. One odd answer does
// not decide: the stop is sent also when the run's status cannot be read, and only when both say 404 the run is gone.
func (s *session) finish(ctx context.Context, id int64) error {
	if s.ended[id] {
		return nil
	}
	began := time.Now()
	for asked := false; ; {
		r, err := s.client.RunStatus(ctx, s.AgentID, id)
		overdue := time.Since(began) > s.stopTakes
		switch {
		case err == nil && r.Status.Finished():
			s.ended[id] = true
			return nil
		case err != nil && overdue:
			return err
		case overdue:
			_ = s.client.KillRun(ctx, s.AgentID, id) // the next look tells
		case !asked && (err != nil || r.Status.String() != "Stopping"):
			s.say("    stopping run %d/%d, which is %s", s.AgentID, id, seen(r, err))
			errOfStop := s.client.StopRun(ctx, s.AgentID, id)
			if sequentum.IsNotFound(err) && sequentum.IsNotFound(errOfStop) {
				s.ended[id] = true
				return nil
			}
			asked = errOfStop == nil
		}
		if sequentum.Sleep(ctx, sequentum.SystemClock(), lookEvery) != nil {
			return fmt.Errorf("its last known status is %s", seen(r, err))
		}
	}
}

// seen is what a look at a run has shown.
func seen(r *sequentum.Run, err error) string {
	if err != nil {
		return "not readable (" + err.Error() + ")"
	}
	return r.Status.String()
}

// report prints the stories' snapshots, deviations and answers, and returns what needs a look.
func (s *session) report() []string {
	failed := append(lostStarts(s.proxy.recorded(callStart)), s.disturbances()...)
	for _, refusal := range s.proxy.guard.violations() {
		failed = append(failed, "not sent to the account: "+refusal)
	}
	list := snapshots(s.proxy.recorded(), namesFor(s.proxy.recorded(), s.APIKey, s.Input, s.agentName))
	s.say("\n=== Snapshots: %d calls and statuses, in %s", len(list), s.Snapshots)
	if err := writeSnapshots(s.Snapshots, list); err != nil {
		failed = append(failed, err.Error())
	}
	deviations := Deviations(list)
	s.say("\n=== The account and the simulator: %d deviations", len(deviations))
	for _, d := range deviations {
		s.say("  %s", d)
	}
	if len(deviations) > 0 {
		failed = append(failed, fmt.Sprintf("%d deviations of the account from the simulator, listed above", len(deviations)))
	}
	s.say("\n=== Not known (internal/sequentum/API.md)")
	f := facts{exchanges: s.proxy.recorded(), link: s.link, othersWhileBusy: len(s.disturbed[busyStory]) > 0}
	for i, q := range questions {
		a := q.answer(f)
		s.say("\n%d. %s\n   %s", i+1, q.text, a.text)
		if a.evidence != "" {
			s.say("   Evidence: %s", a.evidence)
		}
	}
	return failed
}
