// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"strings"
	"time"
)

// The answers in this file are for Sequentum's own client. The description of the API does not have them.

type wireRunsSummary struct {
	StartDate               string        `json:"startDate"`
	EndDate                 string        `json:"endDate"`
	TotalRuns               int           `json:"totalRuns"`
	CompletedRuns           int           `json:"completedRuns"`
	FailedRuns              int           `json:"failedRuns"`
	CompletedWithErrorsRuns int           `json:"completedWithErrorsRuns"`
	RunningRuns             int           `json:"runningRuns"`
	QueuedRuns              int           `json:"queuedRuns"`
	StoppedRuns             int           `json:"stoppedRuns"`
	FailedRunDetails        *[]wireFailed `json:"failedRunDetails,omitempty"`
}

type wireFailed struct {
	RunID        int64   `json:"runId"`
	AgentID      int64   `json:"agentId"`
	AgentName    *string `json:"agentName"`
	StartTime    *string `json:"startTime"`
	EndTime      *string `json:"endTime"`
	Status       string  `json:"status"`
	ErrorMessage *string `json:"errorMessage"`
	SpaceID      *int64  `json:"spaceId"`
	SpaceName    *string `json:"spaceName"`
}

func (c *Cloud) getRunsSummary(q *call) answer {
	from, to, err := q.today()
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	out := wireRunsSummary{StartDate: wireTime(from), EndDate: wireTime(to)}
	failed := []wireFailed{}
	wanted := q.URL.Query().Get("status")
	c.eachRun(q, from, to, func(r *run, s state) {
		if wanted != "" && !strings.EqualFold(wanted, s.status.String()) {
			return
		}
		out.count(s.status)
		if s.status.failed() {
			failed = append(failed, c.failedObject(r, s))
		}
	})
	if q.URL.Query().Get("includeDetails") != "false" {
		out.FailedRunDetails = &failed
	}
	return jsonAnswer(http.StatusOK, out)
}

func (w *wireRunsSummary) count(s Status) {
	w.TotalRuns++
	switch {
	case s == CompletedWithErrors:
		w.CompletedWithErrorsRuns++
	case s.failed():
		w.FailedRuns++
	case s == Completed, s == Success:
		w.CompletedRuns++
	case s == Stopped:
		w.StoppedRuns++
	case s == Queuing, s == Waiting:
		w.QueuedRuns++
	case !s.Finished():
		w.RunningRuns++
	}
}

func (c *Cloud) failedObject(r *run, s state) wireFailed {
	a := r.settingsAtStart
	out := wireFailed{
		RunID: r.id, AgentID: a.ID, AgentName: a.wireName(), StartTime: c.formatTime(r, 1, s.started), EndTime: c.formatTime(r, 2, s.ended),
		Status: s.status.String(), ErrorMessage: paddedMessage(s.message, a.MessageSize), SpaceID: c.spaceID(a),
	}
	if space := c.spaces[a.space()]; space != nil {
		out.SpaceName = &space.Name
	}
	return out
}

type wireRecordsSummary struct {
	StartDate             string `json:"startDate"`
	EndDate               string `json:"endDate"`
	TotalRecordsExtracted int64  `json:"totalRecordsExtracted"`
	TotalRecordsExported  int64  `json:"totalRecordsExported"`
	TotalErrors           int64  `json:"totalErrors"`
	TotalPageLoads        int64  `json:"totalPageLoads"`
	RunCount              int    `json:"runCount"`
	AgentID               *int64 `json:"agentId"`
}

func (c *Cloud) getRecordsSummary(q *call) answer {
	from, to, err := q.today()
	agentID, err2 := optionalNumber(q, "agentId")
	if err == nil {
		err = err2
	}
	if err != nil {
		return c.refuse(q, http.StatusBadRequest, "Invalid input: %s.", err)
	}
	out := wireRecordsSummary{StartDate: wireTime(from), EndDate: wireTime(to), AgentID: agentID}
	c.eachRun(q, from, to, func(r *run, s state) {
		a := r.settingsAtStart
		if agentID != nil && *agentID != a.ID {
			return
		}
		out.RunCount++
		out.TotalRecordsExtracted += portion(a.Records, s.records)
		out.TotalRecordsExported += portion(a.Exported, s.records)
		out.TotalErrors += portion(a.Errors, s.records)
		out.TotalPageLoads += portion(a.Pages, s.records)
	})
	return jsonAnswer(http.StatusOK, out)
}

// eachRun visits the runs of a period that the key can see.
func (c *Cloud) eachRun(q *call, from, to time.Time, visit func(*run, state)) {
	for _, a := range c.visibleAgents(q.now) {
		for _, r := range a.runs {
			if s, _ := r.life.stateAt(q.now); !s.gone && !r.created.Before(from) && !r.created.After(to) {
				visit(r, s)
			}
		}
	}
}
