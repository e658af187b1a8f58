// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package live

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Snapshot is what was seen of the answers to one call with one status. It contains no id, name, text, link or key.
type Snapshot struct {
	// Call is the method and the path, with the names of the ids.
	Call   string `json:"call"`
	Status int    `json:"status"`
	// Query has the names of the parameters that were sent.
	Query []string `json:"query,omitempty"`
	// Request is the body that was sent; nil: none.
	Request *Shape `json:"request,omitempty"`
	// MediaTypes of the answers.
	MediaTypes []string `json:"media_types,omitempty"`
	// Bodies is what the bodies of the answers were: empty, json, or other.
	Bodies []string `json:"bodies"`
	// Headers of the answers that a client uses. Those of the rate limit have their number, others are empty.
	Headers map[string]string `json:"headers,omitempty"`
	// Answer is nil where no answer had JSON.
	Answer *Shape `json:"answer,omitempty"`
}

// noted are the headers that a snapshot has. A value is written only if it is a number.
var noted = []string{"X-RateLimit-Limit", "X-RateLimit-Window-Seconds", "Retry-After", "Location", "WWW-Authenticate"}

// knownMediaTypes are those that are written; another one is "other".
var knownMediaTypes = []string{
	"", "application/json", "application/problem+json", "text/html", "text/plain", "application/octet-stream", "text/csv", "application/xml",
}

// snapshots are those of all exchanges that had an answer which says something about the API: no 5xx and no 429, which say
// how it is today.
func snapshots(exchanges []exchange, n names) []Snapshot {
	found := map[string]*Snapshot{}
	for _, e := range exchanges {
		if e.status == 0 || e.status == 429 || e.status >= 500 {
			continue
		}
		key := fmt.Sprint(e.call, e.status)
		if found[key] == nil {
			found[key] = &Snapshot{Call: e.call, Status: e.status, Headers: map[string]string{}}
		}
		found[key].add(e, n)
	}
	var list []Snapshot
	for _, key := range slices.Sorted(maps.Keys(found)) {
		list = append(list, *found[key])
	}
	return list
}

func (s *Snapshot) add(e exchange, n names) {
	for name := range e.query {
		if kept, _ := n.keep(name, true); kept {
			s.Query = union(s.Query, []string{name})
		}
	}
	if e.request != nil {
		s.Request = merge(s.Request, shapeOf(e.request, "", n, true))
	}
	media := e.mediaType
	if !slices.Contains(knownMediaTypes, media) {
		media = "other"
	}
	if media != "" {
		s.MediaTypes = union(s.MediaTypes, []string{media})
	}
	s.Bodies = union(s.Bodies, []string{string(e.body)})
	for _, name := range noted {
		if value := e.header.Get(name); number(value) >= 0 {
			s.Headers[name] = value
		} else if value != "" {
			s.Headers[name] = ""
		}
	}
	if e.body == bodyJSON {
		s.Answer = merge(s.Answer, shapeOf(e.answer, "", n, true))
	}
}

// accountNames are the names of fields that a snapshot of an account can have: those of the description, and others that
// look like one and have nothing of what is secret.
type accountNames struct {
	documented map[string]bool
	secrets    []string        // in lower case
	texts      map[string]bool // values of answers, in lower case: where names are data, they may be one of these
}

var fieldName = regexp.MustCompile(`^[a-z][A-Za-z0-9]{1,39}$`)

// minSecret is the shortest text that is searched for in a name, in bytes. Shorter ones are parts of ordinary words.
const minSecret = 4

func (a accountNames) keep(name string, open bool) (kept, documented bool) {
	if a.documented[name] {
		return true, true
	}
	if !open || !fieldName.MatchString(name) {
		return false, false
	}
	lower := strings.ToLower(name)
	if a.texts[lower] {
		return false, false
	}
	for _, secret := range a.secrets {
		if strings.Contains(lower, secret) || len(lower) >= minSecret && strings.Contains(secret, lower) {
			return false, false
		}
	}
	return true, false
}

// secretTexts are all texts of a value in lower case, also the names of fields.
func secretTexts(values ...any) []string {
	var found []string
	for _, value := range values {
		switch v := value.(type) {
		case string:
			if len(v) >= minSecret {
				found = append(found, strings.ToLower(v))
			}
		case []any:
			found = append(found, secretTexts(v...)...)
		case map[string]any:
			for name, inner := range v {
				found = append(found, secretTexts(name, inner)...)
			}
		}
	}
	return found
}

// namesFor are the names of fields that snapshots of these exchanges can have. key, input (JSON) and agent are secrets.
func namesFor(exchanges []exchange, key, input, agent string) accountNames {
	parameters, _ := decode([]byte(input)) // what is no JSON has no texts
	n := accountNames{
		documented: simulatorsAnswers().documented(), secrets: secretTexts(key, parameters, agent), texts: map[string]bool{},
	}
	for _, e := range exchanges {
		for _, value := range valuesIn(e.answer) {
			n.texts[strings.ToLower(value)] = true
		}
	}
	return n
}

// valuesIn are the strings of a decoded value, without the names of fields.
func valuesIn(value any) (found []string) {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, element := range v {
			found = append(found, valuesIn(element)...)
		}
	case map[string]any:
		for _, inner := range v {
			found = append(found, valuesIn(inner)...)
		}
	}
	return found
}

var notInFileName = regexp.MustCompile(`[^a-z0-9]+`)

// fileName is the name of the snapshot's file.
func (s Snapshot) fileName() string {
	words := strings.Trim(notInFileName.ReplaceAllString(strings.ToLower(s.Call), "_"), "_")
	return fmt.Sprintf("%s_%d.json", words, s.Status)
}

// writeSnapshots writes one file for each snapshot into a folder, and makes the folder. Files of other calls stay.
func writeSnapshots(folder string, list []Snapshot) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("making the folder of the snapshots: %w", err)
	}
	for _, s := range list {
		content, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, s.fileName()), append(content, '\n'), 0o644); err != nil {
			return fmt.Errorf("writing a snapshot: %w", err)
		}
	}
	return nil
}

// ReadSnapshots reads all snapshots of a folder; none when the folder has none or does not exist.
func ReadSnapshots(folder string) ([]Snapshot, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	var list []Snapshot
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading a snapshot: %w", err)
		}
		var s Snapshot
		if err := json.Unmarshal(content, &s); err != nil {
			return nil, fmt.Errorf("reading the snapshot %s: %w", file, err)
		}
		list = append(list, s)
	}
	return list, nil
}
