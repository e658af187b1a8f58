//go:build unix

// Command demo shows examples/quickstart from apply to destroy against the
// simulator, in a temporary folder, and leaves nothing behind.
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
	flag.StringVar(&o.cli, "cli", "", "path of terraform or tofu")
	flag.StringVar(&o.provider, "provider", "", "path of the provider's binary")
	flag.StringVar(&o.simulator, "simulator", "", "path of the simulator's binary")
	flag.StringVar(&o.example, "example", "", "folder of the configuration and its agents.json")
	flag.IntVar(&o.agent, "agent", 4711, "id of the agent that the configuration runs")
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
	cli, provider, simulator, example string
	agent                             int
}

// run leaves no file and no process behind, whichever way it ends.
func run(ctx context.Context, o options) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "sequentum-demo-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	heading("Sequentum Cloud in memory")
	cloud, err := startSimulator(ctx, o.simulator, filepath.Join(o.example, "agents.json"))
	if err != nil {
		return err
	}
	defer cloud.stop()
	fmt.Printf("listens at %s\n", cloud.URL)

	cli, err := newCLI(ctx, dir, o, cloud)
	if err != nil {
		return err
	}
	heading("%s apply", cli.name())
	phases := cloud.showPhases(ctx, o.agent)
	err = cli.show(ctx, "apply", "-auto-approve")
	phases.end()
	if err != nil {
		return err
	}
	heading("Files on disk")
	if err := cli.showDownloads(); err != nil {
		return err
	}
	// Its plan would push the outputs off the screen.
	heading("%s destroy (without its plan)", cli.name())
	if err := cli.prepare(ctx, "plan", "-destroy", "-out=destroy.tfplan"); err != nil {
		return err
	}
	if err := cli.show(ctx, "apply", "destroy.tfplan"); err != nil {
		return err
	}
	heading("Done in %.0f s", time.Since(began).Seconds())
	fmt.Println("The simulator and the temporary folder are removed: nothing is left behind.")
	return nil
}

func heading(format string, args ...any) {
	fmt.Printf("\n=== "+format+"\n", args...)
}
