// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// checkMessage fails the test unless a message is text that controls no terminal.
func checkMessage(t *testing.T, message string) {
	t.Helper()
	if message == "" || !utf8.ValidString(message) || strings.ContainsFunc(message, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
		t.Errorf("it says %q", message)
	}
}

// An object has one import id: what is accepted is what is shown.
func FuzzImportID(f *testing.F) {
	for _, seed := range []string{"4711/100001", "4711", "4711/", "/1", "04711/1", "+1/1", "1/1/1", "1 /1", "2147483648/1", "1/9223372036854775808", "１/１", "\x1b[2J/1", "1/0", "-1/-1", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		for _, kind := range []objectKind{runKind, scheduleKind} {
			ref, err := kind.parse(id)
			if err != nil {
				checkMessage(t, err.Error())
			} else if ref.String() != id || ref.agentID < 1 || ref.id < 1 {
				t.Errorf("%q is read as %+v", id, ref)
			}
		}
	})
}

// Another spelling of the same input is no change, and two numbers are the same if and only if their values are.
func FuzzSameInput(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"a": 1, "b": [1.0, {"c": "\u0041"}]}`, "1e3"}, {`{"a": 1, "a": 2}`, "1000.000"}, {`{}`, "-0"}, {`{"a": 1e999999999}`, "0e5"}, {`{"a": 9007199254740993}`, "9007199254740992"}, {`[]`, "01"}, {`{"a": "\ud800"}`, "1e-2"}, {`{} {}`, "0.01"}, {`null`, "100e-4"},
	} {
		f.Add(seed[0], seed[1], "1e1")
	}
	f.Fuzz(func(t *testing.T, input, x, y string) {
		object, err := decodeObject(input)
		if err == nil {
			same, marshalErr := json.Marshal(object)
			if marshalErr != nil {
				t.Fatal(marshalErr)
			}
			a, b := types.StringValue(input), types.StringValue(string(same))
			if !sameInput(a, b) || !sameInput(b, a) || !sameInput(a, types.StringValue(" "+input+"\n")) {
				t.Errorf("%q and %q are taken for two inputs", input, same)
			}
			if empty := len(object) == 0; sameInput(a, types.StringNull()) != empty {
				t.Errorf("%q is taken for no input: %v", input, !empty)
			}
		} else {
			checkMessage(t, describeJSONError(err))
		}
		if !isSmallNumber(x) || !isSmallNumber(y) {
			return
		}
		p, _ := new(big.Rat).SetString(x)
		q, _ := new(big.Rat).SetString(y)
		if got := sameInput(types.StringValue(`{"n":`+x+`}`), types.StringValue(`{"n":`+y+`}`)); got != (p.Cmp(q) == 0) {
			t.Errorf("%s and %s are the same: %v", x, y, got)
		}
	})
}

// isSmallNumber reports a JSON number whose value fits into memory.
func isSmallNumber(s string) bool {
	var n json.Number
	if json.Unmarshal([]byte(s), &n) != nil || strings.TrimSpace(s) != s || s == "null" || strings.HasPrefix(s, `"`) {
		return false
	}
	_, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	power, err := strconv.Atoi(exponent)
	return exponent == "" || err == nil && power > -1000 && power < 1000
}

// A cron expression that is accepted fires, in whatever case and with whatever spaces it is written.
func FuzzCron(f *testing.F) {
	for _, seed := range []string{
		"30 6 * * 1-5", "*/0 * * * *", "0 0 30 2 *", "TZ=UTC 0 0 * * *", "CRON_TZ= * * * * *", "5-1 * * * *", "* * L * *", "* * * * 1#5", "0 0 29 2 *", "0 6 * 11-2 *", "59-1 7 * * *", "1,,2 * * * *", "* * * JAN sun", "* * * * * *", "", "60 * * * *", "*/99999999999999999999 * * * *", "0-59/1 0-23/1 1W * ?", "\x1b * * * *",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		err := checkCron(expression)
		if err != nil {
			checkMessage(t, err.Error())
		}
		if len(expression) > 200 {
			return
		}
		for _, other := range []string{strings.ToLower(expression), strings.ToUpper(expression), " " + strings.Join(strings.Fields(expression), "\t ") + " "} {
			if !sameCron(types.StringValue(expression), types.StringValue(other)) {
				continue // a letter outside of ASCII
			}
			if otherErr := checkCron(other); (otherErr == nil) != (err == nil) {
				t.Errorf("%q: %v, but %q: %v", expression, err, other, otherErr)
			}
		}
	})
}

// Two texts are the same time in whichever order they are compared, and a time is the same as itself in UTC.
func FuzzInstant(f *testing.F) {
	for _, seed := range [][2]string{
		{"2026-03-01T10:00:00Z", "2026-03-01T11:00:00.5+01:00"}, {"0001-01-01T00:00:00Z", ""}, {"2026-02-30T00:00:00Z", "x"}, {"9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59"}, {"2026-03-01t10:00:00z", "2026-03-01 10:00:00Z"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := types.StringValue(a), types.StringValue(b)
		if sameInstant(x, y) != sameInstant(y, x) {
			t.Errorf("%q and %q are the same in one order only", a, b)
		}
		at := instantOf(x)
		if at.IsZero() || at.Year() < 0 || at.Year() > 9999 {
			return
		}
		if shown := types.StringValue(at.Format("2006-01-02T15:04:05.999999999Z07:00")); !sameInstant(x, shown) {
			t.Errorf("%q is not the same as %s", a, shown)
		}
	})
}

