//go:build unix

package provider_test

import (
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// panicking is a transport with a bug, which shows at the requests that it is told of.
type panicking struct {
	next   http.RoundTripper
	at     atomic.Pointer[func(*http.Request) bool]
	effect bool // the request has its effect before
}

func (p *panicking) RoundTrip(req *http.Request) (*http.Response, error) {
	at := p.at.Load()
	if at == nil || !(*at)(req) {
		return p.next.RoundTrip(req)
	}
	if p.effect {
		resp, err := p.next.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
	}
	panic("a bug, and sk-simulator")
}

func (p *panicking) when(method, suffix string) {
	at := func(req *http.Request) bool { return req.Method == method && strings.HasSuffix(req.URL.Path, suffix) }
	p.at.Store(&at)
}

// brokenClock panics when the provider asks it to put a run into words: above all that has a recovery of its own.
type brokenClock struct {
	sequentum.Clock
	broken atomic.Bool
}

func (c *brokenClock) Now() time.Time {
	if c.broken.Load() && strings.Contains(string(debug.Stack()), "(*providerData).now") {
		panic("a bug, and " + apiKey)
	}
	return c.Clock.Now()
}

// bugLab is a provider whose transport and clock can panic, and a cloud.
type bugLab struct {
	t      *testing.T
	cloud  *simulator.Cloud
	wire   *panicking
	clock  *brokenClock
	plugin *plugin
}

func withBug(t *testing.T, test func(l *bugLab)) {
	t.Helper()
	protocolSchemas() // outside of the bubble
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Agents: []simulator.Agent{running(30 * time.Minute), {ID: 4712, Phases: endless().Phases}}})
		l := &bugLab{t: t, cloud: cloud, wire: &panicking{next: cloud.Transport()}, clock: &brokenClock{Clock: sequentum.SystemClock()}}
		server := provider.NewServer(t.Context(), provider.New("test", l.clock, provider.WithTransport(l.wire))())
		l.plugin = &plugin{server: server, ctx: t.Context()}
		config := objectOf(protocolSchemas()[providerSchema], map[string]tftypes.Value{"api_url": textValue("http://127.0.0.1"), "api_key": textValue(apiKey)})
		resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamic(config)})
		if err != nil || problems(resp.Diagnostics) != "" {
			t.Fatal(err, problems(resp.Diagnostics))
		}
		test(l)
	})
}

// create plans and applies a resource with these arguments.
func (l *bugLab) create(typ string, set map[string]tftypes.Value) (*object, answer) {
	schema := protocolSchemas()[typ]
	config := objectOf(schema, set)
	planned := l.plugin.plan(typ, nil, nil, config, proposedNew(schema, nullObject(typ), config))
	if planned.failed() {
		return nil, planned
	}
	a := l.plugin.apply(typ, nil, config, planned)
	if a.value.IsNull() {
		return nil, a
	}
	return &object{typ: typ, value: a.value, private: a.private, identity: a.identity, tainted: a.failed()}, a
}

func (l *bugLab) destroy(o *object) answer {
	null := nullObject(o.typ)
	return l.plugin.apply(o.typ, o, null, answer{value: null, private: o.private, identity: o.identity})
}

func (l *bugLab) unwaited() *object {
	l.t.Helper()
	o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711), "wait_for_completion": boolValue(false)})
	if a.failed() {
		l.t.Fatal(problems(a.diagnostics))
	}
	return o
}

// wantSaid fails the test unless the diagnostics ask for a report, say these texts, and no secret.
func (l *bugLab) wantSaid(said string, texts ...string) {
	l.t.Helper()
	said = strings.Join(strings.Fields(said), " ")
	for _, text := range append(texts, "Please report", "https://github.com/sequentum/terraform-provider-sequentum/issues") {
		if !strings.Contains(said, text) {
			l.t.Errorf("%q is missing in %q", text, said)
		}
	}
	if strings.Contains(said, apiKey) {
		l.t.Errorf("a secret is in %q", said)
	}
}

const ended = "A bug in the provider ended this operation"

func TestPanicAfterTheStart(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.clock.broken.Store(true)
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711), "retries": numberValue(1)})
		l.wantSaid(problems(a.diagnostics), ended, "Run 4711/100001 was started, and state holds it.", "run `terraform untaint ADDRESS`", "A retry of it may have been started too.")
		if o == nil || numberOf(o.value, "run_id") != firstRun || !strings.Contains(string(o.private), "unfinished_wait") {
			t.Fatalf("state is %v", o)
		}
		// Untainted, it is a run like any other: its end is accepted.
		l.clock.broken.Store(false)
		time.Sleep(time.Hour)
		o.tainted = false
		read := l.plugin.read(o)
		if read.failed() || textOf(read.value, "status") != "Completed" || strings.Contains(string(read.private), "unfinished_wait") {
			t.Errorf("the refresh afterwards: %s, %s, %s", problems(read.diagnostics), read.value, read.private)
		}
	})
}

