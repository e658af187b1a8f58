// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Command sequentum-simulator serves a simulated Sequentum Cloud on the loopback interface. When it is ready it prints
// one line of JSON, {"url":…,"api_key":…}, and it ends on an interrupt or SIGTERM. With -tls it serves HTTPS, with
// HTTP/2 and HTTP/1.1, and the line also has "ca_file": for a client, set SSL_CERT_FILE to it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "sequentum-simulator: %v\n", err)
		os.Exit(1)
	}
}

const apiKey = "sk-simulator"

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	options, at, err := readFlags(args, stderr)
	if err != nil {
		return err
	}
	server, err := simulator.Serve(simulator.New(options), at.listen)
	if err != nil {
		return err
	}
	if options.TLS {
		if err := os.WriteFile(at.caFile, server.CACertPEM(), 0o644); err != nil {
			return errors.Join(fmt.Errorf("write the certificate to trust: %w", err), server.Close())
		}
	}
	ready := struct {
		URL    string `json:"url"`
		APIKey string `json:"api_key"`
		CAFile string `json:"ca_file,omitempty"`
	}{server.URL, options.APIKey, at.caFile}
	if err := json.NewEncoder(stdout).Encode(ready); err != nil {
		return errors.Join(fmt.Errorf("say that the simulator is ready: %w", err), server.Close())
	}
	<-ctx.Done()
	return server.Close()
}

// place is the address of the simulator, and the file with its certificate.
type place struct {
	listen string
	caFile string // empty: plain HTTP
}

func readFlags(args []string, stderr io.Writer) (options simulator.Options, at place, err error) {
	flags := flag.NewFlagSet("sequentum-simulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&at.listen, "listen", "127.0.0.1:0", "loopback `address` of the API")
	agents := flags.String("agents", "", "`file` of the agents, faults and variants, in JSON (required)")
	speed := flags.Float64("speed", 1, "speed of the simulator's clock: 2 is twice as fast as the system's clock")
	flags.IntVar(&options.RateLimit, "rate-limit", 100, "`requests` per window; negative: no limit")
	flags.DurationVar(&options.Window, "window", 0, "`duration` of the rate limit's window (default 60s)")
	kill := flags.String("kill", "second", "`which` kill ends a run by force: second (the second kill) or stopping (any kill while the run is stopping)")
	flags.DurationVar(&options.ListLag, "list-lag", 0, "`duration` by which the list of runs lags")
	flags.StringVar(&at.caFile, "tls", "", "serve HTTPS, with HTTP/2, and write the certificate to trust to this `file`")
	logged := flags.Bool("log", false, "write a line per request to standard error")
	if err := flags.Parse(args); err != nil {
		return options, at, err
	}
	switch {
	case flags.NArg() > 0:
		return options, at, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *agents == "":
		return options, at, errors.New("-agents is missing: the file that describes the agents")
	case !(*speed > 0) || *speed > 1e6:
		return options, at, fmt.Errorf("-speed %v: must be a number above 0, at most a million", *speed)
	case options.RateLimit == 0:
		return options, at, errors.New("-rate-limit 0: must be positive, or negative for no limit")
	case options.Window < 0 || options.ListLag < 0:
		return options, at, errors.New("-window and -list-lag must not be negative")
	}
	switch *kill {
	case "second":
		options.Kill = simulator.SecondKillForces
	case "stopping":
		options.Kill = simulator.KillWhileStoppingForces
	default:
		return options, at, fmt.Errorf("-kill %q: must be second or stopping", *kill)
	}
	config, err := simulator.ReadConfig(*agents)
	if err != nil {
		return options, at, err
	}
	config.Apply(&options)
	options.APIKey, options.TLS = apiKey, at.caFile != ""
	if *speed != 1 {
		options.Clock = simulator.Accelerated(*speed)
	}
	if *logged {
		options.OnRequest = logTo(stderr)
	}
	return options, at, nil
}

// logTo writes a line per request, without its credential and without the signature of a link.
func logTo(w io.Writer) func(simulator.Request) {
	var mu sync.Mutex
	return func(r simulator.Request) {
		mu.Lock()
		defer mu.Unlock()
		target := r.Path
		if r.Query != "" {
			target += "?" + r.Query
		}
		_, _ = fmt.Fprintf(w, "%s %s %s %d %s\n", r.Time.UTC().Format("15:04:05.000"), r.Method, target, r.Status, r.Kind)
	}
}
