// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build measure

package run_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeMeasured leaves a part of the guide where internal/tools/put-measured takes it from.
func writeMeasured(t *testing.T, name, content string) {
	t.Helper()
	folder := os.Getenv("MEASURED")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// budgetPlot draws the requests of every case as a pair of bars on a logarithmic scale. It is text: relative images do not
// show on the registry.
func budgetPlot(rows []measured) string {
	const decade = 15 // characters
	bar := func(block string, requests int) string {
		length := int(math.Round(decade * math.Log10(float64(max(1, requests)))))
		return fmt.Sprintf("  %s %d\n", strings.Repeat(block, 1+length), requests)
	}
	var b strings.Builder
	b.WriteString("```text\nRequests sent, on a logarithmic scale.  █ this provider  ░ one request for each run\n\n")
	for _, r := range rows {
		b.WriteString(strings.ReplaceAll(r.name, "`", "") + "\n" + bar("█", r.ours.requests) + bar("░", r.naive.requests))
	}
	b.WriteString("```\n")
	return b.String()
}
