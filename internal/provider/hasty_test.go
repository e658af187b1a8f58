// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// A real CLI, and a provider process for which a minute takes two seconds: what is printed once a minute, and over hours,
// is seen without waiting. The process is this test binary under the provider's name.

// clockBegin is the variable that tells the process when its clock began, in nanoseconds since 1970: cloud and provider
// must agree on the time.
const clockBegin = "SEQUENTUM_TEST_CLOCK_BEGIN"

// hastyClock began at that moment, and has run timelapse times faster since.
type hastyClock struct{ begin time.Time }

func (c hastyClock) Now() time.Time { return c.begin.Add(timelapse * time.Since(c.begin)) }

func (c hastyClock) After(d time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	time.AfterFunc(d/timelapse+1, func() { ch <- c.Now() })
	return ch
}

// hastyProvider is for a workspace of newHastyWorkspace: a request must not time out because the machine is slow.
const hastyProvider = `
provider "sequentum" {
  request_timeout = "30m"
}
`

func newHastyWorkspace(t *testing.T, o simulator.Options) *workspace {
	t.Helper()
	clock := hastyClock{begin: time.Now()}
	o.Clock = clock
	w := newWorkspace(t, o)
	var err error
	if w.built, err = os.Executable(); err != nil {
		t.Fatal(err)
	}
	const installed = "plugin/" + providerName
	if err := os.Remove(filepath.Join(w.dir, installed)); err != nil {
		t.Fatal(err)
	}
	w.install(installed)
	w.env = append(w.env, fmt.Sprintf("%s=%d", clockBegin, clock.begin.UnixNano()))
	return w
}

// serveHasty is the main function of that process.
func serveHasty() error {
	begin, err := strconv.ParseInt(os.Getenv(clockBegin), 10, 64)
	if err != nil {
		return err
	}
	return tf6server.Serve("registry.terraform.io/sequentum/sequentum", func() tfprotov6.ProviderServer {
		return provider.NewServer(context.Background(), provider.New("test", hastyClock{time.Unix(0, begin)})())
	})
}
