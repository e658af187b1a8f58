package sequentum

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxShown is how many characters of a remote text a person is shown.
	maxShown = 2000
	// maxKept is how many bytes of one are kept: it goes to state, which is read and written as a whole.
	maxKept = 64 << 10
)

// Printable makes text that came from somewhere else fit to be shown: a run's message, the name of an agent or a file,
// a diagnosis, the reason phrase of an answer. Characters that control a terminal or turn the direction of the text
// are replaced, and it is cut at 2,000 characters.
func Printable(s string) string { return cut(harmless(s), maxShown) }

// harmless is s in valid UTF-8, each character that acts instead of being shown replaced.
func harmless(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\ufeff' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

// cut shortens s to limit characters, and shows that it did.
func cut(s string, limit int) string {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit]) + "…"
}
