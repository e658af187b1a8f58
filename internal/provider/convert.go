// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// isSet reports whether a value is neither null nor unknown.
func isSet(v interface {
	IsNull() bool
	IsUnknown() bool
}) bool {
	return !v.IsNull() && !v.IsUnknown()
}

// fullyKnown reports whether neither an object nor one of its attributes is unknown.
func fullyKnown(object types.Object) bool {
	for _, value := range object.Attributes() {
		if value.IsUnknown() {
			return false
		}
	}
	return !object.IsUnknown()
}

// textOrNull shows an empty text as null.
func textOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// timeOrNull shows a time as RFC 3339 in UTC, and a zero time as null.
func timeOrNull(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339Nano))
}

// knownTexts are the texts among the elements of a set or a list: null elements count as absent, and so do unknown ones.
func knownTexts(elements []attr.Value) []string {
	var texts []string
	for _, element := range elements {
		if text, ok := element.(types.String); ok && isSet(text) {
			texts = append(texts, text.ValueString())
		}
	}
	return texts
}
