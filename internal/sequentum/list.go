package sequentum

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// list is what could be read of an array.
type list[T any] struct {
	elements   []T
	full       bool  // it has limit elements or more
	skipped    int   // how many of them cannot be used
	firstError error // what is wrong with the first of those
}

// decodeList reads the first elements of an array, up to a limit. One that cannot be used is skipped, for it must not
// take the others with it. An array of which nothing can be used cannot be read.
func decodeList[W, T any](body io.Reader, r *redactor, limit int, use func(*W) (T, error)) (*list[T], error) {
	l := &list[T]{}
	err := newJSONReader(body).readArray(r, func(data []byte, err error) (more bool) {
		if len(l.elements)+l.skipped == limit {
			return false
		}
		var element T
		if err == nil {
			element, err = decodeElement(data, use)
		}
		if err == nil {
			l.elements = append(l.elements, element)
			return true
		}
		if l.skipped++; l.skipped == 1 {
			l.firstError = err
		}
		return true
	})
	switch {
	case err != nil:
		return nil, err
	case len(l.elements) == 0 && l.skipped > 0:
		return nil, fmt.Errorf("none of the %d elements of the list can be used: %w", l.skipped, l.firstError)
	}
	l.full = len(l.elements)+l.skipped == limit
	return l, nil
}

func decodeElement[W, T any](data []byte, use func(*W) (T, error)) (element T, err error) {
	if data[0] != '{' {
		return element, fmt.Errorf("it is no object")
	}
	var w W
	if err := json.Unmarshal(data, &w); err != nil {
		return element, err
	}
	return use(&w)
}

// logSkipped says what a list was read without.
func (l *list[T]) logSkipped(ctx context.Context, path string) {
	if l.skipped == 0 {
		return
	}
	tflog.Warn(ctx, "A list holds elements that cannot be used, they were skipped", map[string]any{
		"path":     path,
		"skipped":  l.skipped,
		"used":     len(l.elements),
		"first is": l.firstError.Error(),
	})
}
