// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

// Command release checks a release of the provider: as the registries read it, and as a user installs it. The makefile calls
// it in the root of the repository. It needs no account, no network and no key.
//
//	release check  whether a folder holds a release that the registries accept
//	release test   install a release with each CLI, apply examples/quickstart, and upgrade the state of the previous version
//	release twice  whether two builds of the same commit have the same bytes
//	release sign   whether the signature of a release is one that the registries accept, with a throw-away key
//	release notes  write the notes of the release that is checked out, from CHANGELOG.md
//	release state  keep the state of a version, for the test that later versions plan nothing for it
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	if ctx.Err() != nil && err != nil {
		err = errors.New("interrupted")
	}
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "release: %v\n", err)
		os.Exit(1)
	}
}

const usage = "use one of: release check, release test, release twice, release sign, release notes, release state; -h after it shows its flags"

// hostPlatform is the platform of this machine.
const hostPlatform = runtime.GOOS + "_" + runtime.GOARCH

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	commands := map[string]func(context.Context, *flag.FlagSet, []string) error{"check": runCheck, "test": runTest, "twice": runTwice, "sign": runSign, "state": runState, "notes": runNotes}
	command := commands[args[0]]
	if command == nil {
		return fmt.Errorf("unknown command %q: %s", args[0], usage)
	}
	return command(ctx, flag.NewFlagSet("release "+args[0], flag.ContinueOnError), args[1:])
}

// parse fails for arguments besides flags.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return nil
}

const manifestPath = "terraform-registry-manifest.json"

func runCheck(ctx context.Context, flags *flag.FlagSet, args []string) error {
	dir := flags.String("dist", "dist", "`folder` with the files of a release")
	signed := flags.Bool("signed", false, "the signature must be there")
	builtHere := flags.Bool("built-here", false, "the binaries must be built from what is checked out here")
	if err := parse(flags, args); err != nil {
		return err
	}
	want := expectation{platforms: platforms, signed: *signed}
	if *builtHere {
		want.manifest = manifestPath
		commit, err := headCommit(ctx)
		if err != nil {
			return err
		}
		want.commit = commit
	}
	if err := checkRelease(*dir, want); err != nil {
		return fmt.Errorf("the registries would refuse the release in %s:\n%w", *dir, err)
	}
	fmt.Printf("The registries accept the release in %s: %d zips and the manifest, and nothing else, are in SHA256SUMS.\n", *dir, len(platforms))
	return nil
}

// inTemporary calls do with a temporary folder whose name contains a space, as folders of users do, and removes it.
func inTemporary(do func(dir string) error) (err error) {
	dir, err := os.MkdirTemp("", "sequentum release ")
	if err != nil {
		return fmt.Errorf("creating a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return do(dir)
}

var began = time.Now()

// report prints a step and the time since the command began.
func report(format string, args ...any) {
	fmt.Printf("%4.0f s  %s\n", time.Since(began).Seconds(), fmt.Sprintf(format, args...))
}
