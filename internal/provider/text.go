package provider

import (
	"fmt"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// The parts that diagnostics are made of.

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// paragraphs joins what is not empty, an empty line between.
func paragraphs(parts ...string) string {
	var filled []string
	for _, p := range parts {
		if p != "" {
			filled = append(filled, p)
		}
	}
	return strings.Join(filled, "\n\n")
}

// listed is a heading with its points, or nothing when there are none.
func listed(heading string, points []string) string {
	if len(points) == 0 {
		return ""
	}
	return heading + ":\n  - " + strings.Join(points, "\n  - ")
}

// maxListed keeps a diagnostic readable where an agent has a thousand active runs.
const maxListed = 10

// oneLine is remote text, such as a name, within a sentence of ours.
func oneLine(s string) string { return strings.Join(strings.Fields(sequentum.Printable(s)), " ") }

// listedBriefly is listed with the first points of many.
func listedBriefly(heading string, points []string) string {
	if more := len(points) - maxListed; more > 0 {
		points = append(points[:maxListed:maxListed], fmt.Sprintf("… and %d more", more))
	}
	return listed(heading, points)
}
