// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// DefaultURL is the address of the real service.
const DefaultURL = "https://dashboard.sequentum.com"

// Options of [Run].
type Options struct {
	// CLI and Provider are paths of terraform or tofu, and of the provider's binary.
	CLI, Provider string
	// APIURL and APIKey of the account; an empty URL: [DefaultURL].
	APIURL, APIKey string
	// AgentID is the agent that is started.
	AgentID int64
	// Input is a JSON object of input parameters for every run, which is kept secret; empty: {}.
	Input string
	// Yes agrees to the number of runs, in the words that the refusal prints.
	Yes string
	// Stories that are played, by name; nil: all.
	Stories []string
	// Snapshots is the folder into which they are written.
	Snapshots string
	// Out gets the report.
	Out io.Writer
}

// session is one visit to an account.
type session struct {
	Options
	dir       string // temporary, with the folders of the stories
	stories   []story
	left      []string // names of stories that are not played, and why
	proxy     *proxy
	client    *sequentum.Client // all its requests pass the proxy
	link      *link
	agentName string
	ended     map[int64]bool // runs that were seen finished
	// disturbed has the runs that others have started at the same time, by the story that was played then.
	disturbed map[string][]string
	stopTakes time.Duration // how long a run has after a stop before it is killed
	saying    sync.Mutex
}

// Run plays the stories, and reports what the account answered. It returns an error when it must not begin, when a story
// failed, when something is left behind, and when the account differs from the simulator. When ctx ends, it stops what it
// has started.
func Run(ctx context.Context, o Options) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	s := &session{Options: o, ended: map[int64]bool{}, disturbed: map[string][]string{}, stopTakes: 2 * time.Minute}
	if s.dir, err = os.MkdirTemp("", "sequentum-live-"); err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.dir)) }()
	if err := s.chooseStories(ctx); err != nil {
		return err
	}
	g := newGuard(o.AgentID)
	g.created = func(what string) { s.say("    %s", what) }
	if s.proxy, err = startProxy(ctx, o.APIURL, g); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.proxy.close()) }()
	if s.client, err = s.newClient(); err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil {
		return err
	}
	return s.play(ctx)
}

// newClient is a client whose requests pass the proxy.
func (s *session) newClient() (*sequentum.Client, error) {
	return sequentum.New(sequentum.Config{BaseURL: s.proxy.url, APIKey: s.APIKey, MaxRetries: 3})
}

// check completes the options, and says what is missing.
func (o *Options) check() error {
	if o.APIURL == "" {
		o.APIURL = DefaultURL
	}
	if o.Input == "" {
		o.Input = "{}"
	}
	input, err := decode([]byte(o.Input))
	_, isObject := input.(map[string]any)
	switch {
	case o.AgentID < 1:
		return errors.New("AGENT is missing: the id of the agent to start, for example make live AGENT=4711. Take an agent whose runs are short and cheap")
	case o.APIKey == "":
		return errors.New("SEQUENTUM_API_KEY is not set: export the API key of the account")
	case err != nil || !isObject:
		return errors.New("LIVE_INPUT must be a JSON object: the input parameters of every run")
	}
	// The client's own rules: https, or http on a loopback host. The proxy's address would hide a mistake here.
	if _, err := sequentum.New(sequentum.Config{BaseURL: o.APIURL, APIKey: o.APIKey}); err != nil {
		return fmt.Errorf("SEQUENTUM_API_URL or SEQUENTUM_API_KEY: %w", err)
	}
	return nil
}

// hide removes the key and the strings of the input from a text.
func (o *Options) hide(text string) string {
	for _, secret := range o.secrets() {
		text = strings.ReplaceAll(text, secret, "(redacted)")
	}
	return text
}

