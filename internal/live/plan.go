// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// chooseStories takes those that were asked for and that the CLI can play.
func (s *session) chooseStories(ctx context.Context) error {
	actions, err := canInvoke(ctx, s.CLI)
	if err != nil {
		return err
	}
	var names []string
	for _, story := range allStories {
		names = append(names, story.name)
		switch {
		case len(s.Stories) > 0 && !slices.Contains(s.Stories, story.name):
			s.left = append(s.left, story.name+" (not in STORIES)")
		case story.actions && !actions:
			s.left = append(s.left, story.name+" (this CLI has no actions: take Terraform 1.14 or later)")
		default:
			s.stories = append(s.stories, story)
		}
	}
	for _, name := range s.Stories {
		if !slices.Contains(names, name) {
			return fmt.Errorf("STORIES has %q, but the stories are %s", name, strings.Join(names, ","))
		}
	}
	if len(s.stories) == 0 {
		return fmt.Errorf("no story is left to play: %s", strings.Join(s.left, ", "))
	}
	return nil
}

// runs is how many runs are started at most.
func (s *session) runs() (total int) {
	for _, story := range s.stories {
		total += story.runs
	}
	return total
}

func (s *session) schedules() (total int) {
	for _, story := range s.stories {
		total += story.schedules
	}
	return total
}

// wantedYes is what agrees to exactly this number of runs.
func (s *session) wantedYes() string { return fmt.Sprintf("%d-runs", s.runs()) }

// describe says what will be done and what it costs.
func (s *session) describe(runs []sequentum.Run) {
	s.say("make live tries the provider with the account at %s", s.APIURL)
	s.say("and its agent %d, %q. This costs credits.\n", s.AgentID, s.agentName)
	s.say("  runs started:       at most %d", s.runs())
	for _, story := range s.stories {
		s.say("    %-10s %d   %s", story.name, story.runs, story.does)
	}
	for _, left := range s.left {
		s.say("    left out: %s", left)
	}
	s.say("  schedules:          %d created, for a time in a year, and deleted again", s.schedules())
	s.say("  runs deleted:       only runs that make live has started")
	s.say("  downloaded:         the delivered files of one run, into a temporary folder")
	s.say("  read:               the agents, spaces, credits and costs that the key can see; before each step it waits until less than half of the key's requests a minute are used")
	s.say("  written:            snapshots without names, texts, ids and keys, into %s", s.Snapshots)
	s.say("  time:               %s", s.estimate(runs))
	s.say("\nmake live changes only the runs and schedules that it creates. Ctrl-C stops the runs that it has started.")
	s.say("To play only some of the stories, add for example STORIES=%s.\n", s.stories[0].name)
}

// How long a story takes beside the run that it waits for, and how long a run needs that is stopped at once.
const (
	forCommands = 30 * time.Second
	forStop     = time.Minute
)

// estimate is about how long all takes, from how long the agent's runs took.
func (s *session) estimate(runs []sequentum.Run) string {
	var longest time.Duration
	for _, r := range runs {
		if r.RunTimeSeconds != nil && r.Status.Finished() {
			longest = max(longest, time.Duration(*r.RunTimeSeconds)*time.Second)
		}
	}
	other := time.Duration(len(s.stories))*forCommands + time.Duration(s.runs())*forStop
	if longest == 0 {
		return fmt.Sprintf("about %.0f minutes, plus the time of one run (not known: the agent has no finished run)", other.Minutes())
	}
	return fmt.Sprintf("about %.0f minutes. It waits for one whole run: the longest of the agent's last %d runs took %s", (longest + other).Minutes(), len(runs), longest)
}