// The last lines of any log are safe to show: no more than were asked for, none too long, none with a secret.
func FuzzLogTail(f *testing.F) {
	for _, seed := range []string{
		"one\ntwo\n", "\xff\xfe" + utf16Of("Größe\n", false), utf16Of("lf of one\nGröße\n", true), "\x1b[1;31mError\x1b[0m\x1b]0;t\x07", "sk-sec\x1b[0mret+key", "a\r\nb\rc\u2028d\u0085e", "\x00\x00\x00", strings.Repeat("é", 3000), "sk\\u002Dsecret+key", "s\x00k\x00-\x00",
	} {
		f.Add([]byte(seed), false, uint8(3))
		f.Add([]byte(seed), true, uint8(200))
	}
	const key = "sk-secret+key"
	client, err := sequentum.New(sequentum.Config{BaseURL: "https://cloud.example.test", APIKey: key})
	if err != nil {
		f.Fatal(err)
	}
	d := &providerData{client: client}
	f.Fuzz(func(t *testing.T, content []byte, cut bool, n uint8) {
		n = 1 + n%maxFailureLogLines
		lines, ok := d.lastLines(download.Tail{Content: content, Cut: cut}, int(n))
		if len(lines) > int(n) || !ok && lines != nil {
			t.Errorf("%d lines, %v", len(lines), ok)
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > maxLogLine+1 || !utf8.ValidString(line) || strings.Contains(line, key) ||
				strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Bidi_Control, r) }) {
				t.Errorf("it shows %q", line)
			}
		}
	})
}

// fuzzedPrivate is private state in memory.
type fuzzedPrivate map[string][]byte

func (p fuzzedPrivate) GetKey(_ context.Context, key string) ([]byte, diag.Diagnostics) {
	return p[key], nil
}

func (p fuzzedPrivate) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	p[key] = value
	return nil
}

// Private state of any version is read, or refused with a message. What was read is written so that it is read again.
func FuzzPrivateState(f *testing.F) {
	for _, seed := range []string{
		`{"own": true, "tainted": true}`, `{"own": 1}`, `{"cron": "* * * * *"}`, `{"written": {"a": "2026-03-01T10:00:00Z"}, "pending": {"b": {"id": 1}}, "old": [{"id": 2, "directory": "/x", "on": "c", "sha256": "00"}], "stale": {"d": {"id": 3}}, "relist": true}`,
		`{"written": {"a": "x"}}`, `null`, `[]`, `{`, ``, `{"lost": {"a": null}, "old": null}`,
	} {
		f.Add([]byte(seed))
	}
	ctx := context.Background()
	f.Fuzz(func(t *testing.T, raw []byte) {
		var diags diag.Diagnostics
		private := fuzzedPrivate{unfinishedWaitKey: raw, filledKey: raw, downloadsKey: raw}

		wait := readUnfinishedWait(ctx, private, &diags)
		writeUnfinishedWait(ctx, private, wait, &diags)
		if again := readUnfinishedWait(ctx, private, &diags); !reflect.DeepEqual(again, wait) {
			t.Errorf("%q: the wait %+v is read back as %+v", raw, wait, again)
		}

		filled := readFilled(ctx, private, &diags)
		filled.write(ctx, private, &diags)
		if again := readFilled(ctx, private, &diags); !reflect.DeepEqual(again, filled) {
			t.Errorf("%q: the values %+v are read back as %+v", raw, filled, again)
		}

		state := &runDownloadModel{Directory: types.StringValue("/files"), Files: types.MapNull(downloadedFileType)}
		tracked := readTrackedFiles(ctx, state, private, &diags)
		if diags.HasError() {
			for _, d := range diags {
				checkMessage(t, d.Summary())
			}
			return
		}
		tracked.save(ctx, state, private, &diags)
		again := readTrackedFiles(ctx, state, private, &diags)
		if first, second := mustMarshal(t, tracked), mustMarshal(t, again); first != second || diags.HasError() {
			t.Errorf("%q: the files %s are read back as %s, %v", raw, first, second, diags)
		}
	})
}

func mustMarshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Names are compared in one form, which comparing again does not change.
func FuzzComparableName(f *testing.F) {
	for _, seed := range [][2]string{{"cafe\u0301", "CAF\u00c9"}, {"a  b", "A B"}, {"\x00\u202e", ""}, {strings.Repeat("x", 3000), "x"}, {"\xff", "\ufffd"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if once := comparableName(a); comparableName(once) != once {
			t.Errorf("%q becomes %q, then %q", a, once, comparableName(once))
		}
		if ab, ba := nameDistance(a, b), nameDistance(b, a); ab != ba || ab < 0 || nameDistance(a, a) != 0 {
			t.Errorf("%q is %d from %q, and back %d", a, ab, b, ba)
		}
	})
}
