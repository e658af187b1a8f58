// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// taggedValues returns the fields of a model by their tfsdk tags, those of embedded structs too.
func taggedValues(model any) map[string]attr.Value {
	values := map[string]attr.Value{}
	v := reflect.Indirect(reflect.ValueOf(model))
	for _, field := range reflect.VisibleFields(v.Type()) {
		if !field.Anonymous {
			values[field.Tag.Get("tfsdk")] = v.FieldByIndex(field.Index).Interface().(attr.Value)
		}
	}
	return values
}

// fullRun has a value in every field.
func fullRun() *sequentum.Run {
	r := &sequentum.Run{Status: sequentum.StatusCompleted}
	for _, field := range reflect.ValueOf(r).Elem().Fields() {
		switch field.Interface().(type) {
		case string:
			field.SetString("text")
		case *int64:
			field.Set(reflect.ValueOf(new(int64(7))))
		case time.Time:
			field.Set(reflect.ValueOf(time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)))
		}
	}
	return r
}

// Whoever adds a read-only attribute of a run and forgets one of its two places sees it here, and not at an apply.
func TestRunAttributesAreComplete(t *testing.T) {
	schema := runAttributesSchema()
	var fromRun, unknown runAttributes
	fromRun.setFrom(fullRun(), defaultSuccessStatuses())
	unknown.setUnknown()
	fields := taggedValues(&fromRun)
	for name, value := range fields {
		if schema[name] == nil {
			t.Errorf("%s is a field of runAttributes or runFacts, and has no schema: add it to runFacts.factTable", name)
		} else if want, got := schema[name].GetType(), value.Type(context.Background()); !want.Equal(got) {
			t.Errorf("%s is a %s in the schema, and setFrom made it a %s", name, want, got)
		}
		if name != "files" && !isSet(value) { // a wait lists the files
			t.Errorf("setFrom does not set %s from the run", name)
		}
	}
	for name, value := range taggedValues(&unknown) {
		if !value.IsUnknown() {
			t.Errorf("setUnknown leaves %s as %s", name, value)
		}
	}
	for name := range schema {
		if fields[name] == nil {
			t.Errorf("%s has a schema, and no field with this tfsdk tag", name)
		}
	}
}

// A line of the table whose name and field do not match would store one attribute under the name of another.
func TestRunFactsNameTheirFields(t *testing.T) {
	for _, fact := range new(runFacts).factTable(&sequentum.Run{}) {
		var one runFacts
		for _, same := range one.factTable(&sequentum.Run{}) {
			if same.name == fact.name {
				same.set(same.unknown())
			}
		}
		for name, value := range taggedValues(&one) {
			if value.IsUnknown() != (name == fact.name) {
				t.Errorf("the line %q of the table belongs to another field: %s is %s", fact.name, name, value)
			}
		}
	}
}

func TestRunAttributesCopyFixedValues(t *testing.T) {
	known, planned := runAttributes{}, runAttributes{}
	known.setFrom(fullRun(), nil)
	known.SpaceID = types.Int64Null()
	planned.setUnknown()
	planned.copyFixedValues(&known.runFacts)
	for _, fact := range planned.factTable(&sequentum.Run{}) {
		if kept := isSet(fact.get()); kept != (fact.fixed && fact.name != "space_id") {
			t.Errorf("%s is %s", fact.name, fact.get())
		}
	}
	if !planned.AgentName.Equal(known.AgentName) || !planned.FinishedAt.IsUnknown() {
		t.Errorf("agent_name is %s, finished_at is %s", planned.AgentName, planned.FinishedAt)
	}
	if !planned.SpaceID.IsUnknown() {
		t.Errorf("nothing was known of space_id, and it is %s", planned.SpaceID)
	}
}

// One table serves the schemas of resources and of data sources, and the elements of lists.
func TestRunFactsServeEverySchema(t *testing.T) {
	table := runFactAttributes(fullRun())
	forDataSource, element := dataSourceAttributes(table), objectValue(table)
	for name, attribute := range resourceAttributes(table) {
		other := forDataSource[name]
		if other == nil || !other.GetType().Equal(attribute.GetType()) || other.GetMarkdownDescription() != attribute.GetMarkdownDescription() {
			t.Errorf("%s is %v for a resource, and %v for a data source", name, attribute, other)
		}
		if value := element.Attributes()[name]; value == nil || !isSet(value) {
			t.Errorf("%s is %v in an element of a list", name, value)
		}
	}
}
