// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	firstRun = 100_001
	// idBlock is how many ids a server takes at once where several servers give out ids.
	idBlock = 1000
	// File ids need more than 32 bits, so that a client that keeps them in 32 bits fails.
	firstFile = 5_000_000_001
	// offlineDownloads is the download host of a cloud without [Serve]. [Cloud.Transport] knows it.
	offlineDownloads = "http://downloads.simulator.invalid"
)

// Cloud is a Sequentum Cloud in memory. All its methods are safe for concurrent use.
type Cloud struct {
	options   Options
	api       http.Handler
	downloads http.Handler
	secret    []byte // signs links

	refusals, starts, creations, acknowledgements, links atomic.Int64 // counted to alternate between several answers

	mu           sync.Mutex
	agents       map[int64]*agentState
	spaces       map[int64]*spaceState
	runs         map[int64]*run
	credits      Amount
	nextFile     int64
	nextSchedule int64
	sequence     int
	apiKey       string
	accessToken  string
	scopes       []string // of the access token; nil: all
	forbidden    bool
	outage       bool
	downloadBase string
	limiter      limiter
	faults       []*pendingFault
	release      chan struct{} // closed to release the requests that hang
	log          []*Request
	counts       map[Kind]int
	tooMany      int
}

// New returns a cloud.
func New(o Options) *Cloud {
	o = o.defaults()
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	c := &Cloud{
		options:      o,
		secret:       secret,
		scopes:       o.Scopes,
		agents:       make(map[int64]*agentState),
		spaces:       make(map[int64]*spaceState),
		runs:         make(map[int64]*run),
		credits:      o.Credits,
		nextFile:     firstFile,
		nextSchedule: firstSchedule,
		apiKey:       o.APIKey,
		accessToken:  o.AccessToken,
		downloadBase: offlineDownloads,
		limiter:      newLimiter(o.RateLimit, o.Queue, o.Window),
		release:      make(chan struct{}),
		counts:       make(map[Kind]int),
	}
	c.api, c.downloads = c.apiHandler(), c.downloadHandler()
	for _, s := range o.Spaces {
		c.SetSpace(s)
	}
	for _, a := range o.Agents {
		c.SetAgent(a)
	}
	c.Inject(o.Faults...)
	return c
}

// API is the handler of the API's host: every path under /api/v1. It panics with [http.ErrAbortHandler] to break a
// connection.
func (c *Cloud) API() http.Handler { return c.api }

// Downloads is the handler of the host that signed links point to. It serves GET with ranges, and refuses a request
// that carries an Authorization header (400) and a link that is expired or altered (403).
func (c *Cloud) Downloads() http.Handler { return c.downloads }

// now is the present moment, with the precision of the API's answers.
func (c *Cloud) now() time.Time { return c.options.Clock.Now().UTC().Truncate(time.Millisecond) }

// downloadHost is the host and port that signed links point to.
func (c *Cloud) downloadHost() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, host, _ := strings.Cut(c.downloadBase, "://")
	return host
}

// visibleAgent is the agent with that id, or nil if there is none that the key can see.
func (c *Cloud) visibleAgent(id int64, now time.Time) *agentState {
	a := c.agents[id]
	if a == nil || a.hidden || a.deleted {
		return nil
	}
	a.startHeldRuns(now)
	return a
}

// visibleRun is the agent's run with its state, or nil if there is none that the key can see.
func (c *Cloud) visibleRun(agentID, runID int64, now time.Time) (*run, state) {
	a, r := c.visibleAgent(agentID, now), c.runs[runID]
	if a == nil || r == nil || r.agent != a {
		return nil, state{}
	}
	s, _ := r.life.stateAt(now)
	if s.gone {
		return nil, state{}
	}
	return r, s
}

// startRuns adds the runs of one start, and returns the first.
func (c *Cloud) startRuns(a *agentState, start startBody, body map[string]any, now time.Time) *run {
	held := a.exclusiveAnswer(start) == ExclusiveQueue && a.hasActiveRun(now)
	count := 1
	if a.settings.ParallelSet && start.Parallelism != nil {
		count = max(1, int(*start.Parallelism))
	}
	outcome := a.nextOutcome()
	var first *run
	for range count {
		r := c.addRun(a, outcome, now)
		r.start, r.body = start, body
		r.waitOnFailure = start.IsWaitOnFailure != nil && *start.IsWaitOnFailure
		if first == nil {
			first = r
		}
		if count > 1 {
			r.set = first.id
		}
		if held {
			r.held, a.hasHeldRuns = true, true
			r.life = timeline{{at: now, status: Queuing}}
			continue
		}
		r.life.appendPlan(now, a.settings, r.plannedEnd())
	}
	return first
}

// addRun makes the record of a new run, without a timeline.
func (c *Cloud) addRun(a *agentState, outcome Outcome, created time.Time) *run {
	id := c.nextRunID()
	c.sequence++
	r := &run{
		id: id, agent: a, settingsAtStart: a.settings, sequence: c.sequence, created: created,
		outcome: outcome, files: a.settings.files(outcome), firstFile: c.nextFile,
	}
	c.nextFile += int64(len(r.files))
	c.runs[r.id] = r
	place, _ := slices.BinarySearchFunc(a.runs, created, func(r *run, t time.Time) int { return firstAfter(r.created, t) })
	a.runs = slices.Insert(a.runs, place, r)
	return r
}

// nextRunID is the id of the next run. With several servers, each gives out ids from its own blocks, and they take
// turns; the server with the highest ids begins.
func (c *Cloud) nextRunID() int64 {
	servers := int64(max(1, c.options.IDServers))
	turn, server := int64(c.sequence)/servers, servers-1-int64(c.sequence)%servers
	return firstRun + (turn/idBlock*servers+server)*idBlock + turn%idBlock
}
