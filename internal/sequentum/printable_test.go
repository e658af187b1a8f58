// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPrintableTextIsSafeAndShort(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		"plain\n\ttext, ü 📦 \u200d":              "plain\n\ttext, ü 📦 \u200d",
		"a line\r\nand another":                  "a line\nand another",
		"\x1b[2J\x07boo\r\x00":                   "\ufffd[2J\ufffdboo\ufffd\ufffd",
		"\u009b31m\u007f":                        "\ufffd31m\ufffd",
		"\u202atxt.\u202eexe\u2066\u2069":        "\ufffdtxt.\ufffdexe\ufffd\ufffd",
		"\u200e\u200f\u061c\ufeff":               "\ufffd\ufffd\ufffd\ufffd",
		"half a character: \xc3 and \xff\xfe.":   "half a character: \ufffd and \ufffd.",
		strings.Repeat("ü", maxShown):            strings.Repeat("ü", maxShown),
		strings.Repeat("ü", maxShown) + "and on": strings.Repeat("ü", maxShown) + "…",
		strings.Repeat("\x1b", 3<<20):            strings.Repeat("\ufffd", maxShown) + "…",
	} {
		got := Printable(text)
		if got != want {
			t.Errorf("%.40q: got %.200q, expected %.200q", text, got, want)
		}
		if again := Printable(got); again != got || !utf8.ValidString(got) {
			t.Errorf("%.40q is not the same when it is made printable again: %.200q", text, again)
		}
	}
}
