// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/run"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// gracePeriod is the value of a stop_grace_period. It needs no error: a validator has checked what is configured, and null
// means the default.
func gracePeriod(configured types.String) time.Duration {
	if d, err := time.ParseDuration(configured.ValueString()); err == nil {
		return d
	}
	return defaultGracePeriod
}

// refuseLongGrace adds an error about a grace period that a timeout cuts off: the kill after it would never be sent.
func refuseLongGrace(configured types.String, timeoutName string, timeout time.Duration, diags *diag.Diagnostics) {
	if grace := gracePeriod(configured); grace >= timeout {
		diags.AddAttributeError(path.Root("stop_grace_period"), "stop_grace_period is too long",
			"The grace period ("+grace.String()+") must be shorter than "+timeoutName+" ("+timeout.String()+
				"). Otherwise the time is over before the run is killed. Shorten stop_grace_period, for example to \""+(timeout/4).String()+"\", or raise "+timeoutName+".")
	}
}

// stopReport puts into words how the stop of a run ended.
type stopReport struct {
	ref         sequentum.RunRef
	lastStatus  string // as state has it; "": no state holds the run
	inState     bool   // state holds the run, and keeps it after an error
	cut         cutShort
	timeoutName string // "timeouts.delete"
	timeout     time.Duration
	now         time.Time
}

// stopped warns that the run was active, and says how it ended; nothing for a run that ended by itself.
func (s stopReport) stopped(ended *run.Ending) diag.Diagnostics {
	if !ended.StopSent || ended.Run.Status != sequentum.StatusStopped {
		return nil
	}
	how := "stopped"
	if ended.Killed {
		how = "killed, because it did not end after the stop"
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("Run %s was %s", s.ref, how), paragraphs(describeRun(ended.Run, s.now),
		listed("The other runs of the same parallel start were stopped before it", describeRuns(ended.Siblings, s.now))))}
}

// failed says how far the stop came.
func (s stopReport) failed(err error) diag.Diagnostic {
	facts, sent := "", ""
	last := "Last error: " + err.Error()
	if stop, ok := errors.AsType[*run.StopError](err); ok {
		sent = commandsSent(stop)
		if stop.Run != nil {
			facts = describeRun(stop.Run, s.now)
		}
	}
	if wait, ok := errors.AsType[*run.WaitError](err); ok {
		last = cmp.Or(describeLastFailure(wait), last)
	}
	next := "The run may still be active."
	if s.inState {
		next += " State keeps it, and the next destroy tries again."
	}
	switch {
	case s.cut.interrupted:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Stopping run %s was interrupted", s.ref), paragraphs(sent, facts, last, next))
	case s.cut.timedOut:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Run %s did not end within %s (%s)", s.ref, s.timeoutName, s.timeout), paragraphs(sent, facts, last, next))
	default:
		return diag.NewErrorDiagnostic(fmt.Sprintf("Run %s could not be stopped", s.ref), paragraphs(last, sent, facts, next))
	}
}

// notFound says what to do about a run that was not found, neither by its status nor by the stop.
func (s stopReport) notFound(m missing) diag.Diagnostic {
	kept := ""
	if s.inState {
		kept = "State keeps the run."
	}
	switch m.agent {
	case agentUnknown:
		return m.unknownDiagnostic("could not be stopped", kept)
	case agentGoneToo:
		return m.goneTooDiagnostic(kept)
	}
	if !s.inState {
		return runNotFound(s.ref, m.cause) // perhaps a wrong id: no state says that there was such a run
	}
	last := ""
	if s.lastStatus != "" {
		last = "It was " + s.lastStatus + " when it was last seen. "
	}
	return diag.NewWarningDiagnostic(fmt.Sprintf("Run %s was gone before it could be stopped", s.ref),
		paragraphs(last+"Several requests did not find it. Its agent exists. If Control Center still shows the run as active, stop it there.",
			commandsSent(m.cause), "Last error: "+m.cause.Error()))
}

// commandsSent says which commands the API accepted before a stop failed with err, or may have accepted.
func commandsSent(err error) string {
	stop, ok := errors.AsType[*run.StopError](err)
	text := "The API accepted no stop for this run."
	if ok && len(stop.Sent) > 0 {
		text = "Commands sent to the run: " + strings.Join(stop.Sent, ", ") + "."
	}
	if ok {
		text = paragraphs(text, listed("Errors", stop.Answers))
	}
	return text
}
