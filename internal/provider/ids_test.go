// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"
)

// What is easily overlooked in a pair of ids is named.
func TestParseIDsHints(t *testing.T) {
	for s, want := range map[string]string{
		"04714/2001": "An id begins with a zero", "4714/02001": "An id begins with a zero", "4714/ 2001": "It contains a space",
		"4714\t/2001": "It contains a space", "0/1": "for example 4711/100001", "4714": "for example 4711/100001",
	} {
		if _, err := runKind.parse(s); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", s, err, want)
		}
	}
}

func TestParseIDs(t *testing.T) {
	got, err := runKind.parse("4711/100001")
	if want := (objectRef{kind: runKind, agentID: 4711, id: 100001}); err != nil || got != want {
		t.Errorf("%v, %v; expected %v", got, err, want)
	}
	for _, s := range []string{
		"", "4711", "4711/", "/1", "0/1", "1/0", "-1/1", "+1/1", "01/1", "1/ 1", "a/1", "1/b", "1/2/3",
		"2147483648/1", "1/9223372036854775808",
	} {
		if ref, err := runKind.parse(s); err == nil {
			t.Errorf("%q was read as %v", s, ref)
		}
	}
}
