// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package records

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const notRecords = "it is neither an array of objects nor an object that holds exactly one such array"

// jsonDocument is a JSON file, read value by value.
type jsonDocument struct {
	text   *textReader
	tokens *json.Decoder
	table  *builder
}

// decodeJSON reads an array of objects, or an object that holds exactly one array of objects.
func decodeJSON(text *textReader, b *builder) error {
	d := &jsonDocument{text: text, tokens: json.NewDecoder(text), table: b}
	first, err := d.tokens.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return d.syntaxError(err)
	}
	isRecords := false
	switch first {
	case json.Delim('['):
		isRecords, err = d.readArray()
	case json.Delim('{'):
		isRecords, err = d.readWrapper()
	}
	if err != nil {
		return err
	}
	if !isRecords {
		return lineError(1, notRecords)
	}
	if _, err := d.tokens.Token(); !errors.Is(err, io.EOF) {
		return lineError(d.line(), "more text follows the end of the JSON document. If each line is a separate object, the format is jsonl")
	}
	return nil
}

// readWrapper reads the values of the outer object, one of which holds the records. An empty array may be meant to hold
// them. Two such arrays are an error, even if one of them is empty: in the next file the other one could be empty.
func (d *jsonDocument) readWrapper() (found bool, err error) {
	holder := ""
	for d.tokens.More() {
		name, err := d.tokens.Token()
		if err != nil {
			return false, d.syntaxError(err)
		}
		isRecords, err := d.readMember()
		switch {
		case err != nil:
			return false, err
		case isRecords && found:
			return false, lineError(d.lineOf(nil), "the arrays %.200q and %.200q can both hold the records", holder, name)
		case isRecords:
			holder, found = fmt.Sprint(name), true
		}
	}
	return found, d.readEnd()
}

// readMember reads one value of the outer object.
func (d *jsonDocument) readMember() (isRecords bool, err error) {
	switch first, err := d.tokens.Token(); {
	case err != nil:
		return false, d.syntaxError(err)
	case first == json.Delim('['):
		return d.readArray()
	case first == json.Delim('{'):
		return false, d.skipObject()
	}
	return false, nil
}

// skipObject reads the rest of an object that holds no records.
func (d *jsonDocument) skipObject() error {
	for d.tokens.More() {
		if _, err := d.tokens.Token(); err != nil {
			return d.syntaxError(err)
		}
		if _, err := d.readValue(); err != nil {
			return err
		}
	}
	return d.readEnd()
}

// readArray reads the rest of an array. isRecords is false if its first element is no object.
func (d *jsonDocument) readArray() (isRecords bool, err error) {
	isRecords = true
	for n := 1; d.tokens.More(); n++ {
		value, err := d.readValue()
		if err != nil {
			return false, err
		}
		isObject := value[0] == '{'
		switch {
		case n == 1 && !isObject:
			isRecords = false
		case isRecords && !isObject:
			return false, lineError(d.lineOf(value), "element %d of the array is not an object: %.40q", n, value)
		case isRecords:
			record, problem, err := d.table.recordOf(value)
			if problem != "" {
				return false, lineError(d.lineOf(value), "in record %d %s", n, problem)
			}
			if err == nil {
				err = d.table.add(record)
			}
			if err != nil {
				return false, err
			}
		}
	}
	return isRecords, d.readEnd()
}

// readValue reads the next value as it is written. It is limited by the size of the file, and its depth by encoding/json.
func (d *jsonDocument) readValue() (value json.RawMessage, err error) {
	if err := d.tokens.Decode(&value); err != nil {
		return nil, d.syntaxError(err)
	}
	return value, nil
}

// readEnd reads the end of the array or object.
func (d *jsonDocument) readEnd() error {
	if _, err := d.tokens.Token(); err != nil {
		return d.syntaxError(err)
	}
	return nil
}

// line is the line of what comes next.
func (d *jsonDocument) line() int {
	rest, _ := io.ReadAll(d.tokens.Buffered())
	return d.text.lineBefore(bytes.TrimLeft(rest, " \t\r\n,"))
}

// lineOf is the line in which the value that was just read begins; for nil, in which it ends.
func (d *jsonDocument) lineOf(value []byte) int {
	rest, _ := io.ReadAll(d.tokens.Buffered())
	return d.text.lineBefore(rest) - bytes.Count(value, []byte{'\n'})
}

func (d *jsonDocument) syntaxError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return lineError(d.text.lineBefore(nil), "the JSON document ends too early")
	}
	return lineError(d.line(), "the text from here on is not JSON: %s", err)
}

// decodeJSONLines reads an object from each line. Empty lines are skipped.
func decodeJSONLines(text *textReader, b *builder) error {
	lines := bufio.NewReader(text)
	for n := 1; ; n++ {
		line, end := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := b.addLine(line, n); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(end, io.EOF):
			return nil
		case end != nil:
			return end
		}
	}
}

func (b *builder) addLine(line []byte, n int) error {
	var value json.RawMessage
	if err := json.Unmarshal(line, &value); err != nil {
		return lineError(n, "it is not a whole JSON value: %s", err)
	}
	if value[0] != '{' {
		return lineError(n, "it is not an object: %.40q", value)
	}
	record, problem, err := b.recordOf(value)
	if problem != "" {
		return lineError(n, "%s", problem)
	}
	if err == nil {
		err = b.add(record)
	}
	return err
}

// recordOf makes a record of an object. problem says what is wrong with it.
func (b *builder) recordOf(object []byte) (record []*string, problem string, err error) {
	r := row{b, make([]*string, len(b.names)), make([]bool, len(b.names))}
	members := json.NewDecoder(bytes.NewReader(object))
	_, err = members.Token() // the brace
	for err == nil && problem == "" && members.More() {
		var name string
		var value *string
		if name, value, err = nextMember(members); err == nil {
			problem, err = r.set(name, value)
		}
	}
	return r.values, problem, err
}

// row is a record that is being made, with a place for each column.
type row struct {
	table  *builder
	values []*string
	seen   []bool
}

// set puts a value under its name. problem says what is wrong with the name.
func (r *row) set(name string, value *string) (problem string, err error) {
	place, known := r.table.column(name)
	if !known {
		r.values, r.seen = append(r.values, nil), append(r.seen, false)
	}
	if r.seen[place] {
		return fmt.Sprintf("two values have the same name %.200q", name), nil
	}
	if columns := len(r.table.names); columns > maxValues {
		return "", &TooWideError{Records: len(r.table.records) + 1, Columns: columns}
	}
	r.values[place], r.seen[place] = value, true
	return "", nil
}

// nextMember reads the name and the value of the next member of an object.
func nextMember(members *json.Decoder) (name string, text *string, err error) {
	var value json.RawMessage
	token, err := members.Token()
	if err == nil {
		err = members.Decode(&value)
	}
	if err == nil {
		text, err = textOf(value)
	}
	return fmt.Sprint(token), text, err
}

// textOf is a value as text; nil: null. Numbers keep their digits, and nested values are JSON without spaces.
func textOf(value json.RawMessage) (*string, error) {
	var text string
	switch value[0] {
	case 'n':
		return nil, nil
	case '"':
		err := json.Unmarshal(value, &text)
		return &text, err
	case '{', '[':
		var compact bytes.Buffer
		err := json.Compact(&compact, value)
		text = compact.String()
		return &text, err
	}
	text = string(value)
	return &text, nil
}
