// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// asJSON is a value as JSON, with the names of objects and maps in order.
func asJSON(t *testing.T, v tftypes.Value) string {
	t.Helper()
	text, err := json.Marshal(plainOf(t, v))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func plainOf(t *testing.T, v tftypes.Value) any {
	t.Helper()
	if v.IsNull() || !v.IsKnown() {
		return nil
	}
	as := func(target any) {
		t.Helper()
		if err := v.As(target); err != nil {
			t.Fatal(err)
		}
	}
	switch kind := v.Type(); {
	case kind.Is(tftypes.String):
		var s string
		as(&s)
		return s
	case kind.Is(tftypes.Bool):
		var b bool
		as(&b)
		return b
	case kind.Is(tftypes.Number):
		return json.Number(v.String()[len("tftypes.Number<\"") : len(v.String())-2])
	case kind.Is(tftypes.List{}), kind.Is(tftypes.Set{}):
		var elements []tftypes.Value
		as(&elements)
		all := []any{}
		for _, e := range elements {
			all = append(all, plainOf(t, e))
		}
		return all
	}
	var members map[string]tftypes.Value
	as(&members)
	all := map[string]any{}
	for name, member := range members {
		all[name] = plainOf(t, member)
	}
	return all
}

func extracted(name, content string) simulator.File {
	return simulator.File{Name: new(name), Type: simulator.ExtractedFiles, Content: content}
}

func compressed(content string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(content))
	_ = w.Close()
	return b.Bytes()
}

// readRecords reads the records of the first run.
func (d *downloading) readRecords(more map[string]tftypes.Value) (values map[string]tftypes.Value, text string, failed bool) {
	d.t.Helper()
	return fileReaders(d.t)["sequentum_run_records"].read(d, ofFirstRun(more))
}

func TestRunRecordsChoosesTheFile(t *testing.T) {
	t.Parallel()
	csv := "a,b\n1,x\n"
	text, number := core.Text, core.Number
	typed := func(name, content string, kind simulator.FileType) simulator.File {
		return simulator.File{Name: new(name), Type: kind, Content: content}
	}
	const ofCSV, ofJSON, ofTSV = `[{"a":"1","b":"x"}]`, `[{"j":"1"}]`, `[{"a,b":"1,x"}]`
	for name, c := range map[string]struct {
		files     []simulator.File
		arguments map[string]tftypes.Value
		records   string
		file      string
	}{
		"the delivered one":              {[]simulator.File{logged("run.csv", "l\n1\n"), extracted("b.csv", "e\n1\n"), delivered("A.CSV", csv), delivered("a.pdf", "x")}, nil, ofCSV, "A.CSV"},
		"the extracted one":              {[]simulator.File{delivered("a.pdf", "x"), extracted("b.csv", csv), extracted("c.png", "x")}, nil, ofCSV, "b.csv"},
		"one without a known type":       {[]simulator.File{typed("a.csv", csv, ""), logged("run.json", "[]")}, nil, ofCSV, "a.csv"},
		"one of an older server":         {[]simulator.File{typed("a.csv", csv, "csv"), typed("b.log", "x", "log")}, nil, ofCSV, "a.csv"},
		"one of a code that is unknown":  {[]simulator.File{typed("a.csv", csv, "42")}, nil, ofCSV, "a.csv"},
		"the one of the format":          {[]simulator.File{delivered("a.csv", csv), delivered("b.json", `[{"j":1}]`)}, map[string]tftypes.Value{"format": text("json")}, ofJSON, "b.json"},
		"the format of no ending":        {[]simulator.File{delivered("data", csv), extracted("b.csv", "e\n1\n")}, map[string]tftypes.Value{"format": text("csv")}, ofCSV, "data"},
		"the format of another ending":   {[]simulator.File{delivered("a.csv", csv)}, map[string]tftypes.Value{"format": text("tsv")}, ofTSV, "a.csv"},
		"by id":                          {[]simulator.File{delivered("a.csv", csv), delivered("b.json", `[{"j":1}]`)}, map[string]tftypes.Value{"file_id": number(5000000002)}, ofJSON, "b.json"},
		"by name":                        {[]simulator.File{delivered("a.csv", csv), delivered("b.json", `[{"j":1}]`)}, map[string]tftypes.Value{"name": text("a.csv")}, ofCSV, "a.csv"},
		"a log by name, and its format":  {[]simulator.File{logged("run.log", csv), delivered("b.json", `[{"j":1}]`)}, map[string]tftypes.Value{"name": text("run.log"), "format": text("csv")}, ofCSV, "run.log"},
		"compressed":                     {[]simulator.File{{Name: new("a.csv.gz"), Type: simulator.DeliveredFile, Bytes: compressed(csv)}}, nil, ofCSV, "a.csv.gz"},
		"JSON lines":                     {[]simulator.File{delivered("a.jsonl", "{\"a\":1,\"b\":\"x\"}\n")}, nil, ofCSV, "a.jsonl"},
		"an odd name in another form":    {[]simulator.File{delivered("cafe\u0301.csv", csv)}, map[string]tftypes.Value{"name": text("caf\u00e9.csv")}, ofCSV, "cafe\u0301.csv"},
		"more than the limits otherwise": {[]simulator.File{delivered("a.csv", "a\n"+strings.Repeat("1\n", 1001))}, map[string]tftypes.Value{"max_records": number(1001)}, "", "a.csv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownloading(t, c.files, func(t *testing.T, d *downloading) {
				values, text, failed := d.readRecords(c.arguments)
				if failed || text != "" {
					t.Fatal(text)
				}
				if got := asJSON(t, values["records"]); c.records != "" && got != c.records {
					t.Errorf("the records are %s, want %s", got, c.records)
				}
				file, _ := plainOf(t, values["file"]).(map[string]any)
				if file["name"] != c.file || file["id"] == nil || file["created_at"] == nil {
					t.Errorf("the file is %v, want %q", file, c.file)
				}
			})
		})
	}
}

