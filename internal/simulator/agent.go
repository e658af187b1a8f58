// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"fmt"
	"time"
)

// Agent describes an agent and how its runs go. [Cloud.SetAgent] can replace it at any time. New phases, outcomes, files,
// counters and costs apply to runs that start later. A new history and retention apply to runs whose end is set later. All
// else applies at once.
type Agent struct {
	// ID is the agent's id, at least 1.
	ID int64 `json:"id"`
	// Name; empty: "Agent " and the id. Several agents can have one name.
	Name string `json:"name,omitempty"`
	// NullName: answers have null for the name of the agent itself.
	NullName      bool   `json:"null_name,omitempty"`
	Description   string `json:"description,omitempty"`
	Documentation string `json:"documentation,omitempty"`
	// Type; empty: AgentType.
	Type     ConfigType `json:"config_type,omitempty"`
	StartURL string     `json:"start_url,omitempty"`
	// InputParameters are the agent's parameters and their defaults.
	InputParameters map[string]any `json:"input_parameters,omitempty"`
	// SpaceID; nil: the personal space. A space that is not described is made, as "Space " and the id.
	SpaceID *int64 `json:"space_id,omitempty"`
	// Version of the agent; 0: the newest of Versions, or 1.
	Version int `json:"version,omitempty"`
	// Versions that the agent has; nil: Version alone.
	Versions []AgentVersion `json:"versions,omitempty"`
	// ProxyPoolID; nil: none.
	ProxyPoolID *int64 `json:"proxy_pool_id,omitempty"`
	// Created is when the agent was made; zero: when it was set for the first time.
	Created time.Time `json:"created,omitzero"`

	// Schedules are those that the agent has when it is set for the first time, or after it was deleted. Later they change
	// only by calls and controls.
	Schedules []Schedule `json:"schedules,omitempty"`

	// Phases are the statuses of a run before its end, in order. Empty: the run ends as soon as it has started.
	Phases []Phase `json:"phases,omitempty"`
	// Outcomes are the ends of the first, second, … run that starts after the agent was set. The last one repeats.
	// Empty: every run ends as Completed.
	Outcomes []Outcome `json:"outcomes,omitempty"`
	// Files are the files that a run leaves. There are none before it is Exporting, then one after the other, and all
	// when it has finished.
	Files []File `json:"files,omitempty"`
	// The counters grow evenly while the run is Running. At the end they have this value, unless the run was stopped.
	Records  int64 `json:"records,omitempty"`
	Exported int64 `json:"exported,omitempty"`
	Pages    int64 `json:"pages,omitempty"`
	Errors   int64 `json:"errors,omitempty"`
	// Traffic in bytes.
	Traffic int64 `json:"traffic,omitempty"`

	// Cost of a run, in credits; empty: 0.
	Cost Amount `json:"cost,omitempty"`
	// BilledAfter is how long after its end a run is billed; 0: at once.
	BilledAfter Duration `json:"billed_after,omitempty"`

	// StopTakes is how long a run stays in Stopping; 0: two seconds.
	StopTakes Duration `json:"stop_takes,omitempty"`
	// IgnoresStop: a stopped run stays in Stopping until a kill forces its end.
	IgnoresStop bool `json:"ignores_stop,omitempty"`
	// IgnoresKills is how many kills of a run have no effect, although they are answered like any other.
	IgnoresKills int `json:"ignores_kills,omitempty"`

	// Archived, Disabled and OutOfCredits refuse every start.
	Archived     bool `json:"archived,omitempty"`
	Disabled     bool `json:"disabled,omitempty"`
	OutOfCredits bool `json:"out_of_credits,omitempty"`
	// Exclusive is what happens to a start while the agent has an active run. Empty: it starts another run beside it,
	// or queues if the start itself asks to be exclusive.
	Exclusive Exclusive `json:"exclusive,omitempty"`
	// Synchronous allows synchronous starts. Each answers, once its run has finished, with the first delivered file.
	Synchronous bool `json:"synchronous,omitempty"`
	// ParallelSet: a start with a parallelism above 1 makes that many runs, which share a parallelSet.
	ParallelSet bool `json:"parallel_set,omitempty"`
	// Siblings is what those runs report as their parallelism, except the first.
	Siblings Siblings `json:"siblings,omitempty"`
	// MessageSize is the length to which every run's message is filled up; 0: it is not filled up.
	MessageSize int `json:"message_size,omitempty"`
	// NullFields: run objects lack every field that may be missing. Runs with even ids lack it, odd ids have nulls.
	NullFields bool `json:"null_fields,omitempty"`

	// HistoryAfter is how long after its end a run moves to history, where Failure reads Failed; 0: never.
	HistoryAfter Duration `json:"history_after,omitempty"`
	// Retention is how long after its end a run is gone; 0: never.
	Retention Duration `json:"retention,omitempty"`
}

