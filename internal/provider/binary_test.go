// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// What the built provider does by itself, without a CLI.

// binary is a process of the provider that has answered its schema.
type binary struct {
	process *exec.Cmd
	stderr  bytes.Buffer // to be read when the process has ended
}

// startBinary starts the provider as a CLI does, and asks for its schema.
func startBinary(t *testing.T, env ...string) *binary {
	t.Helper()
	dir, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	b := &binary{process: exec.Command(filepath.Join(dir, providerName))}
	b.process.Env = append(os.Environ(), "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2", "PLUGIN_PROTOCOL_VERSIONS=6")
	b.process.Env = append(b.process.Env, env...)
	b.process.Stderr = &b.stderr
	stdout, err := b.process.StdoutPipe()
	if err == nil {
		err = b.process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	handshake, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		err = askSchema(t.Context(), handshake)
	}
	if err != nil {
		b.end(t)
		t.Fatal(err)
	}
	return b
}

func (b *binary) end(t *testing.T) {
	t.Helper()
	if err := b.process.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = b.process.Wait() // it was killed
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

// A log that the CLI throws away takes more time than a plan: it is written only where somebody reads it.
func TestBinaryWritesNoUnreadLog(t *testing.T) {
	t.Parallel()
	for env, logs := range map[string]bool{"TF_LOG=": false, "TF_LOG=off": false, "TF_LOG_PROVIDER=OFF": false, "TF_LOG=trace": true, "TF_LOG_PROVIDER=debug": true} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			b := startBinary(t, env)
			b.end(t)
			const line = "Received request" // of the plugin library
			if strings.Contains(b.stderr.String(), line) != logs {
				t.Errorf("%q is expected: %v; it wrote:\n%s", line, logs, b.stderr.String())
			}
		})
	}
}

// A report of a bug begins with this line.
func TestBinaryPrintsItsVersion(t *testing.T) {
	t.Parallel()
	dir, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(filepath.Join(dir, providerName), "-version").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^terraform-provider-sequentum dev \(commit ([0-9a-f]{12}(-dirty)?|unknown)\), go\S+, \w+_\w+\n$`).Match(output) {
		t.Errorf("it printed %q", output)
	}
}
