package sequentum

import (
	"errors"
	"fmt"
	"io"
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
	RunID                  id // what one page of the documentation calls it in a start's answer
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

// maxListText is how much of all the messages of a list is kept in full. What is above is cut to what can be shown.
const maxListText = 16 << 20

func decodeRun(body io.Reader, agentID int64, r *redactor) (*Run, error) {
	var w wireRun
	if err := decodeObject(body, r, &w); err != nil {
		return nil, err
	}
	return w.toRun(agentID, r)
}

// decodeStarted reads what a start answers. A run that tells neither its agent nor its status, which are never absent,
// is some other object with an id.
func decodeStarted(body io.Reader, agentID int64, r *redactor) (*Run, error) {
	var w wireRun
	if err := decodeObject(body, r, &w); err != nil {
		return nil, err
	}
	if w.ConfigID == 0 && w.Status == "" {
		return nil, errors.New("it has neither an agent nor a status")
	}
	return w.toRun(agentID, r)
}

func decodeRuns(body io.Reader, agentID int64, limit int, r *redactor) (*list[Run], error) {
	kept := 0
	return decodeList(body, r, limit, func(w *wireRun) (run Run, err error) {
		decoded, err := w.toRun(agentID, r)
		if err != nil {
			return run, err
		}
		if kept += len(decoded.Message); kept > maxListText {
			decoded.Message = cut(decoded.Message, maxShown)
		}
		return *decoded, nil
	})
}

// toRun checks that the object tells which toRun it is, and that the toRun is one of the agent's.
func (w *wireRun) toRun(agentID int64, r *redactor) (*Run, error) {
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
		AgentName:              r.printable(string(w.ConfigName)),
		SpaceID:                w.SpaceID.nilIfZero(),
		Status:                 decodeStatus(string(w.Status), r),
		Message:                r.text(string(w.Message)),
		AgentVersion:           w.ConfigVersion.value,
		Parallelism:            w.Parallelism.value,
		ParallelMaxConcurrency: w.ParallelMaxConcurrency.value,
		ParallelExport:         Printable(string(w.ParallelExport)),
		ParallelSet:            w.ParallelSet.nilIfZero(),
		Created:                w.Created.Time,
		Started:                w.StartTime.Time,
		Ended:                  w.EndTime.Time,
		RunTimeSeconds:         w.RunTimeSec.value,
		Records:                w.DataCount.value,
		Exported:               w.ExportCount.value,
		Pages:                  w.PageCount.value,
		Errors:                 w.ErrorCount.value,
		Traffic:                w.Traffic.value,
		TableType:              Printable(string(w.TableType)),
	}, nil
}

// decodeStatus reads a status given as its code or its name. A name that is not known is text like any other.
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

func decodeDiagnostics(body io.Reader, r *redactor) (*Diagnostics, error) {
	var w wireDiagnostics
	if err := decodeObject(body, r, &w); err != nil {
		return nil, err
	}
	return &Diagnostics{
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
