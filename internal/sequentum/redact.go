// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

const (
	redacted = "(redacted)"
	// minKey is the shortest key that is redacted, in bytes. No real key is so short.
	minKey = 4
	// minInput is the shortest string of write-only input that is redacted, in characters. Shorter ones are often
	// ordinary words.
	minInput = 6
	// maxSecretForm is how many bytes after a cut are searched for the rest of a secret.
	maxSecretForm = 16 * kib
)

// redactor removes the client's secrets from texts, in case a server or proxy sends them back. A secret is redacted for
// as long as the client exists. It is safe for concurrent use.
type redactor struct {
	adding sync.Mutex
	known  atomic.Pointer[secrets]
}

// secrets holds secrets by their first minKey bytes, the longest first.
type secrets map[string][]string

func newRedactor(keys ...string) *redactor {
	r := &redactor{}
	r.addSecrets(minKey, keys...)
	return r
}

// addSecrets adds those of the texts that have atLeast characters or more.
func (r *redactor) addSecrets(atLeast int, texts ...string) {
	r.adding.Lock()
	defer r.adding.Unlock()
	all := secrets{}
	if old := r.known.Load(); old != nil {
		for beginning, row := range *old {
			all[beginning] = slices.Clone(row)
		}
	}
	for _, text := range texts {
		if utf8.RuneCountInString(text) < atLeast {
			continue
		}
		for v := viewOf(text); v != nil; v = v.unescaped() {
			all.add(string(v.text))
			if plain := withoutForeign(v.text); len(plain) >= atLeast {
				all.add(plain)
			}
		}
	}
	r.known.Store(&all)
}

// withoutForeign is text without its characters outside ASCII: what is left of UTF-16 or Latin-1 that is read as UTF-8.
func withoutForeign(text []byte) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return -1
		}
		return r
	}, string(text))
}

func (s secrets) add(secret string) {
	if len(secret) < minKey {
		return
	}
	beginning := secret[:minKey]
	if slices.Contains(s[beginning], secret) {
		return
	}
	s[beginning] = append(s[beginning], secret)
	slices.SortFunc(s[beginning], func(a, b string) int { return cmp.Compare(len(b), len(a)) })
}

// longest is the length of the longest secret that text begins with.
func (s secrets) longest(text []byte) int {
	if len(text) < minKey {
		return 0
	}
	for _, secret := range s[string(text[:minKey])] {
		if len(text) >= len(secret) && string(text[:len(secret)]) == secret {
			return len(secret)
		}
	}
	return 0
}

// addInput adds every string in a JSON text that has minInput characters or more, and each line of those that have several:
// a log breaks them into lines. A text that is not JSON is one secret.
func (r *redactor) addInput(input string) {
	texts := stringsIn(input)
	for _, text := range texts {
		for line := range strings.Lines(text) {
			texts = append(texts, strings.TrimSpace(line))
		}
	}
	r.addSecrets(minInput, texts...)
}

// stringsIn lists the strings in a JSON text, also those in strings that hold JSON themselves.
func stringsIn(input string) (found []string) {
	var value any
	if json.Unmarshal([]byte(input), &value) != nil {
		return []string{input}
	}
	var walk func(any)
	walk = func(value any) {
		switch value := value.(type) {
		case string:
			found = append(found, value)
			if strings.ContainsAny(value, `{["`) {
				found = append(found, stringsIn(value)...)
			}
		case []any:
			for _, v := range value {
				walk(v)
			}
		case map[string]any:
			for _, v := range value {
				walk(v)
			}
		}
	}
	walk(value)
	return found
}

// replaceSecrets returns the first limit bytes of s, with "(redacted)" in the place of each secret, also of an escaped one.
// s has to hold the text after the limit too: half of a secret could not be recognized.
func (r *redactor) replaceSecrets(s string, limit int) string {
	s = s[:min(len(s), limit+maxSecretForm)]
	var b strings.Builder
	done := 0
	for _, found := range r.findSecrets(s) {
		if found.from >= limit {
			break
		}
		b.WriteString(s[done:found.from])
		b.WriteString(redacted)
		done = found.to
	}
	if done == 0 && len(s) <= limit {
		return s
	}
	if done < limit {
		b.WriteString(s[done:min(limit, len(s))])
	}
	return b.String()
}

// part is a part of a text, in bytes.
type part struct{ from, to int }

// findSecrets returns the parts of s that are secrets, in order. Overlapping ones are joined.
func (r *redactor) findSecrets(s string) []part {
	known := r.known.Load()
	if known == nil || len(*known) == 0 {
		return nil
	}
	var found []part
	for v := viewOf(s); v != nil; v = v.unescaped() {
		for i := range v.text {
			if n := known.longest(v.text[i:]); n > 0 {
				found = append(found, part{v.parts[i].from, v.parts[i+n-1].to})
			}
		}
	}
	slices.SortFunc(found, func(a, b part) int { return cmp.Compare(a.from, b.from) })
	joined := found[:0]
	for _, p := range found {
		if last := len(joined) - 1; last >= 0 && p.from <= joined[last].to {
			joined[last].to = max(joined[last].to, p.to)
			continue
		}
		joined = append(joined, p)
	}
	return joined
}

// text returns s without secrets, safe to keep: at most maxKept bytes. For a text that is shown, see [Printable].
func (r *redactor) text(s string) string {
	s = harmless(r.replaceSecrets(s, maxKept))
	for len(s) > maxKept || !utf8.ValidString(s) {
		s = s[:min(len(s)-1, maxKept)]
	}
	return s
}

// printable returns s without secrets, safe to show: see [Printable].
func (r *redactor) printable(s string) string { return Printable(r.replaceSecrets(s, maxKept)) }

// error returns err when its text is safe to show, and otherwise an error with a safe text. errors.Is still finds err, but
// the new error cannot be unwrapped.
func (r *redactor) error(err error) error {
	text := r.printable(err.Error())
	if text == err.Error() {
		return err
	}
	return redactedError{text, err}
}

type redactedError struct {
	text  string
	cause error
}

func (e redactedError) Error() string        { return e.text }
func (e redactedError) Is(target error) bool { return errors.Is(e.cause, target) }
