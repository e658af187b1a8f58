// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Command demo runs examples/quickstart from apply to destroy against the
// simulator. It works in a temporary folder and removes it at the end. With
// -picture it draws two applies instead: one that is interrupted, and the next.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.StringVar(&o.cli, "cli", "", "path of terraform or tofu (required)")
	flag.StringVar(&o.provider, "provider", "", "path of the provider's binary (required)")
	flag.StringVar(&o.simulator, "simulator", "", "path of the simulator's binary (required)")
	flag.StringVar(&o.example, "example", "", "folder that holds the configuration and agents.json (required)")
	flag.IntVar(&o.agent, "agent", 4711, "id of the agent that the configuration runs")
	flag.StringVar(&o.picture, "picture", "", "`file` for a picture (SVG) of an apply that is interrupted and continued; empty: show the whole life of a run")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\ndemo: %v\n", err)
		os.Exit(1)
	}
}

type options struct {
	cli, provider, simulator, example, picture string
	agent                                      int
}

// run removes its files and ends its processes, also after an error or an interrupt.
func run(ctx context.Context, o options) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "sequentum-demo-")
	if err != nil {
		return fmt.Errorf("creating a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	heading("Start a simulator of Sequentum Cloud")
	cloud, err := startSimulator(ctx, o.simulator, filepath.Join(o.example, "agents.json"))
	if err != nil {
		return err
	}
	defer cloud.stop()
	fmt.Printf("The simulator listens at %s. The agent has the id %d.\n", cloud.URL, o.agent)

	cli, err := newCLI(ctx, dir, o, cloud)
	if err != nil {
		return err
	}
	if o.picture != "" {
		return draw(ctx, cli, o.picture)
	}
	if err := showLife(ctx, cli, cloud, o.agent); err != nil {
		return err
	}
	heading("Done in %.0f s", time.Since(began).Seconds())
	fmt.Println("Nothing is left behind: the demo now stops the simulator and removes its temporary folder.")
	return nil
}

// showLife shows a run from apply to destroy.
func showLife(ctx context.Context, cli *terminalCLI, cloud *simulator, agent int) error {
	heading("%s apply: start a run, wait for it, download its files", cli.name())
	phases := cloud.showPhases(ctx, agent)
	err := cli.show(ctx, "apply", "-auto-approve")
	phases.end()
	if err != nil {
		return err
	}
	heading("The downloaded files")
	if err := cli.showDownloads(); err != nil {
		return err
	}
	// The plan of the destroy is not shown: it would push the outputs off the screen.
	heading("%s destroy (the plan is not shown)", cli.name())
	if err := cli.prepare(ctx, "plan", "-destroy", "-out=destroy.tfplan"); err != nil {
		return err
	}
	return cli.show(ctx, "apply", "destroy.tfplan")
}

func heading(format string, args ...any) {
	fmt.Printf("\n=== "+format+"\n", args...)
}
