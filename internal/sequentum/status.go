// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"fmt"
	"slices"
	"strings"
)

// Status is the status of a run (API: Run status). Statuses can be compared with ==. The zero Status means that the answer
// gives none. Like every status that is not in the API's table it counts as active.
type Status struct {
	code int64
	name string
}

// The statuses of the API's table, and two that only older clients and servers use (API: Run status).
var (
	StatusInvalid             = Status{0, "Invalid"}
	StatusRunning             = Status{1, "Running"}
	StatusExporting           = Status{2, "Exporting"}
	StatusStarting            = Status{3, "Starting"}
	StatusQueuing             = Status{4, "Queuing"}
	StatusStopping            = Status{5, "Stopping"}
	StatusFailure             = Status{6, "Failure"}
	StatusFailed              = Status{7, "Failed"}
	StatusStopped             = Status{8, "Stopped"}
	StatusCompleted           = Status{9, "Completed"}
	StatusSuccess             = Status{10, "Success"}
	StatusSkipped             = Status{11, "Skipped"}
	StatusWaiting             = Status{12, "Waiting"}
	StatusUpdatingDataSet     = Status{13, "UpdatingDataSet"}
	StatusFailedToStart       = Status{-1, "FailedToStart"}
	StatusCompletedWithErrors = Status{-1, "CompletedWithErrors"}
)

var (
	activeStatuses = []Status{
		StatusRunning, StatusExporting, StatusStarting, StatusQueuing,
		StatusStopping, StatusWaiting, StatusUpdatingDataSet,
	}
	failureStatuses  = []Status{StatusFailure, StatusFailed, StatusFailedToStart, StatusCompletedWithErrors}
	finishedStatuses = append([]Status{StatusCompleted, StatusSuccess, StatusStopped, StatusSkipped}, failureStatuses...)

	statusByName, statusByCode = indexStatuses()
)

func indexStatuses() (byName map[string]Status, byCode map[int64]Status) {
	// Names that older clients use for a status of the table.
	byName = map[string]Status{"queued": StatusQueuing, "waitingonfailure": StatusWaiting}
	byCode = map[int64]Status{}
	for _, statuses := range [][]Status{{StatusInvalid}, activeStatuses, finishedStatuses} {
		for _, s := range statuses {
			byName[strings.ToLower(s.name)] = s
			if s.code >= 0 {
				byCode[s.code] = s
			}
		}
	}
	return byName, byCode
}

// unknownCode is the text of a code that is not in the table.
const unknownCode = "Unknown(%d)"

// ParseStatus reads the text that String gives, in any case, or a code in digits. ok is false when the status is not in
// the table: then it keeps its name or code, and counts as active.
func ParseStatus(name string) (s Status, ok bool) {
	name = strings.TrimSpace(name)
	if s, ok := statusByName[strings.ToLower(name)]; ok {
		return s, true
	}
	if code, ok := parseWholeNumber(name); ok {
		return statusOfCode(code)
	}
	var code int64
	if _, err := fmt.Sscanf(name, unknownCode, &code); err == nil {
		if s, _ := statusOfCode(code); s.String() == name {
			return s, false
		}
	}
	if name == (Status{}).String() {
		return Status{}, false
	}
	return Status{name: name}, false
}

func statusOfCode(code int64) (Status, bool) {
	if s, ok := statusByCode[code]; ok {
		return s, true
	}
	return Status{code: code}, false
}

// String is the status's name as in the API's table. A code that is not in the table is "Unknown(17)", a name that is not
// in the table is itself, and a missing status is "Unknown".
func (s Status) String() string {
	switch {
	case s.name != "":
		return s.name
	case s.code != 0:
		return fmt.Sprintf(unknownCode, s.code)
	default:
		return "Unknown"
	}
}

// Known reports whether the status is in the API's table. Invalid does not count.
func (s Status) Known() bool {
	known, ok := statusByName[strings.ToLower(s.name)]
	return ok && known == s && s != StatusInvalid
}

// Finished reports whether a run with this status has ended. An unknown status counts as active.
func (s Status) Finished() bool { return slices.Contains(finishedStatuses, s) }

// Active is the opposite of Finished.
func (s Status) Active() bool { return !s.Finished() }

// IsFailure reports whether the status is Failure, its archived form Failed, or an older name that counts as Failure.
func (s Status) IsFailure() bool { return slices.Contains(failureStatuses, s) }

// FinishedStatusNames lists the names of all finished statuses.
func FinishedStatusNames() []string { return namesOf(finishedStatuses) }

// StatusNames lists the names of all statuses that a run can have, those of active runs first.
func StatusNames() []string { return namesOf(slices.Concat(activeStatuses, finishedStatuses)) }

func namesOf(statuses []Status) []string {
	names := make([]string, len(statuses))
	for i, s := range statuses {
		names[i] = s.name
	}
	return names
}
