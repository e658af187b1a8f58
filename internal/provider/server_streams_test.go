// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// streamingServer is a framework whose streams end some time after a stop.
type streamingServer struct {
	protocolServer
	stop    chan struct{}
	endsIn  time.Duration
	refuses bool
}

func (s *streamingServer) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	close(s.stop)
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s *streamingServer) waitForStop() {
	<-s.stop
	time.Sleep(s.endsIn)
}

func (s *streamingServer) InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	if s.refuses {
		return nil, errors.New("no such action")
	}
	return &tfprotov6.InvokeActionServerStream{Events: func(push func(tfprotov6.InvokeActionEvent) bool) {
		s.waitForStop()
		push(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{}})
	}}, nil
}

func (s *streamingServer) ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	if s.refuses {
		return nil, errors.New("no such list")
	}
	return &tfprotov6.ListResourceServerStream{Results: func(push func(tfprotov6.ListResourceResult) bool) {
		s.waitForStop()
		push(tfprotov6.ListResourceResult{})
	}}, nil
}

// streams read an action's or a list's stream to its end.
var streams = map[string]func(context.Context, *server) error{
	"an action": func(ctx context.Context, s *server) error {
		stream, err := s.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{})
		if err == nil {
			for range stream.Events {
			}
		}
		return err
	},
	"a list": func(ctx context.Context, s *server) error {
		stream, err := s.ListResource(ctx, &tfprotov6.ListResourceRequest{})
		if err == nil {
			for range stream.Results {
			}
		}
		return err
	},
}

// The plugin library drops the events that come after the answer to a stop.
func TestAStopWaitsForTheLastEventOfAStream(t *testing.T) {
	for name, read := range streams {
		for _, test := range []struct {
			name         string
			endsIn, want time.Duration
		}{
			{"that ends after a second", time.Second, time.Second},
			{"that does not end in time", time.Minute, lastEventsWait},
		} {
			t.Run(name+" "+test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &server{protocolServer: &streamingServer{stop: make(chan struct{}), endsIn: test.endsIn}, called: func() {}}
					var reading sync.WaitGroup
					reading.Go(func() {
						if err := read(t.Context(), s); err != nil {
							t.Error(err)
						}
					})
					synctest.Wait()
					began := time.Now()
					if _, err := s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
						t.Error(err)
					}
					if took := time.Since(began); took != test.want {
						t.Errorf("the stop was answered after %v, want %v", took, test.want)
					}
					reading.Wait()
					if len(s.streams.open) > 0 {
						t.Errorf("%d streams are open for ever", len(s.streams.open))
					}
				})
			})
		}
	}
}

func TestAStopDoesNotWaitForAStreamThatWasRefused(t *testing.T) {
	for name, read := range streams {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{protocolServer: &streamingServer{stop: make(chan struct{}), refuses: true}, called: func() {}}
				if read(t.Context(), s) == nil {
					t.Error("the call was not refused")
				}
				began := time.Now()
				if _, err := s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil || time.Since(began) > 0 {
					t.Errorf("the stop was answered after %v, with %v", time.Since(began), err)
				}
			})
		})
	}
}

// A stop can come beside the beginning and the end of streams: run it with the race detector.
func TestAStopBesideStreamsThatBeginAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{protocolServer: &streamingServer{stop: make(chan struct{})}, called: func() {}}
		var reading sync.WaitGroup
		for range 60 {
			reading.Go(func() { _ = streams["an action"](t.Context(), s) })
		}
		if _, err := s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
			t.Error(err)
		}
		reading.Wait()
	})
}

// An action that needs longer after an interrupt holds the stop, which then waits no longer than that.
func TestAnActionHoldsTheStop(t *testing.T) {
	for name, test := range map[string]struct{ endsIn, want time.Duration }{
		"and ends in time":         {8 * time.Second, 8 * time.Second},
		"and does not end in time": {time.Minute, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				framework := &holdingServer{streamingServer{stop: make(chan struct{}), endsIn: test.endsIn}}
				s := &server{protocolServer: framework, called: func() {}}
				var reading sync.WaitGroup
				for range 2 {
					reading.Go(func() { _ = streams["an action"](t.Context(), s) })
				}
				synctest.Wait()
				began := time.Now()
				if _, err := s.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil || time.Since(began) != test.want {
					t.Errorf("the stop was answered after %v, want %v: %v", time.Since(began), test.want, err)
				}
				reading.Wait()
			})
		})
	}
}

// holdingServer is a framework whose actions hold a stop.
type holdingServer struct{ streamingServer }

func (s *holdingServer) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	holdStop(ctx, 10*time.Second)
	return s.streamingServer.InvokeAction(ctx, req)
}
