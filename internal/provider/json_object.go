// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// decodeObject reads one JSON object. Numbers stay as they are written: as floats, different ids above 2^53 could
// become equal.
func decodeObject(s string) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(s)))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if object == nil {
		return nil, errors.New("it is null")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more text after the object")
	}
	return object, nil
}

// jsonObjectValidator accepts only a JSON object. Its errors never quote the value, which can be a secret.
type jsonObjectValidator struct{}

func jsonObject() validator.String { return jsonObjectValidator{} }

func (jsonObjectValidator) Description(context.Context) string {
	return `a JSON object in a string, such as jsonencode({ category = "shoes" })`
}

func (v jsonObjectValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

func (v jsonObjectValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !isSet(req.ConfigValue) {
		return
	}
	if _, err := decodeObject(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid input parameters",
			fmt.Sprintf("The value is not %s: %s.", v.Description(ctx), describeJSONError(err)))
	}
}

// describeJSONError says only where the JSON is wrong: the library's own message can quote the value.
func describeJSONError(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("the JSON is invalid at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("it is a JSON %s", kind.Value)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it is incomplete"
	default:
		return err.Error()
	}
}

// sameInput reports whether two texts of an agent's input are the same JSON. No input and an empty object are the same.
// Order, spaces, escapes, and the spelling of numbers make no difference.
func sameInput(before, after types.String) bool {
	if before.IsUnknown() || after.IsUnknown() {
		return false
	}
	if before.Equal(after) {
		return true
	}
	a, aErr := inputObject(before)
	b, bErr := inputObject(after)
	return aErr == nil && bErr == nil && reflect.DeepEqual(normalNumbers(a), normalNumbers(b))
}

func inputObject(input types.String) (map[string]any, error) {
	if input.IsNull() {
		return map[string]any{}, nil
	}
	return decodeObject(input.ValueString())
}

// normalNumbers replaces each number in a decoded JSON value by its normal form.
func normalNumbers(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, element := range v {
			v[key] = normalNumbers(element)
		}
	case []any:
		for i, element := range v {
			v[i] = normalNumbers(element)
		}
	case json.Number:
		return normalNumber(string(v))
	}
	return value
}

// number is a JSON number in its normal form. It has its own type, so that 1 and "1" differ.
type number string

// maxExponentDigits limits exponents, so that their sum fits into int64.
const maxExponentDigits = 17

// normalNumber returns the digits without zeros at either end, and the power of ten to multiply them with. It works on
// the text, because the value of 1e999999999 would fill the memory.
func normalNumber(written string) number {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(written), "e")
	sign := ""
	if digits, negative := strings.CutPrefix(mantissa, "-"); negative {
		sign, mantissa = "-", digits
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	if len(exponent) > maxExponentDigits {
		return number(written)
	}
	power, _ := strconv.ParseInt(exponent, 10, 64) // the decoder accepts only digits and a sign; no exponent gives 0
	significant := strings.TrimRight(digits, "0")
	power += int64(len(digits) - len(significant) - len(fraction))
	return number(sign + significant + "e" + strconv.FormatInt(power, 10))
}

func keepSameInput() planmodifier.String {
	return keepPriorValueIf(sameInput, "Compared as JSON: another spelling is no change.")
}
