// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const agents = "../../testdata/agents.json"

// asCommand makes the test's binary run the command itself.
const asCommand = "SEQUENTUM_SIMULATOR_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

func TestCommandServesUntilASignal(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			command := exec.CommandContext(t.Context(), os.Args[0], "-listen", "127.0.0.1:0", "-agents", agents,
				"-speed", "10", "-rate-limit", "7", "-window", "30s", "-kill", "stopping", "-list-lag", "1s", "-log")
			command.Env = append(os.Environ(), asCommand+"=1")
			var stderr bytes.Buffer
			command.Stderr = &stderr
			stdout, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			out := bufio.NewReader(stdout)
			line, err := out.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			header := ask(t, line)
			if header.Get("X-RateLimit-Limit") != "7" || header.Get("X-RateLimit-Window-Seconds") != "30" {
				t.Errorf("the headers are %v", header)
			}
			if err := command.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(out)
			if err != nil || len(rest) > 0 {
				t.Errorf("more on stdout: %q, %v", rest, err)
			}
			if err := command.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if got := stderr.String(); !strings.HasSuffix(got, " GET /api/v1/agent/4711/runs?maxRecords=5 200 runs\n") || strings.Contains(got, "sk-") {
				t.Errorf("the log is %q", got)
			}
		})
	}
}

// ask lists runs at the simulator that printed the line.
func ask(t *testing.T, line string) http.Header {
	t.Helper()
	var ready map[string]string
	if err := json.Unmarshal([]byte(line), &ready); err != nil || len(ready) != 2 {
		t.Fatalf("%q is not one object of url and api_key: %v", line, err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ready["url"]+"/api/v1/agent/4711/runs?maxRecords=5", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "ApiKey "+ready["api_key"])
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the simulator answers %s", resp.Status)
	}
	return resp.Header
}

func TestFlagsBecomeOptions(t *testing.T) {
	o, at, err := readFlags(strings.Fields("-agents "+agents+" -kill stopping -list-lag 1s -rate-limit -1 -speed 10"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if at.listen != "127.0.0.1:0" || at.caFile != "" || o.TLS || o.Kill != simulator.KillWhileStoppingForces || o.ListLag != time.Second || o.RateLimit != -1 ||
		o.Clock == nil || len(o.Agents) != 1 || len(o.Faults) != 1 || o.OnRequest != nil {
		t.Errorf("%+v, %+v", at, o)
	}
	o, _, err = readFlags([]string{"-agents", agents}, io.Discard)
	if err != nil || o.Kill != simulator.SecondKillForces || o.Clock != nil || o.RateLimit != 100 {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestBadArgumentIsNamed(t *testing.T) {
	for arguments, says := range map[string]string{
		"":                  "-agents is missing",
		"-agents none.json": "none.json",
		"-agents " + agents + " -tls /none/ca.pem":   "certificate",
		"-agents " + agents + " more":                `unexpected argument "more"`,
		"-agents " + agents + " -speed 0":            "-speed 0",
		"-agents " + agents + " -speed NaN":          "-speed NaN",
		"-agents " + agents + " -kill first":         `-kill "first"`,
		"-agents " + agents + " -rate-limit 0":       "-rate-limit 0",
		"-agents " + agents + " -window -1s":         "-window and -list-lag",
		"-agents " + agents + " -listen 0.0.0.0:0":   "loopback",
		"-agents " + agents + " -list-lag yesterday": "list-lag",
	} {
		err := run(t.Context(), strings.Fields(arguments), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", arguments, err, says)
		}
	}
}

type closedWriter struct{}

func (closedWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestClosedStdoutIsAnError(t *testing.T) {
	err := run(t.Context(), []string{"-agents", agents}, closedWriter{}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "say that the simulator is ready") {
		t.Errorf("got %v", err)
	}
}

func TestTLSWritesACertificateAndSpeaksHTTP2(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	ready, stdout := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- run(ctx, []string{"-agents", agents, "-tls", ca}, stdout, io.Discard) }()
	var line struct {
		URL    string `json:"url"`
		CAFile string `json:"ca_file"`
	}
	if err := json.NewDecoder(ready).Decode(&line); err != nil || line.CAFile != ca {
		t.Fatalf("%+v, %v", line, err)
	}
	pem, err := os.ReadFile(ca)
	trusted := x509.NewCertPool()
	if err != nil || !trusted.AppendCertsFromPEM(pem) {
		t.Fatalf("%q, %v", pem, err)
	}
	client := http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, line.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != 2 {
		t.Errorf("it speaks %s", resp.Proto)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout bytes.Buffer
	if err := run(ctx, []string{"-agents", agents}, &stdout, io.Discard); err != nil || stdout.Len() == 0 {
		t.Errorf("%q, %v", stdout.String(), err)
	}
}
