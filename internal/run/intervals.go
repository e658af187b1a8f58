// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import "time"

// All intervals of looking at runs and of waiting for them, with the reason for each.

// While somebody waits for a run. See [watcher.interval].
const (
	// The interval between looks at a run is the wait's age divided by pollAgeDivisor, so that an end is seen late by at
	// most a tenth of what the run took. It stays within these bounds, give or take pollJitter, so that pipelines that
	// began together drift apart. The longest leaves the look itself a second, so that an end is seen within 15 s.
	pollAgeDivisor       = 10
	shortestPollInterval = 2 * time.Second
	longestPollInterval  = 14 * time.Second
	pollJitter           = 0.1
	// firstLooksInterval lets the first looks for waits that join one after the other share a request.
	firstLooksInterval = 500 * time.Millisecond
	// listLag is how far a list may be behind. A run that was seen within that time, as in its start's answer, is not
	// asked for by itself because the list lacks it. It is shorter than longestPollInterval: otherwise such a run is asked
	// for one look later.
	listLag = 10 * time.Second
	// progressInterval is after how long a wait that has nothing new to say says how its run goes. Those that are due
	// within progressGrain say it together.
	progressInterval = time.Minute
	progressGrain    = time.Second
	// questionPatience is how long a look waits for questions about single runs before it lets the next look begin.
	questionPatience = 5 * time.Second
)

// While runs are refreshed.
const (
	// listLife is how long a list answers the reads that follow it. Terraform sends the next reads only when earlier ones
	// have answered, so without it a thousand runs would cost a list for every ten.
	listLife = 5 * time.Second
)

// Before the provider accepts that it cannot read a run any more.
const (
	// confirmLooks is how many answers in a row have to agree.
	confirmLooks = 3
	// confirmPause is the pause between two looks that only confirm an answer. It is longer than listLife,
	// so that each look gets a new list.
	confirmPause = listLife + 500*time.Millisecond
	// confirmGone is for how long a refresh must not find a run before the run counts as gone.
	confirmGone = 2 * confirmPause
	// confirmRefused is for how long the answers must agree when access is refused or the run is not found, and
	// confirmPermanent when the answer is another one that no retry fixes.
	confirmRefused   = 30 * time.Second
	confirmPermanent = 2 * time.Minute
)

// While an agent is started.
const (
	// knowledgeLife is how old the knowledge of the agent's runs may be when a start is sent. A stranger's run that
	// began later than that must not be taken for ours when the start's answer is lost.
	knowledgeLife = 10 * time.Second
	// missedTurns is how often a start gives up its turn in the request budget because that knowledge has grown too
	// old. After that it is sent whenever its turn comes: a budget of a few requests a minute has no two turns within
	// that time.
	missedTurns = 2
	// searchPause is the pause between two looks for the run of a start whose answer was lost.
	searchPause = 2 * time.Second
	// searchGrace is how much longer that search continues, in an outage, when the start was interrupted or its time is
	// over.
	searchGrace = 2 * time.Minute
)

// While a run is stopped.
const (
	// lookAfterKill is the time between the first kill and the look at the run. By one reading of the API any kill of a
	// Stopping run ends it, by the other only a second kill does. The look shows whether a second kill is needed.
	lookAfterKill = 2 * time.Second
	// commandTries is how often a stop or kill is sent while its outcome stays unknown, and commandPause the pause
	// between them.
	commandTries = 3
	commandPause = 2 * time.Second
)
