// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Status is the status of a run (API: Run status). A code that is not in the API's table is allowed: it counts as
// active, and answers show it as its number.
type Status int

// The statuses of the API's table.
const (
	Invalid         Status = 0
	Running         Status = 1
	Exporting       Status = 2
	Starting        Status = 3
	Queuing         Status = 4
	Stopping        Status = 5
	Failure         Status = 6
	Failed          Status = 7
	Stopped         Status = 8
	Completed       Status = 9
	Success         Status = 10
	Skipped         Status = 11
	Waiting         Status = 12
	UpdatingDataSet Status = 13
)

// The statuses that only the API's older list of names has. They have no code: answers always show their name.
const (
	FailedToStart       Status = -1
	CompletedWithErrors Status = -2
)

var statusNames = map[Status]string{
	Invalid: "Invalid", Running: "Running", Exporting: "Exporting", Starting: "Starting", Queuing: "Queuing",
	Stopping: "Stopping", Failure: "Failure", Failed: "Failed", Stopped: "Stopped", Completed: "Completed",
	Success: "Success", Skipped: "Skipped", Waiting: "Waiting", UpdatingDataSet: "UpdatingDataSet",
	FailedToStart: "FailedToStart", CompletedWithErrors: "CompletedWithErrors",
}

// String returns the API's name of the status, or "Unknown(17)".
func (s Status) String() string {
	if name, ok := statusNames[s]; ok {
		return name
	}
	return fmt.Sprintf("Unknown(%d)", int(s))
}

// Finished tells whether a run in this status has ended. A code that is not in the API's table has not.
func (s Status) Finished() bool {
	switch s {
	case Failure, Failed, Stopped, Completed, Success, Skipped, FailedToStart, CompletedWithErrors:
		return true
	}
	return false
}

// failed tells whether a run in this status has failed.
func (s Status) failed() bool {
	return s == Failure || s == Failed || s == FailedToStart || s == CompletedWithErrors
}

// hasStartTime tells whether a run in this status has a start time.
func (s Status) hasStartTime() bool {
	switch s {
	case Queuing, Waiting, Stopping, Stopped, Skipped, FailedToStart:
		return false
	}
	return true
}

// MarshalJSON writes the status for an agents file: by name, or by number where there is no name.
func (s Status) MarshalJSON() ([]byte, error) {
	if name, ok := statusNames[s]; ok {
		return json.Marshal(name)
	}
	return json.Marshal(int(s))
}

// UnmarshalJSON reads a status from an agents file: one of the API's names, or any code of zero or more.
func (s *Status) UnmarshalJSON(data []byte) error {
	if code, err := strconv.Atoi(string(data)); err == nil && code >= 0 {
		*s = Status(code)
		return nil
	}
	var name string
	if err := json.Unmarshal(data, &name); err == nil {
		for status, known := range statusNames {
			if known == name {
				*s = status
				return nil
			}
		}
	}
	return badValue("%s: a status is a name such as \"Running\", or a code such as 1", data)
}

// wireValue is the status in an answer: the code, or with legacy the name from the API's older list.
func (s Status) wireValue(legacy bool) any {
	name, known := statusNames[s]
	switch {
	case s < 0:
		return name
	case !legacy || !known:
		return int(s)
	case s == Queuing:
		return "Queued"
	case s == Waiting:
		return "WaitingOnFailure"
	}
	return name
}
