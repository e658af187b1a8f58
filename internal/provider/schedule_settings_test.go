// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"reflect"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// Whoever adds a setting of a run and forgets the schedule sees it here: each setting is sent, and read back.
func TestScheduleHasEveryRunSetting(t *testing.T) {
	schema := scheduleSettingAttributes("")
	for _, field := range reflect.VisibleFields(reflect.TypeFor[runSettings]()) {
		if schema[field.Tag.Get("tfsdk")] == nil {
			t.Errorf("%s has no schema", field.Name)
		}
		settings := runSettingsOf(&sequentum.ScheduleSettings{})
		value := reflect.ValueOf(&settings).Elem().FieldByIndex(field.Index)
		switch value.Interface().(type) {
		case types.Int64:
			value.Set(reflect.ValueOf(types.Int64Value(7)))
		case types.String:
			value.Set(reflect.ValueOf(types.StringValue("7")))
		case types.Bool:
			value.Set(reflect.ValueOf(types.BoolValue(false)))
		}
		var sent sequentum.ScheduleSettings
		settings.addToSchedule(&sent)
		if reflect.ValueOf(sent).FieldByName(field.Name).IsZero() {
			t.Errorf("%s is not sent", field.Name)
		}
		if got := runSettingsOf(&sent); !reflect.DeepEqual(got, settings) {
			t.Errorf("with %s set, %+v is read back", field.Name, got)
		}
	}
}
