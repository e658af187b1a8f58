// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

// AddSchedule makes a schedule as a person would in the dashboard, and returns it with its id. It panics if there is no
// such agent, or if the schedule makes no sense.
func (c *Cloud) AddSchedule(agentID int64, s Schedule) Schedule {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, a := c.catchUp(), c.mustFindAgent(agentID)
	c.mustFit(s)
	return c.addSchedule(a, s, now).Schedule
}

// Schedules returns the agent's schedules as the cloud holds them, the oldest first. A deleted agent has none.
func (c *Cloud) Schedules(agentID int64) []Schedule {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catchUp()
	var all []Schedule
	if a := c.agents[agentID]; a != nil {
		for _, s := range a.schedules {
			all = append(all, s.Schedule)
		}
	}
	return all
}

// Schedule returns the schedule with that id; false if there is none.
func (c *Cloud) Schedule(id int64) (Schedule, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catchUp()
	s := c.findSchedule(id)
	if s == nil {
		return Schedule{}, false
	}
	return s.Schedule, true
}

// EditSchedule changes a schedule as a person would in the dashboard, and reports whether there is one. What the cloud
// sets cannot be changed. It panics if the result makes no sense.
func (c *Cloud) EditSchedule(id int64, edit func(*Schedule)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, s := c.catchUp(), c.findSchedule(id)
	if s == nil {
		return false
	}
	to := s.Schedule
	edit(&to)
	checked := to
	if s.hasLostItsTime() && to.StartTime.IsZero() {
		checked.StartTime = Moment{now} // it stays without one
	}
	mustBeValid(checked)
	s.change(to, c.options.Schedules.DefaultTimezone, now)
	return true
}

// DeleteSchedule removes a schedule, and reports whether there was one.
func (c *Cloud) DeleteSchedule(id int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catchUp()
	s := c.findSchedule(id)
	if s != nil {
		s.agent.removeSchedule(s)
	}
	return s != nil
}

// SetScheduleVariants replaces [Options.Schedules]. It panics if the zone is unknown.
func (c *Cloud) SetScheduleVariants(v ScheduleVariants) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.catchUp()
	v = v.defaults()
	if err := checkZone(v.DefaultTimezone); err != nil {
		panic("simulator: " + err.Error())
	}
	c.options.Schedules = v
	for _, a := range c.agents {
		for _, s := range a.schedules {
			s.setZone(v.DefaultTimezone)
			s.plan(now)
		}
	}
}

func (c *Cloud) findSchedule(id int64) *schedule {
	for _, a := range c.agents {
		if s := a.schedule(id); s != nil {
			return s
		}
	}
	return nil
}

// mustFit panics if the new schedule makes no sense, or if its id is taken.
func (c *Cloud) mustFit(s Schedule) {
	mustBeValid(s)
	if s.ID != 0 && c.findSchedule(s.ID) != nil {
		panic("simulator: there is another schedule with that id")
	}
}

func mustBeValid(s Schedule) {
	if err := s.validate("the schedule"); err != nil {
		panic("simulator: " + err.Error())
	}
}