// secrets are the key and all strings of the input, the longest first: one can be a part of another.
func (o *Options) secrets() []string {
	all := []string{o.APIKey}
	input, _ := decode([]byte(o.Input)) // check has read it
	for _, value := range valuesIn(input) {
		if len(value) >= minSecret {
			all = append(all, value)
		}
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}

func (s *session) say(format string, a ...any) {
	s.saying.Lock()
	defer s.saying.Unlock()
	_, _ = fmt.Fprintln(s.Out, s.hide(fmt.Sprintf(format, a...)))
}

// ready reads the agent and its runs, says what will be done, and asks for the yes.
func (s *session) ready(ctx context.Context) error {
	agent, err := s.client.Agent(ctx, s.AgentID)
	switch {
	case sequentum.IsNotFound(err):
		return fmt.Errorf("agent %d was not found with this key at %s. Nothing was started", s.AgentID, s.APIURL)
	case err != nil:
		if lost := newest(s.proxy.recorded()).err; lost != nil {
			err = lost // the proxy only shows that there was no answer
		}
		return fmt.Errorf("agent %d cannot be read. Nothing was started: %w", s.AgentID, err)
	}
	s.agentName = agent.Name
	runs, err := s.client.ListRuns(ctx, s.AgentID, 1000)
	if err != nil {
		return fmt.Errorf("the runs of agent %d cannot be read. Nothing was started: %w", s.AgentID, err)
	}
	var active []string
	for _, r := range runs.Runs {
		if r.Status.Active() {
			active = append(active, fmt.Sprintf("%d (%s)", r.ID, r.Status))
		}
	}
	if len(active) > 0 {
		return fmt.Errorf("agent %d has active runs: %s. Wait until they have finished, or take another agent. Nothing was started", s.AgentID, strings.Join(active, ", "))
	}
	s.describe(runs.Runs)
	if wanted := s.wantedYes(); s.Yes != wanted {
		only := ""
		if len(s.Stories) > 0 {
			only = " STORIES=" + strings.Join(s.Stories, ",")
		}
		why := "you have not agreed yet"
		if s.Yes != "" {
			why = fmt.Sprintf("YES=%s does not agree to this number of runs: it must be YES=%s", s.Yes, wanted)
		}
		return fmt.Errorf("nothing was started: %s. If you agree, type\n\n  make live AGENT=%d%s YES=%s", why, s.AgentID, only, wanted)
	}
	return nil
}

// play plays the stories one at a time, and reports.
func (s *session) play(ctx context.Context) error {
	began := time.Now()
	// It is said now: a second Ctrl-C leaves no time for it.
	s.say("Temporary files: %s. They are deleted at the end. After a second Ctrl-C, delete this folder yourself.", s.dir)
	var failed []string
	for _, story := range s.stories {
		if ctx.Err() != nil {
			failed = append(failed, "interrupted before the story "+story.name)
			break
		}
		if err := s.tell(ctx, story); err != nil {
			failed = append(failed, fmt.Sprintf("the story %s failed", story.name))
			s.say("    FAILED: %v", err)
		}
	}
	if ctx.Err() == nil {
		s.askLinkAgain(ctx)
	}
	failed = append(failed, s.report()...)
	s.say("\n=== Done in %.0f s: %d of at most %d runs were started", time.Since(began).Seconds(), s.proxy.guard.started(), s.runs())
	if len(failed) > 0 {
		return fmt.Errorf("please look at this:\n  - %s", strings.Join(failed, "\n  - "))
	}
	return nil
}

// tell plays one story, and brings what it left to its end.
func (s *session) tell(ctx context.Context, story story) error {
	s.say("\n=== %s: %s", story.name, story.does)
	if err := s.proxy.pause(ctx); err != nil {
		return err
	}
	known := s.proxy.guard.others()
	if err := s.lookForOthers(ctx, story, known); err != nil {
		return err
	}
	s.proxy.guard.allow(story.runs, story.schedules)
	err := story.play(ctx, s)
	s.proxy.guard.allow(0, 0)
	if ctx.Err() != nil {
		s.say("Interrupted. Stopping the runs that were started. After a second Ctrl-C they continue: then stop them in Control Center, agent %d, and delete the folder %s.", s.AgentID, s.dir)
		err = errors.Join(err, errors.New("interrupted"))
	}
	ctx = context.WithoutCancel(ctx)
	return errors.Join(err, s.cleanUp(ctx), s.lookForOthers(ctx, story, known))
}
