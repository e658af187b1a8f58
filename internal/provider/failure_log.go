// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"golang.org/x/text/encoding/unicode"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	maxFailureLogLines = 200
	// failureLogTimeout limits how long an error waits for the log.
	failureLogTimeout = 30 * time.Second
	// maxLogLine is how many characters of one line are shown.
	maxLogLine = 1000
	// maxHalfSecret is how many bytes of a text that was cut in a line may be the rest of a secret, which cannot be
	// recognized.
	maxHalfSecret = 16 << 10
	// maxOddShare is the share of characters, in percent, that a text may have and that no text has.
	maxOddShare = 10

	failureLogDescription = "If the run ends without success, the error shows this number of lines from the end of the run's text log. At most 200. Defaults to `0`: no lines, and no request. " +
		"If the run has several text logs, the error shows the newest one. This takes two requests. The provider reads at most the last 64 KiB of the log. If the storage can send only whole files, the provider reads the whole log, up to 16 MiB. " +
		"The API key and the strings of `input_parameters_wo` are hidden, and long lines are cut. If the log cannot be read, the error says why."
)

// failureLog is the part of a failed run's error that shows the end of its text log; "": no lines are asked for. Where the
// log cannot be read, it says why. It takes at most failureLogTimeout, and ends when ctx is interrupted: the error must not
// wait for it.
func (d *providerData) failureLog(ctx context.Context, ref sequentum.RunRef, lines int64) (text string) {
	if lines <= 0 {
		return ""
	}
	defer sequentum.Recover(func(p *sequentum.PanicError) { text = "The log could not be read: " + p.Error() + "." })
	limited, cancel := sequentum.WithTimeout(ctx, d.clock, failureLogTimeout)
	defer cancel()
	text, err := d.readFailureLog(limited, ref, lines)
	switch {
	case err == nil:
		return text
	case ctx.Err() != nil:
		return "The provider did not read the log, because it was interrupted."
	case limited.Err() != nil:
		return fmt.Sprintf("The log could not be read within %s: %s", failureLogTimeout, sentence(err.Error()))
	default:
		return "The log could not be read: " + sentence(err.Error())
	}
}

func (d *providerData) readFailureLog(ctx context.Context, ref sequentum.RunRef, lines int64) (string, error) {
	files, err := d.downloads.Files(ctx, ref)
	if err != nil {
		return "", err
	}
	log := newestTextLog(files)
	if log == nil {
		return "", errors.New("the run has no text log (a file of type LogText)")
	}
	tail, err := d.downloads.Tail(ctx, ref, *log)
	if err != nil {
		return "", fmt.Errorf("file %s: %w", describeFile(*log), err)
	}
	shown, ok := d.lastLines(tail, int(lines))
	switch {
	case !ok:
		return "", fmt.Errorf("file %s: it is not text", describeFile(*log))
	case len(shown) == 0:
		return fmt.Sprintf("The log is empty (file %s).", describeFile(*log)), nil
	}
	only := ""
	if tail.Cut && len(shown) < int(lines) {
		only = fmt.Sprintf(" Only the last %d KiB were read.", len(tail.Content)>>10)
	}
	return fmt.Sprintf("The last %s of the log (file %s):%s\n  | %s", plural(int64(len(shown)), "line"), describeFile(*log), only,
		strings.Join(shown, "\n  | ")), nil
}

// escapeSequence is a sequence of characters that colours a terminal or moves its cursor, or a title of its window.
var escapeSequence = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\))")

// lastLines returns at most the last n lines of a log, safe to show. ok is false if it is not text.
func (d *providerData) lastLines(tail download.Tail, n int) (lines []string, ok bool) {
	text := escapeSequence.ReplaceAllString(decodeText(tail.Content), "") // first: they could hide a secret
	if !looksLikeText(text) {
		return nil, false
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	if tail.Cut {
		text = withoutHalfLine(text)
	}
	text = strings.Trim(d.client.Harmless(text), "\n")
	if strings.TrimSpace(text) == "" {
		return nil, true
	}
	lines = strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-n):]
	for i, line := range lines {
		lines[i] = cutLine(line)
	}
	return lines, true
}

// decodeText reads UTF-8 or UTF-16. The end of a file has no byte order mark: UTF-16 shows by its zero bytes.
func decodeText(content []byte) string {
	order := unicode.LittleEndian
	switch even, odd := zeroBytes(content); {
	case bytes.HasPrefix(content, []byte{0xff, 0xfe}), 3*odd > len(content)/2 && even < odd:
	case bytes.HasPrefix(content, []byte{0xfe, 0xff}), 3*even > len(content)/2 && odd < even:
		order = unicode.BigEndian
	default:
		return strings.TrimPrefix(string(content), "\ufeff")
	}
	text, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(content)
	if err != nil {
		return string(content)
	}
	return string(text)
}

// zeroBytes counts the zero bytes at even and at odd places.
func zeroBytes(content []byte) (even, odd int) {
	for i, b := range content {
		switch {
		case b != 0:
		case i%2 == 0:
			even++
		default:
			odd++
		}
	}
	return even, odd
}

// looksLikeText reports whether nearly all characters are such as a text has.
func looksLikeText(text string) bool {
	odd, all := 0, 0
	for _, r := range text {
		all++
		if r == utf8.RuneError || r < ' ' && !strings.ContainsRune("\t\n\r\f\v", r) {
			odd++
		}
	}
	return odd*100 <= all*maxOddShare
}

// withoutHalfLine drops what is left of the first line of a text that was cut. If that is all there is, it drops what may
// be half a secret.
func withoutHalfLine(text string) string {
	if _, rest, found := strings.Cut(text, "\n"); found && strings.TrimSpace(rest) != "" {
		return rest
	}
	return strings.ToValidUTF8("…"+text[min(len(text), maxHalfSecret):], "")
}

// cutLine cuts a long line at its end, or at its beginning if that is missing already.
func cutLine(line string) string {
	runes := []rune(line)
	switch {
	case len(runes) <= maxLogLine:
		return line
	case runes[0] == '…':
		return "…" + string(runes[len(runes)-maxLogLine:])
	default:
		return string(runes[:maxLogLine]) + "…"
	}
}

// sentence ends a text with one full stop.
func sentence(text string) string { return strings.TrimRight(text, ".") + "." }

func failureLogValidators() []validator.Int64 {
	return []validator.Int64{int64validator.Between(0, maxFailureLogLines)}
}
