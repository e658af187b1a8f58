// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const ended = "A bug in the provider ended this operation"

func TestPanicAfterTheStart(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.clock.broken.Store(true)
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": core.Number(4711), "retries": core.Number(1)})
		l.wantSaid(core.Errors(a.Diagnostics), ended, "Run 4711/100001 was started, and state holds it.", "run `terraform untaint ADDRESS`", "A retry may have been started too.")
		if o == nil || core.NumberOf(o.Value, "run_id") != firstRun || !strings.Contains(string(o.Private), "unfinished_wait") {
			t.Fatalf("state is %v", o)
		}
		// Untainted, it is a run like any other: its end is accepted.
		l.clock.broken.Store(false)
		time.Sleep(time.Hour)
		o.Tainted = false
		read := l.plugin.Read(o)
		if read.Failed() || core.TextOf(read.Value, "status") != "Completed" || strings.Contains(string(read.Private), "unfinished_wait") {
			t.Errorf("the refresh afterwards: %s, %s, %s", core.Errors(read.Diagnostics), read.Value, read.Private)
		}
	})
}

func TestPanicBeforeAStart(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.cloud.Forbid(true)
		l.clock.broken.Store(true)
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": core.Number(4711)})
		l.wantSaid(core.Errors(a.Diagnostics), ended, "A run may have been started.", `id = "4711/RUN_ID"`)
		if o != nil {
			t.Errorf("state holds %s", o.Value)
		}
	})
}

func TestPanicInDelete(t *testing.T) {
	withBug(t, func(l *bugLab) {
		o := l.startUnwaited()
		l.clock.broken.Store(true)
		a := l.destroy(o)
		l.wantSaid(core.Errors(a.Diagnostics), ended, "answering ApplyResourceChange for sequentum_run 4711/100001", "State is unchanged.")
		if !a.Value.Equal(o.Value) {
			t.Errorf("state is %s, want it unchanged", a.Value)
		}
		l.clock.broken.Store(false)
		if a := l.destroy(o); a.Failed() {
			t.Error(core.Errors(a.Diagnostics))
		}
		if r, _ := l.cloud.Run(firstRun); r.Status != simulator.Stopped {
			t.Errorf("the run is %s", r.Status)
		}
	})
}

func TestPanicBesideAWait(t *testing.T) {
	withBug(t, func(l *bugLab) {
		other := make(chan core.Answer, 1)
		go func() {
			_, a := l.create(runType, map[string]tftypes.Value{"agent_id": core.Number(4711)})
			other <- a
		}()
		time.Sleep(time.Minute)
		l.clock.broken.Store(true)
		_, a := l.create(runType, map[string]tftypes.Value{"agent_id": core.Number(4712)})
		l.wantSaid(core.Errors(a.Diagnostics), ended, "Run 4712/100002 was started, and state holds it.")
		l.clock.broken.Store(false)
		if a := <-other; a.Failed() || core.TextOf(a.Value, "status") != "Completed" {
			t.Errorf("the other wait: %s, %s", core.Errors(a.Diagnostics), a.Value)
		}
	})
}

// A panic below the client is the client's to recover: a request that failed.
func TestPanicOfTransportInStart(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.transport.when(http.MethodPost, "/agent/4711/start")
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": core.Number(4711)})
		l.wantSaid(core.Errors(a.Diagnostics), `id = "4711/RUN_ID"`)
		if o != nil {
			t.Errorf("state holds %s", o.Value)
		}
		l.transport.at.Store(nil) // what the start held is free again
		l.startUnwaited()
	})
}

func TestPanicOfTransportAfterTheStart(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.transport.effect = true
		l.transport.when(http.MethodPost, "/agent/4711/start")
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": core.Number(4711)})
		l.wantSaid(core.Errors(a.Diagnostics)+core.Warnings(a.Diagnostics), "4711/100001")
		if o == nil || core.NumberOf(o.Value, "run_id") != firstRun || l.cloud.Count(simulator.KindStart) != 1 {
			t.Errorf("after %d starts state holds %v", l.cloud.Count(simulator.KindStart), o)
		}
	})
}

func TestPanicOfTransportInWait(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.transport.when(http.MethodGet, "/status")
		time.AfterFunc(10*time.Minute, func() { l.transport.at.Store(nil) })
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": core.Number(4711)})
		if o == nil || core.NumberOf(o.Value, "run_id") != firstRun {
			t.Fatalf("state is %v: %s", o, core.Errors(a.Diagnostics))
		}
		if a.Failed() {
			l.wantSaid(core.Errors(a.Diagnostics), "4711/100001")
		}
	})
}

func TestPanicOfTransportInDelete(t *testing.T) {
	withBug(t, func(l *bugLab) {
		o := l.startUnwaited()
		l.transport.when(http.MethodPost, "/stop")
		a := l.destroy(o)
		r, _ := l.cloud.Run(firstRun)
		if a.Failed() == a.Value.IsNull() || !a.Failed() && r.Status != simulator.Stopped {
			t.Errorf("the run is %s, state is %s: %s", r.Status, a.Value, core.Errors(a.Diagnostics))
		}
	})
}

func TestPanicOfTransportInRead(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.startUnwaited()
		o, a := l.plugin.Import(runType, "4711/100001")
		if a.Failed() {
			t.Fatal(core.Errors(a.Diagnostics))
		}
		l.transport.when(http.MethodGet, "/status")
		a = l.plugin.Read(o)
		l.wantSaid(core.Errors(a.Diagnostics), "4711/100001", "State is unchanged.")
		if !a.Value.Equal(o.Value) {
			t.Errorf("state is %s, want it unchanged", a.Value)
		}
	})
}

func TestPanicOfTransportInDataSource(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.startUnwaited()
		l.transport.when(http.MethodGet, "/files")
		const typ = "sequentum_run_files"
		schemas, err := l.plugin.Server.GetProviderSchema(l.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			t.Fatal(err)
		}
		config := core.ObjectOf(schemas.DataSourceSchemas[typ], map[string]tftypes.Value{"agent_id": core.Number(4711), "run_id": core.Number(firstRun)})
		resp, err := l.plugin.Server.ReadDataSource(l.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typ, Config: core.Dynamic(config)})
		if err != nil {
			t.Fatal(err)
		}
		l.wantSaid(core.Errors(resp.Diagnostics), "4711/100001")
	})
}
