package sequentum

import (
	"fmt"
	"slices"
	"strings"
)

// Status is the status of a run (API: Run status). Two statuses are equal when ==
// says so. The zero Status is that of an answer which gives none; like every
// status that the API's table lacks it counts as active.
type Status struct {
	code int64
	name string
}

// The statuses of the API's table, and two that only older clients and servers name.
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

// unknownCode is how a code that is not in the table is shown, and read back.
const unknownCode = "Unknown(%d)"

// ParseStatus reads a status as String shows it, in any case; also a code in
// digits. ok is false when it is not in the table: such a status keeps its name
// or code, and counts as active.
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

// String is the status's name as the API's table spells it; a code that the
// table lacks is shown as "Unknown(17)", a name that it lacks as itself, and a
// missing status as "Unknown".
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

// Known reports whether the status is in the API's table and means something
// there (Invalid does not).
func (s Status) Known() bool {
	known, ok := statusByName[strings.ToLower(s.name)]
	return ok && known == s && s != StatusInvalid
}

// Finished reports whether a run of this status has ended. An unknown status has not.
func (s Status) Finished() bool { return slices.Contains(finishedStatuses, s) }

// Active is the opposite of Finished.
func (s Status) Active() bool { return !s.Finished() }

// IsFailure reports whether the status is Failure, its archived form Failed, or
// one of the older names that count as Failure.
func (s Status) IsFailure() bool { return slices.Contains(failureStatuses, s) }

// FinishedStatusNames lists the names of all finished statuses.
func FinishedStatusNames() []string {
	names := make([]string, len(finishedStatuses))
	for i, s := range finishedStatuses {
		names[i] = s.name
	}
	return names
}
