// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// lookups are the reads that the look-ups of one configuration share: thirty of one agent cost one request, and a hundred
// by name cost one list. Nobody may change what they return.
type lookups struct {
	agents    *sharedReads[int64, *sequentum.Agent]
	allAgents *sharedReads[allOfThem, []sequentum.Agent]
	spaces    *sharedReads[int64, *sequentum.Space]
	allSpaces *sharedReads[allOfThem, []sequentum.Space]
	credits   *sharedReads[allOfThem, *sequentum.Credits]
}

// allOfThem is the key of what there is once.
type allOfThem struct{}

func newLookups(clock sequentum.Clock) *lookups {
	return &lookups{
		agents:    newSharedReads[int64, *sequentum.Agent](clock),
		allAgents: newSharedReads[allOfThem, []sequentum.Agent](clock),
		spaces:    newSharedReads[int64, *sequentum.Space](clock),
		allSpaces: newSharedReads[allOfThem, []sequentum.Space](clock),
		credits:   newSharedReads[allOfThem, *sequentum.Credits](clock),
	}
}

// lookUpByID reads one object for a look-up; nil after an error. noun is "agent"; its id is in the argument noun_id.
func lookUpByID[T any](ctx context.Context, limit *timeLimit, noun string, id int64, reads *sharedReads[int64, *T], ask func(context.Context, int64) (*T, error), diags *diag.Diagnostics) *T {
	object, err := reads.read(ctx, id, func(ctx context.Context) (*T, error) { return ask(ctx, id) })
	title := fmt.Sprintf("%s %d", capitalized(noun), id)
	switch {
	case sequentum.IsNotFound(err):
		diags.AddAttributeError(path.Root(noun+"_id"), title+" is not found",
			paragraphs(err.Error(), "It was deleted, it never existed, or this key cannot see it."))
		return nil
	case err != nil:
		diags.AddError(title+" could not be read", limit.explain(err))
		return nil
	}
	return object
}

// lookUpAll reads a list for a look-up. ok is false after an error.
func lookUpAll[T any](ctx context.Context, limit *timeLimit, noun string, reads *sharedReads[allOfThem, []T], ask func(context.Context) ([]T, error), diags *diag.Diagnostics) (all []T, ok bool) {
	all, err := reads.read(ctx, allOfThem{}, ask)
	if err != nil {
		diags.AddError("The "+noun+"s could not be listed", limit.explain(err))
	}
	return all, err == nil
}

// setFound puts the values of a table into the state of a data source. An argument keeps its configured value.
func setFound(ctx context.Context, table []computedAttribute, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	arguments := map[string]tftypes.Value{}
	if err := req.Config.Raw.As(&arguments); err != nil {
		resp.Diagnostics.AddError("The configuration could not be read", err.Error())
		return
	}
	resp.State.Raw = req.Config.Raw
	for _, a := range table {
		if arguments[a.name].IsNull() {
			resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(a.name), a.value)...)
		}
	}
}
