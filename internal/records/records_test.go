// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package records_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/sequentum/terraform-provider-sequentum/internal/records"
)

var enough = records.Limits{Records: 1000, Bytes: 4 << 20}

// show is a table in a form that tests can compare: columns, then records, with ∅ for null.
func show(t *records.Table) string {
	lines := []string{strings.Join(t.Columns, "|")}
	for _, record := range t.Records {
		values := make([]string, len(record))
		for i, value := range record {
			if values[i] = "∅"; value != nil {
				values[i] = *value
			}
		}
		lines = append(lines, strings.Join(values, "|"))
	}
	return strings.Join(lines, "\n")
}

// wantTable decodes the content, also in small pieces, and compares.
func wantTable(t *testing.T, format records.Format, content, want string) {
	t.Helper()
	for name, r := range map[string]io.Reader{
		"whole":         strings.NewReader(content),
		"byte by byte":  iotest.OneByteReader(strings.NewReader(content)),
		"end with data": iotest.DataErrReader(strings.NewReader(content)),
	} {
		table, err := records.Decode(r, format, enough)
		if err != nil {
			t.Errorf("%s, %s: %v", format, name, err)
		} else if got := show(table); got != want {
			t.Errorf("%s, %s:\n%q, want\n%q", format, name, got, want)
		}
	}
}

func wantProblem(t *testing.T, format records.Format, content string, line int, says string) {
	t.Helper()
	for name, r := range map[string]io.Reader{"whole": strings.NewReader(content), "byte by byte": iotest.OneByteReader(strings.NewReader(content))} {
		_, err := records.Decode(r, format, enough)
		var problem *records.FormatError
		if !errors.As(err, &problem) || problem.Line != line || !strings.Contains(err.Error(), says) {
			t.Errorf("%s, %s, %.80q: %v, want line %d and %q", format, name, content, err, line, says)
		}
	}
}

func TestSeparatedValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, want string }{
		"ordinary":                   {"sku,price\nA,1\nB,2.50\n", "sku|price\nA|1\nB|2.50"},
		"no end of line":             {"a,b\n1,2", "a|b\n1|2"},
		"CRLF":                       {"a,b\r\n1,2\r\n3,4\r\n", "a|b\n1|2\n3|4"},
		"quotes":                     {"a,\"b \"\"c\"\"\"\n\"x,y\",\"\"\"\"\n", `a|b "c"` + "\nx,y|\""},
		"line breaks inside":         {"a,b\n\"1\n2\",\"\n\"\n", "a|b\n1\n2|\n"},
		"empty values":               {"a,b\n,\n\"\",x\n", "a|b\n|\n|x"},
		"empty lines":                {"\n\na,b\n\n1,2\n\n", "a|b\n1|2"},
		"only a header":              {"a,b\n", "a|b"},
		"only a header, no end":      {"a", "a"},
		"nothing":                    {"", ""},
		"only line ends":             {"\r\n\n", ""},
		"one column":                 {"a\nx y\n", "a\nx y"},
		"a column without a name":    {",a\n0,x\n", "|a\n0|x"},
		"spaces are kept":            {"a , b\n 1, 2 \n", "a | b\n 1| 2 "},
		"case is kept":               {"Name,name\n1,2\n", "Name|name\n1|2"},
		"semicolons":                 {"a;b\n1,5;2\n", "a|b\n1,5|2"},
		"semicolons and one comma":   {"a;b, in EUR;c\n1;2,5;3\n", "a|b, in EUR|c\n1|2,5|3"},
		"commas in a quoted name":    {"\"a,b,c\";d\n1;2\n", "a,b,c|d\n1|2"},
		"a line break in a name":     {"\"a;\nb;\",c\n1,2\n", "a;\nb;|c\n1|2"},
		"tabs":                       {"a\tb\n1\t2\n", "a|b\n1|2"},
		"bars":                       {"a|b\n1|2\n", "a|b\n1|2"},
		"equally many":               {"a,b;c\n1,2\n", "a|b;c\n1|2"},
		"a byte order mark":          {"\ufeffa,b\n1,2\n", "a|b\n1|2"},
		"a mark before a quote":      {"\ufeff\"a\",b\n1,2\n", "a|b\n1|2"},
		"only a mark":                {"\ufeff", ""},
		"a mark inside":              {"a\n\ufeffx\n", "a\n\ufeffx"},
		"normal form":                {"cafe\u0301\nx\n", "caf\u00e9\nx"},
		"not a page":                 {"html\n<html>\n", "html\n<html>"},
		"a replacement character":    {"a\n\ufffd\n", "a\n\ufffd"},
		"a carriage return in a row": {"a,b\n1\r2,3\n", "a|b\n1\r2|3"},
	} {
		t.Run(name, func(t *testing.T) { wantTable(t, records.CSV, c.content, c.want) })
	}
	wantTable(t, records.TSV, "a,x\tb;y\n1\t\"2\n3\"\n", "a,x|b;y\n1|2\n3")
}

func TestSeparatedValuesThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		content string
		line    int
		says    string
	}{
		{"a,b\n1,2\n3\n", 3, "the row has a different number of values (1) than the first line (2)"},
		{"a,b\n\"1\n1\",2\n3,4,5\n", 4, "number of values (3)"},
		{"a,b\r\n\r\n1,2,\r\n", 3, "number of values (3)"},
		{"a,b,a\n", 1, `the columns 1 and 3 have the same name "a"`},
		{"\na,,b,\n", 2, `the columns 2 and 4 have the same name ""`},
		{"caf\u00e9,cafe\u0301\n", 1, "the columns 1 and 2 have the same name"},
		{"a,b\n1,2 \"inch\"\n", 2, `a value contains a quote (")`},
		{"a,b\n1, \"2\"\n", 2, `a value contains a quote (")`},
		{"a,b\n1,2\n\"3,4\n5,6\n", 3, "a quoted value has no closing quote"},
		{"a,b\n\"1\"x,2\n", 2, "text follows its closing quote"},
		{"a\rb\rc", 1, "a carriage return"},
		{"a\n1\n\xff\n", 3, "not valid UTF-8"},
		{"a\n1\nx\xc3", 3, "not valid UTF-8"},
		{"a\x00,\x00", 1, "NUL"},
		{" \n<!DOCTYPE html>\n<p>a,b</p>", 1, "a web page"},
		{"<HTML lang=en>", 1, "a web page"},
	} {
		wantProblem(t, records.CSV, c.content, c.line, c.says)
	}
	wantProblem(t, records.TSV, "a\tb\n1\t27\" wide\n", 2, "a quote")
}

func TestJSONDocuments(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, want string }{
		"ordinary":             {`[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]`, "a|b\n1|x\n2|y"},
		"order of appearance":  {`[{"b": 1}, {"a": 2, "b": 3}, {"c": 4}]`, "b|a|c\n1|∅|∅\n3|2|∅\n∅|∅|4"},
		"digits":               {`[{"n": [12345678901234567890, 1.0, 1e3], "m": 12345678901234567890.10, "k": -0}]`, "n|m|k\n[12345678901234567890,1.0,1e3]|12345678901234567890.10|-0"},
		"kinds":                {`[{"t": true, "f": false, "n": null, "s": "", "e": {}, "l": []}]`, "t|f|n|s|e|l\ntrue|false|∅||{}|[]"},
		"nested, order kept":   {"[{\"x\": {\"b\": [1,\n 2], \"a\": \"<\\u00e9>\"}}]", "x\n{\"b\":[1,2],\"a\":\"<\\u00e9>\"}"},
		"escapes":              {`[{"a\u0062": "x\n\u00e9\ud83d\ude00"}]`, "ab\nx\n\u00e9\U0001f600"},
		"wrapped":              {`{"meta": {"n": [1, {"x": []}]}, "tags": ["a"], "page": 1, "data": [{"a": 1}], "next": null}`, "a\n1"},
		"wrapped, none":        {`{"data": []}`, ""},
		"no records":           {`[]`, ""},
		"an empty object":      {`[{}, {"a": 1}]`, "a\n∅\n1"},
		"spaces":               {" \n[ \n{ \"a\" : 1 } \n] \n", "a\n1"},
		"nothing":              {"", ""},
		"only white space":     {" \r\n", ""},
		"a byte order mark":    {"\ufeff[{\"a\":1}]", "a\n1"},
		"names by case":        {`[{"a": 1, "A": 2}]`, "a|A\n1|2"},
		"a name that is empty": {`[{"": 1}]`, "\n1"},
	} {
		t.Run(name, func(t *testing.T) { wantTable(t, records.JSON, c.content, c.want) })
	}
}

