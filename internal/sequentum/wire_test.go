// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func decodeAs[T any](t *testing.T, data string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(data), &v); err != nil {
		t.Errorf("%s: %v", data, err)
	}
	return v
}

func TestNumberIsReadLeniently(t *testing.T) {
	for data, want := range map[string]int64{
		`12`: 12, `"12"`: 12, `" 12 "`: 12, `12.0`: 12, `12.75`: 12, `"12.9"`: 12, `-1.5`: -2, `1.2e1`: 12, `5.0e1`: 50, `0`: 0,
		`9007199254740993`: 9007199254740993, `9007199254740993.000`: 9007199254740993, `9223372036854775807`: 9223372036854775807,
	} {
		if got := decodeAs[number](t, data); got.value == nil || *got.value != want {
			t.Errorf("%s: got %v", data, got.value)
		}
	}
	for _, data := range []string{`null`, `""`, `"a"`, `{}`, `[1]`, `true`, `1e19`, `"NaN"`, `"Inf"`, `"9223372036854775808"`, `"1.2.3"`} {
		if got := decodeAs[number](t, data); got.value != nil {
			t.Errorf("%s: got %d", data, *got.value)
		}
	}
}

func TestIDIsReadLeniently(t *testing.T) {
	for data, want := range map[string]id{`7`: 7, `"7"`: 7, `7.0`: 7, `0`: 0, `-7`: 0, `7.5`: 0, `null`: 0, `"x"`: 0, `{}`: 0} {
		if got := decodeAs[id](t, data); got != want {
			t.Errorf("%s: got %d", data, got)
		}
	}
}

func TestTextAndFlagAreReadLeniently(t *testing.T) {
	for data, want := range map[string]text{`"a"`: "a", `null`: "", `3`: "3", `true`: "true", `{"a": 1}`: "", `[]`: ""} {
		if got := decodeAs[text](t, data); got != want {
			t.Errorf("%s: got %q", data, got)
		}
	}
	for data, want := range map[string]texts{
		`["a", null, "", 3, {}]`: {"a", "3"}, `"a"`: {"a"}, `null`: nil, `[]`: nil, `{}`: nil, `""`: nil,
	} {
		if got := decodeAs[texts](t, data); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q", data, got)
		}
	}
	if got := decodeAs[optionalText](t, `""`); got.value == nil || *got.value != "" {
		t.Error("an empty name is lost")
	}
	for data, want := range map[string]bool{`true`: true, `"True"`: true, `1`: true, `false`: false, `"false"`: false, `0`: false} {
		if got := decodeAs[flag](t, data); got.value == nil || *got.value != want {
			t.Errorf("%s: got %v", data, got.value)
		}
	}
	for _, data := range []string{`null`, `"maybe"`, `2`, `{}`} {
		if got := decodeAs[flag](t, data); got.value != nil {
			t.Errorf("%s: got %v", data, *got.value)
		}
	}
}

func TestTimeIsReadInAnyLayout(t *testing.T) {
	for text, want := range map[string]time.Time{
		"2026-03-01T10:11:12Z":                time.Date(2026, 3, 1, 10, 11, 12, 0, time.UTC),
		"2026-03-01T10:11:12":                 time.Date(2026, 3, 1, 10, 11, 12, 0, time.UTC),
		"2026-03-01t10:11:12z":                time.Date(2026, 3, 1, 10, 11, 12, 0, time.UTC),
		" 2026-03-01 10:11:12 ":               time.Date(2026, 3, 1, 10, 11, 12, 0, time.UTC),
		"2026-03-01 10:11:12+00:00":           time.Date(2026, 3, 1, 10, 11, 12, 0, time.UTC),
		"2026-03-01T10:11:12+0530":            time.Date(2026, 3, 1, 4, 41, 12, 0, time.UTC),
		"2026-03-01T10:11:12-02:00":           time.Date(2026, 3, 1, 12, 11, 12, 0, time.UTC),
		"2026-03-01T10:11:12.1":               time.Date(2026, 3, 1, 10, 11, 12, 100000000, time.UTC),
		"2026-03-01T10:11:12.1234567Z":        time.Date(2026, 3, 1, 10, 11, 12, 123456700, time.UTC),
		"2026-03-01T10:11:12.123456789012Z":   time.Date(2026, 3, 1, 10, 11, 12, 123456789, time.UTC),
		"2026-03-01T10:11:12.123456789+01:00": time.Date(2026, 3, 1, 9, 11, 12, 123456789, time.UTC),
		"2026-03-01T10:11":                    time.Date(2026, 3, 1, 10, 11, 0, 0, time.UTC),
		"2026-03-01T10:11Z":                   time.Date(2026, 3, 1, 10, 11, 0, 0, time.UTC),
		"2026-03-01":                          time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got, ok := parseTime(text); !ok || got != want {
			t.Errorf("%q: got %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "soon", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "2026-13-01", "2026-03-01T25:00:00Z", "1772359872"} {
		if got, ok := parseTime(text); ok {
			t.Errorf("%q: got %v", text, got)
		}
	}
	for _, data := range []string{`null`, `7`, `{}`, `"0001-01-01T00:00:00"`, `"soon"`} {
		if got := decodeAs[timestamp](t, data); !got.IsZero() {
			t.Errorf("%s: got %v", data, got)
		}
	}
}

func TestRunIsReadLeniently(t *testing.T) {
	for name, test := range map[string]struct {
		data string
		want Run
	}{
		"everything null": {
			`{"id": 7, "runId": null, "configId": 1, "configName": null, "spaceId": null, "status": null, "message": null,
			"configVersion": null, "parallelism": null, "parallelExport": null, "parallelSet": null, "created": null, "startTime": null,
			"endTime": null, "runTimeSec": null, "dataCount": null, "traffic": null, "tableType": null}`,
			Run{ID: 7, AgentID: 1},
		},
		"strings for numbers":    {`{"id": "7", "configId": "1", "status": "9", "dataCount": "5"}`, Run{ID: 7, AgentID: 1, Status: StatusCompleted, RecordsExtracted: new(int64(5))}},
		"floats for integers":    {`{"id": 7.0, "configId": 1.0, "status": 9.0}`, Run{ID: 7, AgentID: 1, Status: StatusCompleted}},
		"names in another case":  {`{"ID": 7, "ConfigId": 1, "STATUS": "COMPLETED"}`, Run{ID: 7, AgentID: 1, Status: StatusCompleted}},
		"runId":                  {`{"runId": 7}`, Run{ID: 7, AgentID: 1}},
		"id before runId":        {`{"runId": 8, "id": 7}`, Run{ID: 7, AgentID: 1}},
		"unknown code":           {`{"id": 7, "status": 99}`, Run{ID: 7, AgentID: 1, Status: Status{code: 99}}},
		"unknown name":           {`{"id": 7, "status": "Resting"}`, Run{ID: 7, AgentID: 1, Status: Status{name: "Resting"}}},
		"older name":             {`{"id": 7, "status": "FailedToStart"}`, Run{ID: 7, AgentID: 1, Status: StatusFailedToStart}},
		"status of another kind": {`{"id": 7, "status": {"code": 9}}`, Run{ID: 7, AgentID: 1}},
		"odd values":             {`{"id": 7, "dataCount": {}, "message": [1], "created": 5, "spaceId": "none"}`, Run{ID: 7, AgentID: 1}},
		"byte order mark":        {"\ufeff\r\n{\"id\": 7}\n", Run{ID: 7, AgentID: 1}},
	} {
		got, err := decodeObject(strings.NewReader(test.data), newRedactor(), newListedRunConverter(1))
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}
