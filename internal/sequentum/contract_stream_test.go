// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// TestPostWithLostAnswerIsSentOnce loses the answers to start, stop and kill, over both protocols, also when the server is down
// afterwards. The request comes once, and its outcome is unknown.
func TestPostWithLostAnswerIsSentOnce(t *testing.T) {
	faults := map[string]simulator.Fault{
		"reset":                 {Action: simulator.Reset},
		"stream reset":          {Action: simulator.ResetStream},
		"stream refused":        {Action: simulator.ResetStream, StreamError: simulator.RefusedStream},
		"GOAWAY, not processed": {Action: simulator.GoAwayUnprocessed},
		"GOAWAY, then cut off":  {Action: simulator.GoAwayCut},
		"half an answer":        {Action: simulator.TruncateBody, Bytes: 3},
		"firewall's 403":        {Action: simulator.HTML, Code: 403},
		"half of the JSON":      {Action: simulator.TruncateJSON},
	}
	posts := map[simulator.Kind]func(context.Context, *sequentum.Client, int64) error{
		simulator.KindStart: func(ctx context.Context, c *sequentum.Client, _ int64) error {
			_, err := c.StartRun(ctx, agentID, sequentum.StartRequest{})
			return err
		},
		simulator.KindStop: func(ctx context.Context, c *sequentum.Client, runID int64) error {
			return c.StopRun(ctx, agentID, runID)
		},
		simulator.KindKill: func(ctx context.Context, c *sequentum.Client, runID int64) error {
			return c.KillRun(ctx, agentID, runID)
		},
	}
	protocols := map[string]func(*simulator.Cloud) *simulator.PipeTransport{
		"HTTP/1.1": (*simulator.Cloud).HTTP1Transport, "HTTP/2.0": (*simulator.Cloud).HTTP2Transport,
	}
	for name, fault := range faults {
		for protocol, connect := range protocols {
			for kind, post := range posts {
				for _, after := range []bool{false, true} {
					for _, down := range []bool{false, true} {
						if fault.Action == simulator.TruncateJSON && kind != simulator.KindStart || fault.Action == simulator.TruncateBody && !after {
							continue // there is no answer to halve
						}
						fault.Kind, fault.After, fault.Times = kind, after, -1
						t.Run(fmt.Sprintf("%s, %s over %s, after the effect %v, server down %v", name, kind, protocol, after, down), func(t *testing.T) {
							synctest.Test(t, func(t *testing.T) { loseAnswer(t, connect, protocol, fault, down, post) })
						})
					}
				}
			}
		}
	}
}

func loseAnswer(
	t *testing.T, connect func(*simulator.Cloud) *simulator.PipeTransport, protocol string, fault simulator.Fault, down bool,
	post func(context.Context, *sequentum.Client, int64) error,
) {
	t.Helper()
	var pipes *simulator.PipeTransport
	cloud := simulator.New(simulator.Options{Agents: []simulator.Agent{wiredAgent()}, OnRequest: func(r simulator.Request) {
		if down && r.Kind == fault.Kind && pipes != nil {
			pipes.Refuse(true)
		}
	}})
	runID := cloud.StartRun(agentID).ID
	pipes = connect(cloud)
	defer pipes.Close()
	client, err := sequentum.New(sequentum.Config{BaseURL: "http://127.0.0.1", APIKey: apiKey, Transport: pipes, MaxRetries: 3})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.RunStatus(t.Context(), agentID, runID); err != nil { // there is a connection to be lost
		t.Fatal(err)
	}
	cloud.Inject(fault)
	err = post(t.Context(), client, runID)
	if !sequentum.OutcomeUnknown(err) || sequentum.NotSent(err) {
		t.Errorf("%v: the outcome is not unknown", err)
	}
	if n := cloud.Count(fault.Kind); n != 1 {
		t.Errorf("%d requests came", n)
	}
	for _, r := range cloud.Log() {
		if r.Proto != protocol {
			t.Errorf("a request came over %s", r.Proto)
		}
	}
}
