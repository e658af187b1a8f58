// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"strings"
)

// bareSpace is a space without anything that can be absent.
type bareSpace struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// commonSpace has the fields of all servers.
type commonSpace struct {
	bareSpace
	OrganizationID  int64  `json:"organizationId"`
	IsDefaultAccess bool   `json:"isDefaultAccess"`
	Created         string `json:"created"`
}

// olderSpace and newerSpace are a space (API: Spaces).
type olderSpace struct {
	commonSpace
	Description *string `json:"description"`
	Updated     string  `json:"updated"`
}

type newerSpace struct {
	commonSpace
	RunRetentionHours *int64  `json:"runRetentionHours"`
	Scope             *string `json:"scope"`
}

// wireSpaceAgent is an agent in the list of its space. It has less than the agent itself.
type wireSpaceAgent struct {
	ID               int64   `json:"id"`
	Name             *string `json:"name"`
	Description      *string `json:"description"`
	ConfigType       any     `json:"configType"`
	Status           any     `json:"status"`
	ValidationStatus int     `json:"validationStatus"`
	LastActivity     *string `json:"lastActivity"`
}

// onSpace looks up the space that the path names, and passes it to the handler.
func onSpace(handle func(*Cloud, *call, *spaceState) answer) handler {
	return func(c *Cloud, q *call) answer {
		s := c.spaces[pathID(q.Request, "spaceId")]
		if s == nil {
			return c.refuse(q, http.StatusNotFound, "Space %s was not found.", q.PathValue("spaceId"))
		}
		return handle(c, q, s)
	}
}

func (c *Cloud) getSpace(_ *call, s *spaceState) answer {
	return jsonAnswer(http.StatusOK, c.spaceObject(s))
}

func (c *Cloud) listSpaces(*call) answer {
	return jsonAnswer(http.StatusOK, c.spaceObjects(c.sortedSpaces()))
}

// searchSpaces finds the spaces whose name contains a text, in any case. One object is the space of exactly that name,
// or else the first.
func (c *Cloud) searchSpaces(q *call) answer {
	name := q.URL.Query().Get("name")
	if name == "" {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: name is missing.")
	}
	found := slices.DeleteFunc(c.sortedSpaces(), func(s *spaceState) bool { return !containsFold(s.Name, name) })
	switch {
	case c.options.SpaceSearchArray:
		return jsonAnswer(http.StatusOK, c.spaceObjects(found))
	case len(found) == 0:
		return c.refuse(q, http.StatusNotFound, "No space has the name %q.", name)
	}
	exact := max(0, slices.IndexFunc(found, func(s *spaceState) bool { return strings.EqualFold(s.Name, name) }))
	return jsonAnswer(http.StatusOK, c.spaceObject(found[exact]))
}

func (c *Cloud) listSpaceAgents(q *call, s *spaceState) answer {
	list := c.agentsOf(s, q.now)
	agents := make([]wireSpaceAgent, 0, len(list))
	for _, a := range list {
		whole := c.agentObject(q, a)
		agents = append(agents, wireSpaceAgent{
			ID: whole.ID, Name: whole.Name, Description: whole.Description, ConfigType: whole.ConfigType, Status: whole.Status,
			ValidationStatus: whole.ValidationStatus, LastActivity: whole.LastActivity,
		})
	}
	return jsonAnswer(http.StatusOK, agents)
}

func (c *Cloud) spaceObjects(list []*spaceState) []any {
	spaces := make([]any, 0, len(list))
	for _, s := range list {
		spaces = append(spaces, c.spaceObject(s))
	}
	return spaces
}

func (c *Cloud) spaceObject(s *spaceState) any {
	bare := bareSpace{ID: s.ID, Name: s.Name}
	common := commonSpace{
		bareSpace: bare, OrganizationID: organizationID, IsDefaultAccess: s.IsDefaultAccess,
		Created: wireTime(s.Created),
	}
	switch c.options.SpaceFields {
	case NoSpaceFields:
		return bare
	case OlderSpaceFields:
		return olderSpace{common, nullIfEmpty(s.Description), wireTime(s.updated)}
	}
	return newerSpace{common, s.RunRetentionHours, nullIfEmpty(s.Scope)}
}
