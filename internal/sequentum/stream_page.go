// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// totalField is the member of a page that says how many elements the whole list has (API: Conventions, Lists).
const totalField = "totalRecordCount"

// readPage reads the whole answer, which has to be an array, null, or an object that holds an array under one of the
// names. It calls each for every element: see readElements. total is what the object says of the whole list.
func (j *jsonReader) readPage(r *redactor, arrays []string, each func(element []byte, err error) (more bool)) (total number, err error) {
	if first, err := j.peekByte(); err != nil || first != '{' {
		return total, j.readArray(r, each)
	}
	beginning, _ := j.r.Peek(j.r.Size())
	beginning = slices.Clone(beginning) // what Peek returns does not last
	hasArray := false
	more, err := j.readMembers(func(name string) (more bool, err error) {
		isArray := slices.ContainsFunc(arrays, func(array string) bool { return strings.EqualFold(array, name) })
		if next, err := j.peekByte(); isArray && err == nil && next == '[' {
			hasArray = true
			return j.readElements(each)
		}
		value, err := j.readValue()
		switch {
		case errors.Is(err, errValueTooLarge):
			return true, nil // no member that is needed is large
		case err != nil:
			return false, err
		case isArray && string(value) == "null":
			hasArray = true
		case strings.EqualFold(name, totalField):
			return true, json.Unmarshal(value, &total)
		}
		return true, nil
	})
	switch {
	case err != nil || !more:
		return total, err
	case !hasArray:
		return total, fmt.Errorf("it is a JSON object without %s: %q", strings.Join(arrays, " or "), firstLine(beginning, r))
	}
	return total, j.readEnd()
}

// readMembers reads the object that comes next. member is called when the name of a member was read, and reads its value.
// more is false when member returned false, which stops the reading.
func (j *jsonReader) readMembers(member func(name string) (more bool, err error)) (more bool, err error) {
	_, _ = j.r.ReadByte()
	if next, err := j.peekByte(); err == nil && next == '}' {
		_, _ = j.r.ReadByte()
		return true, nil
	}
	for separator := byte(','); separator == ','; {
		name, err := j.readName()
		if err != nil {
			return false, err
		}
		if more, err := member(name); err != nil || !more {
			return false, err
		}
		if separator, err = j.peekByte(); err != nil {
			return false, unexpected(err)
		}
		if _, _ = j.r.ReadByte(); separator != ',' && separator != '}' {
			return false, errNoJSON
		}
	}
	return true, nil
}

// readName reads the name of a member, and the colon after it.
func (j *jsonReader) readName() (name string, err error) {
	data, err := j.readValue()
	if err != nil {
		return "", err
	}
	if json.Unmarshal(data, &name) != nil || data[0] != '"' {
		return "", errNoJSON
	}
	colon, err := j.peekByte()
	if err != nil {
		return "", unexpected(err)
	}
	if _, _ = j.r.ReadByte(); colon != ':' {
		return "", errNoJSON
	}
	return name, nil
}
