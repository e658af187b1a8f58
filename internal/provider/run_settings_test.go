// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Whoever adds a setting of a run and forgets one of its places sees it here, and not when the setting is not sent.
func TestRunSettingsAreComplete(t *testing.T) {
	schema := runSettingAttributes("")
	fields := reflect.VisibleFields(reflect.TypeFor[runSettings]())
	for _, field := range fields {
		name := field.Tag.Get("tfsdk")
		if schema[name] == nil {
			t.Errorf("%s has no schema: add it to runSettings.settingTable", name)
			continue
		}
		var settings runSettings
		value := reflect.ValueOf(&settings).Elem().FieldByIndex(field.Index)
		switch value.Interface().(type) {
		case types.Int64:
			value.Set(reflect.ValueOf(types.Int64Value(7)))
		case types.String:
			value.Set(reflect.ValueOf(types.StringValue("7")))
		case types.Bool:
			value.Set(reflect.ValueOf(types.BoolValue(false)))
		}
		var request sequentum.StartRequest
		settings.addSettingsTo(&request)
		for _, sent := range reflect.VisibleFields(reflect.TypeFor[sequentum.StartRequest]()) {
			if set := !reflect.ValueOf(request).FieldByIndex(sent.Index).IsZero(); set != (sent.Name == field.Name) {
				t.Errorf("with nothing but %s set, %s is in the request: %v", name, sent.Name, set)
			}
		}
	}
	if len(schema) != len(fields) {
		t.Errorf("%d settings have a schema, and runSettings has %d fields", len(schema), len(fields))
	}
	var request sequentum.StartRequest
	new(runSettings).addSettingsTo(&request)
	if request != (sequentum.StartRequest{}) {
		t.Errorf("settings that are not set are sent: %+v", request)
	}
}
