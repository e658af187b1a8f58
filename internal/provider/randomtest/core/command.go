// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
)

// Command is one command of the CLI. Any goroutine may interrupt or kill it.
type Command struct {
	*Core
	ctx     context.Context
	cancel  context.CancelFunc
	stopped chan struct{}
	killed  chan struct{}

	mu      sync.Mutex
	process *Process
}

// Begin begins a command. Its method End must be called.
func (c *Core) Begin() *Command {
	ctx, cancel := context.WithCancel(c.ctx)
	return &Command{Core: c, ctx: ctx, cancel: cancel, stopped: make(chan struct{}), killed: make(chan struct{})}
}

// End releases what the command holds.
func (c *Command) End() { c.cancel() }

// Interrupt is a Ctrl-C: nothing further begins, and what is under way is asked to end.
func (c *Command) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if isClosed(c.stopped) {
		return
	}
	close(c.stopped)
	if c.process != nil {
		// It only cancels contexts, and has no error to give.
		_, _ = c.process.Server.StopProvider(c.ctx, &tfprotov6.StopProviderRequest{})
	}
}

// Kill ends the CLI and its provider at once.
func (c *Command) Kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !isClosed(c.killed) {
		close(c.killed)
		c.cancel()
	}
}

// Killed reports whether the command was killed.
func (c *Command) Killed() bool { return isClosed(c.killed) }

// Halted reports whether the command was interrupted or killed.
func (c *Command) Halted() bool { return isClosed(c.stopped) || c.Killed() }

// walk starts the provider process of a walk; nil when the command has been halted.
func (c *Command) walk() *Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Halted() {
		return nil
	}
	key := DefaultKey
	if c.Key != nil {
		key = c.Key()
	}
	var options []provider.ServerOption
	if c.FrameworkOnly {
		options = append(options, provider.FrameworkOnly())
	}
	p, err := startWithKey(c.ctx, c.network(), c.killed, key, options...)
	if err != nil {
		c.observer.Wrong("%v", err)
		return nil
	}
	c.process = p
	return p
}

// ReadData reads a data source in a process of its own. It reports false when the command has been halted.
func (c *Command) ReadData(typ string, arguments map[string]tftypes.Value) (Answer, bool) {
	p := c.walk()
	if p == nil {
		return Answer{}, false
	}
	a := p.ReadData(typ, arguments)
	return a, a.alive
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
func (c *Command) visit(nodes map[string]*node) bool {
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
			n.ok = !c.Halted() && n.do()
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

// Import is terraform import of one object. It reports whether the object is in state now.
func (c *Command) Import(address, typ, id string) bool {
	p := c.walk()
	if p == nil {
		return false
	}
	o, a := p.Import(typ, id)
	if o != nil {
		a = p.Read(o)
		if !a.Failed() && a.Value.IsNull() {
			c.observer.Wrong("the import of %s as %s ended without an error and without an object", id, address)
		}
	}
	if !a.alive {
		return false
	}
	c.observer.Imported(address, a)
	if a.Failed() || a.Value.IsNull() {
		return false
	}
	c.save(func(s *State) {
		s.Current[address] = &Object{Type: typ, Value: a.Value, Private: a.Private, Identity: a.Identity}
	})
	return true
}
