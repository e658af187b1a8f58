// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// guides are the plays of the pages in templates/guides, and of the provider's own page: what a reader does who follows the page. A play must take every
// fenced block of its page, so that every line of HCL and every command in a guide is run.
//
//	s := g.section("Schedules")          // what stands under that heading, of level 2 or 3; "" is what stands before the first
//	w := g.workspace(options)            // a directory, the CLI, a simulated cloud; the shell finds the key and the URL in its environment
//	w.file("main.tf", s.take("terraform"))  // the section's next block, which must be of this language
//	r := w.shell(s.take("sh"))           // runs the commands; `terraform` is the CLI under test, and each apply is approved
//	w.wantScreen(r, s.take("text"))      // each line of the block was printed; see screen for what may differ
//	s.follow(w)                          // all of this for the blocks that the section still has
//
// A file: `w.file(name, s.take("terraform"))`. A fragment: put it where it belongs, for example `run(s.take("terraform"))`,
// or `preamble + s.take("terraform") + oneRun`. A placeholder such as ADDRESS: strings.ReplaceAll. A command that is to be
// interrupted, or whose run the test ends: `p := w.beginShell(s.take("sh")); p.awaitWait(); w.finish(simulator.Success)`,
// then p.mustSucceed, p.interrupt, and so on. A CLI that lacks something (w.knowsActions, w.knowsLists) is held to what is
// true of it, and the play still takes the blocks.
var guides = map[string]func(g *guide){
	"actions":         playActions,
	"getting-started": playGettingStarted,
	"importing":       playImporting,
	"index":           playIndex,
	"moving":          playMoving,
	"outputs":         playOutputs,
	"pipelines":       playPipelines,
	"reliability":     func(*guide) {}, // it has only tables
	"request-budget":  playRequestBudget,
	"scheduling":      playScheduling,
	"secrets":         playSecrets,
	"testing":         playTesting,
	"troubleshooting": playTroubleshooting,
	"versions":        playVersions,
	"waiting":         playWaiting,
	"watching":        playWatching,
}

// guide is a page and what its play has taken so far.
type guide struct {
	t        *testing.T
	name     string
	sections []*section
}

// section is what stands under one heading of a guide.
type section struct {
	t      *testing.T
	guide  string
	title  string
	blocks []block // in their order
	taken  int
}

// block is a fenced block. said is the text between it and the block before.
type block struct {
	said, language, text string
}

var (
	guideHeading = regexp.MustCompile(`(?m)^###? (.+)$`)
	guideFence   = regexp.MustCompile("(?m)^[ \t]*(?:```|~~~)")
	guideBlock   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	// guideFile is a file that the text before a block names. It ends the text if the reader is to write the file.
	guideFile = regexp.MustCompile("`([\\w.]+\\.(?:tf|hcl))`[^`]*")
)

func TestScenarioGuides(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../templates/guides/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no guides: %v", err)
	}
	pages = append(pages, "../../templates/index.md.tmpl")
	var names []string
	for _, page := range pages {
		name, _, _ := strings.Cut(filepath.Base(page), ".")
		names = append(names, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &guide{t: t, name: name, sections: sectionsOf(t, name, readFile(t, page))}
			if play := guides[name]; play != nil { // a page without blocks needs none
				play(g)
			}
			g.wantAllTaken()
		})
	}
	for name := range guides {
		if !slices.Contains(names, name) {
			t.Errorf("there is no guide %s", name)
		}
	}
}

func sectionsOf(t *testing.T, guide, page string) []*section {
	t.Helper()
	if fences, blocks := len(guideFence.FindAllString(page, -1)), len(guideBlock.FindAllString(page, -1)); fences != 2*blocks {
		t.Fatalf("guide %s has %d fences, but %d blocks: write ```LANGUAGE and ``` at the beginning of a line", guide, fences, blocks)
	}
	// A comment in a shell block looks like a heading.
	heads := guideHeading.FindAllStringSubmatchIndex(guideBlock.ReplaceAllStringFunc(page, func(block string) string {
		return strings.ReplaceAll(block, "#", "-")
	}), -1)
	title, begin := "", 0
	var sections []*section
	for _, head := range append(heads, []int{len(page), len(page), len(page), len(page)}) {
		s := &section{t: t, guide: guide, title: title}
		before := begin
		for _, at := range guideBlock.FindAllStringSubmatchIndex(page[begin:head[0]], -1) {
			part := func(from, to int) string { return page[begin+from : begin+to] }
			s.blocks = append(s.blocks, block{said: page[before : begin+at[0]], language: part(at[2], at[3]), text: part(at[4], at[5])})
			before = begin + at[1]
		}
		sections = append(sections, s)
		title, begin = page[head[2]:head[3]], head[1]
	}
	return sections
}

func (g *guide) section(title string) *section {
	g.t.Helper()
	for _, s := range g.sections {
		if s.title == title {
			return s
		}
	}
	g.t.Fatalf("the guide %s has no section %q", g.name, title)
	return nil
}

func (g *guide) wantAllTaken() {
	g.t.Helper()
	for _, s := range g.sections {
		for _, b := range s.blocks[s.taken:] {
			g.t.Errorf("no play takes this block of guide %s, section %q (see the table guides):\n%s", g.name, s.title, b.text)
		}
	}
}

