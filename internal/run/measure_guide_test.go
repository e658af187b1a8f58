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

// budgetPlot draws the requests of every case as a pair of bars on a logarithmic scale.
func budgetPlot(rows []measured) string {
	const (
		left, width, rowHeight, top = 420, 380, 44, 50
		decades                     = 4.0
	)
	bar := func(n int) float64 { return width * math.Log10(float64(max(1, n))) / decades }
	var b strings.Builder
	height := top + rowHeight*len(rows) + 30
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" font-family="sans-serif" font-size="13">`+"\n", left+width+80, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" fill="white"/><text x="10" y="22" font-size="15">Requests sent (logarithmic): <tspan fill="#1a7f5a">this provider</tspan>, <tspan fill="#c0603a">one request per run</tspan></text>`+"\n")
	for decade := range int(decades) + 1 {
		x := left + float64(decade)*width/decades
		fmt.Fprintf(&b, `<line x1="%.0f" y1="%d" x2="%.0f" y2="%d" stroke="#ddd"/><text x="%.0f" y="%d" text-anchor="middle" fill="#666">%.0f</text>`+"\n", x, top-10, x, height-24, x, height-8, math.Pow10(decade))
	}
	for i, r := range rows {
		y := top + i*rowHeight
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text>`+"\n", left-10, y+18, strings.ReplaceAll(r.name, "`", ""))
		for j, one := range []struct {
			requests int
			colour   string
		}{{r.ours.requests, "#1a7f5a"}, {r.naive.requests, "#c0603a"}} {
			fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%.1f" height="13" fill="%s"/><text x="%.1f" y="%d" font-size="11" fill="#333">%d</text>`+"\n",
				left, y+j*15, max(1, bar(one.requests)), one.colour, left+bar(one.requests)+5, y+j*15+11, one.requests)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}
