// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
)

func runNotes(ctx context.Context, flags *flag.FlagSet, args []string) error {
	target := flags.String("to", "", "`file` to write the notes to")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *target == "" {
		return errors.New("-to is needed")
	}
	tag, err := git(ctx, "describe", "--tags", "--exact-match", "--match", "v*", "HEAD")
	if err != nil {
		return fmt.Errorf("the commit that is checked out has no tag such as v1.2.3, so there is nothing to release: %w", err)
	}
	changes, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return err
	}
	notes, err := notesOf(string(changes), strings.TrimPrefix(tag, "v"))
	if err != nil {
		return err
	}
	return os.WriteFile(*target, []byte(notes), 0o600)
}

// notesOf returns the section of a version in the changelog, without its heading: "## 1.2.3", perhaps with a date after it.
func notesOf(changes, version string) (string, error) {
	var notes strings.Builder
	found := false
	for line := range strings.Lines(changes) {
		if heading, isHeading := strings.CutPrefix(line, "## "); isHeading {
			if found {
				break
			}
			words := strings.Fields(heading)
			found = len(words) > 0 && words[0] == version
			continue
		}
		if found {
			notes.WriteString(line)
		}
	}
	text := strings.TrimSpace(notes.String())
	if text == "" {
		return "", fmt.Errorf("CHANGELOG.md has no section \"## %s\", or nothing in it", version)
	}
	return text + "\n", nil
}
