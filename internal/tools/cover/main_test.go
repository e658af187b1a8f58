// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const source = `package p

type T[K any] struct{}

func (t *T[K]) M(a int) int {
	if a > 0 {
		return 1
	}
	return 2
}

func F() {}
`

// Each kind of problem is found, and a list that is right passes.
func TestReport(t *testing.T) {
	const covered = module + "p/p.go:5.29,6.11 1 3\n"
	for _, c := range []struct{ name, profile, explained, want string }{
		{"all is covered", covered + module + "p/p.go:6.11,8.3 1 1\n", "", ""},
		{"another program has covered it", covered + module + "p/p.go:6.11,8.3 1 0\n" + module + "p/p.go:6.11,8.3 1 1\n", "", ""},
		{"explained", covered + module + "p/p.go:6.11,8.3 1 0\n", "# why\np/p.go T.M 1 This cannot happen.\n", ""},
		{"not explained", covered + module + "p/p.go:6.11,8.3 1 0\n", "", "p/p.go T.M: 1 blocks are not covered, and 0 of them are explained: lines 6"},
		{"more than explained", covered + module + "p/p.go:6.11,8.3 1 0\n" + module + "p/p.go:9.2,9.10 1 0\n", "p/p.go T.M 1 This cannot happen.", "2 blocks are not covered, and 1 of them are explained: lines 6, 9"},
		{"explained and covered", covered, "p/p.go T.M 1 This cannot happen.", "p/p.go T.M: 1 uncovered blocks are explained, but 0 are left"},
		{"sometimes covered", covered, "p/p.go T.M 1 Sometimes: this needs luck.", ""},
		{"no such function", covered, "p/p.go G 1 This cannot happen.", "p/p.go G is explained, but there is no such function"},
		{"explained twice", covered + module + "p/p.go:6.11,8.3 1 0\n", "p/p.go T.M 1 This cannot happen.\np/p.go T.M 1 This cannot happen.", "p/p.go T.M is explained twice"},
		{"no reason", covered, "p/p.go T.M 1", "explained.txt:1: a line is: file, function"},
		{"no such package", module + "other/p.go:1.1,2.2 1 0\n", "", "the profile has none of the packages p"},
		{"no profile", "nothing", "", "profile.txt:2: this is not a line of a profile"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			profile, explained := filepath.Join(root, "profile.txt"), filepath.Join(root, "explained.txt")
			for name, text := range map[string]string{profile: "mode: atomic\n" + c.profile, explained: c.explained, filepath.Join(root, "p", "p.go"): source} {
				if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out strings.Builder
			err := report(&out, root, profile, explained, []string{"p"})
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q; it printed %s", err, c.want, &out)
			}
		})
	}
}
