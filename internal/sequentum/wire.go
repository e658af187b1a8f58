// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// The types of this file read one JSON value leniently (API: Conventions, Nulls and unknown fields). Only text that is not
// JSON is an error. A value of another kind than expected counts as absent, because one odd field must not hide a run.

// decodeObject reads an answer that is one object, and converts it from its wire format. An answer that is anything else,
// also null, is an error.
func decodeObject[W, T any](body io.Reader, r *redactor, convert func(*W, *redactor) (T, error)) (object T, err error) {
	var w W
	if err := unmarshalObject(body, r, &w); err != nil {
		return object, err
	}
	return convert(&w, r)
}

func unmarshalObject(body io.Reader, r *redactor, v any) error {
	data, err := newJSONReader(body).readObject(r)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// scalar is the text of a JSON string, number or boolean. ok is false for any other value.
func scalar(data []byte) (s string, ok bool) {
	switch data[0] {
	case '"':
		err := json.Unmarshal(data, &s)
		return s, err == nil
	case 'n', '{', '[':
		return "", false
	default:
		return string(data), true
	}
}

// text is a string. It is empty when the value is empty, null or absent.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	s, _ := scalar(data)
	*t = text(s)
	return nil
}

// optionalText is a string for which empty and absent are different.
type optionalText struct{ value *string }

func (t *optionalText) UnmarshalJSON(data []byte) error {
	t.value = nil
	if s, ok := scalar(data); ok {
		t.value = &s
	}
	return nil
}

// texts is an array of strings, without the empty ones. A single string is read as an array of one.
type texts []string

// maxTexts is how many strings of an array are read.
const maxTexts = 1000

func (t *texts) UnmarshalJSON(data []byte) error {
	*t = nil
	if s, ok := scalar(data); ok && s != "" {
		*t = texts{s}
	}
	if data[0] != '[' {
		return nil
	}
	elements := json.NewDecoder(bytes.NewReader(data)) // one after the other: there may be millions
	_, err := elements.Token()
	for err == nil && len(*t) < maxTexts && elements.More() {
		var e text
		if err = elements.Decode(&e); e != "" {
			*t = append(*t, string(e))
		}
	}
	return err
}

// number is an integer, also one written as 12.0, 1.2e1 or "12". A fraction is rounded down. value is nil when there is
// none.
type number struct{ value *int64 }

func (n *number) UnmarshalJSON(data []byte) error {
	n.value = nil
	s, _ := scalar(data)
	v, ok := parseWholeNumber(s)
	if !ok {
		f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		v, ok = floor(f)
		ok = ok && err == nil
	}
	if ok {
		n.value = &v
	}
	return nil
}

// nilIfZero is the number of a field in which 0 means none.
func (n number) nilIfZero() *int64 {
	if n.value == nil || *n.value == 0 {
		return nil
	}
	return n.value
}

// parseWholeNumber reads an integer in any notation. ok is false for a fraction, and for a number beyond int64.
func parseWholeNumber(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	// A float64 would change ids above 2^53.
	whole, fraction, _ := strings.Cut(s, ".")
	if v, err := strconv.ParseInt(whole, 10, 64); err == nil && strings.Trim(fraction, "0") == "" {
		return v, true
	}
	f, err := strconv.ParseFloat(s, 64)
	v, ok := floor(f)
	return v, ok && err == nil && float64(v) == f
}

// floor rounds down. ok is false when the result does not fit an int64.
func floor(f float64) (v int64, ok bool) {
	f = math.Floor(f)
	if f >= math.MinInt64 && f < math.MaxInt64 { // the latter is 2^63 as a float64, the first that does not fit
		return int64(f), true
	}
	return 0, false
}

// id is a whole number above 0. It is 0 when the value is null, absent or not an id.
type id int64

func (i *id) UnmarshalJSON(data []byte) error {
	*i = 0
	s, _ := scalar(data)
	if v, ok := parseWholeNumber(s); ok && v > 0 {
		*i = id(v)
	}
	return nil
}

// flag is a boolean, also one written as a string or as 0 and 1. value is nil when there is none.
type flag struct{ value *bool }

func (f *flag) UnmarshalJSON(data []byte) error {
	f.value = nil
	if s, ok := scalar(data); ok {
		if v, err := strconv.ParseBool(strings.ToLower(s)); err == nil {
			f.value = &v
		}
	}
	return nil
}

// timestamp is a time in UTC. It is zero when the value is null, absent or not a time.
type timestamp struct{ time.Time }

func (t *timestamp) UnmarshalJSON(data []byte) error {
	s, _ := scalar(data)
	t.Time, _ = parseTime(s)
	return nil
}

// timeLayouts are tried in this order. Each accepts any fraction of a second.
var timeLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05",
	"2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	time.DateOnly,
}

// parseTime reads a time (API: Conventions, Times). ok is false when s is no time, and for the year 1, which means none.
func parseTime(s string) (t time.Time, ok bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC()
			return t, t.Year() > 1
		}
	}
	return time.Time{}, false
}
