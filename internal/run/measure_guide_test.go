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

const guideHead = `---
page_title: "A thousand runs under one key"
description: |-
  What refreshes and waits cost of the API's request budget.
---

# A thousand runs under one key

The API allows 100 requests a minute for each key. Asking for every run by itself exceeds that with ten waits, and makes a refresh of a thousand runs take ten minutes. With this provider cost grows with the number of agents, not of runs:

- A run that has finished for good is never asked about again. Refreshing or destroying 5,000 of them costs **no request**.
- Reads of active runs of one agent share one list of up to 1,000 runs.
- Waits for runs of one agent share one watcher: one run asks for its own status, two or more share a list.
- Everything one provider configuration does shares one budget. It follows the limit that the server's headers state, and never sends more than that in any window of that length. Start, stop and kill go first; a share is kept back for those who wait, so that each agent is looked at every 10 seconds even behind a long row of starts.
- When others use the same key and the server answers 429, everything pauses as long as it asks for, slows down, and recovers gradually.

## Measured

Against the project's simulator with the real limit of 100 requests in 60 seconds and 50 ms on the wire, in simulated time. The naive way, in the same run: one status request for each run, every 5 seconds while waiting, sent again after a 429 as the server asks.

`

const guideTail = `
![Requests sent, ours and the naive way](request-budget.svg)

The command ` + "`make bench`" + ` prints this table, and ` + "`make bench-guide`" + ` writes it into this page.

Limits of what a list can do: it reaches the newest 1,000 runs of an agent. Active runs older than those are asked for one by one. A refresh of 5,000 runs that are *all active* therefore still costs 4,000 requests.

## Sharing a key

Each provider configuration keeps its own budget, and so does each alias of it and each pipeline. Two pipelines on one key divide it by setting ` + "`requests_per_minute`" + ` in each, a little below their share: a plan just before the apply is a process of its own, and has used some of the minute.

` + "```terraform" + `
provider "sequentum" {
  requests_per_minute = 45
}
` + "```" + `

Without the setting both still come through: a 429 is a pause, and an error only when it outlasts the timeout of the operation.

## When -parallelism pays

Terraform creates, reads and waits for 10 objects at a time. A wait holds one of these places for as long as the run takes, so 200 runs that should run side by side need ` + "`terraform apply -parallelism=200`" + `. Refreshing needs no more than the 10: reads share lists. Starts are limited by the budget alone, 100 a minute less the share of those who wait.
`

// writeGuide puts the measured table and its plot into the guide.
func writeGuide(t *testing.T, page, table, plot string) {
	t.Helper()
	files := map[string]string{page: guideHead + table + guideTail, strings.TrimSuffix(page, filepath.Ext(page)) + ".svg": plot}
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
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