func TestJSONDocumentsThatCannotBe(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 20_000)
	for _, c := range []struct {
		content string
		line    int
		says    string
	}{
		{`{"a": 1}`, 1, "neither an array of objects nor an object that holds exactly one"},
		{`[1, 2]`, 1, "neither an array of objects"},
		{`"text"`, 1, "neither an array of objects"},
		{`null`, 1, "neither an array of objects"},
		{"[{\"a\": 1},\n\n null]", 3, `element 2 of the array is not an object: "null"`},
		{"[{\"a\": 1},\n[2]]", 2, `element 2 of the array is not an object`},
		{"{\"data\": [{\"a\": 1}],\n\"errors\": []\n}", 2, `arrays "data" and "errors" can both`},
		{"[\n{\"a\": 1},\n{\"b\": 1,\n \"b\": 2}]", 3, `in record 2 two values have the same name "b"`},
		{"[{\"caf\u00e9\": 1, \"cafe\u0301\": 2}]", 1, `have the same name`},
		{"[\n{\"a\": 1},\n{\"a\" 2}]", 3, "is not JSON: invalid character '2'"},
		{"[{\"a\": 1}\n{\"a\": 2}]", 2, "is not JSON"},
		{"[\n{\"a\": 1},\n", 3, "ends too early"},
		{"{\"data\": [\n{\"a\": 1}", 2, "ends too early"},
		{"{\"data\"", 1, "ends too early"},
		{"{\"data\":", 1, "ends too early"},
		{"{\"x\": {\"y\"", 1, "ends too early"},
		{"{\"x\": {\"y\": 1", 1, "ends too early"},
		{"[{\"a\": 1}]\n[]", 2, "more text follows"},
		{"[{\"a\": 1}]\nx", 2, "more text follows"},
		{"{\"x\": {\"y\": ]}}", 1, "is not JSON"},
		{"{\"x\": ]}", 1, "is not JSON"},
		{"{,}", 1, "is not JSON"},
		{"]", 1, "is not JSON"},
		{`[{"a": "` + "\xff" + `"}]`, 1, "not valid UTF-8"},
		{"<html>", 1, "a web page"},
		{"oops", 1, "is not JSON"},
		{`[{"a": ` + deep, 1, "exceeded max depth"},
		{`{"x": {"a": ` + deep, 1, "exceeded max depth"},
		{deep, 1, "exceeded max depth"},
		{strings.Repeat(`{"a":`, 20_000), 1, "exceeded max depth"},
	} {
		wantProblem(t, records.JSON, c.content, c.line, c.says)
	}
}

func TestJSONLines(t *testing.T) {
	t.Parallel()
	wantTable(t, records.JSONLines, "\ufeff{\"b\": 1, \"a\": {\"x\": 1}}\r\n\n  \n{\"a\": null, \"c\": 1.50}", "b|a|c\n1|{\"x\":1}|∅\n∅|∅|1.50")
	wantTable(t, records.JSONLines, "", "")
	wantTable(t, records.JSONLines, "\n\n", "")
	wantProblem(t, records.JSONLines, "{\"a\": 1}\n\n[1]\n", 3, `it is not an object: "[1]"`)
	wantProblem(t, records.JSONLines, "{\"a\": 1} {\"a\": 2}\n", 1, "not a whole JSON value")
	wantProblem(t, records.JSONLines, "{\n\"a\": 1}\n", 1, "not a whole JSON value")
	wantProblem(t, records.JSONLines, "{\"a\": 1}\n{\"a\": 1, \"a\": 2}\n", 2, `two values have the same name "a"`)
	wantProblem(t, records.JSONLines, "{\"a\": 1}\n{\"a\": \"\xff\"}\n", 2, "not valid UTF-8")
	wantProblem(t, records.JSONLines, "{\"a\": 1}\n{\"a\": "+strings.Repeat("[", 20_000), 2, "exceeded max depth")
}

