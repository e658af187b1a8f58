// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"slices"
	"testing"
)

func TestStatusIsReadFromNameOrCode(t *testing.T) {
	for name, want := range map[string]Status{
		"Success": StatusSuccess, "success": StatusSuccess, "FAILURE": StatusFailure, "\tStopped\n": StatusStopped, "6": StatusFailure, "6.0": StatusFailure,
		"13": StatusUpdatingDataSet, "0": StatusInvalid, "invalid": StatusInvalid,
		"Queued": StatusQueuing, "WaitingOnFailure": StatusWaiting,
		"failedtostart": StatusFailedToStart, "CompletedWithErrors": StatusCompletedWithErrors,
	} {
		if got, ok := ParseStatus(name); got != want || !ok {
			t.Errorf("%q: got %#v, %v", name, got, ok)
		}
	}
	for name, want := range map[string]string{
		"17": "Unknown(17)", "Unknown(17)": "Unknown(17)", "-1": "Unknown(-1)", "6.5": "6.5", "Unknown(6)": "Unknown(6)",
		"Dreaming": "Dreaming", "": "Unknown", "Unknown": "Unknown", "Unknown(017)": "Unknown(017)",
	} {
		got, ok := ParseStatus(name)
		if ok || got.String() != want || got.Known() || got.Finished() || !got.Active() || got.IsFailure() {
			t.Errorf("%q: got %v, %v", name, got, ok)
		}
		if again, _ := ParseStatus(got.String()); again != got {
			t.Errorf("%q: read back as %#v, not %#v", name, again, got)
		}
	}
}

func TestStatusIsActiveOrFinished(t *testing.T) {
	finished := []Status{
		StatusCompleted, StatusSuccess, StatusFailure, StatusFailed, StatusStopped, StatusSkipped,
		StatusFailedToStart, StatusCompletedWithErrors,
	}
	failures := []Status{StatusFailure, StatusFailed, StatusFailedToStart, StatusCompletedWithErrors}
	for _, s := range statusByName {
		if s.Finished() != slices.Contains(finished, s) || s.Active() == s.Finished() || s.IsFailure() != slices.Contains(failures, s) {
			t.Errorf("%v: finished %v, active %v, failure %v", s, s.Finished(), s.Active(), s.IsFailure())
		}
		if s.Known() != (s != StatusInvalid) {
			t.Errorf("%v: known is %v", s, s.Known())
		}
	}
	if len(statusByName) != 18 || len(statusByCode) != 14 {
		t.Errorf("%d names, %d codes", len(statusByName), len(statusByCode))
	}
	names := FinishedStatusNames()
	if len(names) != len(finished) {
		t.Errorf("got %v", names)
	}
	for _, s := range finished {
		if !slices.Contains(names, s.String()) {
			t.Errorf("%v is missing in %v", s, names)
		}
	}
}

func TestFileTypeIsReadFromNameOrCode(t *testing.T) {
	for text, want := range map[string]struct {
		code int64
		name string
	}{
		"1": {1, "DeliveredFile"}, "8": {8, "InternalContentCache"}, "6.0": {6, "LogText"}, "loghtml": {7, "LogHtml"},
		"9": {9, ""}, "0": {0, ""}, "csv": {-1, "csv"}, "": {-1, ""},
	} {
		got := parseFileType(text)
		if code := got.Code(); (code == nil) != (want.code < 0) || code != nil && *code != want.code {
			t.Errorf("%q has code %v", text, code)
		}
		if name := got.Name(); (name == nil) != (want.name == "") || name != nil && *name != want.name {
			t.Errorf("%q has name %v", text, name)
		}
	}
	names := FileTypeNames()
	if len(names) != 8 {
		t.Errorf("got %v", names)
	}
	names[0] = "mine"
	if FileTypeNames()[0] != "DeliveredFile" {
		t.Error("the table can be written to")
	}
}
