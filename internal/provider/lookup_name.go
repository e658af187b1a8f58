// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"golang.org/x/text/unicode/norm"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// nameChoice finds an object by its exact name among those that a key can see.
type nameChoice[T any] struct {
	noun     string // "agent"; the argument with its id is noun_id
	where    string // " in space 12", or empty: anywhere
	all      []T
	name     func(T) string
	describe func(T) string
	// others are objects that are not to be chosen; one of that name is a hint.
	others []T
	// narrower says what else can tell several of one name apart, or is empty.
	narrower string
}

// find returns the object; nil after an error.
func (c nameChoice[T]) find(name string, diags *diag.Diagnostics) *T {
	found := c.named(name, c.all)
	switch len(found) {
	case 1:
		return &found[0]
	case 0:
		diags.AddAttributeError(path.Root("name"), fmt.Sprintf("No %s is named %s%s", c.noun, quoted(name), c.where), paragraphs(
			listedBriefly(capitalized(c.noun)+"s of this name elsewhere", c.lines(c.named(name, c.others))),
			fmt.Sprintf("The name must be exact, with the same upper and lower case. This key can see %s%s.", plural(int64(len(c.all)), c.noun), c.where),
			listedBriefly("Those with the most similar names", c.lines(c.mostSimilar(name)))))
	default:
		diags.AddAttributeError(path.Root("name"), fmt.Sprintf("Several %ss are named %s%s", c.noun, quoted(name), c.where), paragraphs(
			listedBriefly(capitalized(c.noun)+"s of this name", c.lines(found)),
			fmt.Sprintf("Choose one of them by %s_id%s.", c.noun, c.narrower)))
	}
	return nil
}

func (c nameChoice[T]) named(name string, among []T) (found []T) {
	for _, object := range among {
		if comparableName(c.name(object)) == comparableName(name) {
			found = append(found, object)
		}
	}
	return found
}

func (c nameChoice[T]) lines(objects []T) []string {
	lines := make([]string, len(objects))
	for i, object := range objects {
		lines[i] = c.describe(object)
	}
	return lines
}

// comparableName is a name in the form in which Terraform has its strings, and as the client shows names.
func comparableName(name string) string { return norm.NFC.String(sequentum.Printable(name)) }

// mostSimilar orders the objects that have a name, the most similar first: a person has mistyped the name, or knows a part
// of it.
func (c nameChoice[T]) mostSimilar(name string) []T {
	type distant struct {
		object   T
		distance int
	}
	var all []distant
	for _, object := range c.all {
		if c.name(object) != "" {
			all = append(all, distant{object, nameDistance(name, c.name(object))})
		}
	}
	slices.SortStableFunc(all, func(a, b distant) int { return cmp.Compare(a.distance, b.distance) })
	objects := make([]T, len(all))
	for i, d := range all {
		objects[i] = d.object
	}
	return objects
}

// nameDistance says how different two names are: 0 if only in case or spaces, small if one contains the other, else by the
// letters that differ.
func nameDistance(a, b string) int {
	a, b = foldedName(a), foldedName(b)
	switch {
	case a == b:
		return 0
	case strings.Contains(a, b), strings.Contains(b, a):
		return 1
	}
	return 1 + levenshtein.Distance(beginningOf(a), beginningOf(b), nil)
}

// foldedName is a name without regard to case and to the number of spaces.
func foldedName(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(comparableName(name)), " "))
}

// beginningOf bounds the time that comparing with thousands of long names takes.
func beginningOf(name string) string {
	const most = 100
	if letters := []rune(name); len(letters) > most {
		return string(letters[:most])
	}
	return name
}