// Phase is a status of a run, and how long it lasts.
type Phase struct {
	Status   Status   `json:"status"`
	Duration Duration `json:"duration"`
}

// Outcome is how a run ends.
type Outcome struct {
	// Status; zero: Completed.
	Status  Status `json:"status"`
	Message string `json:"message,omitempty"`
	// PossibleCauses and SuggestedActions are what diagnostics say of the run.
	PossibleCauses   []string `json:"possible_causes,omitempty"`
	SuggestedActions []string `json:"suggested_actions,omitempty"`
	// Cost of the run; empty: the agent's.
	Cost Amount `json:"cost,omitempty"`
	// Files replace the agent's; nil: the agent's.
	Files *[]File `json:"files,omitempty"`
}

// Exclusive is what an agent that runs exclusively does with a start while one of its runs is active.
type Exclusive string

// The answers of an exclusive agent. The API leaves open which it is.
const (
	ExclusiveQueue  Exclusive = "queue"  // the run queues until those before it have finished
	ExclusiveRefuse Exclusive = "refuse" // 409, "Agent is already running"
	ExclusiveAnswer Exclusive = "answer" // nothing starts, and the answer is the active run
)

// UnmarshalText reads it from an agents file.
func (e *Exclusive) UnmarshalText(text []byte) error {
	return decodeName(e, text, []Exclusive{ExclusiveQueue, ExclusiveRefuse, ExclusiveAnswer})
}

// Siblings is what the runs of one start report as their parallelism, except the first.
type Siblings string

// The three reports.
const (
	SiblingsAsStarted Siblings = ""
	SiblingsOne       Siblings = "one"  // 1
	SiblingsNull      Siblings = "null" // null
)

// UnmarshalText reads it from an agents file.
func (s *Siblings) UnmarshalText(text []byte) error {
	return decodeName(s, text, []Siblings{SiblingsOne, SiblingsNull})
}

// Duration is a time.Duration that is a Go duration string in JSON, such as "90s".
type Duration time.Duration

// MarshalJSON writes the Go duration string.
func (d Duration) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Duration(d).String())
}

// UnmarshalJSON reads a Go duration string.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return badValue("%s: a duration is a string such as \"90s\"", data)
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return badValue("%q: a duration is a string such as \"90s\"", text)
	}
	*d = Duration(parsed)
	return nil
}

// defaults is the agent with its zero values replaced by what they stand for.
func (a Agent) defaults() *Agent {
	if a.Name == "" {
		a.Name = fmt.Sprintf("Agent %d", a.ID)
	}
	if a.Type == "" {
		a.Type = AgentType
	}
	for _, v := range a.Versions {
		a.Version = max(a.Version, v.Version)
	}
	if a.Version == 0 {
		a.Version = 1
	}
	if a.Versions == nil {
		a.Versions = []AgentVersion{{Version: a.Version}}
	}
	if a.StopTakes == 0 {
		a.StopTakes = Duration(2 * time.Second)
	}
	return &a
}

// outcome is the end of the run number n, from 0.
func (a *Agent) outcome(n int) Outcome {
	var o Outcome
	if len(a.Outcomes) > 0 {
		o = a.Outcomes[min(n, len(a.Outcomes)-1)]
	}
	if o.Status == Invalid {
		o.Status = Completed
	}
	return o
}

// files are the files of a run that ends with o.
func (a *Agent) files(o Outcome) []File {
	if o.Files != nil {
		return *o.Files
	}
	return a.Files
}
