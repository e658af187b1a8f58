// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"maps"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Action is what a plan does with an object.
type Action string

// What a plan does with an object.
const (
	ActionNone    Action = "nothing"
	ActionCreate  Action = "create"
	ActionUpdate  Action = "update"
	ActionReplace Action = "replace"
	ActionDelete  Action = "delete"
)

// Change is one planned change.
type Change struct {
	address string
	Type    string
	Action  Action
	Before  *Object
	Planned Answer
	config  tftypes.Value // that was planned for
	// forced: -replace asks for it.
	Forced bool
	// createsFirst: of a replacement, the new object comes before the end of the old one.
	createsFirst bool
	// deposed is the key of a deposed object that is to end; "": it is the current one.
	deposed string
}

// Plan is a plan, and the state as the refresh found it.
type Plan struct {
	state   *State
	Changes map[string]*Change
	deposed map[string]*Change
}

// PlanMode says what a plan is for.
type PlanMode struct {
	Destroy   bool
	NoRefresh bool            // -refresh=false
	Replace   map[string]bool // -replace
}

// planWalk is the making of a plan.
type planWalk struct {
	*Command
	process *Process
	mode    PlanMode

	mu    sync.Mutex
	plan  *Plan
	known map[string]map[string]tftypes.Value // by address: the attributes as planned, for those who refer to them
}

// Plan is terraform plan. ok is false when anything failed or was halted.
func (c *Command) Plan(mode PlanMode) (plan *Plan, ok bool) {
	p := c.walk()
	if p == nil {
		return nil, false
	}
	w := &planWalk{Command: c, process: p, mode: mode, known: map[string]map[string]tftypes.Value{}}
	w.plan = &Plan{state: c.Saved().clone(), Changes: map[string]*Change{}, deposed: map[string]*Change{}}
	nodes := map[string]*node{}
	for _, r := range c.Config {
		nodes[r.Address] = &node{needs: r.Dependencies, do: func() bool { return w.configured(r) }}
	}
	for address, o := range w.plan.state.Current {
		if c.byAddress(address) == nil || mode.Destroy {
			nodes[address] = &node{do: func() bool { return w.unwanted(address, o) }}
		}
	}
	for key, o := range w.plan.state.Deposed {
		nodes[key] = &node{do: func() bool { return w.deposed(key, o) }}
	}
	ok = c.visit(nodes)
	return w.plan, ok
}

// Refresh is terraform refresh.
func (c *Command) Refresh() bool {
	p, ok := c.Plan(PlanMode{})
	if ok {
		c.save(func(s *State) { *s = *p.state.clone() })
	}
	return ok
}

// configured plans a resource that has a configuration.
func (w *planWalk) configured(r *ResourceConfig) bool {
	prior := w.object(r.Address)
	if w.mode.Destroy && prior == nil {
		return true
	}
	config := w.evaluate(r)
	if r.Type == DependentType {
		w.dependent(r, prior, config)
		return true
	}
	if !w.isValid(r, config) {
		return false
	}
	if prior != nil && !w.mode.NoRefresh {
		var a Answer
		if prior, a = w.refreshed(r.Address, prior); a.Failed() {
			return false
		}
		w.set(func() { keep(w.plan.state.Current, r.Address, prior) })
	}
	c, a := w.change(r, prior, config)
	if !a.alive {
		return false
	}
	w.observer.Planned(r.Address, prior, config, c, a)
	if a.Failed() {
		return false
	}
	w.set(func() {
		w.plan.Changes[r.Address] = c
		w.known[r.Address] = Attributes(c.Planned.Value)
	})
	return true
}

// isValid has the provider check a configuration, unless it has done so already.
func (w *planWalk) isValid(r *ResourceConfig, config tftypes.Value) bool {
	w.Core.mu.Lock()
	done := config.Equal(w.validated[r.Address])
	w.Core.mu.Unlock()
	if done {
		return true
	}
	a := w.process.Validate(r.Type, config)
	if !a.alive {
		return false
	}
	w.observer.Checked(r.Address, a)
	w.Core.mu.Lock()
	defer w.Core.mu.Unlock()
	w.validated[r.Address] = config
	return !a.Failed()
}

// unwanted plans the end of an object that has no configuration any more, or is to be destroyed.
func (w *planWalk) unwanted(address string, o *Object) bool {
	c := &Change{address: address, Type: o.Type, Action: ActionDelete, Before: o}
	if o.Type == DependentType {
		w.set(func() { w.plan.Changes[address] = c })
		return true
	}
	if !w.mode.NoRefresh {
		var a Answer
		if c.Before, a = w.refreshed(address, o); a.Failed() {
			return false
		}
		w.set(func() { keep(w.plan.state.Current, address, c.Before) })
	}
	if c.Before == nil || !w.end(c) {
		return c.Before == nil
	}
	w.set(func() { w.plan.Changes[address] = c })
	return true
}

