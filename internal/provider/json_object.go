package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// decodeObject reads one JSON object. Numbers stay as they are written: as floats, ids above 2^53 would look alike.
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
		return nil, errors.New("something follows the object")
	}
	return object, nil
}

// jsonObjectValidator asks for a JSON object. It never repeats the value, which may be a secret.
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

// describeJSONError keeps to the place of a fault: the library's own words can quote the value.
func describeJSONError(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("it is not JSON from byte %d on", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Sprintf("it is a JSON %s", kind.Value)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early"
	default:
		return err.Error()
	}
}

// sameObject keeps the planned value as it is in state when both are the same JSON: reformatting is no change. A type of
// its own could not see to that, for the semantic equality of types is not consulted while planning.
type sameObject struct{}

func keepSameObject() planmodifier.String { return sameObject{} }

func (sameObject) Description(context.Context) string {
	return "Compared as JSON: reformatting is no change."
}

func (m sameObject) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

func (sameObject) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if !isSet(req.StateValue) || !isSet(req.PlanValue) {
		return
	}
	before, beforeErr := decodeObject(req.StateValue.ValueString())
	after, afterErr := decodeObject(req.PlanValue.ValueString())
	if beforeErr == nil && afterErr == nil && reflect.DeepEqual(before, after) {
		resp.PlanValue = req.StateValue
	}
}
