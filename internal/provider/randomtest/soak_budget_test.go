// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// defaultLimit is how many requests a minute the API allows, and a provider assumes until it has an answer.
const defaultLimit = 100

// limits are the rate limits that the cloud has had lately.
type limits struct {
	mu  sync.Mutex
	all []limitSince // the oldest first
}

type limitSince struct {
	limit int
	since time.Time
}

func (l *limits) set(limit int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, limitSince{limit, time.Now()})
	if len(l.all) > 10 {
		l.all = slices.Delete(l.all, 0, 5)
	}
}

// heard is how long after a change of the limit each process has had an answer that says so, in its last window.
const heard = 3 * time.Minute

// most is the highest limit that a process may still believe in, which began at a time.
func (l *limits) most(begun time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(begun) < heard {
		return defaultLimit
	}
	most := l.all[len(l.all)-1].limit
	for i, one := range l.all {
		if i+1 < len(l.all) && time.Since(l.all[i+1].since) < heard {
			most = max(most, one.limit)
		}
	}
	return most
}

// budgetWire sees each request of one process, and holds it to the limit.
type budgetWire struct {
	next   http.RoundTripper
	limits *limits
	wrong  func(format string, args ...any)
	begun  time.Time

	mu    sync.Mutex
	sent  []time.Time // in the last minute
	heard time.Time   // of the latest answer
}

func (b *budgetWire) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Authorization") == "" {
		return b.next.RoundTrip(req) // a signed link: the file host has no limit
	}
	b.count()
	resp, err := b.next.RoundTrip(req)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil && resp.Header.Get("X-RateLimit-Limit") != "" {
		b.heard = time.Now()
	}
	return resp, err
}

// count: in no minute does a process send more requests than the limit allows that it knows.
func (b *budgetWire) count() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	first := slices.IndexFunc(b.sent, func(at time.Time) bool { return now.Sub(at) < time.Minute })
	if first < 0 {
		first = len(b.sent)
	}
	b.sent = append(slices.Delete(b.sent, 0, first), now)
	most := defaultLimit
	if now.Sub(b.heard) < heard {
		most = b.limits.most(b.begun)
	}
	if len(b.sent) > most {
		b.wrong("a process has sent %d requests within a minute, and the limit is %d", len(b.sent), most)
	}
}
