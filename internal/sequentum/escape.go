// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// view is the form of a text in which secrets are searched: without invisible characters, and after some rounds of
// unescaping. For each of its bytes it knows the part of the original text that the byte stands for.
type view struct {
	text   []byte
	parts  []part
	rounds int
}

const (
	// maxRounds is how often a text is unescaped. JSON in a JSON string in a query needs three rounds.
	maxRounds = 5
	// maxEntity is the length of the longest entity of HTML that is recognized, in bytes.
	maxEntity = 32
)

func viewOf(s string) *view {
	v := &view{text: make([]byte, 0, len(s)), parts: make([]part, 0, len(s))}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !isInvisible(r) {
			v.add(s[i:i+n], part{i, i + n})
		}
		i += n
	}
	return v
}

// isInvisible reports a character that can stand in the middle of a secret without being seen: the zero bytes of UTF-16
// that is read as UTF-8, and what somebody put there on purpose.
func isInvisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
}

func (v *view) add(s string, p part) {
	for i := range len(s) {
		b := s[i]
		if b == '+' { // a query writes a space as +
			b = ' '
		}
		v.text = append(v.text, b)
		v.parts = append(v.parts, p)
	}
}

// unescaped returns the view after one more round of unescaping; nil: nothing would change.
func (v *view) unescaped() *view {
	if v.rounds == maxRounds || !bytes.ContainsAny(v.text, `\%&`) {
		return nil
	}
	next := &view{text: make([]byte, 0, len(v.text)), parts: make([]part, 0, len(v.text)), rounds: v.rounds + 1}
	changed := false
	for i := 0; i < len(v.text); {
		s, n := unescape(v.text[i:])
		if n == 0 {
			s, n = string(v.text[i:i+1]), 1
		} else {
			changed = true
		}
		next.add(s, part{v.parts[i].from, v.parts[i+n-1].to})
		i += n
	}
	if !changed {
		return nil
	}
	return next
}

// unescape reads one escape sequence of JSON, of a URL or of HTML, and returns what it stands for; n is 0 when text
// begins with none.
func unescape(text []byte) (s string, n int) {
	switch text[0] {
	case '\\':
		return unescapeBackslash(text)
	case '%':
		return hexByte(text, len("%"))
	case '&':
		end := bytes.IndexByte(text[:min(len(text), maxEntity)], ';')
		if end < 0 {
			return "", 0
		}
		entity := string(text[:end+1])
		if s = html.UnescapeString(entity); s != entity {
			return s, len(entity)
		}
	}
	return "", 0
}

func unescapeBackslash(text []byte) (s string, n int) {
	if len(text) < len(`\n`) {
		return "", 0
	}
	switch c := text[1]; {
	case c == 'u':
		return unescapeUnit(text)
	case c == 'x':
		return hexByte(text, len(`\x`))
	case strings.IndexByte("nrtbf", c) >= 0:
		return "", len(`\n`) // an invisible character
	case c < utf8.RuneSelf && unicode.IsPunct(rune(c)) || unicode.IsSymbol(rune(c)):
		return string(rune(c)), len(`\n`)
	}
	return "", 0
}

// unescapeUnit reads one \u002B, or two that stand for one character together.
func unescapeUnit(text []byte) (s string, n int) {
	r, ok := unit(text)
	if !ok {
		return "", 0
	}
	n = len(`\u002B`)
	if low, ok := unit(text[n:]); ok && utf16.IsSurrogate(r) {
		r, n = utf16.DecodeRune(r, low), 2*n
	}
	if isInvisible(r) {
		return "", n
	}
	return string(r), n
}

// unit reads one code unit of UTF-16 that is written as \u002B.
func unit(text []byte) (rune, bool) {
	if len(text) < len(`\u002B`) || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	v, err := strconv.ParseUint(string(text[len(`\u`):len(`\u002B`)]), 16, 16)
	return rune(v), err == nil
}

// hexByte reads the two hexadecimal digits that follow the first at bytes of text.
func hexByte(text []byte, at int) (s string, n int) {
	end := at + len("2B")
	if len(text) < end {
		return "", 0
	}
	v, err := strconv.ParseUint(string(text[at:end]), 16, 8)
	if err != nil {
		return "", 0
	}
	if b := byte(v); b >= ' ' && b != 0x7f {
		return string([]byte{b}), end
	}
	return "", end
}
