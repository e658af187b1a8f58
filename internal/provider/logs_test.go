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

// logged are the log's lines with one of the messages, in their order.
func (w *workspace) logged(messages ...string) []string {
	w.t.Helper()
	var lines []string
	for line := range strings.Lines(w.read(logFile)) {
		if slices.ContainsFunc(messages, func(m string) bool { return strings.Contains(line, providerName+": "+m+": ") }) {
			lines = append(lines, line)
		}
	}
	return lines
}

// wantLogged fails the test unless the log has a line of the provider with that message and all these fields.
func (w *workspace) wantLogged(message string, fields ...string) {
	w.t.Helper()
	lines := w.logged(message)
	if !slices.ContainsFunc(lines, func(line string) bool {
		return !slices.ContainsFunc(fields, func(field string) bool { return !strings.Contains(line, field) })
	}) {
		w.t.Errorf("%q with %v is not logged; lines with that message: %q", message, fields, lines)
	}
}
