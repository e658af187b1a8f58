// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// onSchedule looks up the schedule that the path names, and passes it to the handler.
func onSchedule(handle func(*Cloud, *call, *schedule) answer) handler {
	return onAgent(func(c *Cloud, q *call, a *agentState) answer {
		s := a.schedule(pathID(q.Request, "scheduleId"))
		if s == nil {
			return c.refuse(q, http.StatusNotFound, "Schedule %s was not found.", q.PathValue("scheduleId"))
		}
		return handle(c, q, s)
	})
}

func (c *Cloud) listSchedules(_ *call, a *agentState) answer {
	list := make([]any, 0, len(a.schedules))
	for _, s := range a.schedules {
		list = append(list, c.scheduleObject(s))
	}
	return jsonAnswer(http.StatusOK, list)
}

func (c *Cloud) getSchedule(_ *call, s *schedule) answer {
	return jsonAnswer(http.StatusOK, c.scheduleObject(s))
}

// createSchedule answers with 201 and 200 in turn.
func (c *Cloud) createSchedule(q *call, a *agentState) answer {
	settings, err := c.readSchedule(q, Schedule{})
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	code := http.StatusCreated
	if c.creations.Add(1)%2 == 0 {
		code = http.StatusOK
	}
	return jsonAnswer(code, c.scheduleObject(c.addSchedule(a, settings, q.now)))
}

// updateSchedule replaces everything: what the body lacks is cleared.
func (c *Cloud) updateSchedule(q *call, s *schedule) answer {
	settings, err := c.readSchedule(q, s.Schedule)
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	s.change(settings, c.options.Schedules.DefaultTimezone, q.now)
	return c.acknowledgeSchedule(s)
}

// readSchedule is what a POST or PUT asks for. was is the schedule that it replaces; zero: none.
func (c *Cloud) readSchedule(q *call, was Schedule) (Schedule, error) {
	var body scheduleBody
	if _, err := q.decodeBody(&body); err != nil {
		return Schedule{}, err
	}
	return body.settings(was, c.options.Schedules, q.now)
}

func (c *Cloud) deleteSchedule(_ *call, s *schedule) answer {
	s.agent.removeSchedule(s)
	return c.acknowledgeSchedule(s)
}

func (c *Cloud) enableSchedule(q *call, s *schedule) answer {
	if s.Type == ScheduleRunOnce && s.isPast(q.now) && !c.options.Schedules.EnablePast {
		return c.refuse(q, http.StatusUnprocessableEntity, "The start time of the schedule has passed.")
	}
	s.enable(true, q.now)
	return c.acknowledgeSchedule(s)
}

func (c *Cloud) disableSchedule(q *call, s *schedule) answer {
	s.enable(false, q.now)
	return c.acknowledgeSchedule(s)
}

// acknowledgeSchedule answers a call that changed a schedule, with 200 or 204 in turn.
func (c *Cloud) acknowledgeSchedule(s *schedule) answer {
	if c.acknowledgements.Add(1)%2 == 0 {
		return emptyAnswer(http.StatusNoContent)
	}
	return jsonAnswer(http.StatusOK, c.scheduleObject(s))
}

// wireUpcoming is an element of the upcoming runs (API: Schedules).
type wireUpcoming struct {
	ScheduleID  int64   `json:"scheduleId"`
	AgentID     int64   `json:"agentId"`
	AgentName   string  `json:"agentName"`
	SpaceID     int64   `json:"spaceId"`
	NextRunTime *string `json:"nextRunTime"`
	LastRunID   int64   `json:"lastRunId"`
}

// listUpcoming shows the schedules whose next time is in the range, the earliest first. A missing startDate is the
// present, a missing endDate no limit.
func (c *Cloud) listUpcoming(q *call) answer {
	from, err1 := q.queryTime("startDate", q.now)
	to, err2 := q.queryTime("endDate", time.Time{})
	switch {
	case err1 != nil:
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err1)
	case err2 != nil:
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err2)
	case !to.IsZero() && to.Before(from):
		return c.refuse(q, http.StatusBadRequest, "Invalid input: endDate is before startDate.")
	}
	var upcoming []*schedule
	for id := range c.agents {
		a := c.visibleAgent(id, q.now)
		if a == nil {
			continue
		}
		for _, s := range a.schedules {
			if next := s.NextRunTime; !next.IsZero() && !next.Before(from) && (to.IsZero() || !next.After(to)) {
				upcoming = append(upcoming, s)
			}
		}
	}
	slices.SortFunc(upcoming, func(a, b *schedule) int {
		return cmp.Or(a.NextRunTime.Compare(b.NextRunTime), cmp.Compare(a.ID, b.ID))
	})
	list := make([]wireUpcoming, 0, len(upcoming))
	for _, s := range upcoming {
		list = append(list, s.upcomingObject())
	}
	return jsonAnswer(http.StatusOK, list)
}

// upcomingObject has 0 as the personal space. A schedule that never started a run has 0 or -1 as its last one.
func (s *schedule) upcomingObject() wireUpcoming {
	out := wireUpcoming{
		ScheduleID: s.ID, AgentID: s.AgentID, AgentName: s.agent.settings.Name, SpaceID: valueOf(s.agent.settings.SpaceID),
		NextRunTime: spellTime(s.ID, s.NextRunTime), LastRunID: s.LastRunID,
	}
	if s.LastRunID == 0 && s.ID%2 == 1 {
		out.LastRunID = -1
	}
	return out
}

// queryTime is a time from the query, or the default where the query lacks it.
func (q *call) queryTime(name string, byDefault time.Time) (time.Time, error) {
	text := q.URL.Query().Get(name)
	if text == "" {
		return byDefault, nil
	}
	t, err := parseTime(text)
	if err != nil {
		return t, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}
