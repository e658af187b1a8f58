// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// DependentType is a resource of the core's own, which cannot fail. Its one argument is "run_id", and a new value
// replaces it.
const DependentType = "dependent"

// Observer is told of what the core does, and judges it. The core calls it from several goroutines.
type Observer interface {
	// Wrong takes what no provider may do.
	Wrong(format string, args ...any)
	// Refreshed is called after a refresh: after is nil when the object is gone.
	Refreshed(address string, before, after *Object, a Answer)
	// Planned is called after a plan of one object, whose change c is; prior is nil for a create.
	Planned(address string, prior *Object, config tftypes.Value, c *Change, a Answer)
	// Applying is called before an apply of one object. The function that it returns is called after the apply, unless
	// the process was killed during the step.
	Applying(address string, c *Change, config tftypes.Value) (applied func(after *Object, a Answer))
	// DependentCreated is called when a resource of DependentType was created.
	DependentCreated(address string, runID int64)
	// Checked is called after the provider has validated a configuration.
	Checked(address string, a Answer)
	// Imported is called after an import, and the read that follows it.
	Imported(address string, a Answer)
}

// Core keeps a configuration and its state, and runs commands on them.
type Core struct {
	// Config may be changed between two commands. Dependencies come first.
	Config []*ResourceConfig
	// Key is the key of a process that starts now; nil: DefaultKey. It is set before the first command.
	Key func() string
	// FrameworkOnly: the processes of the provider have no short way. It is set before the first command.
	FrameworkOnly bool

	observer Observer
	ctx      context.Context
	network  func() http.RoundTripper // of a process that starts now

	mu        sync.Mutex
	state     *State                   // as it was last saved
	validated map[string]tftypes.Value // by address: the last arguments that the provider has checked
}

// New begins with an empty state and no configuration. Each process that starts sends its requests through a transport
// that it gets from network.
func New(ctx context.Context, observer Observer, network func() http.RoundTripper) *Core {
	return &Core{observer: observer, ctx: ctx, network: network, state: newState(), validated: map[string]tftypes.Value{}}
}

// byAddress is the configuration of a resource; nil: it has none.
func (c *Core) byAddress(address string) *ResourceConfig {
	i := slices.IndexFunc(c.Config, func(r *ResourceConfig) bool { return r.Address == address })
	if i < 0 {
		return nil
	}
	return c.Config[i]
}

// dependents are the resources whose configuration or state depends on address.
func (c *Core) dependents(s *State, address string) []string {
	found := map[string]bool{}
	for _, r := range c.Config {
		if slices.Contains(r.Dependencies, address) {
			found[r.Address] = true
		}
	}
	for other, o := range s.Current {
		if slices.Contains(o.dependencies, address) {
			found[other] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// createsFirst reports whether a replacement of the resource creates before it destroys: its own configuration says
// so, or that of a resource which depends on it.
func (c *Core) createsFirst(address string) bool {
	r := c.byAddress(address)
	if r == nil {
		return false
	}
	return r.CreateBeforeDestroy || slices.ContainsFunc(c.Config, func(other *ResourceConfig) bool {
		return slices.Contains(other.Dependencies, address) && c.createsFirst(other.Address)
	})
}

// SetTainted is terraform taint, or untaint. It reports whether that changed anything.
func (c *Core) SetTainted(address string, tainted bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.state.Current[address]
	if o == nil || o.Type == DependentType || o.Tainted == tainted {
		return false
	}
	changed := *o
	changed.Tainted = tainted
	c.state = c.state.clone()
	c.state.Current[address] = &changed
	return true
}

// Forget is terraform state rm: what the resource has made stays, and nobody knows of it. It reports whether it was in
// state.
func (c *Core) Forget(address string) bool {
	held := c.Saved().Current[address] != nil
	c.save(func(s *State) { delete(s.Current, address) })
	return held
}

// save changes the state file.
func (c *Core) save(change func(*State)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = c.state.clone()
	change(c.state)
}

// Saved is the state file.
func (c *Core) Saved() *State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}
