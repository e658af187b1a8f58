// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	action "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// runSettings are the optional arguments that say how a run runs, for every object that starts runs. To add one: a
// field of [sequentum.StartRequest], a field here, and a line in [runSettings.settingTable].
type runSettings struct {
	Parallelism            types.Int64  `tfsdk:"parallelism"`
	ParallelMaxConcurrency types.Int64  `tfsdk:"parallel_max_concurrency"`
	ParallelExport         types.String `tfsdk:"parallel_export"`
	ProxyPoolID            types.Int64  `tfsdk:"proxy_pool_id"`
	Exclusive              types.Bool   `tfsdk:"exclusive"`
	LogLevel               types.String `tfsdk:"log_level"`
	LogMode                types.String `tfsdk:"log_mode"`
}

// settingTable describes each setting: name, value, the place in the request, description, and what is accepted. The
// schema needs no values: for it any settings and any request will do.
func (s *runSettings) settingTable(request *sequentum.StartRequest) []runSetting {
	return []runSetting{
		numberSetting("parallelism", s.Parallelism, &request.Parallelism,
			"The number of parallel parts of the run, from 1 to 50.", int64validator.Between(1, 50)),
		numberSetting("parallel_max_concurrency", s.ParallelMaxConcurrency, &request.ParallelMaxConcurrency,
			"How many of the parallel parts may run at the same time.", int64validator.AtLeast(1)),
		textSetting("parallel_export", s.ParallelExport, &request.ParallelExport,
			"How the parallel parts deliver their records: `Combined` or `Separated`.", "Combined", "Separated"),
		numberSetting("proxy_pool_id", s.ProxyPoolID, &request.ProxyPoolID,
			"The id of the proxy pool that the run uses.", int64validator.AtLeast(1)),
		flagSetting("exclusive", s.Exclusive, &request.Exclusive,
			"Whether this run must be the agent's only active run. If another run is active, the platform can queue or refuse the start."),
		textSetting("log_level", s.LogLevel, &request.LogLevel,
			"How much the run logs: `Fatal`, `Error`, `Warning` or `Info`.", "Fatal", "Error", "Warning", "Info"),
		textSetting("log_mode", s.LogMode, &request.LogMode,
			"What the run logs: `Text`, or `TextAndHtml` to keep the pages too. The pages help to find out why a site blocked the run.", "Text", "TextAndHtml"),
	}
}

// runSetting is one line of [runSettings.settingTable].
type runSetting struct {
	name, description string
	kind              attr.Type
	numberValidators  []validator.Int64
	textValidators    []validator.String
	addToRequest      func() // null adds nothing
}

func numberSetting(name string, value types.Int64, sent **int64, description string, accepted validator.Int64) runSetting {
	return runSetting{
		name: name, description: description, kind: types.Int64Type, numberValidators: []validator.Int64{accepted},
		addToRequest: func() { *sent = value.ValueInt64Pointer() },
	}
}

func textSetting(name string, value types.String, sent *string, description string, accepted ...string) runSetting {
	return runSetting{
		name: name, description: description, kind: types.StringType, textValidators: []validator.String{stringvalidator.OneOf(accepted...)},
		addToRequest: func() { *sent = value.ValueString() },
	}
}

func flagSetting(name string, value types.Bool, sent **bool, description string) runSetting {
	return runSetting{
		name: name, description: description, kind: types.BoolType,
		addToRequest: func() { *sent = value.ValueBoolPointer() },
	}
}

// addSettingsTo writes the settings that are set into a request. What is not set is not sent.
func (s *runSettings) addSettingsTo(request *sequentum.StartRequest) {
	for _, setting := range s.settingTable(request) {
		setting.addToRequest()
	}
}

// runSettingAttributes is the schema of the settings for a resource. change says what a change of one does.
func runSettingAttributes(change string) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for _, s := range new(runSettings).settingTable(new(sequentum.StartRequest)) {
		description := s.description + " Defaults to the agent's own setting. " + change
		switch s.kind {
		case types.Int64Type:
			attributes[s.name] = schema.Int64Attribute{Optional: true, Validators: s.numberValidators, MarkdownDescription: description}
		case types.StringType:
			attributes[s.name] = schema.StringAttribute{Optional: true, Validators: s.textValidators, MarkdownDescription: description}
		case types.BoolType:
			attributes[s.name] = schema.BoolAttribute{Optional: true, MarkdownDescription: description}
		}
	}
	return attributes
}

// runSettingActionAttributes is the schema of the settings for an action.
func runSettingActionAttributes() map[string]action.Attribute {
	attributes := map[string]action.Attribute{}
	for _, s := range new(runSettings).settingTable(new(sequentum.StartRequest)) {
		description := s.description + " Defaults to the agent's own setting."
		switch s.kind {
		case types.Int64Type:
			attributes[s.name] = action.Int64Attribute{Optional: true, Validators: s.numberValidators, MarkdownDescription: description}
		case types.StringType:
			attributes[s.name] = action.StringAttribute{Optional: true, Validators: s.textValidators, MarkdownDescription: description}
		case types.BoolType:
			attributes[s.name] = action.BoolAttribute{Optional: true, MarkdownDescription: description}
		}
	}
	return attributes
}
