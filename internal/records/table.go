// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package records

import "golang.org/x/text/unicode/norm"

// builder collects the records of a file within the limits.
type builder struct {
	limits  Limits
	names   []string
	columns map[string]int // the place of each name in names
	records [][]*string    // each as long as names were at that time, or shorter
	named   int            // bytes of all names
	text    int            // bytes of all values
}

// column returns the place of a column. A new name becomes the last column.
func (b *builder) column(name string) (place int, known bool) {
	name = norm.NFC.String(name)
	if place, known = b.columns[name]; known {
		return place, true
	}
	place = len(b.names)
	b.names, b.columns[name] = append(b.names, name), place
	b.named += len(name)
	return place, false
}

// add adds a record, or says which limit it exceeds.
func (b *builder) add(record []*string) error {
	if len(b.records) == b.limits.Records {
		return &TooManyRecordsError{b.limits.Records}
	}
	b.records = append(b.records, record)
	for _, value := range record {
		if value != nil {
			b.text += len(*value)
		}
	}
	if n := len(b.records); n*len(b.names) > maxValues || n*b.named+b.text > maxText {
		return &TooWideError{Records: n, Columns: len(b.names)}
	}
	return nil
}

// table returns what was read. Columns that appeared after a record are null in it.
func (b *builder) table() *Table {
	for i, record := range b.records {
		if missing := len(b.names) - len(record); missing > 0 {
			b.records[i] = append(record, make([]*string, missing)...)
		}
	}
	return &Table{Columns: b.names, Records: b.records}
}
