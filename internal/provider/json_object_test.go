// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Another spelling of the same input must not cost a run, and another input must not be taken for the same.
func TestSameInput(t *testing.T) {
	t.Parallel()
	n := func(number string) string { return `{"n":` + number + `}` }
	long := strings.Repeat("9", 1<<20)
	for _, c := range []struct {
		before, after string
		same          bool
	}{
		{`{"a":1,"b":[1,2]}`, `{ "b": [1, 2], "a": 1 }`, true},
		{`{"a":[1,2]}`, `{"a":[2,1]}`, false},
		{`{"a":{"b":{"c":1.50}}}`, `{"a":{"b":{"c":15e-1}}}`, true},
		{`{"a":null}`, `{}`, false},
		{`{"a":"\u0041\/"}`, `{"a":"A/"}`, true},
		{`{"\u0061":1}`, `{"a":1}`, true},
		{`{"a":1,"a":2}`, `{"a":2}`, true},
		{`{"a":1}`, `{"A":1}`, false},
		{n("1.0"), n("1"), true},
		{n("1e3"), n("1000"), true},
		{n("1E+3"), n("1000.000"), true},
		{n("1e-2"), n("0.01"), true},
		{n("100e-4"), n("0.01"), true},
		{n("-0"), n("0"), true},
		{n("0e5"), n("0.0"), true},
		{n("-1"), n("1"), false},
		{n("1"), `{"n":"1"}`, false},
		{n("1"), `{"n":"1e0"}`, false},
		{n("9007199254740993"), n("9007199254740992"), false},
		{n("9007199254740993"), n("9007199254740993.0"), true},
		{n("1e999999999"), n("1e999999999"), true},
		{n("10e999999998"), n("1e999999999"), true},
		{n("1e999999999"), n("1e999999998"), false},
		{n("1e99999999999999999999"), n("1e99999999999999999999"), true},
		{n("1e99999999999999999999"), n("2e99999999999999999999"), false},
		{n("1e" + long), n("1e-" + long), false},
		{n(long), n(long + ".0"), true},
		{n("0.1"), n("0.10000000000000000555"), false},
	} {
		before, after := types.StringValue(c.before), types.StringValue(c.after)
		if sameInput(before, after) != c.same || sameInput(after, before) != c.same {
			t.Errorf("%.60s and %.60s: want the same: %v", c.before, c.after, c.same)
		}
	}
	null, unknown := types.StringNull(), types.StringUnknown()
	for input, same := range map[types.String]bool{null: true, types.StringValue(" { } "): true, types.StringValue(`{"a":1}`): false, unknown: false} {
		if sameInput(null, input) != same || sameInput(input, null) != same {
			t.Errorf("null and %s: want the same: %v", input, same)
		}
	}
	if sameInput(unknown, unknown) {
		t.Error("what is not known yet can be anything")
	}
}

func TestSameTriggers(t *testing.T) {
	t.Parallel()
	text := func(pairs ...string) types.Map {
		elements := map[string]attr.Value{}
		for i := 0; i < len(pairs); i += 2 {
			value := types.StringValue(pairs[i+1])
			switch pairs[i+1] {
			case "null":
				value = types.StringNull()
			case "unknown":
				value = types.StringUnknown()
			}
			elements[pairs[i]] = value
		}
		return types.MapValueMust(types.StringType, elements)
	}
	null, unknown := types.MapNull(types.StringType), types.MapUnknown(types.StringType)
	for _, c := range []struct {
		before, after types.Map
		same          bool
	}{
		{null, null, true},
		{null, text(), true},
		{null, text("a", "null"), true},
		{text("a", "1"), text("a", "1", "b", "null"), true},
		{text("a", "1"), text("a", "null"), false},
		{text("a", "1"), text("a", "2"), false},
		{text("a", "1"), text("a", "1", "b", ""), false},
		{text("a", "1"), text("a", "unknown"), false},
		{null, text("a", "unknown"), false},
		{null, unknown, false},
		{text("a", "1"), unknown, false},
	} {
		t.Run(fmt.Sprintf("%s and %s", c.before, c.after), func(t *testing.T) {
			if sameTriggers(c.before, c.after) != c.same || sameTriggers(c.after, c.before) != c.same {
				t.Errorf("%s and %s: want the same: %v", c.before, c.after, c.same)
			}
		})
	}
}
