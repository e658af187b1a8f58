// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Command cover reports what the tests have covered of each package, and holds what is not covered against a list of
// explanations. It fails when a function has blocks that are neither covered nor explained, and when an explanation is no
// longer true.
//
// A line of the list names the file, the function, how many of its blocks may be uncovered, and why:
//
//	internal/run/stop.go stopping.readRun 1 Only a bug of the simulator leads here.
//
// A block is a piece of code that runs as a whole, such as a branch. The list names functions, not lines, so that it need
// not change with every line of code. Where the reason begins with "Sometimes:", the tests cover the blocks on some runs
// only, because of times and chance.
package main

import (
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

func main() {
	root := flag.String("root", ".", "the repository")
	profile := flag.String("profile", "", "what was covered, as go tool covdata textfmt writes it")
	explained := flag.String("explained", "", "the list of explanations")
	packages := flag.String("packages", "", "the packages to report, with commas: paths below the repository, and . for the root")
	flag.Parse()
	if err := report(os.Stdout, *root, *profile, *explained, strings.Split(*packages, ",")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report prints the coverage of the packages, and returns an error that lists what is wrong with it or its explanations.
func report(w io.Writer, root, profile, explained string, packages []string) error {
	blocks, err := readLines(profile, parseBlock)
	if err != nil {
		return err
	}
	explanations, err := readLines(explained, parseExplanation)
	if err != nil {
		return err
	}
	functions, err := functionsOf(root, merged(blocks), packages)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, describeCoverage(functions)); err != nil {
		return err
	}
	if problems := check(functions, explanations); len(problems) > 0 {
		return fmt.Errorf("\n%s\n\nWrite a test that covers the lines. If no test can cover them, explain why in %s: write the function, the number of its uncovered blocks, and the reason", strings.Join(problems, "\n"), explained)
	}
	uncovered := 0
	for _, f := range functions {
		uncovered += len(f.uncovered)
	}
	_, err = fmt.Fprintf(w, "%d blocks are not covered. Each is explained in %s\n", uncovered, explained)
	return err
}

// readLines reads each line of a file that is neither empty nor a comment.
func readLines[T any](name string, parse func(string) (T, error)) ([]T, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var all []T
	for n, line := range strings.Split(string(content), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "mode: ") {
			continue
		}
		one, err := parse(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// describeCoverage says which part of the statements is covered, by package and in all.
func describeCoverage(functions []*function) string {
	type count struct{ covered, all int }
	packages := map[string]count{}
	total := count{}
	for _, f := range functions {
		c := packages[path.Dir(f.file)]
		c.covered, c.all = c.covered+f.covered, c.all+f.statements
		packages[path.Dir(f.file)] = c
		total.covered, total.all = total.covered+f.covered, total.all+f.statements
	}
	var text strings.Builder
	line := func(name string, c count) {
		fmt.Fprintf(&text, "%-24s %5.1f %% of %5d statements\n", name, 100*float64(c.covered)/float64(max(1, c.all)), c.all)
	}
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		line(name, packages[name])
	}
	line("in all", total)
	return text.String()
}

// check returns what is not explained, and which explanations are not true any more.
func check(functions []*function, explanations []explanation) (problems []string) {
	known := map[string]*function{}
	for _, f := range functions {
		known[f.key()] = f
	}
	allowed := map[string]int{}
	for _, e := range explanations {
		switch f := known[e.key()]; {
		case f == nil:
			problems = append(problems, fmt.Sprintf("%s is explained, but there is no such function", e.key()))
		case allowed[e.key()] > 0:
			problems = append(problems, fmt.Sprintf("%s is explained twice", e.key()))
		case len(f.uncovered) < e.blocks && !e.sometimes():
			problems = append(problems, fmt.Sprintf("%s: %d uncovered blocks are explained, but %d are left: correct the number, or remove the line", e.key(), e.blocks, len(f.uncovered)))
		}
		allowed[e.key()] = e.blocks
	}
	for _, f := range functions {
		if len(f.uncovered) > allowed[f.key()] {
			problems = append(problems, fmt.Sprintf("%s: %d blocks are not covered, and %d of them are explained: lines %s", f.key(), len(f.uncovered), allowed[f.key()], f.lines()))
		}
	}
	return problems
}