func TestRunRecordsHasEveryColumn(t *testing.T) {
	t.Parallel()
	inDownloading(t, []simulator.File{delivered("a.json", `{"items": [{"b": 12345678901234567890, "a": null}, {"c": {"x": [1.0]}, "a": true}]}`)}, func(t *testing.T, d *downloading) {
		values, text, failed := d.readRecords(nil)
		if failed || text != "" {
			t.Fatal(text)
		}
		for name, want := range map[string]string{
			"columns": `["b","a","c"]`, "found": "true",
			"records": `[{"a":null,"b":"12345678901234567890","c":null},{"a":"true","b":null,"c":"{\"x\":[1.0]}"}]`,
		} {
			if got := asJSON(t, values[name]); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
	})
}

func TestRunRecordsThatCannotBe(t *testing.T) {
	t.Parallel()
	text, number := core.Text, core.Number
	const large = 4<<20 + 1
	for name, c := range map[string]struct {
		files     []simulator.File
		arguments map[string]tftypes.Value
		says      []string
	}{
		"several": {[]simulator.File{delivered("a.csv", "a\n"), delivered("b.json", "[]"), logged("run.log", "")}, nil,
			[]string{"Run 4711/100001 has several files that can hold its records", `5000000001 "a.csv", 2 bytes, DeliveredFile`, `"b.json"`, "Choose one of them, for example file_id = 5000000001."}},
		"several extracted":         {[]simulator.File{extracted("a.csv", "a\n"), extracted("b.csv", "b\n")}, nil, []string{"has several files"}},
		"several without an ending": {[]simulator.File{delivered("a", "a\n"), delivered("b", "b\n")}, map[string]tftypes.Value{"format": text("csv")}, []string{"has several files"}},
		"none": {[]simulator.File{delivered("a.pdf", "x"), logged("run.csv", "a\n")}, nil,
			[]string{"Run 4711/100001 has no file that can hold its records", "The run has 2 files.", `"run.csv", 2 bytes, LogText`, "set file_id or name, and format"}},
		"no files":             {nil, nil, []string{"The run has 0 files."}},
		"no such name":         {catalogue(), map[string]tftypes.Value{"name": text("none.csv")}, []string{`Run 4711/100001 has no file named "none.csv"`, "The run has 3 files."}},
		"no such id":           {catalogue(), map[string]tftypes.Value{"file_id": number(77)}, []string{"Run 4711/100001 has no file with the id 77"}},
		"no known ending":      {catalogue(), map[string]tftypes.Value{"name": text("run.log")}, []string{"The provider does not know the format of a file of run 4711/100001", `for example format = "csv"`}},
		"no name":              {[]simulator.File{{Type: simulator.DeliveredFile, Content: "a\n"}}, map[string]tftypes.Value{"file_id": number(5000000001)}, []string{"The provider does not know the format of a file of run 4711/100001"}},
		"a ragged row":         {[]simulator.File{delivered("a.csv", "a,b\n1\n")}, nil, []string{"A file of run 4711/100001 cannot be read as csv", "line 2: the row has a different number of values", "sequentum_run_file", "!another format"}},
		"a twofold column":     {[]simulator.File{delivered("a.csv", "a,a\n")}, nil, []string{"line 1: the columns 1 and 2 have the same name", "!another format"}},
		"not JSON":             {[]simulator.File{delivered("a.json", "oops")}, nil, []string{"cannot be read as json", "line 1: the text from here on is not JSON", "If the file has another format, set it"}},
		"a web page":           {[]simulator.File{delivered("a.csv", "<!DOCTYPE html><p>Log in")}, nil, []string{"it is a web page (HTML)", "!another format"}},
		"no UTF-8":             {[]simulator.File{{Name: new("a.csv"), Type: simulator.DeliveredFile, Bytes: []byte("a\n\xff\n")}}, nil, []string{"not valid UTF-8", "!another format"}},
		"a terminal's code":    {[]simulator.File{delivered("a.csv", "\x1b[2J,\x1b[2J\n")}, nil, []string{`the same name "\x1b[2J"`}},
		"too many records":     {[]simulator.File{delivered("a.csv", "a\n1\n2\n")}, map[string]tftypes.Value{"max_records": number(1)}, []string{"has too many records for a value", "max_records (1)", "sequentum_run_download", "raise max_records"}},
		"too many at last":     {[]simulator.File{delivered("a.csv", "a\n"+strings.Repeat("1\n", 100_001))}, map[string]tftypes.Value{"max_records": number(100_000)}, []string{"max_records (100000)", "!raise max_records"}},
		"the default":          {[]simulator.File{delivered("a.csv", "a\n"+strings.Repeat("1\n", 1001))}, nil, []string{"max_records (1000)"}},
		"too large":            {[]simulator.File{{Name: new("a.csv"), Type: simulator.DeliveredFile, Size: large}}, nil, []string{"is too large for a value", "max_size_bytes (4194304)", "sequentum_run_download"}},
		"too large inside":     {[]simulator.File{{Name: new("a.csv.gz"), Type: simulator.DeliveredFile, Bytes: compressed(strings.Repeat("a", large))}}, nil, []string{"is too large for a value", "max_size_bytes (4194304)"}},
		"too wide":             {[]simulator.File{delivered("a.csv", wideCSV(600, 1000))}, nil, []string{"has too many values for state", "more than 500000 values", "sequentum_run_download"}},
		"id and name":          {catalogue(), map[string]tftypes.Value{"name": text("a"), "file_id": number(1)}, []string{"file_id", "name"}},
		"no format":            {catalogue(), map[string]tftypes.Value{"format": text("xlsx")}, []string{"format", `"jsonl"`}},
		"a format in capitals": {catalogue(), map[string]tftypes.Value{"format": text("CSV")}, []string{"format", `"csv"`}},
		"an empty name":        {catalogue(), map[string]tftypes.Value{"name": text("")}, []string{"name", "at least 1"}},
		"no records":           {catalogue(), map[string]tftypes.Value{"max_records": number(0)}, []string{"max_records", "between 1 and 100000"}},
		"no bytes":             {catalogue(), map[string]tftypes.Value{"max_size_bytes": number(67108865)}, []string{"max_size_bytes", "between 1 and 67108864"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inDownloading(t, c.files, func(t *testing.T, d *downloading) {
				_, text, failed := d.readRecords(c.arguments)
				if !failed {
					t.Error("that was no error")
				}
				for _, says := range c.says {
					if hidden, not := strings.CutPrefix(says, "!"); not {
						wantNoText(t, text, hidden)
						continue
					}
					wantText(t, text, says)
				}
				wantNoText(t, text, "\x1b")
			})
		})
	}
}

// wideCSV has so many rows and columns of one digit.
func wideCSV(rows, columns int) string {
	names := make([]string, columns)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	return strings.Join(names, ",") + strings.Repeat("\n1"+strings.Repeat(",1", columns-1), rows)
}

// A host that sends a page, or nothing. One that compresses what nobody asked it to compress is no error.
func TestRunRecordsFromAnOddHost(t *testing.T) {
	t.Parallel()
	plain := delivered("a.csv", "a,b\n1,x\n")
	zipped := simulator.File{Name: new("a.csv"), Type: simulator.DeliveredFile, Bytes: compressed("a,b\n1,x\n")}
	for name, c := range map[string]struct {
		file  simulator.File
		fault simulator.Fault
		says  string // "": the records are read
	}{
		"gzip":                 {zipped, simulator.Fault{Header: map[string]string{"Content-Encoding": "gzip"}}, ""},
		"a page":               {plain, simulator.Fault{Action: simulator.Bare, Code: 200, Body: "<html>" + strings.Repeat("<p>Sign in", 9)}, "it is a web page (HTML)"},
		"a page with an error": {plain, simulator.Fault{Action: simulator.HTML, Code: 503}, "503 Service Unavailable"},
		"nothing":              {plain, simulator.Fault{Action: simulator.Bare, Code: 200}, "could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.fault.Kind, c.fault.Times = simulator.KindSignedDownload, -1
			inDownloading(t, []simulator.File{c.file}, func(t *testing.T, d *downloading) {
				d.cloud.Inject(c.fault)
				values, text, failed := d.readRecords(nil)
				wantText(t, text, c.says)
				switch {
				case failed != (c.says != ""):
					t.Error(text)
				case !failed && asJSON(t, values["records"]) != `[{"a":"1","b":"x"}]`:
					t.Error(asJSON(t, values["records"]))
				}
			})
		})
	}
}

func TestRunRecordsOfARunThatIsMissing(t *testing.T) {
	t.Parallel()
	inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
		d.cloud.Expire(firstRun)
		_, text, failed := d.readRecords(nil)
		wantText(t, text, "Run 4711/100001 is not found", "allow_missing = true", "for the next run: use a sequentum_run_download to keep the files")
		wantNoText(t, text, "record_files")
		values, text, failedAgain := d.readRecords(map[string]tftypes.Value{"allow_missing": core.Bool(true)})
		if !failed || failedAgain {
			t.Fatal(text)
		}
		wantText(t, text, "Run 4711/100001 is not found", "found is false")
		for name, want := range map[string]string{"records": "[]", "columns": "[]", "file": "null", "found": "false"} {
			if got := asJSON(t, values[name]); got != want {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
	})
}
