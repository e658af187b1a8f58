// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// span is text of one look. Its class is one of the style sheet; empty: plain text.
type span struct{ class, text string }

// The CLIs use no other escape sequences than those that set a colour: nothing moves the cursor.
var escapeSequence = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// colours are the classes of the codes that the CLIs use.
var colours = map[string]string{"31": "red", "32": "green", "33": "yellow", "34": "blue", "35": "magenta", "36": "cyan", "90": "cut"}

// parseLines splits the output of a CLI into lines of spans.
func parseLines(output string) [][]span {
	var lines [][]span
	var bold, colour string
	for text := range strings.SplitSeq(strings.TrimSuffix(output, "\n"), "\n") {
		var line []span
		add := func(text string) {
			if text != "" {
				line = append(line, span{strings.TrimSpace(bold + " " + colour), text})
			}
		}
		rest := 0
		for _, at := range escapeSequence.FindAllStringSubmatchIndex(text, -1) {
			add(text[rest:at[0]])
			rest = at[1]
			for code := range strings.SplitSeq(text[at[2]:at[3]], ";") {
				switch code {
				case "", "0":
					bold, colour = "", ""
				case "1":
					bold = "bold"
				default:
					colour = colours[code]
				}
			}
		}
		add(text[rest:])
		lines = append(lines, line)
	}
	return lines
}

// plain is the text of a line.
func plain(line []span) string {
	var text strings.Builder
	for _, s := range line {
		text.WriteString(s.text)
	}
	return text.String()
}

// Sizes in pixels, for a monospace font of 13 pixels, whose characters are at most 0.62 em wide.
const (
	characterWidth = 8.06
	lineHeight     = 18
	margin         = 16
)

// The background is dark in every mode, as that of a terminal: GitHub shows a picture without the colours of the page.
// The picture has no script and loads no font, because GitHub removes both.
const style = `
  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; fill: #d8dee9; white-space: pre; }
  .bold { font-weight: bold; }
  .red { fill: #ff7b72; }
  .green { fill: #7ee787; }
  .yellow { fill: #e3b341; }
  .blue { fill: #79c0ff; }
  .magenta { fill: #d2a8ff; }
  .cyan { fill: #76e3ea; }
  .prompt { fill: #7ee787; font-weight: bold; }
  .cut { fill: #8b949e; }
`

const (
	pictureTitle       = "An interrupted apply, and the apply that continues it"
	pictureDescription = "A terminal. terraform apply starts a run and is interrupted with Ctrl-C. The next apply continues waiting for the same run."
)

// renderSVG draws a terminal that shows the lines.
func renderSVG(lines [][]span) []byte {
	columns := 0
	for _, line := range lines {
		columns = max(columns, utf8.RuneCountInString(plain(line)))
	}
	width, height := int(float64(columns)*characterWidth)+2*margin, len(lines)*lineHeight+2*margin
	var b bytes.Buffer
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %[1]d %[2]d\" width=\"%[1]d\" height=\"%[2]d\" role=\"img\">\n", width, height)
	fmt.Fprintf(&b, "<title>%s</title>\n<desc>%s</desc>\n<style>%s</style>\n", pictureTitle, pictureDescription, style)
	fmt.Fprintf(&b, "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#161b22\" stroke=\"#8b949e\"/>\n", width, height)
	for i, line := range lines {
		if len(line) == 0 {
			continue
		}
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"%d\" xml:space=\"preserve\">", margin, margin+i*lineHeight+lineHeight*3/4)
		for _, s := range line {
			if s.class == "" {
				escape(&b, s.text)
				continue
			}
			fmt.Fprintf(&b, "<tspan class=%q>", s.class)
			escape(&b, s.text)
			b.WriteString("</tspan>")
		}
		b.WriteString("</text>\n")
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func escape(b *bytes.Buffer, text string) {
	_ = xml.EscapeText(b, []byte(text)) // a buffer takes everything
}
