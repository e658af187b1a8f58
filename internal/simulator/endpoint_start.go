// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// startBody is the body of a start. encoding/json matches field names without regard to case, as the API does.
type startBody struct {
	InputParameters        *string `json:"inputParameters"`
	Parallelism            *int64  `json:"parallelism"`
	ParallelMaxConcurrency *int64  `json:"parallelMaxConcurrency"`
	ParallelExport         *string `json:"parallelExport"`
	ProxyPoolID            *int64  `json:"proxyPoolId"`
	Timeout                *int64  `json:"timeout"`
	IsExclusive            *bool   `json:"isExclusive"`
	IsWaitOnFailure        *bool   `json:"isWaitOnFailure"`
	IsRunSynchronously     *bool   `json:"isRunSynchronously"`
	LogLevel               *string `json:"logLevel"`
	LogMode                *string `json:"logMode"`

	scheduleID int64 // of a start by a schedule; 0: by a call
}

// alreadyRunning is the API's own text.
const alreadyRunning = "Agent is already running"

func (c *Cloud) startAgent(q *call, a *agentState) answer {
	var start startBody
	body, err := q.decodeBody(&start)
	if err == nil {
		err = start.validate()
	}
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	if code, reason := a.startRefusal(start, q.now); code != 0 {
		return c.refuse(q, code, "%s", reason)
	}
	r := a.activeRun(q.now)
	if r == nil || a.exclusiveAnswer(start) != ExclusiveAnswer {
		r = c.startRuns(a, start, body, q.now)
	}
	if start.synchronous() {
		return c.recordsAnswer(q, r, start)
	}
	code := http.StatusAccepted
	if c.starts.Add(1)%2 == 0 {
		code = http.StatusOK
	}
	return jsonAnswer(code, c.startAnswer(r, q.now))
}

// startRefusal is why the agent does not start now; code 0: it starts.
func (a *agentState) startRefusal(start startBody, now time.Time) (code int, reason string) {
	switch {
	case a.settings.Archived:
		return http.StatusConflict, "The agent is archived."
	case a.settings.Disabled:
		return http.StatusBadRequest, "The agent is disabled."
	case a.settings.OutOfCredits:
		return http.StatusUnprocessableEntity, "There are not enough credits to start the agent."
	case start.synchronous() && !a.settings.Synchronous:
		return http.StatusUnprocessableEntity, "The agent does not allow synchronous starts."
	case a.exclusiveAnswer(start) == ExclusiveRefuse && a.hasActiveRun(now):
		return http.StatusConflict, alreadyRunning
	}
	return 0, ""
}

// startAnswer is the run object of a start's answer: without a tableType, and with the id in id or runId.
func (c *Cloud) startAnswer(r *run, now time.Time) any {
	s, _ := r.life.stateAt(now)
	object := c.wireRun(r, s, now)
	object.TableType = nil
	if c.options.StartAnswersRunID {
		object.ID, object.RunID = nil, object.ID
	}
	return r.withoutOptionalFields(object)
}

func (s startBody) synchronous() bool { return s.IsRunSynchronously != nil && *s.IsRunSynchronously }

func (s startBody) validate() error {
	if s.InputParameters != nil {
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(*s.InputParameters), &object); err != nil || object == nil {
			return errors.New("inputParameters must be a string that holds a JSON object")
		}
	}
	if s.synchronous() && s.Parallelism != nil && *s.Parallelism > 1 {
		return errors.New("a synchronous start allows no parallelism")
	}
	return errors.Join(
		checkRange("parallelism", s.Parallelism, 50),
		checkRange("parallelMaxConcurrency", s.ParallelMaxConcurrency, 50),
		checkRange("timeout", s.Timeout, 3600),
		checkRange("proxyPoolId", s.ProxyPoolID, 1<<31-1),
		checkOneOf("parallelExport", s.ParallelExport, "Combined", "Separated"),
		checkOneOf("logLevel", s.LogLevel, "Fatal", "Error", "Warning", "Info"),
		checkOneOf("logMode", s.LogMode, "Text", "TextAndHtml"),
	)
}

func checkRange(name string, value *int64, high int64) error {
	if value != nil && (*value < 1 || *value > high) {
		return fmt.Errorf("%s must be from 1 to %d", name, high)
	}
	return nil
}

func checkOneOf(name string, value *string, allowed ...string) error {
	if value != nil && !slices.Contains(allowed, *value) {
		return fmt.Errorf("%s must be one of %q", name, allowed)
	}
	return nil
}
