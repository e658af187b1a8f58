// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func FuzzDecodeRun(f *testing.F) {
	for _, seed := range []string{
		fullRun, `{"id": "7", "status": "Queued"}`, `{"runId": 7.0, "status": 99, "configId": 4711}`, `{"id": 1e3, "runTimeSec": "1.5"}`,
		`{"id": 7, "status": "Unknown(6)", "endTime": "0001-01-01T00:00:00"}`, `[]`, `null`, ``, `{"id": 9223372036854775808}`, "\ufeff{}",
		`{"id": 7, "status": "finished", "traffic": -1e308, "parallelSet": {"a": [null]}}`, `{"id": 7, "ID": 8}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := decodeObject(bytes.NewReader(data), newRedactor(), newListedRunConverter(4711))
		if err != nil {
			if !utf8.ValidString(err.Error()) {
				t.Errorf("the error is not text: %q", err)
			}
			return
		}
		if run.ID <= 0 || run.AgentID != 4711 {
			t.Errorf("run %d of agent %d", run.ID, run.AgentID)
		}
		checkStatus(t, run.Status)
		for _, at := range []time.Time{run.CreatedAt, run.StartedAt, run.FinishedAt} {
			if at.Location() != time.UTC {
				t.Errorf("%v is not UTC", at)
			}
		}
		// A list of the same object holds the same run.
		array := slices.Concat([]byte("[null,"), bytes.TrimPrefix(data, []byte("\ufeff")), []byte(",7]"))
		runs, err := decodeList(bytes.NewReader(array), newRedactor(), 10, newListedRunConverter(4711))
		if err != nil || len(runs.elements) != 1 || runs.skipped != 2 || !reflect.DeepEqual(runs.elements[0], run) {
			t.Errorf("as a list: %+v, %v", runs, err)
		}
	})
}

func checkStatus(t *testing.T, s Status) {
	t.Helper()
	if s.Finished() && !s.Known() || s.Finished() == s.Active() {
		t.Errorf("%#v is unknown and finished", s)
	}
	if s.Finished() != slices.Contains(FinishedStatusNames(), s.String()) {
		t.Errorf("%#v is shown as %s", s, s)
	}
	if again, _ := ParseStatus(s.String()); again != s {
		t.Errorf("%#v is read back as %#v", s, again)
	}
}

func FuzzDecodeFiles(f *testing.F) {
	for _, seed := range []string{
		`[{"id": 2, "name": "b", "fileType": 1, "fileSize": 3, "created": "2026-03-01T10:00:00Z"}, {"id": 1, "name": null, "fileType": "csv"}]`,
		`[]`, `null`, `{}`, `[{}]`, `[null]`, `[{"id": "1", "fileType": "99"}]`, `[{"id": 1, "fileType": 1.5, "name": "../\u0000"}]`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := decodeAll(bytes.NewReader(data), newRedactor(), newFileConverter(newRedactor()))
		if (list == nil) == (err == nil) {
			t.Fatalf("got %v and %v", list, err)
		}
		if err != nil {
			return
		}
		for _, file := range list.elements {
			code, name := file.Type.Code(), file.Type.Name()
			if code != nil && (name != nil) != (*code >= 1 && *code <= 8) {
				t.Errorf("type %d is called %v", *code, name)
			}
			if code != nil && name != nil && parseFileType(*name) != file.Type {
				t.Errorf("%s is not type %d", *name, *code)
			}
		}
	})
}

// A page that encoding/json accepts has the same elements here, under whichever name.
func FuzzDecodePage(f *testing.F) {
	for _, seed := range []string{
		`{"agents": [{"id": 1}, null], "totalRecordCount": 2}`, `{"totalRecordCount": "7", "items": [{"id": "2", "inputParameters": {"a": 1}}]}`, `[{"id": 3}]`, `null`, `{}`,
		`{"agents": null}`, `{"agents": [], "agents": [{}]}`, `{"agents": {}}`, `{"a": [1], "Agents": [1]}`, `{"agents": [1}`, `{"agents" [1]}`, `{1: []}`, `{"agents": [],}`, `{"\u0061gents": []} x`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		keys := newRedactor()
		p, err := decodePage(bytes.NewReader(data), keys, []string{"agents", "items"}, 1000, func(w *wireAgent, r *redactor) (Agent, error) { return w.toListedAgent(r, keys) })
		if (p == nil) == (err == nil) {
			t.Fatalf("got %v and %v", p, err)
		}
		if err != nil {
			if !utf8.ValidString(err.Error()) {
				t.Errorf("the error is not text: %q", err)
			}
			return
		}
		for _, a := range p.elements {
			if a.ID <= 0 || a.InputParameters != "" && !json.Valid([]byte(a.InputParameters)) {
				t.Errorf("got %+v", a)
			}
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &object) != nil || len(object) != 1 {
			return
		}
		for name, value := range object {
			var elements []json.RawMessage
			isArray := strings.EqualFold(name, "agents") || strings.EqualFold(name, "items")
			if isArray && json.Unmarshal(value, &elements) == nil && strings.Count(string(data), name) == 1 && len(p.elements)+p.skipped != len(elements) {
				t.Errorf("%q has %d elements, want %d", data, len(p.elements)+p.skipped, len(elements))
			}
		}
	})
}

func FuzzDecodeError(f *testing.F) {
	for _, seed := range []string{
		`{"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No such run"}`,
		`{"statusCode": 404, "statusDescription": "Not Found", "message": "gone", "errorCode": "x", "severity": 1}`,
		`<html>`, ``, `{}`, `{"message": "x"}`, `{"status": "404", "title": null}`, `null`, "\x1b]0;x\x07", `{"detail": "` + strings.Repeat("é", 3000) + `"}`,
	} {
		f.Add([]byte(seed), 404)
	}
	f.Fuzz(func(t *testing.T, data []byte, statusCode int) {
		message, _, shaped := decodeProblem(data, statusCode, newRedactor())
		if !utf8.ValidString(message) || utf8.RuneCountInString(message) > maxShown+1 || strings.ContainsRune(message, '\x1b') {
			t.Errorf("the message is %q", message)
		}
		var object map[string]any
		if shaped && (json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &object) != nil || len(object) < 2) {
			t.Errorf("%q passes as one of the API's own", data)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{
		"2026-03-01T10:11:12Z", "2026-03-01T10:11:12.1234567", "2026-03-01 10:11", "0001-01-01T00:00:00", "2026-03-01T10:11:12+0530",
		"9999-12-31T23:59:59.999999999-23:59", "", "x", "2026-02-30",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := parseTime(s)
		if !ok {
			return
		}
		if at.IsZero() || at.Location() != time.UTC {
			t.Errorf("%q is %v", s, at)
		}
		if at.Year() > 9999 {
			return // no layout can write it
		}
		if again, ok := parseTime(at.Format(time.RFC3339Nano)); !ok || !again.Equal(at) {
			t.Errorf("%q is %v, read back as %v", s, at, again)
		}
	})
}

// An array that encoding/json accepts has the same elements here. One that it does not accept is an error here too, unless
// the fault is inside an element.
func FuzzJSONReader(f *testing.F) {
	for _, seed := range []string{
		`[]`, ` [1, "a\"]", {"b": [{}]}, null] `, `null`, `{}`, `[1 2]`, `[1,]`, `[`, `["\u00`, `[{]}]`, `]`, "\ufeff[7]", `[[[]],[]]x`, `[-1.5e3,true]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got []string
		err := newJSONReader(bytes.NewReader(data)).readArray(newRedactor(), func(element []byte, err error) bool {
			if err != nil {
				t.Errorf("%q: %v", data, err)
			}
			got = append(got, string(element))
			return true
		})
		var want []json.RawMessage
		if json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &want) != nil {
			if err == nil && !slices.ContainsFunc(got, func(s string) bool { return !json.Valid([]byte(s)) }) {
				t.Errorf("%q is read as %q", data, got)
			}
			return
		}
		if err != nil || len(got) != len(want) {
			t.Fatalf("%q is read as %q, %v", data, got, err)
		}
		for i := range want {
			if got[i] != string(want[i]) {
				t.Errorf("element %d is %q, expected %q", i, got[i], want[i])
			}
		}
	})
}

