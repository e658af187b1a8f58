package provider_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

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

// bugLab is a provider whose transport panics, and a cloud.
type bugLab struct {
	t      *testing.T
	cloud  *simulator.Cloud
	wire   *panicking
	plugin *plugin
}

func withBug(t *testing.T, test func(l *bugLab)) {
	t.Helper()
	protocolSchemas() // outside of the bubble
	synctest.Test(t, func(t *testing.T) {
		cloud := simulator.New(simulator.Options{Agents: []simulator.Agent{running(30 * time.Minute), {ID: 4712, Phases: endless().Phases}}})
		l := &bugLab{t: t, cloud: cloud, wire: &panicking{next: cloud.Transport()}}
		var err error
		if l.plugin, err = startPlugin(t.Context(), l.wire, nil); err != nil {
			t.Fatal(err)
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

func (l *bugLab) unwaited() *object {
	l.t.Helper()
	o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711), "wait_for_completion": boolValue(false)})
	if a.failed() {
		l.t.Fatal(problems(a.diagnostics))
	}
	return o
}

// wantBug fails the test unless the diagnostics ask for a report, and say these texts.
func (l *bugLab) wantBug(diagnostics []*tfprotov6.Diagnostic, texts ...string) {
	l.t.Helper()
	said := unwrapLines(problems(diagnostics))
	for _, text := range append(texts, "A bug in the provider ended this operation", "Please report this bug at https://github.com/sequentum/terraform-provider-sequentum/issues") {
		if !strings.Contains(said, text) {
			l.t.Errorf("%q is missing in %q", text, said)
		}
	}
	if strings.Contains(said, apiKey) {
		l.t.Errorf("a secret is in %q", said)
	}
}

func unwrapLines(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestPanicInStart(t *testing.T) {
	for name, effect := range map[string]bool{"before the effect": false, "after the effect": true} {
		t.Run(name, func(t *testing.T) {
			withBug(t, func(l *bugLab) {
				l.wire.effect = effect
				l.wire.when(http.MethodPost, "/agent/4711/start")
				o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711)})
				l.wantBug(a.diagnostics, "A run may have been started.", `id = "4711/RUN_ID"`)
				if o != nil {
					t.Errorf("state holds %s", o.value)
				}
				// What the start held is free again.
				l.wire.at.Store(nil)
				l.unwaited()
			})
		})
	}
}

func TestPanicAfterTheStart(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.wire.when(http.MethodGet, "/files")
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711), "record_files": boolValue(true), "retries": numberValue(1)})
		l.wantBug(a.diagnostics, "Run 4711/100001 was started, and state holds it.", "run `terraform untaint ADDRESS`", "A retry of it may have been started too.")
		if o == nil || numberOf(o.value, "run_id") != firstRun || !strings.Contains(string(o.private), "unfinished_wait") {
			t.Fatalf("state is %v", o)
		}
		// Untainted, it is a run like any other: its end is accepted.
		o.tainted = false
		read := l.plugin.read(o)
		if read.failed() || textOf(read.value, "status") != "Completed" || strings.Contains(string(read.private), "unfinished_wait") {
			t.Errorf("the refresh afterwards: %s, %s, %s", problems(read.diagnostics), read.value, read.private)
		}
	})
}

func TestPanicInWait(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.wire.when(http.MethodGet, "/status")
		o, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4711)})
		t.Log(problems(a.diagnostics))
		l.wantBug(a.diagnostics, "4711/100001")
		if o == nil || numberOf(o.value, "run_id") != firstRun {
			t.Fatalf("state is %v", o)
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
		l.wire.when(http.MethodPost, "/agent/4712/start")
		_, a := l.create(runType, map[string]tftypes.Value{"agent_id": numberValue(4712)})
		l.wantBug(a.diagnostics, `id = "4712/RUN_ID"`)
		if a := <-other; a.failed() || textOf(a.value, "status") != "Completed" {
			t.Errorf("the other wait: %s, %s", problems(a.diagnostics), a.value)
		}
	})
}

func TestPanicInDelete(t *testing.T) {
	withBug(t, func(l *bugLab) {
		o := l.unwaited()
		l.wire.when(http.MethodPost, "/stop")
		null := nullObject(runType)
		a := l.plugin.apply(runType, o, null, answer{value: null, private: o.private, identity: o.identity})
		l.wantBug(a.diagnostics, "answering ApplyResourceChange for sequentum_run 4711/100001", "State is unchanged.")
		if !a.value.Equal(o.value) {
			t.Errorf("state is %s, want it unchanged", a.value)
		}
		l.wire.at.Store(nil)
		if a := l.plugin.apply(runType, o, null, answer{value: null, private: o.private, identity: o.identity}); a.failed() {
			t.Error(problems(a.diagnostics))
		}
		if r, _ := l.cloud.Run(firstRun); r.Status != simulator.Stopped {
			t.Errorf("the run is %s", r.Status)
		}
	})
}

func TestPanicInRead(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.unwaited()
		o, a := l.plugin.importObject(runType, "4711/100001")
		if a.failed() {
			t.Fatal(problems(a.diagnostics))
		}
		l.wire.when(http.MethodGet, "/status")
		a = l.plugin.read(o)
		l.wantBug(a.diagnostics, "answering ReadResource for sequentum_run 4711/100001", "State is unchanged.")
		if !a.value.Equal(o.value) || string(a.private) != string(o.private) {
			t.Errorf("state is %s, want it unchanged", a.value)
		}
	})
}

func TestPanicInDataSource(t *testing.T) {
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
		l.wantBug(resp.Diagnostics, "answering ReadDataSource for sequentum_run_files 4711/100001")
	})
}