// deposed plans the end of an object that a replacement left behind.
func (w *planWalk) deposed(key string, o *Object) bool {
	after, a := w.refreshed(key, o)
	if a.Failed() {
		return false
	}
	w.set(func() { keep(w.plan.state.Deposed, key, after) })
	c := &Change{address: key, Type: o.Type, Action: ActionDelete, Before: after, deposed: key}
	if after == nil || !w.end(c) {
		return after == nil
	}
	w.set(func() { w.plan.deposed[key] = c })
	return true
}

// end has the provider plan the end of an object.
func (w *planWalk) end(c *Change) bool {
	null := Null(c.Type)
	c.Planned = w.process.Plan(c.Type, c.Before, c.Before.Private, null, null)
	if c.Planned.alive {
		w.observer.Planned(c.address, c.Before, null, c, c.Planned)
	}
	return !c.Planned.Failed()
}

// keep stores an object, or forgets it when it is nil.
func keep(objects map[string]*Object, key string, o *Object) {
	if o == nil {
		delete(objects, key)
		return
	}
	objects[key] = o
}

// refreshed reads an object; nil: it is gone.
func (w *planWalk) refreshed(address string, o *Object) (*Object, Answer) {
	a := w.process.Read(o)
	if !a.alive {
		return o, a
	}
	after := *o
	after.Value, after.Private, after.Identity = a.Value, a.Private, a.Identity
	if a.Value.IsNull() {
		w.observer.Refreshed(address, o, nil, a)
		return nil, a
	}
	w.observer.Refreshed(address, o, &after, a)
	return &after, a
}

// change plans what becomes of a configured resource, by core's rules for taint and replacement.
func (w *planWalk) change(r *ResourceConfig, prior *Object, config tftypes.Value) (*Change, Answer) {
	c := &Change{address: r.Address, Type: r.Type, Before: prior, Forced: w.mode.Replace[r.Address], createsFirst: w.createsFirst(r.Address)}
	live := prior
	if prior != nil && prior.Tainted {
		live = nil
	}
	c.config = config
	c.Planned = w.planned(w.process, c, live, PrivateOf(live), config)
	switch {
	case c.Planned.Failed():
	case prior == nil:
		c.Action = ActionCreate
	case live == nil:
		c.Action = ActionReplace
	case c.Forced || forcesReplacement(c.Planned.Replace, prior.Value, c.Planned.Value):
		c.Action = ActionReplace
		first := c.Planned
		c.Planned = w.planned(w.process, c, nil, first.Private, config)
		c.Planned.Diagnostics = append(first.Diagnostics, c.Planned.Diagnostics...)
	case c.Planned.Value.Equal(prior.Value):
		c.Action = ActionNone
	default:
		c.Action = ActionUpdate
	}
	return c, c.Planned
}

// PrivateOf is the private state of an object; nil when there is no object.
func PrivateOf(o *Object) []byte {
	if o == nil {
		return nil
	}
	return o.Private
}

// planned asks the provider what becomes of prior, nil for a create, and holds the answer to core's rules.
func (c *Command) planned(p *Process, of *Change, prior *Object, private []byte, config tftypes.Value) Answer {
	schema, before := Schemas()[of.Type], Null(of.Type)
	if prior != nil {
		before = prior.Value
	}
	a := p.Plan(of.Type, prior, private, config, ProposedNew(schema, before, config))
	if !a.Failed() {
		for _, wrong := range InvalidPlan(schema, before, config, a.Value) {
			c.observer.Wrong("%s: an invalid plan: %s", of.address, wrong)
		}
	}
	return a
}

// dependent plans the core's own kind of resource.
func (w *planWalk) dependent(r *ResourceConfig, prior *Object, config tftypes.Value) {
	c := &Change{address: r.Address, Type: DependentType, Before: prior, Planned: Answer{Value: config}}
	switch {
	case prior == nil:
		c.Action = ActionCreate
	case prior.Value.Equal(config):
		c.Action = ActionNone
	default:
		c.Action = ActionUpdate
	}
	w.set(func() { w.plan.Changes[r.Address] = c })
}

func (w *planWalk) object(address string) *Object {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.plan.state.Current[address]
}

func (w *planWalk) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// evaluate gives the arguments of a resource, with what its dependencies are planned to be.
func (w *planWalk) evaluate(r *ResourceConfig) tftypes.Value {
	w.mu.Lock()
	known := maps.Clone(w.known)
	w.mu.Unlock()
	return r.evaluate(known)
}

func (r *ResourceConfig) evaluate(known map[string]map[string]tftypes.Value) tftypes.Value {
	values := r.Values(func(address, attribute string) tftypes.Value { return known[address][attribute] })
	if r.Type == DependentType {
		return values["run_id"]
	}
	return ObjectOf(Schemas()[r.Type], values)
}
