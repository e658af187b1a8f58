// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"errors"
	"path"
	"slices"
	"strings"
)

// Format is how a file holds its records.
type Format string

// The formats that can be read.
const (
	CSV       Format = "csv"   // the first line names the columns; separated by , ; | or tabs
	TSV       Format = "tsv"   // the same, separated by tabs
	JSON      Format = "json"  // an array of objects, or an object that holds exactly one
	JSONLines Format = "jsonl" // an object in each line
)

// Formats lists the names of all formats.
func Formats() []string {
	return []string{string(CSV), string(TSV), string(JSON), string(JSONLines)}
}

// FormatOf tells the format from the ending of a file's name, such as ".csv" or ".CSV.gz". ok is false if the ending says
// nothing.
func FormatOf(name string) (format Format, ok bool) {
	ending := strings.TrimPrefix(path.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")), ".")
	if ending == "ndjson" { // another name of the same
		return JSONLines, true
	}
	return Format(ending), slices.Contains(Formats(), ending)
}

func (f Format) decode(text *textReader, b *builder) error {
	switch f {
	case CSV:
		return decodeSeparated(text, b, 0)
	case TSV:
		return decodeSeparated(text, b, '\t')
	case JSON:
		return decodeJSON(text, b)
	case JSONLines:
		return decodeJSONLines(text, b)
	}
	return errors.New("the format " + string(f) + " is not known")
}
