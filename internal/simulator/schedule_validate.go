// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// validateSchedules finds what makes no sense in the schedules of an agents file, and in the choices for them.
func validateSchedules(c Config) error {
	var errs []error
	known := make(map[int64]bool)
	for i, a := range c.Agents {
		for j, s := range a.Schedules {
			path := fmt.Sprintf("agents[%d].schedules[%d]", i, j)
			if s.ID != 0 && known[s.ID] {
				errs = append(errs, fmt.Errorf("%s.id: there is another schedule %d", path, s.ID))
			}
			known[s.ID] = true
			errs = append(errs, s.validate(path))
		}
	}
	if zone := c.Variants.Schedules.DefaultTimezone; zone != "" {
		errs = append(errs, atField("variants.schedules.default_timezone", checkZone(zone)))
	}
	return errors.Join(errs...)
}

// validate finds what makes no sense in a schedule, also for a person who may set what the API refuses. path names it in
// errors.
func (s Schedule) validate(path string) error {
	errs := []error{checkNotNegative(path+".id", s.ID)}
	if s.Name == "" {
		errs = append(errs, fmt.Errorf("%s.name: is missing", path))
	}
	if s.Timezone != "" {
		errs = append(errs, atField(path+".timezone", checkZone(s.Timezone)))
	}
	if s.InputParameters != nil && !json.Valid([]byte(*s.InputParameters)) {
		errs = append(errs, fmt.Errorf("%s.input_parameters: is not JSON", path))
	}
	switch s.Type {
	case ScheduleRunOnce:
		if s.StartTime.IsZero() {
			errs = append(errs, fmt.Errorf("%s.start_time: RunOnce needs one", path))
		}
	case ScheduleRunEvery:
		if s.RunEveryCount < 1 || s.RunEveryCount > maxRunEveryCount {
			errs = append(errs, fmt.Errorf("%s.run_every_count: must be from 1 to %d", path, maxRunEveryCount))
		}
		if s.RunEveryPeriod < everyMinutes || s.RunEveryPeriod > everyMonths {
			errs = append(errs, fmt.Errorf("%s.run_every_period: must be from 1 (minutes) to 5 (months)", path))
		}
	case ScheduleCRON:
		errs = append(errs, atField(path+".cron", checkCron(s.Cron, time.Now())))
	case ScheduleNone:
		if s.Cron != "" || !s.StartTime.IsZero() || s.RunEveryCount != 0 || s.RunEveryPeriod != 0 {
			errs = append(errs, fmt.Errorf("%s.type: None has no time", path))
		}
	default:
		errs = append(errs, fmt.Errorf("%s.type: must be None, RunOnce, RunEvery or CRON", path))
	}
	return errors.Join(errs...)
}

// atField is the error with the name of its field; nil stays nil.
func atField(path string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
