package provider_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
)

// The files protocol_*_test.go are a Terraform core in small: they drive the provider through its protocol, in process
// and on any clock, by the rules that the real one keeps. What has to do with processes and signals is tested with the
// real CLI instead.

// plugin is one process of the provider: Terraform starts one for each walk of a command.
type plugin struct {
	server tfprotov6.ProviderServer
	ctx    context.Context
	killed <-chan struct{}
}

// protocolSchemas are the schemas of the provider's resources.
var protocolSchemas = sync.OnceValue(func() map[string]*tfprotov6.Schema {
	server := provider.NewServer(context.Background(), provider.New("test", nil)())
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	all := schemas.ResourceSchemas
	all[providerSchema] = schemas.Provider
	return all
})

const providerSchema = "provider"

// startPlugin starts and configures a provider whose requests go through transport. When killed is closed, the
// process is dead: ctx has to end then, too.
func startPlugin(ctx context.Context, transport http.RoundTripper, killed <-chan struct{}) (*plugin, error) {
	wired := provider.WithTransport(wire{next: transport, cut: killed})
	server := provider.NewServer(ctx, provider.New("test", nil, wired)())
	block := protocolSchemas()[providerSchema]
	config := objectOf(block, map[string]tftypes.Value{
		"api_url": textValue("http://127.0.0.1"),
		"api_key": textValue("sk-simulator"),
	})
	resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: dynamic(config)})
	if err == nil && problems(resp.Diagnostics) != "" {
		err = fmt.Errorf("configuring the provider: %s", problems(resp.Diagnostics))
	}
	return &plugin{server: server, ctx: ctx, killed: killed}, err
}

// wire is the network of a process: a dead one neither sends nor receives.
type wire struct {
	next http.RoundTripper
	cut  <-chan struct{}
}

// onTheWay is how long a request takes to the server, and its answer back: time for an interrupt to come between.
const onTheWay = 150 * time.Millisecond

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if isClosed(w.cut) {
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: syscall.ECONNREFUSED}
	}
	time.Sleep(onTheWay)
	resp, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(onTheWay):
	case <-req.Context().Done():
		err = req.Context().Err()
	}
	if err == nil && isClosed(w.cut) {
		err = &net.OpError{Op: "read", Net: "memory", Err: syscall.ECONNRESET}
	}
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// ask makes one call of the protocol. alive is false when the process was killed before it answered.
func ask[Req, Resp any](p *plugin, call func(context.Context, Req) (Resp, error), req Req) (resp Resp, alive bool) {
	answered := make(chan Resp, 1)
	go func() {
		resp, err := call(p.ctx, req)
		if err != nil {
			panic(fmt.Sprintf("the provider answered %T with an error of the protocol: %v", req, err))
		}
		answered <- resp
	}()
	select {
	case resp := <-answered:
		return resp, !isClosed(p.killed)
	case <-p.killed:
		return resp, false
	}
}

// answer is what a call of the protocol said, with what it means for state.
type answer struct {
	value       tftypes.Value
	private     []byte
	identity    *tfprotov6.ResourceIdentityData
	replace     []*tftypes.AttributePath
	diagnostics []*tfprotov6.Diagnostic
	alive       bool // false: the process was killed, and there is no answer
}

func (a answer) failed() bool { return !a.alive || problems(a.diagnostics) != "" }

func (p *plugin) validate(typ string, config tftypes.Value) answer {
	resp, alive := ask(p, p.server.ValidateResourceConfig, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typ, Config: dynamic(config),
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	if !alive {
		return answer{}
	}
	return answer{diagnostics: resp.Diagnostics, alive: true}
}

func (p *plugin) read(o *object) answer {
	resp, alive := ask(p, p.server.ReadResource, &tfprotov6.ReadResourceRequest{
		TypeName: o.typ, CurrentState: dynamic(o.value), Private: o.private, CurrentIdentity: o.identity,
	})
	if !alive {
		return answer{}
	}
	return answer{
		value: undynamic(o.typ, resp.NewState), private: resp.Private, identity: resp.NewIdentity,
		diagnostics: resp.Diagnostics, alive: true,
	}
}

// plan asks what becomes of prior, which is nil for a create. The proposed state is null for a destroy.
func (p *plugin) plan(typ string, prior *object, private []byte, config, proposed tftypes.Value) answer {
	req := &tfprotov6.PlanResourceChangeRequest{
		TypeName: typ, PriorState: dynamic(nullObject(typ)), PriorPrivate: private,
		Config: dynamic(config), ProposedNewState: dynamic(proposed),
	}
	if prior != nil {
		req.PriorState, req.PriorIdentity = dynamic(prior.value), prior.identity
	}
	resp, alive := ask(p, p.server.PlanResourceChange, req)
	if !alive {
		return answer{}
	}
	return answer{
		value: undynamic(typ, resp.PlannedState), private: resp.PlannedPrivate, identity: resp.PlannedIdentity,
		replace: resp.RequiresReplace, diagnostics: resp.Diagnostics, alive: true,
	}
}

// apply carries out what was planned for prior, which is nil for a create.
func (p *plugin) apply(typ string, prior *object, config tftypes.Value, planned answer) answer {
	req := &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typ, PriorState: dynamic(nullObject(typ)), Config: dynamic(config),
		PlannedState: dynamic(planned.value), PlannedPrivate: planned.private, PlannedIdentity: planned.identity,
	}
	if prior != nil {
		req.PriorState = dynamic(prior.value)
	}
	resp, alive := ask(p, p.server.ApplyResourceChange, req)
	if !alive {
		return answer{}
	}
	return answer{
		value: undynamic(typ, resp.NewState), private: resp.Private, identity: resp.NewIdentity,
		diagnostics: resp.Diagnostics, alive: true,
	}
}

// importObject takes in an object by its id, without the read that has to follow.
func (p *plugin) importObject(typ, id string) (*object, answer) {
	resp, alive := ask(p, p.server.ImportResourceState, &tfprotov6.ImportResourceStateRequest{TypeName: typ, ID: id})
	if !alive {
		return nil, answer{}
	}
	a := answer{diagnostics: resp.Diagnostics, alive: true}
	if a.failed() {
		return nil, a
	}
	one := resp.ImportedResources[0]
	return &object{typ: typ, value: undynamic(typ, one.State), private: one.Private, identity: one.Identity}, a
}

// problems are the errors among the diagnostics, "" when there is none.
func problems(all []*tfprotov6.Diagnostic) string {
	return describeDiagnostics(all, tfprotov6.DiagnosticSeverityError)
}

func warnings(all []*tfprotov6.Diagnostic) string {
	return describeDiagnostics(all, tfprotov6.DiagnosticSeverityWarning)
}

func describeDiagnostics(all []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity) string {
	var texts []string
	for _, d := range all {
		if d.Severity == severity {
			texts = append(texts, d.Summary+": "+strings.ReplaceAll(d.Detail, "\n\n", " "))
		}
	}
	return strings.Join(texts, "\n")
}
