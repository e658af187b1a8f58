// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// maxElements is more than any list of the API has that is read as a whole. There is no list of a part of it.
const maxElements = 100_000

var (
	errNoObject = errors.New("it is not an object")
	errTooMany  = errors.New("it has too many elements")
)

// list is what could be read of an array.
type list[T any] struct {
	elements   []T
	full       bool  // it has limit elements or more
	skipped    int   // how many of them cannot be used
	firstError error // why the first of those cannot be used
}

// decodeList reads the elements of an array that is the whole answer, up to limit. An element that cannot be used is
// skipped: it must not make the others unusable. That no element can be used is an error, and so is errTooMany, at which
// convert stops the reading.
func decodeList[W, T any](body io.Reader, r *redactor, limit int, convert func(*W, *redactor) (T, error)) (*list[T], error) {
	l, err := decodeUsable(body, r, limit, convert)
	if err != nil {
		return nil, err
	}
	if err := l.checkUsable(); err != nil {
		return nil, err
	}
	return l, nil
}

// decodeUsable is decodeList for a list of which no element need be usable. Its caller tells others how many were skipped,
// so that it does not look empty.
func decodeUsable[W, T any](body io.Reader, r *redactor, limit int, convert func(*W, *redactor) (T, error)) (*list[T], error) {
	l := &list[T]{}
	if err := newJSONReader(body).readArray(r, collectInto(l, r, limit, convert)); err != nil {
		return nil, err
	}
	l.full = len(l.elements)+l.skipped == limit
	if errors.Is(l.firstError, errTooMany) {
		return nil, errTooMany
	}
	return l, nil
}

// collectInto returns what a jsonReader has to call for each element of the list: see decodeList.
func collectInto[W, T any](l *list[T], r *redactor, limit int, convert func(*W, *redactor) (T, error)) func(data []byte, err error) (more bool) {
	return func(data []byte, err error) (more bool) {
		if len(l.elements)+l.skipped == limit {
			return false
		}
		var element T
		if err == nil {
			element, err = decodeElement(data, r, convert)
		}
		if err == nil {
			l.elements = append(l.elements, element)
			return true
		}
		if l.skipped++; l.firstError == nil || errors.Is(err, errTooMany) {
			l.firstError = err
		}
		return !errors.Is(err, errTooMany)
	}
}

// checkUsable returns an error when the list has elements and none of them can be used: it must not look empty.
func (l *list[T]) checkUsable() error {
	if len(l.elements) == 0 && l.skipped > 0 {
		return fmt.Errorf("none of the %d elements of the list can be used: %w", l.skipped, l.firstError)
	}
	return nil
}

// decodeAll is decodeList for an array that has to be read as a whole.
func decodeAll[W, T any](body io.Reader, r *redactor, convert func(*W, *redactor) (T, error)) (*list[T], error) {
	return wholeOf(decodeList(body, r, maxElements, convert))
}

// decodeAllUsable is decodeUsable for an array that has to be read as a whole.
func decodeAllUsable[W, T any](body io.Reader, r *redactor, convert func(*W, *redactor) (T, error)) (*list[T], error) {
	return wholeOf(decodeUsable(body, r, maxElements, convert))
}

// wholeOf is errTooMany for a list that may not have been read as a whole.
func wholeOf[T any](l *list[T], err error) (*list[T], error) {
	if err == nil && l.full {
		return nil, errTooMany
	}
	return l, err
}

func decodeElement[W, T any](data []byte, r *redactor, convert func(*W, *redactor) (T, error)) (element T, err error) {
	if data[0] != '{' {
		return element, errNoObject
	}
	var w W
	if err := json.Unmarshal(data, &w); err != nil {
		return element, err
	}
	return convert(&w, r)
}

// logSkipped warns in the log about elements that were left out.
func (l *list[T]) logSkipped(ctx context.Context, path string) {
	if l.skipped == 0 {
		return
	}
	tflog.Warn(ctx, "A list contains elements that cannot be used. They were skipped", map[string]any{
		"path":     path,
		"skipped":  l.skipped,
		"used":     len(l.elements),
		"first is": l.firstError.Error(),
	})
}
