// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// Space is a space, in which agents live (API: Spaces). A nil pointer, an empty string or a zero time means that the answer
// has no such value: servers differ in what they give.
type Space struct {
	ID             int64
	Name           string // [Printable]
	Description    string // without secrets and control characters; at most 64 KiB
	OrganizationID string
	Scope          string // [Printable]

	IsDefaultAccess   *bool
	RunRetentionHours *int64 // how long a finished run is kept

	CreatedAt time.Time // UTC, as the other time
	UpdatedAt time.Time
}

// Space reads one space (API: Spaces).
func (c *Client) Space(ctx context.Context, spaceID int64) (*Space, error) {
	return fetchObject(ctx, c, &call{
		method: http.MethodGet, path: fmt.Sprintf("/spaces/%d", spaceID), priority: PriorityList, scope: scopeReadSpaces,
	}, func(w *wireSpace, r *redactor) (Space, error) {
		if int64(w.ID) != spaceID {
			return Space{}, fmt.Errorf("it is about space %d", w.ID)
		}
		return w.toSpace(r)
	})
}

// Spaces lists all spaces that the key can see, ordered by id (API: Spaces). Spaces without an id are left out.
func (c *Client) Spaces(ctx context.Context) ([]Space, error) {
	spaces, err := fetchList(ctx, c, &call{
		method: http.MethodGet, path: "/spaces", priority: PriorityList, scope: scopeReadSpaces,
	}, func(body io.Reader, r *redactor) (*list[Space], error) {
		return decodeAll(body, r, newSpaceConverter())
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(spaces.elements, func(a, b Space) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(spaces.elements, func(a, b Space) bool { return a.ID == b.ID }), nil
}

type wireSpace struct {
	ID                id
	Name              text
	Description       text
	OrganizationID    text
	Scope             text
	IsDefaultAccess   flag
	RunRetentionHours number
	Created           timestamp
	Updated           timestamp
}

// newSpaceConverter returns the conversion of the spaces of one list.
func newSpaceConverter() func(*wireSpace, *redactor) (Space, error) {
	kept := 0
	return func(w *wireSpace, r *redactor) (Space, error) {
		space, err := w.toSpace(r)
		if kept += len(space.Name) + len(space.Description); kept > maxListText {
			return Space{}, errTooMany
		}
		return space, err
	}
}

func (w *wireSpace) toSpace(r *redactor) (Space, error) {
	if w.ID == 0 {
		return Space{}, errors.New("it has no space id")
	}
	return Space{
		ID: int64(w.ID), Name: r.printable(string(w.Name)), Description: r.text(string(w.Description)),
		OrganizationID: r.printable(string(w.OrganizationID)), Scope: r.printable(string(w.Scope)),
		IsDefaultAccess: w.IsDefaultAccess.value, RunRetentionHours: w.RunRetentionHours.value,
		CreatedAt: w.Created.Time, UpdatedAt: w.Updated.Time,
	}, nil
}
