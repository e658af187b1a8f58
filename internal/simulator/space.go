// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Space is a space of agents (API: Spaces). The personal space is none: it has no entry in any list.
type Space struct {
	// ID is the space's id, at least 1.
	ID int64 `json:"id"`
	// Name; empty: "Space " and the id. Several spaces can have one name.
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
	// IsDefaultAccess: everybody in the organization has access.
	IsDefaultAccess bool `json:"is_default_access,omitempty"`
	// RunRetentionHours is shown only: what removes a run is its agent's Retention. Nil: null.
	RunRetentionHours *int64 `json:"run_retention_hours,omitempty"`
	// Scope as the answer has it; empty: null.
	Scope string `json:"scope,omitempty"`
	// Created; zero: when it was set for the first time.
	Created time.Time `json:"created,omitzero"`
}

// spaceState is a space. The cloud's mutex guards it.
type spaceState struct {
	Space
	updated time.Time
}

// SpaceFields is which fields a space has in answers, beside its id and name.
type SpaceFields string

// The fields of newer and of older servers. A server can also leave out all of them.
const (
	NewerSpaceFields SpaceFields = ""      // runRetentionHours and scope
	OlderSpaceFields SpaceFields = "older" // description and updated
	NoSpaceFields    SpaceFields = "none"
)

// UnmarshalText reads it from an agents file.
func (f *SpaceFields) UnmarshalText(text []byte) error {
	return decodeName(f, text, []SpaceFields{OlderSpaceFields, NoSpaceFields})
}

// SetSpace adds a space, or replaces the description of the space with its id.
func (c *Cloud) SetSpace(s Space) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setSpace(s)
}

func (c *Cloud) setSpace(s Space) {
	now := c.now()
	if s.Name == "" {
		s.Name = fmt.Sprintf("Space %d", s.ID)
	}
	if s.Created.IsZero() {
		s.Created = now
		if was := c.spaces[s.ID]; was != nil {
			s.Created = was.Created
		}
	}
	c.spaces[s.ID] = &spaceState{Space: s, updated: now}
}

// ensureSpace makes the space if there is none with that id. The personal space needs none.
func (c *Cloud) ensureSpace(id int64) {
	if id != 0 && c.spaces[id] == nil {
		c.setSpace(Space{ID: id})
	}
}

// DeleteSpace makes the space answer 404. Its agents stay.
func (c *Cloud) DeleteSpace(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.spaces, id)
}

// sortedSpaces are all spaces by id.
func (c *Cloud) sortedSpaces() []*spaceState {
	var list []*spaceState
	for _, id := range slices.Sorted(maps.Keys(c.spaces)) {
		list = append(list, c.spaces[id])
	}
	return list
}

// agentsOf are the agents of a space that the key can see, by id.
func (c *Cloud) agentsOf(s *spaceState, now time.Time) []*agentState {
	return slices.DeleteFunc(c.visibleAgents(now), func(a *agentState) bool { return a.settings.space() != s.ID })
}
