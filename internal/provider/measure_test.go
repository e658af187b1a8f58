//go:build measure

package provider_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// What the real CLI takes with many runs in state, beside as many objects that ask nothing of anybody: what is left is
// the provider's own. `make bench` runs it.
func TestMeasureCLI(t *testing.T) {
	fmt.Printf("\n| with the real CLI | requests | 429s | time | CLI alone | memory of the provider |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	active := simulator.Agent{ID: 4711, Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(24 * time.Hour)}}}
	finished := simulator.Agent{ID: 4711} // its runs end as they begin
	for _, of := range []struct {
		n     int
		agent simulator.Agent
		state string
	}{{1000, active, "active"}, {1000, finished, "finished"}, {5000, finished, "finished"}} {
		w := newWorkspace(t, simulator.Options{RateLimit: -1, Agents: []simulator.Agent{of.agent}})
		w.config("provider \"sequentum\" {}\nresource \"sequentum_run\" \"r\" {\n  count = %d\n  agent_id = 4711\n  wait_for_completion = false\n  if_active = \"start\"\n}\n", of.n)
		w.mustApply("-parallelism=50")
		w.cloud.SetRateLimit(100, time.Minute)
		baseline := baselineWorkspace(t, of.n)
		w.row(baseline, fmt.Sprintf("refresh, %d %s runs", of.n, of.state), "plan", "-input=false")
		if of.state == "finished" {
			w.row(baseline, fmt.Sprintf("destroy, %d %s runs", of.n, of.state), "destroy", "-auto-approve", "-input=false")
		}
	}
}

// baselineWorkspace holds as many objects that live in the CLI itself.
func baselineWorkspace(t *testing.T, n int) *workspace {
	w := newWorkspace(t, simulator.Options{})
	w.config("resource \"terraform_data\" \"r\" {\n  count = %d\n}\n", n)
	w.mustApply()
	return w
}

// row runs one command in both workspaces and prints what it took.
func (w *workspace) row(baseline *workspace, name string, args ...string) {
	w.t.Helper()
	w.cloud.ResetCounts()
	alone, _ := baseline.timed(args...)
	took, memory := w.timed(args...)
	requests := 0
	for _, count := range w.cloud.Requests() {
		requests += count
	}
	fmt.Printf("| %s | %d | %d | %.1f s | %.1f s | %d MiB |\n", name, requests, w.cloud.TooMany(), took.Seconds(), alone.Seconds(), memory>>10)
}

// timed runs a command and follows the peak memory of its provider, in KiB.
func (w *workspace) timed(args ...string) (took time.Duration, peak int) {
	w.t.Helper()
	began := time.Now()
	p := w.begin(args...)
	over := make(chan struct{})
	sampled := make(chan int)
	go func() {
		most := 0
		for {
			select {
			case <-over:
				sampled <- most
				return
			case <-time.After(50 * time.Millisecond):
				most = max(most, peakMemory(p.cmd.Process.Pid))
			}
		}
	}()
	result := p.wait()
	took = time.Since(began)
	close(over)
	if result.code != 0 {
		w.t.Fatalf("%v ended with %d:\n%s", args, result.code, result.raw)
	}
	return took, <-sampled
}

// peakMemory is the largest peak among the provider processes of a CLI, in KiB; 0 where there is no /proc.
func peakMemory(cli int) (most int) {
	children, _ := exec.Command("pgrep", "-P", strconv.Itoa(cli)).Output()
	for child := range strings.FieldsSeq(string(children)) {
		status, _ := os.ReadFile("/proc/" + child + "/status")
		_, rest, _ := strings.Cut(string(status), "VmHWM:")
		if fields := strings.Fields(rest); len(fields) > 0 {
			kib, _ := strconv.Atoi(fields[0])
			most = max(most, kib)
		}
	}
	return most
}

// TestMeasureStart starts the binary over the plugin protocol and asks for its schema, as every walk of a CLI does.
func TestMeasureStart(t *testing.T) {
	dir, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	best := time.Hour
	for range 5 {
		began := time.Now()
		provider := exec.Command(filepath.Join(dir, "terraform-provider-sequentum"))
		provider.Env = append(os.Environ(), "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2", "PLUGIN_PROTOCOL_VERSIONS=6")
		stdout, err := provider.StdoutPipe()
		if err == nil {
			err = provider.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		handshake, err := bufio.NewReader(stdout).ReadString('\n')
		if err == nil {
			err = askSchema(t.Context(), handshake)
		}
		took := time.Since(began)
		_ = provider.Process.Kill()
		_ = provider.Wait()
		if err != nil {
			t.Fatal(err)
		}
		best = min(best, took)
	}
	fmt.Printf("\nThe binary starts and answers its schema in %d ms (best of 5).\n", best.Milliseconds())
}

// askSchema takes the provider's first line, "1|6|unix|/path|grpc|", and asks for the schema there.
func askSchema(ctx context.Context, handshake string) error {
	parts := strings.Split(handshake, "|")
	if len(parts) < 5 {
		return fmt.Errorf("%q is no handshake", handshake)
	}
	conn, err := grpc.NewClient(parts[2]+":"+parts[3], grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		return err
	}
	defer conn.Close()
	// An empty message serves as the request, and as the answer too: what it does not know it keeps.
	schema := &emptypb.Empty{}
	if err := conn.Invoke(ctx, "/tfplugin6.Provider/GetProviderSchema", &emptypb.Empty{}, schema); err != nil {
		return err
	}
	if len(schema.ProtoReflect().GetUnknown()) == 0 {
		return errors.New("the schema is empty")
	}
	return nil
}
