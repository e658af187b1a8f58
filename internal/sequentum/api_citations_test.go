// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	heading       = regexp.MustCompile(`(?m)^(#{2,}) (.+)$`)
	citation      = regexp.MustCompile(`\(API: ([^):]+)`)
	commentAtWrap = regexp.MustCompile(`\n\s*// ?`)
)

// apiHeadings lists the headings of API.md below its title, in lower case, each with those that it stands below:
// "conventions", "conventions, scopes".
func apiHeadings(t *testing.T) [][]string {
	t.Helper()
	document, err := os.ReadFile("API.md")
	if err != nil {
		t.Fatal(err)
	}
	var headings [][]string
	var above []string
	for _, h := range heading.FindAllStringSubmatch(string(document), -1) {
		depth := len(h[1]) - len("##")
		above = append(slices.Clone(above[:depth]), strings.ToLower(h[2]))
		headings = append(headings, above)
	}
	return headings
}

// isHeading reports whether a citation such as "Runs, Start" names a heading, and before it only headings that it
// stands below.
func isHeading(cited string, headings [][]string) bool {
	parts := strings.Split(strings.ToLower(cited), ", ")
	return slices.ContainsFunc(headings, func(h []string) bool {
		last := len(parts) - 1
		if h[len(h)-1] != parts[last] {
			return false
		}
		return !slices.ContainsFunc(parts[:last], func(part string) bool { return !slices.Contains(h, part) })
	})
}

// A comment in any Go file of the repository cites the API with a heading of API.md.
func TestCitationsNameHeadingsOfAPIDocument(t *testing.T) {
	headings := apiHeadings(t)
	cited := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && entry.Name() != "..":
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".go" || filepath.Base(path) == "api_citations_test.go":
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, c := range citation.FindAllStringSubmatch(commentAtWrap.ReplaceAllString(string(source), " "), -1) {
			cited++
			if !isHeading(c[1], headings) {
				t.Errorf("%s cites (API: %s), which is not a heading of API.md", path, c[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if cited == 0 {
		t.Error("no citation was found")
	}
}
