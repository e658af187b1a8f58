// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// decodeStrict decodes one JSON value into v. A field that v does not have is an error. Errors name the field.
func decodeStrict(text []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := strings.TrimPrefix(wrong.Field, "Fault.") // encoding/json names what configFault embeds, too
		return errors.New(strings.TrimSpace(field + " cannot be " + wrong.Value))
	}
	return err
}

// badValue is an error of a type that decodes itself. encoding/json adds the field to an error of this type only.
func badValue(format string, a ...any) error {
	return &json.UnmarshalTypeError{Value: fmt.Sprintf(format, a...), Type: reflect.TypeFor[any]()}
}

// decodeName sets an enumeration from its name in an agents file. Empty is always allowed.
func decodeName[T ~string](value *T, text []byte, names []T) error {
	*value = T(text)
	if *value == "" || slices.Contains(names, *value) {
		return nil
	}
	return badValue("%q: it is one of %q", text, names)
}
