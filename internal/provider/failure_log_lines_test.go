// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// utf16Of is text as UTF-16 without a byte order mark.
func utf16Of(text string, bigEndian bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		pair := []byte{byte(u), byte(u >> 8)}
		if bigEndian {
			slices.Reverse(pair)
		}
		b = append(b, pair...)
	}
	return string(b)
}

// A log comes from a machine that runs other people's scripts: it can hold anything.
func TestLastLines(t *testing.T) {
	client, err := sequentum.New(sequentum.Config{BaseURL: "https://cloud.example.test", APIKey: "sk-secret+key"})
	if err != nil {
		t.Fatal(err)
	}
	client.HideInput(`{"password": "pa\"ss/word", "pem": "-----BEGIN-----\nabcdefgh\nij"}`)
	d := &providerData{client: client}
	long := strings.Repeat("x", 1<<20)
	end := strings.Repeat("y", 70_000)
	for _, c := range []struct {
		name, content string
		cut           bool
		n             int
		want          []string
	}{
		{"the last lines", "one\ntwo\nthree\nfour\n", false, 2, []string{"three", "four"}},
		{"fewer than asked for", "one\ntwo", false, 5, []string{"one", "two"}},
		{"CRLF, and empty lines at the end", "one\r\n\r\ntwo\r\n\r\n\r\n", false, 3, []string{"one", "", "two"}},
		{"a progress bar", "10%\r20%\r30%\n", false, 2, []string{"20%", "30%"}},
		{"nothing", "", false, 5, nil},
		{"only spaces", " \n\t\r\n", false, 5, nil},
		{"half a line at the beginning", "lf of one\ntwo\nthree\n", true, 5, []string{"two", "three"}},
		{"a long line", "one\n" + long + "\n", false, 1, []string{long[:maxLogLine] + "…"}},
		{"nothing but half a line", end, true, 9, []string{"…" + end[:maxLogLine]}},
		{"half a line that is short", "half", true, 9, []string{"…"}},
		{"colours and titles", "\x1b[1;31mError\x1b[0m\x1b]0;title\x07 here\n", false, 1, []string{"Error here"}},
		{"control characters", "a\x08\x00\u202eb\u2066\n" + strings.Repeat("text", 20), false, 2, []string{"a\ufffd\ufffd\ufffdb\ufffd", strings.Repeat("text", 20)}},
		{"a byte order mark", "\ufeffone\n", false, 1, []string{"one"}},
		{"UTF-16", "\xff\xfe" + utf16Of("Größe\none\n", false), false, 2, []string{"Größe", "one"}},
		{"UTF-16, big endian", "\xfe\xff" + utf16Of("Größe\none\n", true), false, 2, []string{"Größe", "one"}},
		{"the end of UTF-16", utf16Of("lf of one\nGröße\ntwo\n", false), true, 2, []string{"Größe", "two"}},
		{"the end of UTF-16, big endian", utf16Of("lf of one\nGröße\ntwo\n", true), true, 2, []string{"Größe", "two"}},
		{"the key", "Authorization: ApiKey sk-secret+key\n", false, 1, []string{"Authorization: ApiKey (redacted)"}},
		{"the key in colours", "sk-\x1b[0msec\x1b[31mret+key\n", false, 1, []string{"(redacted)"}},
		{"the key in UTF-16", "\xff\xfe" + utf16Of("key sk-secret+key\n", false), false, 1, []string{"key (redacted)"}},
		{"the key in JSON", `{"key": "sk-secret\u002Bkey"}`, false, 1, []string{`{"key": "(redacted)"}`}},
		{"the input in JSON", `input {\"password\":\"pa\\\"ss\/word\"}`, false, 1, []string{`input {\"password\":\"(redacted)\"}`}},
		{"the input over several lines", "pem:\n  -----BEGIN-----\n  abcdefgh\n  ij\n", false, 4, []string{"pem:", "  (redacted)", "  (redacted)", "  ij"}},
		{"the rest of the input", "EGIN-----\nabcdefgh\nok\n", true, 4, []string{"(redacted)", "ok"}},
		{"bytes that are not UTF-8", "Die Gr\xf6\xdfe ist in Latin-1\n", false, 1, []string{"Die Gr\ufffde ist in Latin-1"}},
	} {
		got, ok := d.lastLines(download.Tail{Content: []byte(c.content), Cut: c.cut}, c.n)
		if !ok || !slices.Equal(got, c.want) {
			t.Errorf("%s: %.200q (text: %t), want %.200q", c.name, got, ok, c.want)
		}
	}
	garbage := make([]byte, 5000)
	for i := range garbage {
		garbage[i] = byte(i * 7919 >> 3)
	}
	for name, content := range map[string]string{"garbage": string(garbage), "zero bytes": strings.Repeat("\x00", 100), "gzip": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xf3\x48\xcd\xc9\xc9\x07"} {
		if got, ok := d.lastLines(download.Tail{Content: []byte(content)}, 5); ok {
			t.Errorf("%s is text: %q", name, got)
		}
	}
}
