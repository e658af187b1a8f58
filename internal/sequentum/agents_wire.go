// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

type wireAgent struct {
	ID               id
	Name             text
	Description      text
	ConfigType       text
	InputParameters  jsonObject
	SpaceID          number
	StartURL         text
	Status           text
	ValidationStatus text
	Version          number
	ProxyPoolID      number
	IsActive         flag
	LastActivity     timestamp
	Created          timestamp
	Updated          timestamp
}

// toAgent checks that the object is the agent that was asked for.
func (w *wireAgent) toAgent(agentID int64, r, keys *redactor) (Agent, error) {
	if int64(w.ID) != agentID {
		return Agent{}, fmt.Errorf("it is about agent %d", w.ID)
	}
	return w.toListedAgent(r, keys)
}

// toListedAgent leaves the URL and the parameters as they are, except for the key, which keys removes: they are data, and
// have to be the same in every process, also in one that does not know the write-only input.
func (w *wireAgent) toListedAgent(r, keys *redactor) (Agent, error) {
	if w.ID == 0 {
		return Agent{}, errors.New("it has no agent id")
	}
	agent := Agent{
		ID: int64(w.ID), Name: r.printable(string(w.Name)), Description: r.text(string(w.Description)),
		Type: tableName(string(w.ConfigType), agentTypeNames, r), SpaceID: w.SpaceID.nilIfZero(), StartURL: keys.text(string(w.StartURL)),
		InputParameters: keys.replaceSecrets(string(w.InputParameters), len(w.InputParameters)), ProxyPoolID: w.ProxyPoolID.value,
		ValidationStatus: tableName(string(w.ValidationStatus), validationStatusNames, r),
		Version:          w.Version.value, IsActive: w.IsActive.value,
		LastActivityAt: w.LastActivity.Time, CreatedAt: w.Created.Time, UpdatedAt: w.Updated.Time,
	}
	if w.Status != "" {
		agent.LastRunStatus = new(decodeStatus(string(w.Status), r))
	}
	return agent, nil
}

// tableName reads a code, or a name in any case, of a table whose first name has code 1. A code that is not in the table is
// "Unknown(7)"; a name that is not is itself, without secrets.
func tableName(s string, names []string, r *redactor) string {
	s = strings.TrimSpace(s)
	code, isCode := parseWholeNumber(s)
	switch {
	case isCode && code >= 1 && code <= int64(len(names)):
		return names[code-1]
	case isCode:
		return fmt.Sprintf(unknownCode, code)
	}
	for _, name := range names {
		if strings.EqualFold(name, s) {
			return name
		}
	}
	return r.printable(s)
}

// jsonObject is the text of a JSON object, ordered by name, also of one that was written as a string. It is empty when the
// value is null, absent or not an object, and for an object without members.
type jsonObject string

func (o *jsonObject) UnmarshalJSON(data []byte) error {
	*o = ""
	if s, ok := scalar(data); ok {
		data = []byte(s)
	}
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // a float64 would change numbers above 2^53
	if err := decoder.Decode(&members); err != nil || len(members) == 0 {
		return nil //nolint:nilerr // what is not an object counts as absent
	}
	ordered, err := json.Marshal(members)
	*o = jsonObject(ordered)
	return err
}
