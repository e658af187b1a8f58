// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package records_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/sequentum/terraform-provider-sequentum/internal/records"
)

// Whatever a file holds: no panic, an error that is text, and a table within the limits.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "a;b\r\n\"1\n\";\"\"\"\"\n", "\ufeffa\tb\n", `[{"a": 1.0, "b": [{}]}, {"c": null}]`, `{"x": {"y": [1]}, "data": [{"a": "\ud800"}]}`,
		"{\"a\": 1}\n\n{\"b\": true}", utf16Of(binary.LittleEndian, "a,b\n1,\U0001f600"), utf16Of(binary.BigEndian, `[{"a":1}]`), gzipped("a\n1\n"), "\xff\xfe\x00", "a\r1\x00", "",
	} {
		f.Add([]byte(seed))
	}
	limits := records.Limits{Records: 20, Bytes: 2000}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, format := range records.Formats() {
			table, err := records.Decode(bytes.NewReader(file), records.Format(format), limits)
			if err != nil {
				if !utf8.ValidString(err.Error()) || err.Error() == "" {
					t.Errorf("the error is not text: %q", err)
				}
				continue
			}
			if len(table.Records) > limits.Records {
				t.Errorf("%d records", len(table.Records))
			}
			if names := slices.Sorted(slices.Values(table.Columns)); len(slices.Compact(slices.Clone(names))) != len(names) {
				t.Errorf("a column is there twice: %q", names)
			}
			for _, record := range table.Records {
				if len(record) != len(table.Columns) {
					t.Errorf("%d values for %d columns", len(record), len(table.Columns))
				}
				for _, value := range record {
					if value != nil && !utf8.ValidString(*value) {
						t.Errorf("%q is not UTF-8", *value)
					}
				}
			}
		}
	})
}
