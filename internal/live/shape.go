// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Shape is what a JSON value is, without what it contains.
type Shape struct {
	// Kinds that the value was seen with, in order.
	Kinds []Kind `json:"kinds"`
	// Fields of objects, by name.
	Fields map[string]*Shape `json:"fields,omitempty"`
	// Optional: some objects lacked this field.
	Optional bool `json:"optional,omitempty"`
	// Elements of arrays; nil: there were none.
	Elements *Shape `json:"elements,omitempty"`
	// Values of a code such as a status.
	Values []string `json:"values,omitempty"`
}

// Kind is the type of a JSON value, or nearer than that.
type Kind string

// The kinds of values.
const (
	KindNull    Kind = "null"
	KindFlag    Kind = "boolean"
	KindInteger Kind = "integer"
	KindNumber  Kind = "number" // with a fraction or an exponent
	KindTime    Kind = "time"   // a string in ISO 8601
	KindString  Kind = "string"
	KindObject  Kind = "object"
	KindArray   Kind = "array"
)

// names decides which names of fields are written into a shape.
type names interface {
	// keep reports whether the name of a field can be written. open: also if no description has it.
	keep(name string, open bool) (kept, documented bool)
}

var isoTime = regexp.MustCompile(`^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$`)

// freeFields are objects whose names are the user's: those of an agent's parameters. Nothing below them is written.
var freeFields = []string{"inputParameters"}

// codes are the fields whose values are written, with the greatest code that API.md has. Words only as codeWords has them.
var codes = map[string]int{
	"status": 13, "configType": 4, "validationStatus": 3, "fileType": 8, "scheduleType": 3, "runEveryPeriod": 5,
	"tableType": -1, "parallelExport": -1, "logLevel": -1, "logMode": -1,
}

// otherValue stands for a value of a code that is not written.
const otherValue = "(another value)"

var codeWords = slices.Concat(sequentum.StatusNames(), sequentum.FileTypeNames(), sequentum.AgentTypeNames(), []string{
	"Invalid", "Failed", "None", "RunOnce", "RunEvery", "CRON", "run", "history", "Combined", "Separated", "Combine", "Separate",
	"Fatal", "Error", "Warning", "Info", "Text", "TextAndHtml",
})

// shapeOf is the shape of a decoded value that a field has; name is empty for the whole answer. open: also fields that no
// description has are named.
func shapeOf(value any, name string, n names, open bool) *Shape {
	switch v := value.(type) {
	case map[string]any:
		s := &Shape{Kinds: []Kind{KindObject}, Fields: map[string]*Shape{}}
		if slices.Contains(freeFields, name) {
			return s
		}
		for field, inner := range v {
			if kept, documented := n.keep(field, open); kept {
				s.Fields[field] = shapeOf(inner, field, n, documented)
			}
		}
		return s
	case []any:
		s := &Shape{Kinds: []Kind{KindArray}}
		for _, element := range v {
			s.Elements = merge(s.Elements, shapeOf(element, name, n, open))
		}
		return s
	}
	s := &Shape{Kinds: []Kind{kindOf(value)}}
	if _, isCode := codes[name]; isCode && value != nil {
		s.Values = []string{codeValue(text(value))}
	}
	return s
}

func kindOf(value any) Kind {
	switch v := value.(type) {
	case bool:
		return KindFlag
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return KindNumber
		}
		return KindInteger
	case string:
		if isoTime.MatchString(v) {
			return KindTime
		}
		return KindString
	}
	return KindNull
}

// codeValue is a short number or a known word.
func codeValue(value string) string {
	if n, err := strconv.Atoi(value); err == nil && n >= -1 && n < 1000 || slices.Contains(codeWords, value) {
		return value
	}
	return otherValue
}

// merge is what is true of both; either can be nil.
func merge(a, b *Shape) *Shape {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	m := &Shape{
		Kinds: union(a.Kinds, b.Kinds), Values: union(a.Values, b.Values),
		Elements: merge(a.Elements, b.Elements), Optional: a.Optional || b.Optional,
	}
	both := a.is(KindObject) && b.is(KindObject)
	for _, name := range union(slices.Collect(maps.Keys(a.Fields)), slices.Collect(maps.Keys(b.Fields))) {
		if m.Fields == nil {
			m.Fields = map[string]*Shape{}
		}
		field := *merge(a.Fields[name], b.Fields[name])
		if both && (a.Fields[name] == nil || b.Fields[name] == nil) {
			field.Optional = true
		}
		m.Fields[name] = &field
	}
	return m
}

func (s *Shape) is(k Kind) bool { return slices.Contains(s.Kinds, k) }

// union is every element of both once, in order; nil when there is none.
func union[T ~string](a, b []T) []T {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// number is a whole number that is not negative, or -1.
func number(text string) int {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return n
	}
	return -1
}
