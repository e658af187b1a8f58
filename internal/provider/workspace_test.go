// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// The tests of this file's users drive a real CLI with a real provider process against a simulated cloud: whatever
// has to do with processes, signals and several applies.

const providerName = "terraform-provider-sequentum"

// built is the folder of buildOnce; empty: no test has needed it.
var built string

var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sequentum-provider-")
	if err != nil {
		return "", err
	}
	built = dir
	build := exec.Command("go", "build", "-o", filepath.Join(dir, providerName))
	if os.Getenv("GOCOVERDIR") != "" { // make cover: the processes leave in this folder what they have covered
		build.Args = append(build.Args, "-cover", "-covermode=atomic", "-coverpkg=../../...")
	}
	build.Args = append(build.Args, "../..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("building the provider: %w\n%s", err, out), os.RemoveAll(dir))
	}
	return dir, nil
})

// TestMain runs more tests at a time than there are processors, unless told how many: most of a scenario is waiting.
// It fails the run when a goroutine of a test is left at its end.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == providerName {
		if err := serveHasty(); err != nil {
			log.Fatal(err)
		}
		return
	}
	flag.Parse()
	told := false
	flag.Visit(func(f *flag.Flag) { told = told || f.Name == "test.parallel" })
	if !told {
		if err := flag.Set("test.parallel", "10"); err != nil {
			panic(err)
		}
	}
	// go test has set this variable to a folder that it removes.
	if folder := flag.Lookup("test.gocoverdir").Value.String(); folder != "" {
		if err := os.Setenv("GOCOVERDIR", folder); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if built != "" {
			_ = os.RemoveAll(built) // of temporary files
		}
		os.Exit(code)
	}))
}

// workspace is a directory with a configuration and a state, and its own simulated cloud.
type workspace struct {
	t      *testing.T
	dir    string
	cli    string
	built  string // path of the provider
	cloud  *simulator.Cloud
	server *simulator.Server
	remote *stateBackend // nil: state is a file
	env    []string

	mu      sync.Mutex
	printed strings.Builder // by every command so far
}

func newWorkspace(t *testing.T, o simulator.Options) *workspace {
	t.Helper()
	built, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	w := &workspace{t: t, dir: t.TempDir(), cli: cliPath(t), cloud: simulator.New(o)}
	w.server, err = simulator.Serve(w.cloud, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.cloud.Release()
		if err := w.server.Close(); err != nil {
			t.Error(err)
		}
	})
	w.built = filepath.Join(built, providerName)
	w.install("plugin/" + providerName)
	t.Cleanup(w.wantNoProvider)
	w.file("cli.tfrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"sequentum/sequentum\" = %[1]q\n    \"registry.opentofu.org/sequentum/sequentum\" = %[1]q\n  }\n  direct {}\n}\n", filepath.Join(w.dir, "plugin")))
	w.env = append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(w.dir, "cli.tfrc"),
		"TF_DATA_DIR="+filepath.Join(w.dir, ".terraform"),
		"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"SEQUENTUM_API_URL="+w.server.URL, "SEQUENTUM_API_KEY="+apiKey, "SEQUENTUM_ACCESS_TOKEN=",
	)
	if o.TLS {
		w.file("ca.pem", string(w.server.CACertPEM()))
		w.env = append(w.env, "SSL_CERT_FILE="+filepath.Join(w.dir, "ca.pem"))
	}
	return w
}

// install puts the built provider where the CLI looks for it, within the workspace, so that its processes can be told
// from those of others.
func (w *workspace) install(name string) {
	w.t.Helper()
	to := filepath.Join(w.dir, name)
	err := os.MkdirAll(filepath.Dir(to), 0o700)
	if err == nil {
		err = os.Link(w.built, to)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func cliPath(t *testing.T) string {
	t.Helper()
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		t.Fatal("TF_ACC_TERRAFORM_PATH names no CLI: run the tests with `make test`")
	}
	return cli
}

// cliVersion is which CLI the tests run on.
type cliVersion struct {
	tofu         bool
	major, minor int
}

var versionOnce = sync.OnceValues(func() (cliVersion, error) {
	var v cliVersion
	show := exec.Command(os.Getenv("TF_ACC_TERRAFORM_PATH"), "version")
	show.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull) // it prints its complaints about one
	out, err := show.Output()
	if err != nil {
		return v, fmt.Errorf("asking the CLI for its version: %w", err)
	}
	first, _, _ := strings.Cut(string(out), "\n")
	v.tofu = strings.HasPrefix(first, "OpenTofu")
	if _, err := fmt.Sscanf(strings.TrimPrefix(strings.TrimPrefix(first, "OpenTofu "), "Terraform "), "v%d.%d", &v.major, &v.minor); err != nil {
		return v, fmt.Errorf("reading the CLI's version from %q: %w", first, err)
	}
	return v, nil
})

// version is decided on where the CLIs differ.
func (w *workspace) version() cliVersion {
	w.t.Helper()
	v, err := versionOnce()
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// knowsIdentity reports whether the CLI imports by identity: Terraform and OpenTofu do from 1.12 on.
func (w *workspace) knowsIdentity() bool {
	w.t.Helper()
	v := w.version()
	return v.major > 1 || v.minor >= 12
}

// file writes a file of the workspace.
func (w *workspace) file(name, content string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err == nil {
		err = os.WriteFile(path, []byte(content), 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// read returns the text of a file of the workspace, nothing when it does not exist.
func (w *workspace) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return string(text)
}

// delayed is how late a request comes that something is to happen before. It is less than quickProvider's timeout.
const delayed = 2500 * time.Millisecond

// config writes the configuration; the provider block comes with it unless it brings one.
func (w *workspace) config(format string, args ...any) {
	w.t.Helper()
	text := fmt.Sprintf(format, args...)
	if !strings.Contains(text, `provider "sequentum"`) {
		text = quickProvider + text
	}
	w.file("main.tf", preamble+text)
}

// transcript is all that the CLI has printed so far, unwrapped.
func (w *workspace) transcript() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.printed.String()
}

func (w *workspace) notePrinted(printed string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.printed.WriteString(printed + "\n")
}

// patience is how long a test waits for what must happen soon, on a machine that is busy with other things.
const patience = 2 * time.Minute

// eventually waits until a condition of the simulated cloud holds: the process under test goes its own pace.
func (w *workspace) eventually(what string, condition func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for !condition() {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited too long until %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
