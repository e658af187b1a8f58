// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// separators are what can separate the values of a CSV file. Of several that are equally frequent, the first counts.
const separators = ",;\t|"

// decodeSeparated reads CSV by the rules of encoding/csv: values that begin with a quote end with one, and in them a quote is
// written twice, and line breaks are kept. Each row has as many values as the header. separator 0: the header tells.
func decodeSeparated(text *textReader, b *builder, separator rune) error {
	if separator == 0 {
		separator = separatorOf(text.peek())
	}
	rows := csv.NewReader(&wideRowReader{text: text, separator: byte(separator)})
	rows.Comma = separator
	rows.FieldsPerRecord = -1 // counted here, for a better message
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return rowError(err)
	}
	line, _ := rows.FieldPos(0)
	if err := b.addHeader(header, line); err != nil {
		return err
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return rowError(err)
		}
		if len(row) != len(header) {
			line, _ := rows.FieldPos(0)
			return brokenError(line, "the row has a different number of values (%d) than the first line (%d)", len(row), len(header))
		}
		record := make([]*string, len(row))
		for i := range row {
			record[i] = &row[i]
		}
		if err := b.add(record); err != nil {
			return err
		}
	}
}

// addHeader adds the columns of a header.
func (b *builder) addHeader(names []string, line int) error {
	for i, name := range names {
		switch place, known := b.column(name); {
		case known:
			return brokenError(line, "the columns %d and %d have the same name %.200q. Each column must have another name", place+1, i+1, name)
		case strings.Contains(name, "\r"):
			return brokenError(line, "a column name contains a carriage return: %.200q. Lines must end with a line feed", name)
		}
	}
	return nil
}

// rowError says which rule a row breaks.
func rowError(err error) error {
	var broken *csv.ParseError
	if !errors.As(err, &broken) {
		return err
	}
	problem := broken.Err.Error()
	switch {
	case errors.Is(err, csv.ErrBareQuote):
		problem = `a value contains a quote (") but does not begin with one. Put the whole value in quotes, and write the quote in it twice`
	case errors.Is(err, csv.ErrQuote):
		problem = `a quoted value has no closing quote, or text follows its closing quote. A quote (") inside a quoted value must be written twice`
	}
	return lineError(broken.StartLine, "%s", problem)
}

// separatorOf returns the separator that the header has most often outside of quotes.
func separatorOf(text []byte) rune {
	counts := map[byte]int{}
	quoted := false
	for _, c := range bytes.TrimLeft(text, "\r\n") { // encoding/csv skips empty lines
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return mostFrequent(counts)
		default:
			counts[c]++
		}
	}
	return mostFrequent(counts)
}

func mostFrequent(counts map[byte]int) rune {
	best := separators[0]
	for _, separator := range []byte(separators) {
		if counts[separator] > counts[best] {
			best = separator
		}
	}
	return rune(best)
}

// wideRowReader refuses a row of more values than a table can have, before encoding/csv keeps them all in memory.
type wideRowReader struct {
	text      *textReader
	separator byte
	inRow     int // separators in the present row, also those in quotes
}

func (w *wideRowReader) Read(p []byte) (int, error) {
	n, err := w.text.Read(p)
	for _, c := range p[:n] {
		switch c {
		case '\n':
			w.inRow = 0
		case w.separator:
			w.inRow++
		}
	}
	if w.inRow > maxValues {
		return 0, &TooWideError{Records: 1, Columns: w.inRow}
	}
	return n, err
}
