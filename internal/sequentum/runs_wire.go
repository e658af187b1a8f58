// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"errors"
	"fmt"
	"strings"
)

// wireStart is the body of a start.
type wireStart struct {
	InputParameters        string `json:"inputParameters,omitempty"`
	Parallelism            *int64 `json:"parallelism,omitempty"`
	ParallelMaxConcurrency *int64 `json:"parallelMaxConcurrency,omitempty"`
	ParallelExport         string `json:"parallelExport,omitempty"`
	ProxyPoolID            *int64 `json:"proxyPoolId,omitempty"`
	IsExclusive            *bool  `json:"isExclusive,omitempty"`
	LogLevel               string `json:"logLevel,omitempty"`
	LogMode                string `json:"logMode,omitempty"`
}

func (r StartRequest) body() wireStart {
	return wireStart{
		InputParameters:        r.InputParameters,
		Parallelism:            r.Parallelism,
		ParallelMaxConcurrency: r.ParallelMaxConcurrency,
		ParallelExport:         r.ParallelExport,
		ProxyPoolID:            r.ProxyPoolID,
		IsExclusive:            r.Exclusive,
		LogLevel:               r.LogLevel,
		LogMode:                r.LogMode,
	}
}

// wireRun is the run object. encoding/json matches names without regard to case.
type wireRun struct {
	ID                     id
	RunID                  id // another name of the id (API: Runs, Start)
	ConfigID               id // the agent
	ConfigName             text
	SpaceID                number
	Status                 text
	Message                text
	ConfigVersion          number
	Parallelism            number
	ParallelMaxConcurrency number
	ParallelExport         text
	ParallelSet            number
	Created                timestamp
	StartTime              timestamp
	EndTime                timestamp
	RunTimeSec             number
	DataCount              number
	ExportCount            number
	PageCount              number
	ErrorCount             number
	Traffic                number
	TableType              text
}

// maxListText is how many bytes of messages a list of runs keeps. Further messages are cut to what can be shown.
const maxListText = 16 * mib

// newListedRunConverter returns the conversion of the runs of one list.
func newListedRunConverter(agentID int64) func(*wireRun, *redactor) (Run, error) {
	kept := 0
	return func(w *wireRun, r *redactor) (Run, error) {
		run, err := w.toRun(agentID, r)
		if kept += len(run.Message); kept > maxListText {
			run.Message = cut(run.Message, maxShown)
		}
		return run, err
	}
}

// toStartedRun reads what a start answers. An object with neither an agent nor a status, which no run lacks, is not a run,
// although it has an id.
func (w *wireRun) toStartedRun(agentID int64, r *redactor) (Run, error) {
	if w.ConfigID == 0 && w.Status == "" {
		return Run{}, errors.New("it has neither an agent nor a status")
	}
	return w.toRun(agentID, r)
}

// toRun checks that the object has a run's id, and that the run is one of the agent's.
func (w *wireRun) toRun(agentID int64, r *redactor) (Run, error) {
	runID := w.ID
	if runID == 0 {
		runID = w.RunID
	}
	if runID == 0 {
		return Run{}, errors.New("it has no run id")
	}
	if w.ConfigID != 0 && int64(w.ConfigID) != agentID {
		return Run{}, fmt.Errorf("it is about run %d of agent %d", runID, w.ConfigID)
	}
	return Run{
		ID:                     int64(runID),
		AgentID:                agentID,
		AgentName:              r.printable(string(w.ConfigName)),
		SpaceID:                w.SpaceID.nilIfZero(),
		Status:                 decodeStatus(string(w.Status), r),
		Message:                r.text(string(w.Message)),
		AgentVersion:           w.ConfigVersion.value,
		Parallelism:            w.Parallelism.value,
		ParallelMaxConcurrency: w.ParallelMaxConcurrency.value,
		ParallelExport:         Printable(string(w.ParallelExport)),
		ParallelSet:            w.ParallelSet.nilIfZero(),
		CreatedAt:              w.Created.Time,
		StartedAt:              w.StartTime.Time,
		FinishedAt:             w.EndTime.Time,
		RunTimeSeconds:         w.RunTimeSec.value,
		RecordsExtracted:       w.DataCount.value,
		RecordsExported:        w.ExportCount.value,
		PageCount:              w.PageCount.value,
		ErrorCount:             w.ErrorCount.value,
		TrafficBytes:           w.Traffic.value,
		TableType:              Printable(string(w.TableType)),
	}, nil
}

// decodeStatus reads a code or a name. From a name that is not known it removes secrets, as from any text.
func decodeStatus(name string, r *redactor) Status {
	status, known := ParseStatus(name)
	if !known && name != "" {
		status, _ = ParseStatus(strings.Join(strings.Fields(r.printable(name)), " "))
	}
	return status
}

type wireDiagnostics struct {
	ErrorMessage     text
	PossibleCauses   texts
	SuggestedActions texts
}

func (w *wireDiagnostics) toDiagnostics(r *redactor) (Diagnostics, error) {
	return Diagnostics{
		Message:          r.text(string(w.ErrorMessage)),
		PossibleCauses:   w.PossibleCauses.printable(r),
		SuggestedActions: w.SuggestedActions.printable(r),
	}, nil
}

func (t texts) printable(r *redactor) []string {
	for i := range t {
		t[i] = r.printable(t[i])
	}
	return t
}
