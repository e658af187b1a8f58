// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// addToSchedule writes the settings into a request about a schedule. What is not set is sent as null.
func (s *runSettings) addToSchedule(request *sequentum.ScheduleSettings) {
	var run sequentum.StartRequest
	s.addSettingsTo(&run)
	request.Parallelism = run.Parallelism
	request.ParallelMaxConcurrency = run.ParallelMaxConcurrency
	request.ParallelExport = run.ParallelExport
	request.ProxyPoolID = run.ProxyPoolID
	request.Exclusive = run.Exclusive
	request.LogLevel = run.LogLevel
	request.LogMode = run.LogMode
}

// runSettingsOf are the settings of a schedule, as the API shows them.
func runSettingsOf(s *sequentum.ScheduleSettings) runSettings {
	return runSettings{
		Parallelism:            types.Int64PointerValue(s.Parallelism),
		ParallelMaxConcurrency: types.Int64PointerValue(s.ParallelMaxConcurrency),
		ParallelExport:         textOrNull(s.ParallelExport),
		ProxyPoolID:            types.Int64PointerValue(s.ProxyPoolID),
		Exclusive:              types.BoolPointerValue(s.Exclusive),
		LogLevel:               textOrNull(s.LogLevel),
		LogMode:                textOrNull(s.LogMode),
	}
}

// scheduleSettingAttributes are the attributes of [runSettings] for a schedule. The platform shows schedules with other
// texts than those of its documentation, so such a text is only a warning here: an import must be able to write it down.
func scheduleSettingAttributes(change string) map[string]schema.Attribute {
	attributes := runSettingAttributes(change)
	for name, attribute := range attributes {
		if text, ok := attribute.(schema.StringAttribute); ok {
			for i, v := range text.Validators {
				text.Validators[i] = onlyWarns{v}
			}
			attributes[name] = text
		}
	}
	attributes["exclusive"] = schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "Whether a run of this schedule must be the agent's only active run. Defaults to `false`. " + change,
	}
	return attributes
}

// onlyWarns is a validator whose errors are warnings.
type onlyWarns struct{ validator.String }

func (w onlyWarns) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.ValueString() == "" && isSet(req.ConfigValue) { // sent as null, it would be missing from the answer
		w.String.ValidateString(ctx, req, resp)
		return
	}
	var own validator.StringResponse
	w.String.ValidateString(ctx, req, &own)
	for _, d := range own.Diagnostics {
		resp.Diagnostics.Append(diag.NewAttributeWarningDiagnostic(req.Path, "Unknown value",
			d.Detail()+". The provider sends the value to the platform. The platform may know it or may refuse it."))
	}
}
