// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"slices"
	"time"
)

// AgentVersion is a version of an agent.
type AgentVersion struct {
	// Version is its number, at least 1.
	Version int `json:"version"`
	// UserName of who saved it; empty: null.
	UserName string `json:"user_name,omitempty"`
	Comments string `json:"comments,omitempty"`
	// FileSize in bytes.
	FileSize int64 `json:"file_size,omitempty"`
	// Created; zero: when the agent was made.
	Created time.Time `json:"created,omitzero"`
}

// wireVersion is a version of an agent (API: Agents).
type wireVersion struct {
	UserName *string `json:"userName"`
	Version  int     `json:"version"`
	Created  string  `json:"created"`
	Comments *string `json:"comments"`
	FileSize int64   `json:"fileSize"`
}

// listVersions shows the versions in the order in which the agent has them.
func (c *Cloud) listVersions(_ *call, a *agentState) answer {
	versions := make([]wireVersion, 0, len(a.settings.Versions))
	for _, v := range a.settings.Versions {
		created := v.Created
		if created.IsZero() {
			created = a.created
		}
		versions = append(versions, wireVersion{
			UserName: nullIfEmpty(v.UserName), Version: v.Version, Created: wireTime(created),
			Comments: nullIfEmpty(v.Comments), FileSize: v.FileSize,
		})
	}
	return jsonAnswer(http.StatusOK, versions)
}

// restoreVersion makes a new version of the agent, with the content of an old one. It changes no run that exists.
func (c *Cloud) restoreVersion(q *call, a *agentState) answer {
	var body struct {
		Content *string `json:"content"`
	}
	if _, err := q.decodeBody(&body); err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	wanted := pathID(q.Request, "version")
	old := slices.IndexFunc(a.settings.Versions, func(v AgentVersion) bool { return int64(v.Version) == wanted })
	if old < 0 {
		return c.refuse(q, http.StatusNotFound, "Version %s was not found.", q.PathValue("version"))
	}
	restored := *a.settings // runs keep the agent as it was when they started
	restored.Version++
	added := a.settings.Versions[old]
	added.Version, added.Created, added.Comments = restored.Version, q.now, ""
	if body.Content != nil {
		added.Comments = *body.Content
	}
	restored.Versions = append(slices.Clip(restored.Versions), added)
	a.settings, a.updated = &restored, q.now
	return c.acknowledge(nil)
}
