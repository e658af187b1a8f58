// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sequentum/terraform-provider-sequentum/internal/download"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// named returns files with these names and the ids from 1. "-": a file without a name.
func named(names ...string) []sequentum.File {
	files := make([]sequentum.File, len(names))
	for i, name := range names {
		files[i].ID = int64(i) + 1
		if name != "-" {
			files[i].Name = &name
		}
	}
	return files
}

func diskNames(names ...string) []string {
	var got []string
	for _, target := range download.Targets(named(names...)) {
		got = append(got, target.Name)
	}
	return got
}

func TestDiskNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 200)
	for _, c := range []struct {
		name        string
		files, want []string
	}{
		{"safe names stay as they are", []string{"products.csv", "a b.tar.gz", ".hidden", "price €.txt"}, []string{"products.csv", "a b.tar.gz", ".hidden", "price €.txt"}},
		{"files without a usable name", []string{"-", "", ".", "..", " ", "...", " . "}, []string{"file-1", "file-2", "file-3", "file-4", "file-5", "file-6", "file-7"}},
		{"names that are paths", []string{"../../x", "/etc/passwd", `..\x`, `C:\x`, "C:", "a/b", "~/x"}, []string{".._.._x", "_etc_passwd", ".._x", "C__x", "C_", "a_b", "~_x"}},
		{"forbidden characters", []string{"a\x00b", "a\nb.txt", "a?b*c<d>e|f\"g", "a\u202etxt.exe", "a\u2028b", "a\u0085b", "\xff\xfeb"}, []string{"a_b (1)", "a_b.txt", "a_b_c_d_e_f_g", "a_txt.exe", "a_b (5)", "a_b (6)", "_b"}},
		{"names of Windows devices", []string{"con", "CON.txt", "nul .tar.gz", "com1", "LPT9.log", "COM¹", "conin$", "com", "com10", "console"}, []string{"_con", "_CON.txt", "_nul .tar.gz", "_com1", "_LPT9.log", "_COM¹", "_conin$", "com", "com10", "console"}},
		{"dots and spaces at the end", []string{"a.", "b ", "c. .", "d.\u00a0"}, []string{"a", "b", "c", "d"}},
		{"a name becomes NFC", []string{"cafe\u0301.txt"}, []string{"caf\u00e9.txt"}},
		{"two files have the same name", []string{"a.csv", "b.csv", "a.csv"}, []string{"a (1).csv", "b.csv", "a (3).csv"}},
		{"files without extension have the same name", []string{"a", "a", ".x", ".x"}, []string{"a (1)", "a (2)", ".x (3)", ".x (4)"}},
		{"names differ only in case or normal form", []string{"A.csv", "a.CSV", "cafe\u0301", "CAF\u00c9", "straße", "STRASSE"}, []string{"A (1).csv", "a (2).CSV", "caf\u00e9 (3)", "CAF\u00c9 (4)", "straße (5)", "STRASSE (6)"}},
		{"names are the same after they are made safe", []string{"a/b", "a_b", `a\b`}, []string{"a_b (1)", "a_b (2)", "a_b (3)"}},
		{"a name looks like one with an id", []string{"a.csv", "a.csv", "a (1).csv", "a (1) (3).csv"}, []string{"a (1).csv", "a (2).csv", "a (1) (3).csv", "a (1) (3) (4).csv"}},
		{"a name looks like that of a file without a name", []string{"-", "file-1"}, []string{"file-1 (1)", "file-1 (2)"}},
		{"names that are too long", []string{long + ".csv", long, "x." + long}, []string{strings.Repeat("ü", 125) + ".csv", strings.Repeat("ü", 127), "x." + strings.Repeat("ü", 126)}},
		{"long names are the same after they are cut", []string{long + "1.csv", long + "2.csv"}, []string{strings.Repeat("ü", 123) + " (1).csv", strings.Repeat("ü", 123) + " (2).csv"}},
		{"only dots and spaces are left after the cut", []string{strings.Repeat(" ", 300) + "x", strings.Repeat(".", 300) + strings.Repeat("a", 40), strings.Repeat("\u3000", 90) + "x"}, []string{"file-1", "file-2", "file-3"}},
		{"a long name ends in a dot after the cut", []string{strings.Repeat("a", 254) + ". b" + strings.Repeat("c", 40)}, []string{strings.Repeat("a", 254)}},
		{"names of configuration files", []string{"evil.tf", "a.tofu", "a.tf.json", "b.tofu.json", "terraform.tfvars", "x.auto.tfvars.json", "override.tf", "a_override.tf.json", "a.tftest.hcl", "b.tfquery.hcl", "c.tfmock.hcl"},
			[]string{"evil.tf_", "a.tofu_", "a.tf.json_", "b.tofu.json_", "terraform.tfvars_", "x.auto.tfvars.json_", "override.tf_", "a_override.tf.json_", "a.tftest.hcl_", "b.tfquery.hcl_", "c.tfmock.hcl_"}},
		{"names of state and settings files", []string{"terraform.tfstate", "terraform.tfstate.backup", "errored.tfstate", ".terraform", ".terraform.lock.hcl", ".terraform.tfstate", ".terraformrc", "terraform.rc", "my.tfrc", "terraform.tfstate.d", "terraform.d", ".tofurc"},
			[]string{"terraform.tfstate_", "terraform.tfstate.backup_", "errored.tfstate_", "_.terraform", "_.terraform.lock.hcl", "_.terraform.tfstate_", "_.terraformrc", "terraform.rc_", "my.tfrc_", "terraform.tfstate.d_", "terraform.d_", "_.tofurc_"}},
		{"reserved names in another spelling", []string{"EVIL.TF", "Terraform.TfState", ".TERRAFORM", "a.t\u200df", "b.tf. ", "x.tf\u017ftate"}, []string{"EVIL.TF_", "Terraform.TfState_", "_.TERRAFORM", "a.t\u200df_", "b.tf_", "x.tf\u017ftate_"}},
		{"names that only resemble reserved ones", []string{"tf", "a.tf.csv", "terraform", "a.hcl", "x.json", "mytf", "terraform.rc.txt"}, []string{"tf", "a.tf.csv", "terraform", "a.hcl", "x.json", "mytf", "terraform.rc.txt"}},
		{"configuration names with an id", []string{"a.tf", "a.tf", "a.tf_"}, []string{"a (1).tf_", "a (2).tf_", "a (3).tf_"}},
		{"configuration names after they are cut", []string{strings.Repeat("a", 252) + ".tf" + strings.Repeat("b", 40), strings.Repeat("a", 300) + ".tf"}, []string{strings.Repeat("a", 252), strings.Repeat("a", 250) + ".tf_"}},
		{"names of temporary files", []string{".sequentum-" + strings.Repeat("A", 26) + ".part", ".sequentum-notes.part"}, []string{"_.sequentum-" + strings.Repeat("A", 26) + ".part", ".sequentum-notes.part"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := diskNames(c.files...)
			if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestTargetsHaveEachFileOnce(t *testing.T) {
	t.Parallel()
	files := named("a", "b")
	files = append(files, files[1])
	if got := download.Targets(files); len(got) != 2 || got[1].Name != "b" {
		t.Errorf("got %v", got)
	}
}

// FuzzDiskNames gives four files names on disk: two of them have the third name.
func FuzzDiskNames(f *testing.F) {
	for _, seed := range [][3]string{
		{"a.csv", "A.CSV", "a (1).csv"}, {"..", "../..", "\x00"}, {"con", "aux.h", "x."}, {"e\u0301", "\u00e9", "É"},
		{strings.Repeat(" ", 300) + "x", "", "."}, {strings.Repeat("ab/", 100), strings.Repeat("\u0301", 300), ". ."}, {"file-2", "-", ""}, {"ﬁ", "fi", "FI"}, {"evil.tf", "terraform.tfstate", ".terraform"}, {".terraform.tf", "A.TF", "a.tf_"}, {strings.Repeat("a", 252) + ".tf" + strings.Repeat("b", 40), ".sequentum-" + strings.Repeat("A", 26) + ".part", ".tofurc"}, {"a.b (4)", "a.b", "a.b"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		directory := t.TempDir()
		seen := map[string]bool{}
		for _, name := range diskNames(a, b, c, c) {
			switch {
			case name == "", len(name) > 255, !utf8.ValidString(name), !norm.NFC.IsNormalString(name):
				t.Errorf("%q is no good name", name)
			case strings.ContainsAny(name, "/\\:\x00\n"), name != strings.TrimRight(name, ". "), !filepath.IsLocal(name), filepath.Base(name) != name:
				t.Errorf("%q is not safe", name)
			case download.IsReserved(name):
				t.Errorf("a CLI reads %q", name)
			case seen[strings.ToLower(name)]:
				t.Errorf("%q is there twice", name)
			}
			seen[strings.ToLower(name)] = true
			if err := os.WriteFile(filepath.Join(directory, name), nil, 0o600); err != nil {
				t.Errorf("the file system does not take it: %v", err)
			}
		}
	})
}