func FuzzRedact(f *testing.F) {
	for _, seed := range [][2]string{
		{testKey, "the key " + testKey}, {"hunter22", `\u0068unter22`}, {"a b c d", "a+b%20c&#32;d"}, {`C:\new\x`, `C:\\new\\x`},
		{"ünder+", "\xfcnder+"}, {"abcabcab", "abcabcabcab"}, {"%25%25%25", "%2525%2525%2525"}, {"&amp;&amp;", "&amp;amp;&amp;amp;"}, {"\x00\x00\x00", "x"},
	} {
		f.Add(seed[0], seed[1], 20)
	}
	f.Fuzz(func(t *testing.T, secret, text string, limit int) {
		r := newRedactor()
		r.addSecrets(minInput, secret)
		if utf8.RuneCountInString(secret) < minInput {
			return
		}
		for v := viewOf(secret); v != nil; v = v.unescaped() {
			if len(v.text) < minKey || strings.Contains(redacted, string(v.text)) {
				return // read as escape sequences, it is too short to be a secret
			}
		}
		if got := r.replaceSecrets(text, len(text)); strings.Contains(got, secret) && !strings.Contains(got, redacted) {
			t.Errorf("%q in %q is left in %q", secret, text, got)
		}
		quoted, err := json.Marshal("x" + secret + "y")
		if err != nil {
			t.Fatal(err)
		}
		if got := r.replaceSecrets(string(quoted), len(quoted)); utf8.ValidString(secret) && !strings.Contains(got, redacted) {
			t.Errorf("%q in %s is left in %s", secret, quoted, got)
		}
		cutOff := r.text(text)
		if len(cutOff) > maxKept || !utf8.ValidString(cutOff) {
			t.Errorf("%d bytes are left of %d", len(cutOff), len(text))
		}
		if again := Printable(Printable(text)); again != Printable(text) || utf8.RuneCountInString(again) > maxShown+1 {
			t.Errorf("%q is not printable", text)
		}
		if limit < 0 || limit > len(text) {
			return
		}
		if whole, part := r.replaceSecrets(text, len(text)), r.replaceSecrets(text, limit); !strings.HasPrefix(whole, part) {
			t.Errorf("%q, cut at %d, is %q", whole, limit, part)
		}
	})
}
