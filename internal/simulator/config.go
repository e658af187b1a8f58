// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// Config is the content of an agents file.
type Config struct {
	Agents   []Agent  `json:"agents"`
	Spaces   []Space  `json:"spaces"`
	Credits  Amount   `json:"credits"`
	Faults   []Fault  `json:"faults"`
	Variants Variants `json:"variants"`
}

// Variants are the [Options] of the same names in an agents file.
type Variants struct {
	AccessToken       string       `json:"access_token"`
	Scopes            []string     `json:"scopes"`
	ErrorShapes       []ErrorShape `json:"error_shapes"`
	IDServers         int          `json:"id_servers"`
	LinkLife          Duration     `json:"link_life"`
	PersonalSpaceZero bool         `json:"personal_space_zero"`
	AgentsPerPage     int          `json:"agents_per_page"`
	Paging            Paging       `json:"paging"`
	SpaceFields       SpaceFields  `json:"space_fields"`
	SpaceSearchArray  bool         `json:"space_search_array"`
	TotalCostOfPage   bool         `json:"total_cost_of_page"`
	InlineDownloads   bool         `json:"inline_downloads"`
	LegacyStatusNames bool         `json:"legacy_status_names"`
	StartAnswersRunID bool         `json:"start_answers_run_id"`
	EchoKey           bool         `json:"echo_key"`

	Schedules ScheduleVariants `json:"schedules"`
}

// Apply copies the settings of an agents file to the options.
func (c Config) Apply(o *Options) {
	v := c.Variants
	o.Agents, o.Spaces, o.Credits, o.Faults = c.Agents, c.Spaces, c.Credits, c.Faults
	o.AccessToken, o.Scopes, o.ErrorShapes, o.EchoKey = v.AccessToken, v.Scopes, v.ErrorShapes, v.EchoKey
	o.IDServers, o.LinkLife, o.PersonalSpaceZero = v.IDServers, time.Duration(v.LinkLife), v.PersonalSpaceZero
	o.AgentsPerPage, o.Paging, o.SpaceFields, o.SpaceSearchArray = v.AgentsPerPage, v.Paging, v.SpaceFields, v.SpaceSearchArray
	o.TotalCostOfPage = v.TotalCostOfPage
	o.InlineDownloads, o.LegacyStatusNames, o.StartAnswersRunID = v.InlineDownloads, v.LegacyStatusNames, v.StartAnswersRunID
	o.Schedules = v.Schedules
}

// ReadConfig reads an agents file: a JSON object of agents, spaces, credits, faults and variants, or an array of agents. Its errors name the
// file and the field.
func ReadConfig(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read the agents: %w", err)
	}
	config, err := parseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("read the agents from %s: %w", path, err)
	}
	return config, nil
}

func parseConfig(text []byte) (Config, error) {
	if err := json.Unmarshal(text, new(any)); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			line := 1 + bytes.Count(text[:syntax.Offset], []byte("\n"))
			return Config{}, fmt.Errorf("line %d: %w", line, err)
		}
		return Config{}, err
	}
	var file struct {
		Agents   []json.RawMessage `json:"agents"`
		Spaces   []json.RawMessage `json:"spaces"`
		Credits  Amount            `json:"credits"`
		Faults   []json.RawMessage `json:"faults"`
		Variants Variants          `json:"variants"`
	}
	into := any(&file)
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		into = &file.Agents
	}
	if err := decodeStrict(text, into); err != nil {
		return Config{}, fmt.Errorf("the file: %w", err)
	}
	agents, err1 := decodeEach[Agent]("agents", file.Agents)
	spaces, err2 := decodeEach[Space]("spaces", file.Spaces)
	faults, err3 := decodeEach[configFault]("faults", file.Faults)
	if err := errors.Join(err1, err2, err3); err != nil {
		return Config{}, err
	}
	config := Config{Agents: agents, Spaces: spaces, Credits: file.Credits, Variants: file.Variants}
	for _, f := range faults {
		f.Fault.Delay = time.Duration(f.Delay)
		config.Faults = append(config.Faults, f.Fault)
	}
	return config, config.validate()
}

// configFault is a fault as an agents file has it: with a delay such as "90s".
type configFault struct {
	Fault
	Delay Duration `json:"delay"`
}

// decodeEach decodes the elements of a list one by one, so that an error names the element. Without
// elements there is no list.
func decodeEach[T any](list string, elements []json.RawMessage) ([]T, error) {
	if len(elements) == 0 {
		return nil, nil
	}
	values := make([]T, len(elements))
	for i, text := range elements {
		if err := decodeStrict(text, &values[i]); err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", list, i, err)
		}
	}
	return values, nil
}
