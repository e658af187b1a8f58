// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// verdict is how a request was answered, as far as it matters to what the provider may conclude.
type verdict string

const (
	good       verdict = "good"
	refused    verdict = "refused"    // 401 or 403, of the API itself
	notFound   verdict = "not found"  // 404, of the API itself
	redirected verdict = "redirected" // 3xx, of the API itself
	unmendable verdict = "unmendable" // any other answer of the API that no retry mends
	busy       verdict = "busy"       // 429
	noAnswer   verdict = "no answer"  // a 5xx, a proxy's page, a connection that broke, half an answer
)

// classify follows the rule of what is the API's own: it has one of the API's two shapes, or carries its headers.
func classify(resp *http.Response, body []byte, err error) verdict {
	if err != nil {
		return noAnswer
	}
	if resp.StatusCode < 300 {
		return good
	}
	var shape struct{ Status, StatusCode int }
	own := resp.Header.Get("X-RateLimit-Limit") != "" || json.Unmarshal(body, &shape) == nil && shape.Status+shape.StatusCode > 0
	switch code := resp.StatusCode; {
	case own && code < 400:
		return redirected
	case code == http.StatusTooManyRequests:
		return busy
	case code >= 500 || !own:
		return noAnswer
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return refused
	case code == http.StatusNotFound:
		return notFound
	}
	return unmendable
}

// look is one request by which a process asked for a run, or for the runs of an agent.
type look struct {
	process int
	target
	at   time.Time
	how  verdict
	runs map[int64]bool // that it showed
}

// about says what a look tells of a run; "": nothing.
func (l look) about(agentID, runID int64) verdict {
	switch {
	case l.agentID != agentID || l.kind == simulator.KindStatus && l.runID != runID:
		return ""
	case l.how == good && l.kind == simulator.KindRuns && !l.runs[runID]:
		return notFound
	case l.how == good && !l.runs[runID]:
		return noAnswer // it cannot be read
	}
	return l.how
}

// streak is how the latest looks of a process at a run went, back to the last one that showed it, or to its start.
type streak struct {
	refusals    []look        // those that were answered in the API's own words, the latest first
	unmendable  bool          // all of them say neither that the run is refused nor that it is not found
	hopelessFor time.Duration // how long, up to now, there was nothing but refusals
}

// streakOf is called with the lock held.
func (s *sequence) streakOf(process int, r simulator.Run) streak {
	found, hope := streak{unmendable: true}, false
	for _, l := range slices.Backward(s.looks) {
		if l.process != process || l.at.Before(r.Created) {
			continue
		}
		switch how := l.about(r.AgentID, r.ID); how {
		case good:
			return found
		case noAnswer, busy:
			hope = true
		case refused, notFound, redirected, unmendable:
			found.refusals = append(found.refusals, l)
			found.unmendable = found.unmendable && (how == redirected || how == unmendable)
			if !hope {
				found.hopelessFor = time.Since(l.at)
			}
		}
	}
	return found
}

const (
	// A wait is given up when three looks over at least this long agree that the run is refused or not found, and when
	// the longer time has brought nothing but answers that no retry mends.
	refusedFor, unmendableFor = 30 * time.Second, 2 * time.Minute
	// A refresh takes a run for gone after three looks over this long.
	goneFor = 10 * time.Second
	// A wait that gets nothing but refusals ends within this time.
	givenUpWithin = 5 * time.Minute
)

// lasted reports whether three looks or more, over the given time, were refused.
func (s streak) lasted(over time.Duration) bool {
	n := len(s.refusals)
	return n >= 3 && s.refusals[0].at.Sub(s.refusals[n-1].at) >= over
}

// endsWait reports whether a wait may be given up.
func (s streak) endsWait() bool {
	if s.unmendable {
		return s.lasted(unmendableFor)
	}
	return s.lasted(refusedFor)
}
