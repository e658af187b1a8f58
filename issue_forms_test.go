// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// issueForm is a form of GitHub for issues. GitHub shows a form with a mistake to nobody, and says so only to who looks at
// the file. The fields are all keys that GitHub knows.
type issueForm struct {
	Name        string             `yaml:"name"`
	Description string             `yaml:"description"`
	Title       string             `yaml:"title"`
	Type        string             `yaml:"type"`
	Labels      []string           `yaml:"labels"`
	Assignees   []string           `yaml:"assignees"`
	Projects    []string           `yaml:"projects"`
	Body        []issueFormElement `yaml:"body"`
}

type issueFormElement struct {
	Type       string `yaml:"type"`
	ID         string `yaml:"id"`
	Attributes struct {
		Label       string `yaml:"label"`
		Description string `yaml:"description"`
		Placeholder string `yaml:"placeholder"`
		Value       string `yaml:"value"`
		Render      string `yaml:"render"`
		Multiple    bool   `yaml:"multiple"`
		Default     int    `yaml:"default"`
		Options     []any  `yaml:"options"`
	} `yaml:"attributes"`
	Validations struct {
		Required bool `yaml:"required"`
	} `yaml:"validations"`
}

var elementID = regexp.MustCompile(`^[\w-]+$`)

func TestIssueForms(t *testing.T) {
	files, err := filepath.Glob(".github/ISSUE_TEMPLATE/*.yml")
	if err != nil || len(files) < 3 {
		t.Fatalf("found %q, %v", files, err)
	}
	for _, file := range files {
		if filepath.Base(file) == "config.yml" {
			continue
		}
		for _, problem := range formProblems(readText(t, file)) {
			t.Errorf("%s: %s", file, problem)
		}
	}
	var config struct {
		Blank *bool `yaml:"blank_issues_enabled"`
		Links []struct {
			Name, URL, About string
		} `yaml:"contact_links"`
	}
	if err := decodeStrictly(readText(t, ".github/ISSUE_TEMPLATE/config.yml"), &config); err != nil {
		t.Fatal(err)
	}
	for _, link := range config.Links {
		if link.Name == "" || link.About == "" || !strings.HasPrefix(link.URL, "https://") {
			t.Errorf("a link lacks something: %+v", link)
		}
	}
}

// decodeStrictly refuses a key that value has no field for.
func decodeStrictly(text string, value any) error {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	return decoder.Decode(value)
}

// formProblems returns what GitHub would refuse in a form, by the rules that it documents.
func formProblems(text string) []string {
	var form issueForm
	if err := decodeStrictly(text, &form); err != nil {
		return []string{err.Error()}
	}
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if form.Name == "" || form.Description == "" {
		add("no name or no description")
	}
	ids, labels := map[string]bool{}, map[string]bool{}
	for i, element := range form.Body {
		for _, problem := range elementProblems(element) {
			add("element %d (%s): %s", i, element.ID, problem)
		}
		if element.Type == "markdown" {
			continue
		}
		if ids[element.ID] || labels[element.Attributes.Label] {
			add("element %d (%s): another one has its id or its label", i, element.ID)
		}
		ids[element.ID], labels[element.Attributes.Label] = true, true
	}
	if len(ids) == 0 {
		add("it asks for nothing")
	}
	return problems
}

func elementProblems(element issueFormElement) []string {
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	attributes := element.Attributes
	switch element.Type {
	case "markdown":
		if attributes.Value == "" || element.ID != "" || attributes.Label != "" || element.Validations.Required {
			add("a text has a value and nothing else")
		}
		return problems
	case "textarea", "input":
		if len(attributes.Options) > 0 {
			add("it cannot have options")
		}
	case "dropdown":
		for _, option := range attributes.Options {
			if name, isText := option.(string); !isText || strings.EqualFold(name, "none") {
				add("an option must be text in quotes, and not None: %v", option)
			}
		}
	case "checkboxes":
		for _, option := range attributes.Options {
			if box, isMap := option.(map[string]any); !isMap || box["label"] == nil {
				add("a box has no label: %v", option)
			}
		}
		if element.Validations.Required {
			add("required belongs to each box")
		}
	default:
		add("no such type: %q", element.Type)
	}
	if attributes.Label == "" || !elementID.MatchString(element.ID) {
		add("no label, or an id that is not of letters, digits, - and _")
	}
	if chosen := slices.Contains([]string{"dropdown", "checkboxes"}, element.Type); chosen && len(attributes.Options) == 0 {
		add("no options")
	}
	return problems
}

// Each check of a form sees its mistake.
func TestFormProblemsAreFound(t *testing.T) {
	sound := `
name: Report
description: Says what is wrong.
body:
  - type: markdown
    attributes: { value: Thank you. }
  - type: input
    id: version
    attributes: { label: Version }
  - type: dropdown
    id: place
    attributes: { label: Place, options: [here, there] }
  - type: checkboxes
    id: checked
    attributes: { label: Checked, options: [{ label: read, required: true }] }
`
	introduction, questions, _ := strings.Cut(sound, "  - type: input\n")
	if introduction == sound {
		t.Fatal("the form has no question")
	}
	for mistake, replace := range map[string][2]string{
		"nothing":                 {"", ""},
		"no name":                 {"name: Report\n", ""},
		"no description":          {"description: Says what is wrong.\n", ""},
		"a key that is not known": {"name: Report", "name: Report\nlabel: bug"},
		"an unknown type":         {"type: input", "type: text"},
		"no id":                   {"    id: version\n", ""},
		"an id with a space":      {"id: version", "id: the version"},
		"an id twice":             {"id: version", "id: place"},
		"a label twice":           {"label: Version", "label: Place"},
		"no label":                {"{ label: Version }", "{ description: Which? }"},
		"no options":              {"label: Place, options: [here, there]", "label: Place"},
		"a yes that is no text":   {"[here, there]", "[here, true]"},
		"the option None":         {"[here, there]", "[here, None]"},
		"a box without a label":   {"{ label: read, required: true }", "{ required: true }"},
		"a text without a value":  {"{ value: Thank you. }", "{ description: Thank you. }"},
		"nothing to fill in":      {"  - type: input\n" + questions, ""},
	} {
		t.Run(mistake, func(t *testing.T) {
			if !strings.Contains(sound, replace[0]) {
				t.Fatalf("the form has no %q to replace", replace[0])
			}
			problems := formProblems(strings.Replace(sound, replace[0], replace[1], 1))
			if found := len(problems) > 0; found != (mistake != "nothing") {
				t.Errorf("found: %q", problems)
			}
		})
	}
}
