// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// The parts of diagnostics: first text in general, then runs and files.

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// capitalized is a noun at the beginning of a sentence.
func capitalized(noun string) string { return strings.ToUpper(noun[:1]) + noun[1:] }

// paragraphs joins the texts that are not empty, with an empty line between them.
func paragraphs(parts ...string) string {
	var filled []string
	for _, p := range parts {
		if p != "" {
			filled = append(filled, p)
		}
	}
	return strings.Join(filled, "\n\n")
}

// listed returns a heading with its points, or "" if there are none.
func listed(heading string, points []string) string {
	if len(points) == 0 {
		return ""
	}
	return heading + ":\n  - " + strings.Join(points, "\n  - ")
}

// maxListed keeps a diagnostic readable even if an agent has a thousand active runs.
const maxListed = 10

// oneLine makes remote text, such as a name, fit to be shown within a sentence.
func oneLine(s string) string { return sequentum.OneLine(s) }

// listedBriefly is listed with at most the first maxListed points.
func listedBriefly(heading string, points []string) string {
	if more := len(points) - maxListed; more > 0 {
		points = append(points[:maxListed:maxListed], fmt.Sprintf("… and %d more", more))
	}
	return listed(heading, points)
}

// describeRun says in one paragraph what a user wants to know of a run: its agent, its status, how long it queued and
// executed, and its counts.
func describeRun(r *sequentum.Run, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Agent %d", r.AgentID)
	if r.AgentName != "" {
		fmt.Fprintf(&b, " (%s)", oneLine(r.AgentName))
	}
	fmt.Fprintf(&b, ", run %d: %s.", r.ID, oneLine(r.Status.String()))
	if !r.CreatedAt.IsZero() {
		b.WriteString(" " + describeTimes(r, now))
	}
	counts := []string{}
	for _, c := range []struct {
		n    *int64
		noun string
		verb string
	}{{r.RecordsExtracted, "record", " extracted"}, {r.RecordsExported, "record", " exported"}, {r.PageCount, "page", ""}, {r.ErrorCount, "error", ""}} {
		if c.n != nil {
			counts = append(counts, plural(*c.n, c.noun)+c.verb)
		}
	}
	if len(counts) > 0 {
		b.WriteString(" " + strings.Join(counts, ", ") + ".")
	}
	return b.String()
}

func describeTimes(r *sequentum.Run, now time.Time) string {
	end, tense := r.FinishedAt, "ran"
	if end.IsZero() {
		end, tense = now, "has been running"
	}
	switch {
	case !r.StartedAt.IsZero():
	case !r.FinishedAt.IsZero(): // the platform does not always say when the run began to execute
		return fmt.Sprintf("It ended %s after it was accepted.", elapsed(r.CreatedAt, end))
	case r.Status == sequentum.StatusQueuing || r.Status == sequentum.StatusWaiting:
		return fmt.Sprintf("It has been queued for %s.", elapsed(r.CreatedAt, end))
	default:
		return fmt.Sprintf("It was accepted %s ago.", elapsed(r.CreatedAt, end))
	}
	return fmt.Sprintf("It was queued for %s and %s for %s.", elapsed(r.CreatedAt, r.StartedAt), tense, elapsed(r.StartedAt, end))
}

// elapsed is never below zero: the two times can come from two clocks.
func elapsed(from, to time.Time) time.Duration {
	return max(0, to.Sub(from)).Round(time.Second)
}

func joinIDs(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = fmt.Sprint(id)
	}
	return strings.Join(texts, ", ")
}

// importBlocks shows how each run can be imported.
func importBlocks(runs []sequentum.Run) string {
	blocks := make([]string, len(runs))
	for i := range runs {
		blocks[i] = fmt.Sprintf("import {\n  to = sequentum_run.NAME\n  id = %q\n}", runs[i].Ref().String())
	}
	return strings.Join(blocks, "\n\n")
}

func describeRuns(runs []sequentum.Run, now time.Time) []string {
	lines := make([]string, len(runs))
	for i := range runs {
		lines[i] = describeRun(&runs[i], now)
		if !runs[i].CreatedAt.IsZero() {
			lines[i] += " Accepted at " + runs[i].CreatedAt.UTC().Format(time.RFC3339) + "."
		}
	}
	return lines
}

func describeFiles(files []sequentum.File) []string {
	lines := make([]string, len(files))
	for i, f := range files {
		lines[i] = describeFile(f)
	}
	return lines
}

func describeFile(f sequentum.File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", f.ID)
	if f.Name != nil {
		b.WriteString(" " + quoted(*f.Name))
	}
	if f.SizeBytes != nil {
		fmt.Fprintf(&b, ", %s", plural(*f.SizeBytes, "byte"))
	}
	if name := f.Type.Name(); name != nil {
		b.WriteString(", " + strings.Trim(quoted(*name), `"`))
	}
	return b.String()
}

// maxQuoted is how many characters of a remote name a message shows.
const maxQuoted = 200

// quoted makes a name from a scraped site fit to be shown: it escapes characters that control a terminal.
func quoted(name string) string { return strconv.Quote(shortened(name)) }

// shortened cuts a remote name at maxQuoted characters.
func shortened(name string) string {
	if runes := []rune(name); len(runes) > maxQuoted {
		return string(runes[:maxQuoted]) + "…"
	}
	return name
}
