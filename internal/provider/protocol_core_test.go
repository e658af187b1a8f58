package provider_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// object is one object in state. It is never changed, only replaced.
type object struct {
	typ          string
	value        tftypes.Value
	private      []byte
	identity     *tfprotov6.ResourceIdentityData
	tainted      bool
	dependencies []string
	// owed is the observer's own: a wait for the run has something left to do. owedByCreate: that wait was its create's.
	owed, owedByCreate bool
}

// coreState is a state file.
type coreState struct {
	current map[string]*object // by address
	// deposed are the old objects of replacements whose new ones came first, by a key of their own.
	deposed map[string]*object
}

func newCoreState() *coreState {
	return &coreState{current: map[string]*object{}, deposed: map[string]*object{}}
}

func (s *coreState) clone() *coreState {
	return &coreState{current: maps.Clone(s.current), deposed: maps.Clone(s.deposed)}
}

// resourceConfig is a resource block.
type resourceConfig struct {
	address             string
	typ                 string
	dependencies        []string
	createBeforeDestroy bool
	// values are the arguments; get reads another resource's attribute, which is unknown where the resource is.
	values func(get func(address, attribute string) tftypes.Value) map[string]tftypes.Value
}

// dependentType is a resource of the core's own, which cannot fail. Its one argument is "run_id", and a new value
// replaces it.
const dependentType = "dependent"

// coreObserver is told of what the core does, and judges it.
type coreObserver interface {
	// wrong takes what no provider may do.
	wrong(format string, args ...any)
	// refreshed: after is nil when the object is gone.
	refreshed(address string, before, after *object, a answer)
	planned(address string, prior *object, config tftypes.Value, c *change, a answer)
	// applying is called before an apply; its function after it, unless the process was killed meanwhile.
	applying(address string, c *change, config tftypes.Value) (applied func(after *object, a answer))
	dependentCreated(address string, runID int64)
	checked(address string, a answer)
	imported(address string, a answer)
}

// core keeps a configuration and its state, and runs commands on them.
type core struct {
	observer coreObserver
	ctx      context.Context
	network  func() http.RoundTripper // of a process that starts now
	config   []*resourceConfig        // dependencies first

	mu        sync.Mutex
	state     *coreState               // as it was last saved
	validated map[string]tftypes.Value // by address: the last arguments that the provider has checked
}

// command is one command of the CLI. Interrupting and killing it may be done from any goroutine.
type command struct {
	*core
	ctx     context.Context
	end     context.CancelFunc
	stopped chan struct{}
	killed  chan struct{}

	mu     sync.Mutex
	plugin *plugin
}

// command begins a command, which is to be ended by its function end.
func (c *core) command() *command {
	ctx, end := context.WithCancel(c.ctx)
	return &command{core: c, ctx: ctx, end: end, stopped: make(chan struct{}), killed: make(chan struct{})}
}

// interrupt is a Ctrl-C: nothing further begins, and what is under way is asked to end.
func (c *command) interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if isClosed(c.stopped) {
		return
	}
	close(c.stopped)
	if c.plugin != nil {
		// It only cancels contexts, and has no error to give.
		_, _ = c.plugin.server.StopProvider(c.ctx, &tfprotov6.StopProviderRequest{})
	}
}

// kill ends the CLI and its provider at once.
func (c *command) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !isClosed(c.killed) {
		close(c.killed)
		c.end()
	}
}

func (c *command) halted() bool { return isClosed(c.stopped) || isClosed(c.killed) }

// walk starts the provider process of a walk; nil when the command has been halted.
func (c *command) walk() *plugin {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.halted() {
		return nil
	}
	p, err := startPlugin(c.ctx, c.network(), c.killed)
	if err != nil {
		c.observer.wrong("%v", err)
		return nil
	}
	c.plugin = p
	return p
}

// node is a step of a walk.
type node struct {
	needs []string
	do    func() bool

	done chan struct{}
	ok   bool
}

// concurrency is how many steps the CLI takes at a time.
const concurrency = 10

// visit takes all steps, each when those that it needs have succeeded, and reports whether all have. Once the command
// is halted no further step begins.
func (c *command) visit(nodes map[string]*node) bool {
	for _, n := range nodes {
		n.done = make(chan struct{})
	}
	slots := make(chan struct{}, concurrency)
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() {
			defer close(n.done)
			for _, name := range n.needs {
				if needed := nodes[name]; needed != nil {
					<-needed.done
					if !needed.ok {
						return
					}
				}
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			n.ok = !c.halted() && n.do()
		})
	}
	all.Wait()
	for _, n := range nodes {
		if !n.ok {
			return false
		}
	}
	return true
}

// byAddress is the configuration of a resource; nil: it has none.
func (c *core) byAddress(address string) *resourceConfig {
	i := slices.IndexFunc(c.config, func(r *resourceConfig) bool { return r.address == address })
	if i < 0 {
		return nil
	}
	return c.config[i]
}

// dependents are the resources whose configuration or state depends on address.
func (c *core) dependents(s *coreState, address string) []string {
	found := map[string]bool{}
	for _, r := range c.config {
		if slices.Contains(r.dependencies, address) {
			found[r.address] = true
		}
	}
	for other, o := range s.current {
		if slices.Contains(o.dependencies, address) {
			found[other] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// createsFirst reports whether a replacement of the resource creates before it destroys: its own configuration says
// so, or that of a resource which depends on it.
func (c *core) createsFirst(address string) bool {
	r := c.byAddress(address)
	if r == nil {
		return false
	}
	return r.createBeforeDestroy || slices.ContainsFunc(c.config, func(other *resourceConfig) bool {
		return slices.Contains(other.dependencies, address) && c.createsFirst(other.address)
	})
}

// setTainted is terraform taint and untaint; false: there is no such object.
func (c *core) setTainted(address string, tainted bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.state.current[address]
	if o == nil || o.typ == dependentType || o.tainted == tainted {
		return false
	}
	changed := *o
	changed.tainted = tainted
	c.state = c.state.clone()
	c.state.current[address] = &changed
	return true
}

// importRun is terraform import.
func (c *command) importRun(address, typ, id string) bool {
	p := c.walk()
	if p == nil {
		return false
	}
	o, a := p.importObject(typ, id)
	if o != nil {
		a = p.read(o)
		if !a.failed() && a.value.IsNull() {
			c.observer.wrong("the import of %s as %s ended without an error and without an object", id, address)
		}
	}
	if !a.alive {
		return false
	}
	c.observer.imported(address, a)
	if a.failed() || a.value.IsNull() {
		return false
	}
	c.save(func(s *coreState) {
		s.current[address] = &object{typ: typ, value: a.value, private: a.private, identity: a.identity}
	})
	return true
}

// save changes the state file.
func (c *core) save(change func(*coreState)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = c.state.clone()
	change(c.state)
}

func (c *core) saved() *coreState {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}
