package simulator

import "time"

// Options of a [Cloud]. The zero value is a cloud without agents that goes by the system's clock, with the API's own
// limits.
type Options struct {
	Agents []Agent
	// Clock; nil: the system's.
	Clock Clock
	// APIKey is what "Authorization: ApiKey …" must carry; empty: "sk-simulator".
	APIKey string
	// AccessToken is what "Authorization: Bearer …" must carry; empty: none is accepted.
	AccessToken string
	// Scopes are what the access token may do, as of a person's; nil: they are not checked, as of a
	// client-credentials grant. An API key has full access.
	Scopes []string

	// RateLimit is how many requests a credential has in a window; 0: 100; negative: no limit, which the headers
	// announce as a million.
	RateLimit int
	// Window of the rate limit; 0: one minute.
	Window time.Duration
	// Queue is how many requests above the limit wait for the next permit instead of a 429; 0: 10; negative: none.
	Queue int

	// Kill is how the two steps of kill are understood.
	Kill KillReading
	// ListLag has the list of runs show everything as it was this long ago, new runs included.
	ListLag time.Duration
	// LinkLife is how long a signed link lives; 0: one minute.
	LinkLife time.Duration

	// TLS has [Serve] speak HTTPS, with HTTP/2 and HTTP/1.1, under a certificate authority of the server's own.
	TLS bool

	// IDServers is how many servers hand out the ids of runs, each from blocks of a thousand of its own: a later run can
	// have a lower id than an older one. 0: one, and ids rise.
	IDServers int
	// PersonalSpaceZero has the personal space be 0 instead of null.
	PersonalSpaceZero bool

	// InlineDownloads has a download answer with the content instead of a redirect.
	InlineDownloads bool
	// LegacyStatusNames has statuses and file types go over the wire by their older names instead of by code.
	LegacyStatusNames bool
	// StartAnswersRunID has a start's answer carry the run's id in runId instead of id.
	StartAnswersRunID bool
	// ErrorShapes are what errors take turns in; nil: the two that are documented, RFC 7807 first.
	ErrorShapes []ErrorShape
	// EchoKey has every error repeat the request's Authorization header, as a careless server might.
	EchoKey bool

	Faults []Fault
	// OnRequest, if not nil, is called with every request once it has been answered. It must be safe for
	// concurrent use.
	OnRequest func(Request)
}

// KillReading is how the two steps of kill are understood (API: Runs, Endpoints: the sources describe it in two ways).
type KillReading int

// The two readings of kill. Under both, a kill of a run that is not Stopping only stops it.
const (
	SecondKillForces        KillReading = iota // only the second kill, while the run is Stopping, ends it at once
	KillWhileStoppingForces                    // any kill of a run that is Stopping ends it at once
)

const unlimited = 1_000_000

// defaults are the options with what their zero values stand for.
func (o Options) defaults() Options {
	if o.Clock == nil {
		o.Clock = systemClock{}
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
	return o
}