func (g *guide) workspace(o simulator.Options) *workspace {
	g.t.Helper()
	return newWorkspace(g.t, o)
}

// take gives the section's next block, which must be of this language.
func (s *section) take(language string) string {
	s.t.Helper()
	return s.next(language).text
}

func (s *section) next(languages ...string) block {
	s.t.Helper()
	if s.taken == len(s.blocks) {
		s.t.Fatalf("section %q of guide %s has no more blocks", s.title, s.guide)
	}
	b := s.blocks[s.taken]
	if !slices.Contains(languages, b.language) {
		s.t.Fatalf("the next block of section %q of guide %s is of %q, want %q:\n%s", s.title, s.guide, b.language, languages, b.text)
	}
	s.taken++
	return b
}

// leaveToOtherCLI takes the rest of the section, which is played with a CLI that knows more than this one, or less.
func (s *section) leaveToOtherCLI() { s.taken = len(s.blocks) }

// follow does what the rest of the section says: it writes the files that the text tells to write ("Write `main.tf`:"),
// and runs the commands. What the guide shows of another file or of the last command's screen must be there.
func (s *section) follow(w *workspace) {
	w.t.Helper()
	var screen result
	for s.taken < len(s.blocks) {
		b := s.next("sh", "text", "terraform")
		switch b.language {
		case "sh":
			screen = w.shell(b.text)
		case "text":
			w.wantScreen(screen, b.text)
		case "terraform":
			names := guideFile.FindAllStringSubmatch(b.said, -1)
			if len(names) == 0 {
				w.t.Fatalf("the guide does not say which file this is:\n%s", b.text)
			}
			name := names[len(names)-1][1]
			if strings.HasSuffix(b.said, "rite `"+name+"`:\n\n") {
				w.file(name, b.text)
			} else if !strings.Contains(w.read(name), b.text) {
				w.t.Errorf("%s does not have:\n%s\nbut:\n%s", name, b.text, w.read(name))
			}
		}
	}
}

// beginShell runs commands as a person would, who confirms each apply. `terraform` is the CLI under test.
func (w *workspace) beginShell(commands string) *process {
	w.t.Helper()
	return w.beginShellWith("-ec", commands)
}

// beginShellWith begins a shell with these arguments.
func (w *workspace) beginShellWith(args ...string) *process {
	w.t.Helper()
	w.file("bin/.keep", "")
	bin := filepath.Join(w.dir, "bin")
	if err := os.Symlink(w.cli, filepath.Join(bin, "terraform")); err != nil && !os.IsExist(err) {
		w.t.Fatal(err)
	}
	cli, env := w.cli, w.env
	defer func() { w.cli, w.env = cli, env }()
	// Bash, unlike other shells, waits for the command when an interrupt reaches both, and ends with its exit code.
	w.cli, w.env = "bash", append(slices.Clip(w.env),
		"PATH="+bin+":"+os.Getenv("PATH"), "TF_CLI_ARGS=-no-color",
		"TF_CLI_ARGS_force_unlock=-force",
		"TF_CLI_ARGS_apply=-auto-approve -input=false -no-color", "TF_CLI_ARGS_destroy=-auto-approve -input=false -no-color")
	return w.begin(args...)
}

// shell runs commands like beginShell, and fails the test unless they succeed.
func (w *workspace) shell(commands string) result {
	w.t.Helper()
	return w.beginShell(commands).mustSucceed()
}

// passing is what differs each time that a guide is followed: times, durations, the counts of a run under way, the ids of
// files, the lines of a configuration that the test puts together.
var passing = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "TIME"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d UTC`), "TIME"},
	{regexp.MustCompile(`\b(\d+h)?(\d+m)?\d+(\.\d+)?s\b`), "DURATION"},
	{regexp.MustCompile(`\b[\d,]+ (record|page|error)s?\b`), "N ${1}s"},
	{regexp.MustCompile(`, [\d,]+ exported\b`), ""}, // not before the first
	{regexp.MustCompile(`\bfile \d{10} ("[^"]*"), [\d,]+ bytes\b`), "file ID $1, N bytes"},
	{regexp.MustCompile(`\bline \d+, in `), "line N, in "},
	{regexp.MustCompile(`\b\d+: (resource|data|action|provider|import) `), "N: $1 "},
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "https://dashboard.sequentum.com"},
}

// screen is printed text as it is compared: lines joined, and what is passing masked.
func screen(printed string) string {
	printed = unwrap(printed)
	for _, p := range passing {
		printed = p.what.ReplaceAllString(printed, p.as)
	}
	return printed
}

// wantScreen fails the test unless each line of a guide's block was printed. A line of "..." stands for what the guide
// leaves out.
func (w *workspace) wantScreen(r result, shown string) {
	w.t.Helper()
	printed := screen(r.raw)
	for line := range strings.Lines(shown) {
		if line = screen(line); line != "..." && !strings.Contains(printed, line) {
			w.t.Errorf("the guide shows %q, which is not on the screen:\n%s", line, r.raw)
		}
	}
}
