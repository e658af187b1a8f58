// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"slices"
	"strings"
)

const logFile = "log.txt"

// logging has the commands that follow write a log, CLI and provider alike.
func (w *workspace) logging(level string) {
	w.env = append(w.env, "TF_LOG="+level, "TF_LOG_PATH="+logFile)
}

// logged are the log's lines whose message begins with one of the texts, in their order.
func (w *workspace) logged(beginnings ...string) []string {
	w.t.Helper()
	var lines []string
	for line := range strings.Lines(w.read(logFile)) {
		if slices.ContainsFunc(beginnings, func(b string) bool { return strings.Contains(line, providerName+": "+b) }) {
			lines = append(lines, line)
		}
	}
	return lines
}

// wantLogged fails the test unless the log has a line of the provider that begins with that text and has all these
// fields.
func (w *workspace) wantLogged(beginning string, fields ...string) {
	w.t.Helper()
	lines := w.logged(beginning)
	if !slices.ContainsFunc(lines, func(line string) bool {
		return !slices.ContainsFunc(fields, func(field string) bool { return !strings.Contains(line, field) })
	}) {
		w.t.Errorf("%q with %v is not logged; lines that begin so: %q", beginning, fields, lines)
	}
}
