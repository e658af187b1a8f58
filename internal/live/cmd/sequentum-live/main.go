// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Command sequentum-live plays stories with the real CLI and the real provider against an account, and reports what it
// answered: see the package live. It starts runs, which cost credits. `make live` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/sequentum/terraform-provider-sequentum/internal/live"
)

func main() {
	o, err := options(os.Args[1:])
	if err == nil {
		// A Ctrl-C also ends what reads the output, such as tee. The next line must not end this program: it has runs to stop.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program
		err = live.Run(ctx, o)
		stop()
	}
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nmake live: %v\n", err)
		os.Exit(1)
	}
}

func options(args []string) (live.Options, error) {
	o := live.Options{
		APIURL: os.Getenv("SEQUENTUM_API_URL"), APIKey: os.Getenv("SEQUENTUM_API_KEY"), Input: os.Getenv("LIVE_INPUT"), Out: os.Stdout,
	}
	flags := flag.NewFlagSet("sequentum-live", flag.ContinueOnError)
	flags.StringVar(&o.CLI, "cli", "", "path of terraform or tofu (required)")
	flags.StringVar(&o.Provider, "provider", "", "path of the provider's binary (required)")
	flags.StringVar(&o.Snapshots, "snapshots", "", "`folder` for the snapshots (required)")
	flags.StringVar(&o.Yes, "yes", "", "the `words` that agree to the number of runs")
	agent := flags.String("agent", "", "`id` of the agent to start")
	stories := flags.String("stories", "", "the stories to play, separated by commas; empty: all")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.CLI == "" || o.Provider == "" || o.Snapshots == "" || flags.NArg() > 0 {
		return o, errors.New("-cli, -provider and -snapshots are required, and no argument may follow the flags. Use make live instead")
	}
	if *agent != "" {
		if _, err := fmt.Sscanf(*agent, "%d", &o.AgentID); err != nil || fmt.Sprint(o.AgentID) != *agent || o.AgentID < 1 {
			return o, fmt.Errorf("AGENT=%s is not the id of an agent: it must be a whole number above 0, such as 4711", *agent)
		}
	}
	if *stories != "" {
		o.Stories = strings.Split(*stories, ",")
	}
	return o, nil
}
