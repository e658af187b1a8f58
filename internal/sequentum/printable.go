// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxShown is how many characters of a remote text are shown to a person.
	maxShown = 2000
	// maxKept is how many bytes of a remote text are kept. It goes to state, which Terraform reads and writes as a whole.
	maxKept = 64 * kib
)

// Printable makes a remote text safe to show: a run's message, the name of an agent or a file, a diagnosis, the reason
// phrase of an answer. It replaces characters that control a terminal or change the direction of the text, and cuts the
// text at 2,000 characters.
func Printable(s string) string { return cut(harmless(s), maxShown) }

// OneLine makes a remote text, such as a name, fit to be shown within a sentence: [Printable], and in one line.
func OneLine(s string) string { return strings.Join(strings.Fields(Printable(s)), " ") }

// harmless is s in valid UTF-8, without characters that control a terminal or change the direction of the text.
func harmless(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\ufeff' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// cut shortens s to limit characters. A text that was shortened ends in "…".
func cut(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}
