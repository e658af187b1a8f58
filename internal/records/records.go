// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Package records reads the records in a file of data: CSV, TSV, JSON or JSON lines. It decodes a stream, and stops as soon
// as a limit is exceeded. It knows neither Terraform nor the API.
package records

import (
	"fmt"
	"io"
)

// Limits say how much a file may hold.
type Limits struct {
	Records int   // at most so many records
	Bytes   int64 // at most so many bytes, counted after decompression
}

// Table is what a file holds.
type Table struct {
	// Columns are in the order of the header. For JSON they are in the order in which they first appear. Each name is there
	// once, in Unicode's normal form C, in which Terraform compares names. A name can be empty.
	Columns []string
	// Records have a value for each column. nil: the value is null, or the record lacks it.
	Records [][]*string
}

// maxValues and maxText limit a table whose columns are many or have long names: each record repeats them. A file of 4 MiB
// could hold a thousand million values otherwise.
const (
	maxValues = 500_000
	maxText   = 64 << 20 // bytes of all values, and of the column names once for each record
)

// TooManyRecordsError is the error of a file with more records than [Limits] allow.
type TooManyRecordsError struct{ Limit int }

func (e *TooManyRecordsError) Error() string {
	return fmt.Sprintf("it has more than %d records", e.Limit)
}

// TooLargeError is the error of a file with more bytes than [Limits] allow.
type TooLargeError struct{ Limit int64 }

func (e *TooLargeError) Error() string { return fmt.Sprintf("it is larger than %d bytes", e.Limit) }

// TooWideError is the error of a file whose records and columns together are more than any limit allows.
type TooWideError struct{ Records, Columns int }

func (e *TooWideError) Error() string {
	return fmt.Sprintf("its first %d records with %d columns have more than %d values, or more than %d MiB of text with the column names in each record",
		e.Records, e.Columns, maxValues, maxText>>20)
}

// FormatError is the error of a file that cannot be read as its format.
type FormatError struct {
	Line    int    // from 1; 0: not known
	Problem string // a sentence without its period, about the line; text of the file is quoted in it
	Broken  bool   // the file itself is wrong: no other format can read it
}

func (e *FormatError) Error() string {
	if e.Line == 0 {
		return e.Problem
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
}

func lineError(line int, problem string, args ...any) error {
	return &FormatError{Line: line, Problem: fmt.Sprintf(problem, args...)}
}

// brokenError is the error of a line that no other format can read.
func brokenError(line int, problem string, args ...any) error {
	return &FormatError{Line: line, Problem: fmt.Sprintf(problem, args...), Broken: true}
}

// Decode reads a file of the format. It undoes gzip, and reads UTF-8 with or without a byte order mark, and UTF-16 with one.
// A file without any text has no columns and no records. The errors are those of this package, or the reader's.
func Decode(file io.Reader, format Format, limits Limits) (*Table, error) {
	text := newTextReader(file, limits.Bytes)
	b := &builder{limits: limits, columns: map[string]int{}}
	err := refuseWebPage(text)
	if err == nil {
		err = format.decode(text, b)
	}
	switch {
	case text.err() != nil: // what a decoder says about half a file is of no use
		return nil, text.err()
	case err != nil:
		return nil, err
	}
	return b.table(), nil
}
