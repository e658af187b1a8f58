// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// After an interrupt, the CLI takes an action for one that succeeded unless its last event comes in time.
const (
	// answerTime is how long an interrupted action may take. The rest of lastEventsWait is for the event itself.
	answerTime = lastEventsWait - eventTime
	eventTime  = 500 * time.Millisecond
)

// invocation is the work of an action, and what is said when it does not end.
type invocation struct {
	what string // in progress, for the report of a bug: "stopping run 4711/100001"
	// answerTime is how long the work may go on after an interrupt. More than [answerTime] also holds the CLI's stop.
	answerTime time.Duration
	// work does it, and ends soon after ctx. It must not touch the response of the action, except for the progress.
	work func(diags *diag.Diagnostics)
	// unanswered is the error about work that did not end within answerTime.
	unanswered func() diag.Diagnostic
	// afterBug is what the user has to know after a panic; "": nothing.
	afterBug func() string
}

// invoke does the work of an action. It ends soon after ctx in any case: work that goes on then, such as a start whose
// answer is still to come, goes on without it.
func (d *providerData) invoke(ctx context.Context, resp *action.InvokeResponse, i invocation) {
	holdStop(ctx, i.answerTime+eventTime)
	patient, cancel := sequentum.Outlive(ctx, d.clock, i.answerTime)
	defer cancel()
	ended := make(chan diag.Diagnostics, 1)
	go func() {
		var diags diag.Diagnostics
		defer func() { ended <- diags }()
		defer d.recovered(ctx, i.what, &diags, i.afterBug)
		i.work(&diags)
	}()
	select {
	case diags := <-ended:
		resp.Diagnostics.Append(diags...)
	case <-patient.Done():
		resp.Diagnostics.Append(i.unanswered())
	}
}
