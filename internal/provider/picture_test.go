// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/xml"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// What differs between sessions and CLIs: numbers, times, and the CLI's name.
var pictureVaries = regexp.MustCompile(`(\d+m)?\d+|OpenTofu|Terraform`)

// The picture in the README shows a session of the past. A session of today prints the same.
func TestPictureIsTrue(t *testing.T) {
	t.Parallel()
	const folder = "../tools/demo/session"
	config, err := simulator.ReadConfig(filepath.Join(folder, "agents.json"))
	if err != nil {
		t.Fatal(err)
	}
	var o simulator.Options
	config.Apply(&o)
	w := newWorkspace(t, o)
	w.file("main.tf", readFile(t, filepath.Join(folder, "main.tf")))
	apply := []string{"apply", "-auto-approve", "-input=false", "-no-color"}
	p := w.begin(apply...)
	p.w.eventually("the CLI says that it still waits", func() bool { return strings.Contains(p.output.String(), "Still creating...") })
	sessions := []string{p.interrupt().output, w.mustRun(apply...).output}
	w.wantRuns(map[int64]int{4711: 1})
	for i, parts := range pictureSessions(t, "../../assets/session.svg", len(sessions)) {
		printed := pictureVaries.ReplaceAllString(sessions[i], "…")
		for _, part := range parts {
			wantText(t, printed, pictureVaries.ReplaceAllString(part, "…"))
		}
	}
}

// pictureSessions are the parts of each session of a picture: what it shows without a gap. It fails the test unless there
// are as many sessions as wanted.
func pictureSessions(t *testing.T, path string, want int) [][]string {
	t.Helper()
	var picture struct {
		Lines []struct {
			Text string `xml:",innerxml"`
		} `xml:"text"`
	}
	if err := xml.Unmarshal([]byte(readFile(t, path)), &picture); err != nil {
		t.Fatal(err)
	}
	tag := regexp.MustCompile(`<[^>]*>`)
	unescape := strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&gt;", ">", "&lt;", "<", "&amp;", "&")
	var sessions [][]string
	for _, line := range picture.Lines {
		text := unescape.Replace(tag.ReplaceAllString(line.Text, ""))
		last := len(sessions) - 1
		switch {
		case strings.HasPrefix(text, "$ "):
			sessions = append(sessions, []string{""})
		case text == "⋮" || text == "^C":
			sessions[last] = append(sessions[last], "")
		default:
			sessions[last][len(sessions[last])-1] += text + "\n"
		}
	}
	if len(sessions) != want {
		t.Fatalf("the picture has %d sessions, want %d", len(sessions), want)
	}
	return sessions
}
