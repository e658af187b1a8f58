// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "slices"

// ConfigType is what an agent really is (API: Agents). Only an agent of AgentType is started with its space.
type ConfigType string

// The types of the API's list, in the order of their codes from 1.
const (
	AgentType    ConfigType = "Agent"
	SharedFile   ConfigType = "SharedFile"
	TemplateType ConfigType = "Template"
	CommandType  ConfigType = "Command"
)

var configTypes = []ConfigType{AgentType, SharedFile, TemplateType, CommandType}

// UnmarshalText reads a type from an agents file, by its name.
func (t *ConfigType) UnmarshalText(text []byte) error { return decodeName(t, text, configTypes) }

func (t ConfigType) code() int { return 1 + slices.Index(configTypes, t) }

// wireValue is the type in an answer: the code, or with legacy the name.
func (t ConfigType) wireValue(legacy bool) any {
	if legacy {
		return string(t)
	}
	return t.code()
}
