package sequentum

import (
	"errors"
	"fmt"
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

func (r StartRequest) wire() wireStart {
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
	RunID                  id // what one page of the documentation calls it in a start's answer
	ConfigID               id // the agent
	ConfigName             text
	SpaceID                number
	Status                 wireStatus
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

// wireStatus is a status given as its code or its name.
type wireStatus struct{ Status }

func (s *wireStatus) UnmarshalJSON(data []byte) error {
	s.Status = Status{}
	if name, ok := scalar(data); ok && name != "" {
		s.Status, _ = ParseStatus(name)
	}
	return nil
}

func decodeRun(data []byte, agentID int64) (*Run, error) {
	var w wireRun
	if err := decodeObject(data, &w); err != nil {
		return nil, err
	}
	return w.run(agentID)
}

func decodeRuns(data []byte, agentID int64) ([]Run, error) {
	elements, err := decodeArray[wireRun](data)
	if err != nil {
		return nil, err
	}
	runs := make([]Run, len(elements))
	for i, w := range elements {
		run, err := w.run(agentID)
		if err != nil {
			return nil, fmt.Errorf("element %d of the list: %w", i, err)
		}
		runs[i] = *run
	}
	return runs, nil
}

// run checks that the object tells which run it is, and that the run is one of the agent's.
func (w wireRun) run(agentID int64) (*Run, error) {
	runID := w.ID
	if runID == 0 {
		runID = w.RunID
	}
	if runID == 0 {
		return nil, errors.New("it has no run id")
	}
	if w.ConfigID != 0 && int64(w.ConfigID) != agentID {
		return nil, fmt.Errorf("it is about run %d of agent %d", runID, w.ConfigID)
	}
	return &Run{
		ID:                     int64(runID),
		AgentID:                agentID,
		AgentName:              string(w.ConfigName),
		SpaceID:                w.SpaceID.value,
		Status:                 w.Status.Status,
		Message:                string(w.Message),
		AgentVersion:           w.ConfigVersion.value,
		Parallelism:            w.Parallelism.value,
		ParallelMaxConcurrency: w.ParallelMaxConcurrency.value,
		ParallelExport:         string(w.ParallelExport),
		ParallelSet:            w.ParallelSet.value,
		Created:                w.Created.Time,
		Started:                w.StartTime.Time,
		Ended:                  w.EndTime.Time,
		RunTimeSeconds:         w.RunTimeSec.value,
		Records:                w.DataCount.value,
		Exported:               w.ExportCount.value,
		Pages:                  w.PageCount.value,
		Errors:                 w.ErrorCount.value,
		Traffic:                w.Traffic.value,
		TableType:              string(w.TableType),
	}, nil
}

type wireDiagnostics struct {
	ErrorMessage     text
	PossibleCauses   texts
	SuggestedActions texts
}

func decodeDiagnostics(data []byte) (*Diagnostics, error) {
	var w wireDiagnostics
	if err := decodeObject(data, &w); err != nil {
		return nil, err
	}
	return &Diagnostics{
		Message:          string(w.ErrorMessage),
		PossibleCauses:   w.PossibleCauses,
		SuggestedActions: w.SuggestedActions,
	}, nil
}
