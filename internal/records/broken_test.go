// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package records_test

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sequentum/terraform-provider-sequentum/internal/records"
)

// A file that breaks off anywhere is an error, in every format and encoding: never a shorter table.
func TestBrokenFile(t *testing.T) {
	t.Parallel()
	broken := errors.New("the connection broke")
	for format, text := range map[string]string{
		"csv": "a,😀\n1,\"x\ny\"\n", "json": `[{"a": "1", "b": {"c": [1]}}, {"a": "2"}]`, "jsonl": "{\"a\": {\"b\": [1, 2]}}\n{\"a\": 2}\n", "wrapped": `{"n": {"o": [1, {}]}, "data": [{"a": 1}]}`,
	} {
		for encoding, file := range map[string]string{"UTF-8": text, "UTF-16": utf16Of(binary.LittleEndian, text), "gzip": gzipped(text)} {
			for end := range len(file) {
				read := io.MultiReader(strings.NewReader(file[:end]), iotest.ErrReader(broken))
				name := strings.Replace(format, "wrapped", "json", 1)
				if _, err := records.Decode(read, records.Format(name), records.Limits{Records: 10, Bytes: 1000}); err == nil {
					t.Errorf("%s in %s, broken off after %d of %d bytes, is read", format, encoding, end, len(file))
				}
			}
		}
	}
}
