// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// lastEventsWait is how long a stop waits for the last event of a stream that it interrupts, unless the stream holds it
// longer.
const lastEventsWait = 2 * time.Second

// StopProvider passes the stop on, which ends the context of every call, and answers when the open streams have sent how
// they ended. The plugin library drops every event that comes after the answer, and the CLI takes an action without a
// last event for one that succeeded.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	resp, err := answerGuarded(ctx, s, protocolServer.StopProvider, req)
	s.streams.waitForEnd()
	return resp, err
}

// InvokeAction runs an action, and keeps its stream open until its last event was sent. If it panics before it has a
// stream, its only event is an error.
func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (stream *tfprotov6.InvokeActionServerStream, err error) {
	s.called()
	opened, end := s.streams.begin()
	defer func() {
		if p := recover(); p != nil {
			stream = &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
				defer end()
				push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: s.bugDiagnostics(ctx, req, p)}})
			}}
		}
	}()
	stream, err = s.protocolServer.InvokeAction(context.WithValue(ctx, openStreamKey{}, opened), req)
	if err != nil {
		end()
		return nil, err
	}
	events := stream.Events
	stream.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		defer end()
		events(push)
	}
	return stream, nil
}

// ListResource lists objects, and keeps its stream open until its last result was sent. If it panics, its last result is
// an error.
func (s *server) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (stream *tfprotov6.ListResourceServerStream, err error) {
	s.called()
	_, end := s.streams.begin()
	defer func() {
		if p := recover(); p != nil {
			stream = &tfprotov6.ListResourceServerStream{Results: func(push func(tfprotov6.ListResourceResult) bool) {
				defer end()
				push(s.brokenResult(ctx, req, p))
			}}
		}
	}()
	stream, err = s.protocolServer.ListResource(ctx, req)
	if err != nil {
		end()
		return nil, err
	}
	results := stream.Results
	stream.Results = func(push func(tfprotov6.ListResourceResult) bool) {
		defer end()
		s.pushGuarded(ctx, req, results, push)
	}
	return stream, nil
}

// pushGuarded pushes all results of a list, and after a panic of the list an error if the CLI reads on.
func (s *server) pushGuarded(ctx context.Context, req *tfprotov6.ListResourceRequest, results iter.Seq[tfprotov6.ListResourceResult], push func(tfprotov6.ListResourceResult) bool) {
	pushing, wanted := false, true
	defer func() {
		p := recover()
		switch {
		case p == nil:
		case pushing:
			panic(p) // it is not the list's
		default:
			if last := s.brokenResult(ctx, req, p); wanted {
				push(last)
			}
		}
	}()
	results(func(result tfprotov6.ListResourceResult) bool {
		pushing = true
		wanted = push(result)
		pushing = false
		return wanted
	})
}

// brokenResult is the result of a list that panicked.
func (s *server) brokenResult(ctx context.Context, req *tfprotov6.ListResourceRequest, p any) tfprotov6.ListResourceResult {
	return tfprotov6.ListResourceResult{Diagnostics: s.bugDiagnostics(ctx, req, p)}
}

// bugDiagnostics is the error about a panic of a call that answers with a stream.
func (s *server) bugDiagnostics(ctx context.Context, req, p any) []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{
		Severity: tfprotov6.DiagnosticSeverityError, Summary: bugSummary,
		Detail: describeBug(ctx, s.version, s.subject(ctx, req), p),
	}}
}

// openStreams are the streams that have not sent their last event. A [sync.WaitGroup] is not enough: a stream can begin
// while a stop waits.
type openStreams struct {
	mu   sync.Mutex
	open map[*openStream]bool
}

// openStream is a stream that has not sent its last event.
type openStream struct {
	ended chan struct{} // closed when it has
	holds atomic.Int64  // a [time.Duration]: how long a stop waits for that; 0: lastEventsWait
}

// openStreamKey is the key of an action's stream in the action's context.
type openStreamKey struct{}

// holdStop lets a stop wait longer for the last event of the action that has this context. The CLI waits meanwhile.
func holdStop(ctx context.Context, limit time.Duration) {
	if s, ok := ctx.Value(openStreamKey{}).(*openStream); ok {
		s.holds.Store(int64(limit))
	}
}

// begin adds a stream, which a call of end removes. It comes before the stream's own work: a stop can come at once.
func (o *openStreams) begin() (s *openStream, end func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		o.open = map[*openStream]bool{}
	}
	s = &openStream{ended: make(chan struct{})}
	o.open[s] = true
	return s, sync.OnceFunc(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.open, s)
		close(s.ended)
	})
}

// waitForEnd returns when each stream that is open now has ended, or has had its time.
func (o *openStreams) waitForEnd() {
	o.mu.Lock()
	open := slices.Collect(maps.Keys(o.open))
	o.mu.Unlock()
	began := time.Now()
	for _, s := range open {
		limit := cmp.Or(time.Duration(s.holds.Load()), lastEventsWait)
		select {
		case <-s.ended:
		case <-time.After(limit - time.Since(began)):
		}
	}
}
