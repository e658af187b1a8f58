// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// What the records of one run take at the default bounds, and with as many values as a table may have.
func TestMeasureRecords(t *testing.T) {
	table := &cliTable{header: "| file | values | requests | time of a plan | memory of the provider |\n| --- | ---: | ---: | ---: | ---: |\n"}
	for _, c := range []struct {
		what          string
		file          string
		rows, columns int
		content       func(rows, columns int) string
	}{
		{"CSV, 1 record of 2 columns", "tiny.csv", 1, 2, valuesOfCSV(3)},
		{"CSV of 4 MiB, 1,000 records of 20 columns", "long.csv", 1000, 20, valuesOfCSV(208)},
		{"JSON of 4 MiB, 1,000 records of 20 columns", "long.json", 1000, 20, valuesOfJSON(200)},
		{"JSON of 4 MiB, 1,000 records of 200 columns", "short.json", 1000, 200, valuesOfJSON(11)},
		{"CSV of 4 MiB, 1,000 records of 500 columns", "most.csv", 1000, 500, valuesOfCSV(7)},
	} {
		w := newDownload(t, delivered(c.file, c.content(c.rows, c.columns)))
		w.config("provider \"sequentum\" {}\ndata \"sequentum_run_records\" \"r\" {\n  agent_id = 4711\n  run_id = %d\n}\noutput \"n\" { value = length(data.sequentum_run_records.r.records) }\n", firstRun)
		w.cloud.ResetCounts()
		used := w.timed("plan", "-input=false")
		requests := w.cloud.Count(simulator.AnyKind) - w.cloud.Count(simulator.KindSignedDownload)
		table.add(fmt.Sprintf("| %s | %s | %d | %.1f s | %d MiB |\n", c.what, grouped(c.rows*c.columns), requests, used.took.Seconds(), used.memory>>10))
	}
	table.write(t, "records.md")
}

// valuesOfCSV makes a CSV whose values have so many bytes.
func valuesOfCSV(bytes int) func(rows, columns int) string {
	return func(rows, columns int) string {
		names := make([]string, columns)
		for i := range names {
			names[i] = fmt.Sprintf("c%d", i)
		}
		row := strings.Repeat(","+strings.Repeat("x", bytes), columns)[1:] + "\n"
		return strings.Join(names, ",") + "\n" + strings.Repeat(row, rows)
	}
}

func valuesOfJSON(bytes int) func(rows, columns int) string {
	return func(rows, columns int) string {
		object := "{"
		for i := range columns {
			object += fmt.Sprintf("\"c%d\":\"%s\",", i, strings.Repeat("x", bytes))
		}
		object = strings.TrimSuffix(object, ",") + "},\n"
		return "[" + strings.TrimSuffix(strings.Repeat(object, rows), ",\n") + "]"
	}
}
