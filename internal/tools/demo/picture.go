// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// shown is a part of the output that the picture shows: the lines from the first that contains from to the next that
// contains to. With an empty to it is one line.
type shown struct{ from, to string }

// A session prints more than fits in a picture. Each part must be there, in this order.
var (
	interruptedParts = []shown{
		{"Plan: 1 to add", ""},
		{"products: Creating...", stillCreating},
		{"Interrupt received.", "Gracefully shutting down..."},
		{"Warning: Interrupted while waiting", ""},
		{"Agent 4711", "and replaces it."},
	}
	resumedParts = []shown{
		{"Refreshing state...", ""},
		{"will be updated in-place", `resource "sequentum_run"`},
		{"status   ", ""},
		{"Plan: 0 to add", ""},
		{"products: Modifying...", "records = "},
	}
)

const stillCreating = "Still creating..."

// steady are the times and counts that differ from session to session. The picture always shows these, so that a new
// picture of the same texts is the same file.
var steady = []struct {
	varying *regexp.Regexp
	fixed   string
}{
	{regexp.MustCompile(`running for \d+s\. \d+ records extracted, \d+ records exported,`), "running for 11s. 810 records extracted, 810 records exported,"},
	{regexp.MustCompile(`\d+ pages`), "60 pages"},
	{regexp.MustCompile(`complete after \d+s`), "complete after 5s"},
}

// draw writes a picture of two applies to the file o.picture: the first is interrupted while it waits for a run, the
// second continues the wait.
func draw(ctx context.Context, cli *terminalCLI, picture string) error {
	prompt := []span{{class: "prompt", text: "$ "}, {text: cli.name() + " apply -auto-approve"}}
	interrupted, err := cli.record(ctx, stillCreating, "apply", "-auto-approve")
	if err != nil {
		return err
	}
	resumed, err := cli.record(ctx, "", "apply", "-auto-approve")
	if err != nil {
		return err
	}
	first, err := cut(interrupted, interruptedParts)
	if err != nil {
		return err
	}
	second, err := cut(resumed, resumedParts)
	if err != nil {
		return err
	}
	lines := slices.Concat([][]span{prompt}, first, [][]span{nil, prompt}, second)
	if err := os.MkdirAll(filepath.Dir(picture), 0o755); err != nil {
		return fmt.Errorf("creating the folder of the picture: %w", err)
	}
	if err := os.WriteFile(picture, renderSVG(lines), 0o644); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	fmt.Printf("The picture is in %s.\n", picture)
	return nil
}

// record runs the CLI and returns what it prints, with colours. It interrupts the CLI as soon as it prints the text
// interruptAt; empty: never.
func (c *terminalCLI) record(ctx context.Context, interruptAt, verb string, args ...string) (string, error) {
	interrupted, interrupt := context.WithCancel(ctx)
	defer interrupt()
	command := c.process(interrupted, append([]string{verb, "-input=false"}, args...)...)
	output := &watchedOutput{text: interruptAt, seen: interrupt}
	command.Stdout, command.Stderr = output, output
	err := command.Run()
	switch {
	case interruptAt == "" || ctx.Err() != nil:
		return output.buffer.String(), c.failure(ctx, verb, err, output.buffer.Bytes())
	case interrupted.Err() == nil:
		return "", fmt.Errorf("%s %s ended before it printed %q:\n%s", c.name(), verb, interruptAt, output.buffer.String())
	}
	return output.buffer.String(), nil // the parts that are shown say whether it ended by the interrupt
}

// watchedOutput keeps what is written, and calls seen when the text has appeared. The CLI writes it from one goroutine.
type watchedOutput struct {
	buffer bytes.Buffer
	text   string
	seen   func()
}

func (o *watchedOutput) Write(p []byte) (int, error) {
	n, err := o.buffer.Write(p)
	if o.text != "" && bytes.Contains(o.buffer.Bytes(), []byte(o.text)) {
		o.seen()
	}
	return n, err
}

// cut keeps the parts of an output. A line with an ellipsis stands where lines are left out.
func cut(output string, parts []shown) ([][]span, error) {
	for _, s := range steady {
		output = s.varying.ReplaceAllString(output, s.fixed)
	}
	lines := parseLines(output)
	var kept [][]span
	next := 0
	find := func(text string, from int) (int, error) {
		for i := from; i < len(lines); i++ {
			if strings.Contains(plain(lines[i]), text) {
				return i, nil
			}
		}
		return 0, fmt.Errorf("the session does not print %q any more; change the parts in internal/tools/demo/picture.go. It prints:\n%s", text, output)
	}
	for _, part := range parts {
		from, err := find(part.from, next)
		if err != nil {
			return nil, err
		}
		to := from
		if part.to != "" {
			if to, err = find(part.to, from); err != nil {
				return nil, err
			}
		}
		if from > next && plain(lines[from-1]) != "" || from > next+1 {
			kept = append(kept, []span{{class: "cut", text: "⋮"}})
		}
		if part.from == "Interrupt received." {
			kept = append(kept, []span{{class: "prompt", text: "^C"}})
		}
		kept = append(kept, lines[from:to+1]...)
		next = to + 1
	}
	return kept, nil
}