func TestPanicBeforeAStart(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.cloud.Forbid(true)
		l.clock.broken.Store(true)
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711)})
		l.wantSaid(problems(a.diagnostics), ended, "A run may have been started.", `id = "4711/RUN_ID"`)
		if o != nil {
			t.Errorf("state holds %s", o.value)
		}
	})
}

func TestPanicInDelete(t *testing.T) {
	withBug(t, func(l *bugLab) {
		o := l.unwaited()
		l.clock.broken.Store(true)
		a := l.destroy(o)
		l.wantSaid(problems(a.diagnostics), ended, "answering ApplyResourceChange for sequentum_run 4711/100001", "State is unchanged.")
		if !a.value.Equal(o.value) {
			t.Errorf("state is %s, want it unchanged", a.value)
		}
		l.clock.broken.Store(false)
		if a := l.destroy(o); a.failed() {
			t.Error(problems(a.diagnostics))
		}
		if r, _ := l.cloud.Run(firstRun); r.Status != simulator.Stopped {
			t.Errorf("the run is %s", r.Status)
		}
	})
}

func TestPanicBesideAWait(t *testing.T) {
	withBug(t, func(l *bugLab) {
		other := make(chan answer, 1)
		go func() {
			_, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711)})
			other <- a
		}()
		time.Sleep(time.Minute)
		l.clock.broken.Store(true)
		_, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4712)})
		l.wantSaid(problems(a.diagnostics), ended, "Run 4712/100002 was started, and state holds it.")
		l.clock.broken.Store(false)
		if a := <-other; a.failed() || textOf(a.value, "status") != "Completed" {
			t.Errorf("the other wait: %s, %s", problems(a.diagnostics), a.value)
		}
	})
}

// A panic below the client is the client's to recover: a request that failed.
func TestPanicOfTransportInStart(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.wire.when(http.MethodPost, "/agent/4711/start")
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711)})
		l.wantSaid(problems(a.diagnostics), `id = "4711/RUN_ID"`)
		if o != nil {
			t.Errorf("state holds %s", o.value)
		}
		l.wire.at.Store(nil) // what the start held is free again
		l.unwaited()
	})
}

func TestPanicOfTransportAfterTheStart(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.wire.effect = true
		l.wire.when(http.MethodPost, "/agent/4711/start")
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711)})
		l.wantSaid(problems(a.diagnostics)+warnings(a.diagnostics), "4711/100001")
		if o == nil || numberOf(o.value, "run_id") != firstRun || l.cloud.Count(simulator.KindStart) != 1 {
			t.Errorf("after %d starts state holds %v", l.cloud.Count(simulator.KindStart), o)
		}
	})
}

func TestPanicOfTransportInWait(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.wire.when(http.MethodGet, "/status")
		time.AfterFunc(10*time.Minute, func() { l.wire.at.Store(nil) })
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711)})
		if o == nil || numberOf(o.value, "run_id") != firstRun {
			t.Fatalf("state is %v: %s", o, problems(a.diagnostics))
		}
		if a.failed() {
			l.wantSaid(problems(a.diagnostics), "4711/100001")
		}
	})
}

func TestPanicOfTransportInDelete(t *testing.T) {
	withBug(t, func(l *bugLab) {
		o := l.unwaited()
		l.wire.when(http.MethodPost, "/stop")
		a := l.destroy(o)
		r, _ := l.cloud.Run(firstRun)
		if a.failed() == a.value.IsNull() || !a.failed() && r.Status != simulator.Stopped {
			t.Errorf("the run is %s, state is %s: %s", r.Status, a.value, problems(a.diagnostics))
		}
	})
}

func TestPanicOfTransportInRead(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.unwaited()
		o, a := l.plugin.importObject(runType, "4711/100001")
		if a.failed() {
			t.Fatal(problems(a.diagnostics))
		}
		l.wire.when(http.MethodGet, "/status")
		a = l.plugin.read(o)
		l.wantSaid(problems(a.diagnostics), "4711/100001", "State is unchanged.")
		if !a.value.Equal(o.value) {
			t.Errorf("state is %s, want it unchanged", a.value)
		}
	})
}

func TestPanicOfTransportInDataSource(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.unwaited()
		l.wire.when(http.MethodGet, "/files")
		const typ = "sequentum_run_files"
		schemas, err := l.plugin.server.GetProviderSchema(l.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			t.Fatal(err)
		}
		config := objectOf(schemas.DataSourceSchemas[typ], map[string]tftypes.Value{"agent_id": numberValue(4711), "run_id": numberValue(firstRun)})
		resp, err := l.plugin.server.ReadDataSource(l.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typ, Config: dynamic(config)})
		if err != nil {
			t.Fatal(err)
		}
		l.wantSaid(problems(resp.Diagnostics), "4711/100001")
	})
}
