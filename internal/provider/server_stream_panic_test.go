// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// panickingServer is a framework whose list has a bug.
type panickingServer struct {
	protocolServer
	atOnce  bool // in the call, before there is a stream
	results int  // that are sent before the panic
}

func (s *panickingServer) ListResource(context.Context, *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	if s.atOnce {
		panic("a bug")
	}
	return &tfprotov6.ListResourceServerStream{Results: func(push func(tfprotov6.ListResourceResult) bool) {
		for range s.results {
			if !push(tfprotov6.ListResourceResult{DisplayName: "good"}) {
				break
			}
		}
		panic("a bug")
	}}, nil
}

func (s *panickingServer) InvokeAction(context.Context, *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	panic("a bug")
}

func (s *panickingServer) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{}, nil
}

// readList reads up to limit results of a list, and returns what they say in one line each.
func readList(t *testing.T, s *server, limit int) []string {
	t.Helper()
	stream, err := s.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: "sequentum_run"})
	if err != nil {
		t.Fatal(err)
	}
	said := []string{}
	for result := range stream.Results {
		said = append(said, result.DisplayName)
		for _, d := range result.Diagnostics {
			said[len(said)-1] = fmt.Sprint(d.Severity, " ", d.Summary, " ", d.Detail)
		}
		if len(said) == limit {
			break
		}
	}
	if len(s.streams.open) > 0 {
		t.Errorf("%d streams are open for ever", len(s.streams.open))
	}
	return said
}

// A panic of a list is its last result. It must not end the process.
func TestAPanicOfAListIsItsLastResult(t *testing.T) {
	for name, test := range map[string]struct {
		server panickingServer
		limit  int
		want   int // results, the error among them
		fails  bool
	}{
		"in the call":                 {panickingServer{atOnce: true}, 10, 1, true},
		"before the first result":     {panickingServer{}, 10, 1, true},
		"after a result":              {panickingServer{results: 1}, 10, 2, true},
		"after nobody reads any more": {panickingServer{results: 3}, 2, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{protocolServer: &test.server, version: "1.2.3", called: func() {}}
			said := readList(t, s, test.limit)
			if len(said) != test.want {
				t.Fatalf("the list said %q, want %d results", said, test.want)
			}
			last := said[len(said)-1]
			for _, text := range []string{"ERROR " + bugSummary, "answering ListResource for sequentum_run: a panic", "1.2.3"} {
				if strings.Contains(last, text) != test.fails {
					t.Errorf("the last result is %q; %q in it: want %v", last, text, test.fails)
				}
			}
		})
	}
}

func TestAPanicOfTheReaderOfAListIsNotTheLists(t *testing.T) {
	s := &server{protocolServer: &panickingServer{results: 1}, called: func() {}}
	stream, err := s.ListResource(t.Context(), &tfprotov6.ListResourceRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != "the reader's" {
			t.Errorf("the reader's panic became %v", p)
		}
	}()
	for range stream.Results {
		panic("the reader's")
	}
}

// A panic of an action before there is a stream is its only event.
func TestAPanicOfAnActionIsItsLastEvent(t *testing.T) {
	s := &server{protocolServer: &panickingServer{}, version: "1.2.3", called: func() {}}
	stream, err := s.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: "sequentum_run_stop"})
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for event := range stream.Events {
		completed, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType)
		if !ok || len(completed.Diagnostics) != 1 {
			t.Fatalf("got %+v", event)
		}
		said = append(said, completed.Diagnostics[0].Summary+" "+completed.Diagnostics[0].Detail)
	}
	if len(said) != 1 || !strings.Contains(said[0], bugSummary) || !strings.Contains(said[0], "answering InvokeAction for sequentum_run_stop: a panic") {
		t.Errorf("the action said %q", said)
	}
	if len(s.streams.open) > 0 {
		t.Errorf("%d streams are open for ever", len(s.streams.open))
	}
}

// The framework calls Invoke in a goroutine of its own, where nothing else catches a panic.
func TestInvokeRecovers(t *testing.T) {
	for name, a := range map[string]action.Action{"starting": newRunStartAction(), "stopping": newRunStopAction(), "removing": newRunRemoveAction()} {
		var resp action.InvokeResponse
		a.Invoke(t.Context(), action.InvokeRequest{}, &resp) // a request without a schema makes the framework dereference nil
		if said := fmt.Sprint(resp.Diagnostics); !strings.Contains(said, bugSummary) || !strings.Contains(said, name+" a run") {
			t.Errorf("%s: got %s", name, said)
		}
	}
}