// utf16Of encodes a text with a byte order mark.
func utf16Of(order binary.AppendByteOrder, text string) string {
	var encoded []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		encoded = order.AppendUint16(encoded, unit)
	}
	return string(encoded)
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
		wantTable(t, records.CSV, utf16Of(order, "a;b\r\ncaf\u00e9;\U0001f600\r\n"), "a|b\ncaf\u00e9|\U0001f600")
		wantTable(t, records.TSV, utf16Of(order, "a\tb\n1\t2\n"), "a|b\n1|2")
		wantTable(t, records.JSON, utf16Of(order, `[{"a": "`+"\u4e2d"+`"}]`), "a\n\u4e2d")
		wantTable(t, records.CSV, utf16Of(order, ""), "")
		whole := utf16Of(order, "a\n1\n")
		wantProblem(t, records.CSV, whole+"\x20", 3, "not valid UTF-16")
		for what, unit := range map[string]uint16{"a high half": 0xd83d, "a low half": 0xde00} {
			broken := string(order.AppendUint16([]byte(whole), unit))
			wantProblem(t, records.CSV, broken, 3, "not valid UTF-16")
			wantProblem(t, records.CSV, broken+whole[2:], 3, "not valid UTF-16")
			t.Log(name, what)
		}
	}
	wantProblem(t, records.CSV, "\xff\xfe\x00\x00a\x00\x00\x00", 1, "UTF-32")
	wantProblem(t, records.CSV, "\x00\x00\xfe\xff\x00\x00\x00a", 1, "UTF-32")
}

// gzipped compresses a text. A host may also compress a file that has another name.
func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func TestGzip(t *testing.T) {
	t.Parallel()
	whole := gzipped("a,b\n1,2\n")
	wantTable(t, records.CSV, whole, "a|b\n1|2")
	wantTable(t, records.JSON, gzipped(utf16Of(binary.LittleEndian, `[{"a":1}]`)), "a\n1")
	wantTable(t, records.CSV, whole+gzipped("3,4\n"), "a|b\n1|2\n3|4") // as gzip itself reads it
	const problem = "compressed with gzip, and cannot be decompressed"
	wantProblem(t, records.CSV, whole[:len(whole)-4], 0, problem)
	wantProblem(t, records.CSV, whole[:5], 0, problem)
	wantProblem(t, records.CSV, whole+"more", 0, problem)
	wantProblem(t, records.CSV, whole[:len(whole)-6]+"\x00\x00"+whole[len(whole)-4:], 0, problem)
}

// endless counts what is read of it.
type endless struct {
	head  string
	piece string
	read  int64
}

func (e *endless) Read(p []byte) (int, error) {
	if e.head == "" {
		e.head = e.piece
	}
	n := copy(p, e.head)
	e.head = e.head[n:]
	e.read += int64(n)
	return n, nil
}

// What is beyond a limit is not read.
func TestLimits(t *testing.T) {
	t.Parallel()
	const ahead = 256 << 10 // of buffers
	limits := records.Limits{Records: 3, Bytes: 1 << 20}
	for name, c := range map[string]struct {
		format records.Format
		file   endless
		want   error
		most   int64
	}{
		"records of CSV":        {records.CSV, endless{head: "a\n", piece: "1\n"}, &records.TooManyRecordsError{Limit: 3}, ahead},
		"records of JSON":       {records.JSON, endless{head: "[{\"a\":1}", piece: ",{\"a\":1}"}, &records.TooManyRecordsError{Limit: 3}, ahead},
		"records of JSON lines": {records.JSONLines, endless{piece: "{\"a\":1}\n"}, &records.TooManyRecordsError{Limit: 3}, ahead},
		"bytes of a value":      {records.CSV, endless{head: "a\n\"", piece: "x"}, &records.TooLargeError{Limit: 1 << 20}, 1<<20 + ahead},
		"bytes of a header":     {records.CSV, endless{piece: "x"}, &records.TooLargeError{Limit: 1 << 20}, 1<<20 + ahead},
		"bytes of a string":     {records.JSON, endless{head: "[{\"a\":\"", piece: "x"}, &records.TooLargeError{Limit: 1 << 20}, 1<<20 + ahead},
		"bytes of white space":  {records.JSON, endless{piece: " "}, &records.TooLargeError{Limit: 1 << 20}, 1<<20 + ahead},
		"bytes of a line":       {records.JSONLines, endless{head: "{\"a\":\"", piece: "x"}, &records.TooLargeError{Limit: 1 << 20}, 1<<20 + ahead},
		"empty lines":           {records.JSONLines, endless{piece: "\n"}, &records.TooLargeError{Limit: 1 << 20}, 1<<20 + ahead},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := records.Decode(&c.file, c.format, limits)
			if err == nil || err.Error() != c.want.Error() || c.file.read > c.most {
				t.Errorf("%v after %d bytes, want %v", err, c.file.read, c.want)
			}
		})
	}
}

