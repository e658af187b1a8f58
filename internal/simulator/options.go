// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import "time"

// Options of a [Cloud]. The zero value is a cloud without agents, with the system's clock and the API's own limits.
type Options struct {
	Agents []Agent
	// Spaces that are described. One that an agent names is made in any case.
	Spaces []Space
	// Credits that the organization has; empty: 1000.25.
	Credits Amount
	// Clock; nil: the system's.
	Clock Clock
	// APIKey is accepted in "Authorization: ApiKey …"; empty: "sk-simulator".
	APIKey string
	// AccessToken is accepted in "Authorization: Bearer …"; empty: none is accepted.
	AccessToken string
	// Scopes of the access token, which a person's token has; nil: scopes are not checked, as for a client-credentials
	// grant. An API key has full access.
	Scopes []string

	// RateLimit is how many requests a credential has in a window; 0: 100; negative: no limit (the headers say a
	// million).
	RateLimit int
	// Window of the rate limit; 0: one minute.
	Window time.Duration
	// Queue is how many requests above the limit wait for the next permit instead of getting a 429; 0: 10; negative: none.
	Queue int

	// Kill is which kill forces the end of a run.
	Kill KillReading
	// ListLag makes the list of runs show everything as it was this long ago, also which runs exist.
	ListLag time.Duration
	// LinkLife is how long a signed link lives; 0: one minute.
	LinkLife time.Duration

	// TLS makes [Serve] speak HTTPS, with HTTP/2 and HTTP/1.1, under a certificate authority of the server's own.
	TLS bool

	// IDServers is how many servers give out the ids of runs, each from its own blocks of a thousand: a new run can have
	// a lower id than an older one. 0: one, and ids rise.
	IDServers int
	// PersonalSpaceZero: the personal space is 0 instead of null.
	PersonalSpaceZero bool

	// AgentsPerPage is the most agents of a page, also where a request asks for more; 0: as many as it asks for.
	AgentsPerPage int
	// Paging is how requests for a page are read and answered.
	Paging Paging

	// SpaceFields is which fields a space has.
	SpaceFields SpaceFields
	// SpaceSearchArray: the search for a space answers with an array of all that it finds, instead of one object.
	SpaceSearchArray bool

	// TotalCostOfPage: the total of costs is that of the page, as on newer servers, instead of the period.
	TotalCostOfPage bool

	// InlineDownloads: a download answers with the content instead of a redirect.
	InlineDownloads bool
	// LegacyStatusNames: answers have statuses and file types by their older names instead of by code.
	LegacyStatusNames bool
	// StartAnswersRunID: a start's answer has the run's id in runId instead of id.
	StartAnswersRunID bool
	// ErrorShapes that errors take turns in; nil: the two that are documented, RFC 7807 first.
	ErrorShapes []ErrorShape
	// EchoKey: every error repeats the request's Authorization header, as a careless server might.
	EchoKey bool

	// Schedules is what the API leaves open about schedules.
	Schedules ScheduleVariants

	Faults []Fault
	// NoLog: [Cloud.Log] stays empty, so that a cloud that serves for months needs no memory for it.
	NoLog bool
	// OnRequest, if not nil, is called with every request once it has been answered. It must be safe for
	// concurrent use.
	OnRequest func(Request)
}

// KillReading is which kill forces the end of a run. The sources describe it in two ways (API: Stop and kill).
type KillReading int

// The two readings of kill. In both, a kill of a run that is not Stopping only stops it.
const (
	SecondKillForces        KillReading = iota // only the second kill, while the run is Stopping, ends it at once
	KillWhileStoppingForces                    // any kill of a run that is Stopping ends it at once
)

const unlimited = 1_000_000

// defaults are the options with their zero values replaced by what they stand for.
func (o Options) defaults() Options {
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.Credits == "" {
		o.Credits = "1000.25"
	}
	if o.APIKey == "" {
		o.APIKey = "sk-simulator"
	}
	switch {
	case o.RateLimit == 0:
		o.RateLimit = 100
	case o.RateLimit < 0:
		o.RateLimit = unlimited
	}
	switch {
	case o.Queue == 0:
		o.Queue = 10
	case o.Queue < 0:
		o.Queue = 0
	}
	if o.Window == 0 {
		o.Window = time.Minute
	}
	if o.LinkLife == 0 {
		o.LinkLife = time.Minute
	}
	o.Schedules = o.Schedules.defaults()
	return o
}
