// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Deviations says where the simulator answers differently from what the snapshots say. Each is a sentence with the call,
// the status and the field. The simulator may show more than the snapshots: it plays several servers.
func Deviations(list []Snapshot) []string {
	reference := simulatorsAnswers()
	var found []string
	for _, s := range list {
		for _, difference := range reference.hold(s) {
			found = append(found, fmt.Sprintf("%s, status %d: %s", s.Call, s.Status, difference))
		}
	}
	return found
}

// hold compares one snapshot with what the simulator answers to the same call.
func (r *reference) hold(s Snapshot) []string {
	same := r.errors
	if s.Status < 400 {
		if same = r.byCall[s.key()]; same == nil {
			return []string{"the simulator never answers with this status"}
		}
	}
	var found []string
	for _, media := range s.MediaTypes {
		if !slices.Contains(same.MediaTypes, media) {
			found = append(found, fmt.Sprintf("the content type %s; the simulator has %s", media, strings.Join(same.MediaTypes, ", ")))
		}
	}
	for _, body := range s.Bodies {
		if !slices.Contains(same.Bodies, body) {
			found = append(found, fmt.Sprintf("a body that is %s; the simulator's is %s", body, strings.Join(same.Bodies, " or ")))
		}
	}
	for _, name := range noted {
		_, has := s.Headers[name]
		if _, must := same.Headers[name]; must && !has && !slices.Contains(optionalHeaders, name) {
			found = append(found, "no header "+name)
		}
	}
	if s.Answer != nil && same.Answer != nil {
		found = append(found, s.Answer.compare("", same.Answer)...)
	}
	return found
}

// optionalHeaders are only on some answers.
var optionalHeaders = []string{"Retry-After", "WWW-Authenticate"}

func (s Snapshot) key() string { return fmt.Sprint(s.Call, s.Status) }

// whole is the name of the value that has no field.
const whole = "the answer"

// compare says how the account's shape s differs from the simulator's. Null and absent mean the same (API: Nulls and
// unknown fields), so what can be absent in one can be null in the other.
func (s *Shape) compare(at string, simulated *Shape) []string {
	var found []string
	name := strings.TrimPrefix(at, ".")
	if name == "" {
		name = whole
	}
	for _, kind := range s.Kinds {
		if !simulated.covers(kind) {
			found = append(found, fmt.Sprintf("%s is %s; the simulator has %s", name, kind.described(), simulated.described()))
		}
	}
	if s.Optional && !simulated.Optional && !simulated.is(KindNull) {
		found = append(found, name+" is missing in some objects; the simulator always has it")
	}
	for _, value := range s.Values {
		if !documentedValue(at, value) {
			found = append(found, fmt.Sprintf("%s has the value %s, which API.md does not have", name, value))
		}
	}
	if s.is(KindObject) && simulated.is(KindObject) {
		found = append(found, s.compareFields(at, simulated)...)
	}
	if s.Elements != nil && simulated.Elements != nil {
		found = append(found, s.Elements.compare(at+"[]", simulated.Elements)...)
	}
	return found
}

func (s *Shape) compareFields(at string, simulated *Shape) []string {
	var found []string
	for _, field := range slices.Sorted(maps.Keys(s.Fields)) {
		path := at + "." + field
		if same := simulated.Fields[field]; same != nil {
			found = append(found, s.Fields[field].compare(path, same)...)
		} else {
			found = append(found, fmt.Sprintf("%s is unknown to the simulator (%s)", strings.TrimPrefix(path, "."), s.Fields[field].described()))
		}
	}
	for _, field := range slices.Sorted(maps.Keys(simulated.Fields)) {
		if s.Fields[field] == nil && !simulated.Fields[field].Optional {
			found = append(found, strings.TrimPrefix(at+"."+field, ".")+" is missing; the simulator has it")
		}
	}
	return found
}

// covers reports whether a value of this kind is one that the simulator can show here.
func (s *Shape) covers(k Kind) bool {
	switch k {
	case KindNull:
		return s.is(k) || s.Optional
	case KindInteger:
		return s.is(k) || s.is(KindNumber)
	case KindTime:
		return s.is(k) || s.is(KindString)
	}
	return s.is(k)
}

func (s *Shape) described() string {
	var words []string
	for _, k := range s.Kinds {
		words = append(words, k.described())
	}
	return strings.Join(words, " or ")
}

func (k Kind) described() string {
	switch k {
	case KindNull:
		return string(k)
	case KindInteger, KindObject, KindArray:
		return "an " + string(k)
	}
	return "a " + string(k)
}

// documentedValue reports whether API.md has the value of the code that the path ends with.
func documentedValue(path, value string) bool {
	most, isCode := codes[strings.TrimSuffix(path[strings.LastIndex(path, ".")+1:], "[]")]
	if !isCode {
		return true
	}
	if n, err := strconv.Atoi(value); err == nil {
		return n >= 0 && n <= most || n >= 400 // the status of an error
	}
	return value != otherValue
}