// The limit counts what gzip gives, and a file of exactly the limit is read.
func TestLimitOfBytes(t *testing.T) {
	t.Parallel()
	content := "a\n" + strings.Repeat("x", 998)
	for name, stored := range map[string]string{"plain": content, "gzip": gzipped(content)} {
		if _, err := records.Decode(strings.NewReader(stored), records.CSV, records.Limits{Records: 1, Bytes: 1000}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_, err := records.Decode(strings.NewReader(stored), records.CSV, records.Limits{Records: 1, Bytes: 999})
		if _, tooLarge := errors.AsType[*records.TooLargeError](err); !tooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Columns that are many or have long names are repeated by each record.
func TestTableThatIsTooWide(t *testing.T) {
	t.Parallel()
	var manyNames, longNames strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&manyNames, "%d,", i)
		fmt.Fprintf(&longNames, "%d%s,", i, strings.Repeat("x", 1000))
	}
	var objects strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&objects, ",{\"%d\":1,\"b%d\":1}", i, i)
	}
	row := "\n" + strings.Repeat(",", 999)
	for name, c := range map[string]struct {
		format  records.Format
		content string
	}{
		"values":              {records.CSV, strings.TrimSuffix(manyNames.String(), ",") + strings.Repeat(row, 501)},
		"text":                {records.CSV, strings.TrimSuffix(longNames.String(), ",") + strings.Repeat(row, 80)},
		"one row":             {records.CSV, strings.Repeat(",", 1<<20)},
		"names in one object": {records.JSON, "[{" + manyMembers(510_000) + "}]"},
		"names in all":        {records.JSON, "[" + objects.String()[1:] + "]"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := records.Decode(strings.NewReader(c.content), c.format, records.Limits{Records: 1000, Bytes: 64 << 20})
			var tooWide *records.TooWideError
			if !errors.As(err, &tooWide) || tooWide.Columns < 1 || !strings.Contains(err.Error(), "more than 500000 values") {
				t.Errorf("%v", err)
			}
		})
	}
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ",\"%d\":1", i)
	}
	return b.String()[1:]
}

// The reader's own error is passed on, and no half table.
func TestReaderThatFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	for format, start := range map[records.Format]string{
		records.CSV: "a,b\n1,2\n3", records.TSV: "a\tb\n1", records.JSON: "[{\"a\":1},{", records.JSONLines: "{\"a\":1}\n{\"a\"",
	} {
		_, err := records.Decode(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)), format, enough)
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]records.Format{
		"a.csv": records.CSV, "A.CSV": records.CSV, "a.b.tsv": records.TSV, "a.json": records.JSON, "a.jsonl": records.JSONLines, "a.NDJSON": records.JSONLines,
		"a.csv.gz": records.CSV, "a.Json.GZ": records.JSON, ".csv": records.CSV, "a": "", "": "", "csv": "", "a.csv\t": "", "a.gz": "", "a.csv.zip": "", "a.xlsx": "", "dir.csv/a": "",
	} {
		format, ok := records.FormatOf(name)
		if ok != (want != "") || ok && format != want {
			t.Errorf("%q: %q %v, want %q", name, format, ok, want)
		}
	}
	if _, err := records.Decode(strings.NewReader("a"), "xlsx", enough); err == nil || !strings.Contains(err.Error(), "xlsx") {
		t.Errorf("%v", err)
	}
}
