// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The tables of templates/guides/troubleshooting.md say what a user sees when something goes wrong. Each row is held
// against a test that makes it go wrong: a scenario names the row in its field trouble, other tests call wantTrouble.

// trouble is a row of the tables.
type trouble struct {
	sees        []string // texts that are printed
	state, next string   // what is in state afterwards, and what the next apply does
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

var troubles = sync.OnceValues(func() (map[string]trouble, error) {
	page, err := os.ReadFile("../../templates/guides/troubleshooting.md")
	if err != nil {
		return nil, err
	}
	rows := map[string]trouble{}
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "| ") || strings.Contains(cells[0], "---") || strings.TrimSpace(cells[0]) == "event" {
			continue
		}
		if len(cells) != 5 {
			return nil, fmt.Errorf("this row has %d cells, want 5: %s", len(cells), line)
		}
		row := trouble{state: strings.TrimSpace(cells[2]), next: strings.TrimSpace(cells[3])}
		for _, span := range codeSpan.FindAllStringSubmatch(cells[1], -1) {
			row.sees = append(row.sees, span[1])
		}
		rows[strings.TrimSpace(cells[0])] = row
	}
	return rows, nil
})

func findTrouble(t *testing.T, event string) trouble {
	t.Helper()
	rows, err := troubles()
	if err != nil {
		t.Fatal(err)
	}
	row, ok := rows[event]
	if !ok {
		t.Fatalf("the guide to troubles has no row %q", event)
	}
	return row
}

// wantTrouble fails the test unless what the guide says of an event was printed.
func wantTrouble(t *testing.T, event, printed string) {
	t.Helper()
	wantText(t, unwrap(printed), findTrouble(t, event).sees...)
}

// wantTroubleAsTold fails the test unless the guide says of the scenario's event what is in state in the end, and what
// the next plan does.
func (s scenario) wantTroubleAsTold(t *testing.T) {
	t.Helper()
	row := findTrouble(t, s.trouble)
	if got := strings.HasPrefix(row.state, "does not hold"); got != (s.want.state == nil) {
		t.Errorf("the guide says of %q: state %s", s.trouble, row.state)
	}
	if got := strings.Contains(row.state, "**tainted**"); got != s.want.tainted {
		t.Errorf("the guide says of %q: state %s", s.trouble, row.state)
	}
	says := map[string]string{"update": "continues waiting for the same run", "replace": "starts a new run", "create": "starts a new run", "": "does nothing"}[s.want.plan["sequentum_run.r"]]
	if s.want.noPlan != nil {
		says = "fails"
	}
	if !strings.Contains(row.next, says) {
		t.Errorf("the guide says of %q: the next apply %s. It %s", s.trouble, row.next, says)
	}
}

func TestEveryTroubleIsPlayed(t *testing.T) {
	t.Parallel()
	rows, err := troubles()
	if err != nil || len(rows) < 30 {
		t.Fatalf("the guide has %d troubles: %v", len(rows), err)
	}
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, file := range files {
		tests.WriteString(readFile(t, file))
	}
	quotes := strings.NewReplacer("`timeouts.create`", "timeouts.create")
	for event := range rows {
		if !strings.Contains(quotes.Replace(tests.String()), `"`+quotes.Replace(strings.ReplaceAll(event, `"`, `\"`))+`"`) {
			t.Errorf("no test plays the trouble %q", event)
		}
	}
}

// commandOf is a command without its values: "terraform apply -replace".
var commandOf = regexp.MustCompile(`terraform(?: [a-z-]+)+`)

// Each command that the text of a guide tells to type is also in a block of a guide, and so it is run.
func TestEveryCommandInAGuideIsRun(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../templates/guides/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no guides: %v", err)
	}
	run := []string{
		"terraform taint",                        // by playActions
		"terraform show -json", "terraform test", // the guides say what they do, and do not tell to type them
	}
	text := map[string]string{}
	for _, page := range pages {
		content := readFile(t, page)
		text[page] = guideBlock.ReplaceAllString(content, "")
		for _, block := range guideBlock.FindAllStringSubmatch(content, -1) {
			run = append(run, commandOf.FindAllString(block[2], -1)...)
		}
	}
	for page, said := range text {
		for _, span := range codeSpan.FindAllStringSubmatch(said, -1) {
			command := commandOf.FindString(span[1])
			if command != "" && !slices.ContainsFunc(run, func(other string) bool { return strings.HasPrefix(other, command) }) {
				t.Errorf("%s: `%s` is in no block of a guide", page, span[1])
			}
		}
	}
}
