// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// applyWalk is the carrying out of a plan.
type applyWalk struct {
	*Command
	process *Process
	plan    *Plan
}

// Apply is terraform apply, or destroy: a plan, and a separate process that applies it.
func (c *Command) Apply(mode PlanMode) (ok bool) {
	plan, ok := c.Plan(mode)
	if !ok {
		return false
	}
	p := c.walk()
	if p == nil {
		return false
	}
	// What the refresh found reaches the state file with the first change, or at the end.
	work := &Command{
		Core: &Core{observer: c.observer, ctx: c.Core.ctx, network: c.network, Config: c.Config, state: plan.state.clone()},
		ctx:  c.ctx, stopped: c.stopped, killed: c.killed,
	}
	w := &applyWalk{Command: work, process: p, plan: plan}
	persist := func() {
		if !c.Killed() {
			c.save(func(s *State) { *s = *work.Saved().clone() })
		}
	}
	ok = c.visit(w.nodes(persist))
	persist()
	return ok
}

// nodes are the steps of the walk in core's order: what depends on an object ends before it and begins after it.
func (w *applyWalk) nodes(persist func()) map[string]*node {
	nodes := map[string]*node{}
	add := func(name string, needs []string, do func() bool) {
		nodes[name] = &node{needs: needs, do: func() bool {
			defer persist()
			return do()
		}}
	}
	ending := func(address string) string { return address + " (destroy)" }
	for address, c := range w.plan.Changes {
		var ends []string
		for _, other := range w.dependents(w.plan.state, address) {
			ends = append(ends, ending(other))
			if c.createsFirst {
				ends = append(ends, other)
			}
		}
		begins := []string{}
		if r := w.byAddress(address); r != nil {
			begins = r.Dependencies
		}
		switch {
		case c.Action == ActionDelete:
			add(ending(address), ends, func() bool { return w.destroy(c, "") })
		case c.Action == ActionReplace && c.createsFirst:
			key := w.unusedKey(address)
			add(address, begins, func() bool { return w.createFirst(c, key) })
			add(ending(address), append(ends, address), func() bool { return w.destroy(c, key) })
		case c.Action == ActionReplace:
			add(ending(address), ends, func() bool { return w.destroy(c, "") })
			add(address, append([]string{ending(address)}, begins...), func() bool { return w.create(c) })
		case c.Action == ActionCreate:
			add(address, begins, func() bool { return w.create(c) })
		case c.Action == ActionUpdate:
			add(address, begins, func() bool { return w.update(c) })
		default:
			add(address, begins, func() bool { return true })
		}
	}
	for key, c := range w.plan.deposed {
		add(key, nil, func() bool { return w.destroy(c, key) })
	}
	return nodes
}

// unusedKey is a key for the object that the resource is about to depose.
func (w *applyWalk) unusedKey(address string) string {
	for n := 1; ; n++ {
		key := fmt.Sprintf("%s (deposed %d)", address, n)
		if w.plan.state.Deposed[key] == nil {
			return key
		}
	}
}

// destroy ends the current object of a change, or the deposed one of a key.
func (w *applyWalk) destroy(c *Change, deposed string) bool {
	set := func(o *Object) {
		w.save(func(s *State) {
			if deposed == "" {
				keep(s.Current, c.address, o)
			} else {
				keep(s.Deposed, deposed, o)
			}
		})
	}
	if c.Type == DependentType {
		set(nil)
		return true
	}
	null := Null(c.Type)
	op := &Change{address: c.address, Type: c.Type, Action: ActionDelete, Before: c.Before, deposed: deposed}
	applied := w.observer.Applying(c.address, op, null)
	a := w.process.Apply(c.Type, c.Before, null, Answer{Value: null, Private: c.Planned.Private})
	if !a.alive {
		return false
	}
	var after *Object
	if !a.Value.IsNull() {
		kept := *c.Before
		kept.Value, kept.Private, kept.Identity = a.Value, a.Private, a.Identity
		after = &kept
	}
	if (after == nil) == a.Failed() {
		w.observer.Wrong("%s: the delete ended with the errors %q and the state %s", c.address, Errors(a.Diagnostics), a.Value)
	}
	applied(after, a)
	set(after)
	return !a.Failed()
}

// createFirst puts the old object aside. It comes back when no new one comes of the create.
func (w *applyWalk) createFirst(c *Change, key string) bool {
	w.save(func(s *State) {
		s.Deposed[key] = s.Current[c.address]
		delete(s.Current, c.address)
	})
	ok := w.create(c)
	w.save(func(s *State) {
		if s.Current[c.address] == nil {
			s.Current[c.address] = s.Deposed[key]
			delete(s.Deposed, key)
		}
	})
	return ok
}

// create makes the new object of a change. What has become known since the plan is planned once more before.
func (w *applyWalk) create(c *Change) bool {
	r := w.byAddress(c.address)
	config := w.evaluate(r)
	if c.Type == DependentType {
		w.createDependent(r, config)
		return true
	}
	final, ok := w.finalPlan(c, nil, config)
	return ok && w.carryOut(c, nil, config, final)
}

func (w *applyWalk) update(c *Change) bool {
	r := w.byAddress(c.address)
	config := w.evaluate(r)
	if c.Type == DependentType {
		if !c.Before.Value.Equal(config) {
			w.createDependent(r, config)
		}
		return true
	}
	final, ok := w.finalPlan(c, c.Before, config)
	if !ok || final.Value.Equal(c.Before.Value) {
		return ok
	}
	return w.carryOut(c, c.Before, config, final)
}

// finalPlan plans again with all values known, where they were not: the plan must keep to the first one. (Core always
// plans again; the same question has the same answer.)
func (w *applyWalk) finalPlan(c *Change, prior *Object, config tftypes.Value) (Answer, bool) {
	if config.Equal(c.config) {
		return c.Planned, !w.Halted()
	}
	final := w.planned(w.process, c, prior, PrivateOf(prior), config)
	if !final.alive {
		return final, false
	}
	if final.Failed() {
		w.observer.Wrong("%s: the plan failed only at the apply: %s", c.address, Errors(final.Diagnostics))
		return final, false
	}
	if prior != nil && forcesReplacement(final.Replace, prior.Value, final.Value) {
		w.observer.Wrong("%s: an update has become a replacement at the apply", c.address)
	}
	for _, wrong := range Incompatible(c.address, c.Planned.Value, final.Value) {
		w.observer.Wrong("an inconsistent final plan: %s", wrong)
	}
	return final, !w.Halted()
}

// carryOut applies a planned create or update and keeps what comes of it, as core does.
func (w *applyWalk) carryOut(c *Change, prior *Object, config tftypes.Value, final Answer) bool {
	op := &Change{address: c.address, Type: c.Type, Action: ActionCreate, Before: prior, Planned: final}
	if prior != nil {
		op.Action = ActionUpdate
	}
	applied := w.observer.Applying(c.address, op, config)
	a := w.process.Apply(c.Type, prior, config, final)
	if !a.alive {
		return false
	}
	after := &Object{
		Type: c.Type, Value: a.Value, Private: a.Private, Identity: a.Identity,
		Tainted: a.Failed() && prior == nil, dependencies: w.byAddress(c.address).Dependencies,
	}
	switch {
	case a.Value.IsNull() && prior == nil:
		after = nil
	case a.Value.IsNull():
		w.observer.Wrong("%s: an update has lost the object", c.address)
		after = prior
	case !a.Value.IsFullyKnown():
		w.observer.Wrong("%s: unknown values after the apply: %s", c.address, a.Value)
	}
	w.checkApplied(c, final, after, a)
	applied(after, a)
	if after != nil {
		w.save(func(s *State) { s.Current[c.address] = after })
	}
	return !a.Failed()
}

func (w *applyWalk) checkApplied(c *Change, final Answer, after *Object, a Answer) {
	if after == nil {
		if !a.Failed() {
			w.observer.Wrong("%s: the create gave neither an error nor an object", c.address)
		}
		return
	}
	for _, attribute := range Schemas()[c.Type].Block.Attributes {
		if attribute.WriteOnly && !Attributes(after.Value)[attribute.Name].IsNull() {
			w.observer.Wrong("%s: the write-only %s is in state", c.address, attribute.Name)
		}
	}
	if a.Failed() {
		return
	}
	for _, wrong := range Incompatible(c.address, final.Value, after.Value) {
		w.observer.Wrong("an inconsistent result: %s", wrong)
	}
}

func (w *applyWalk) createDependent(r *ResourceConfig, runID tftypes.Value) {
	var id big.Float
	if err := runID.As(&id); err != nil {
		panic(err)
	}
	n, _ := id.Int64()
	w.observer.DependentCreated(r.Address, n)
	w.save(func(s *State) {
		s.Current[r.Address] = &Object{Type: DependentType, Value: runID, dependencies: r.Dependencies}
	})
}

// evaluate gives the arguments of a resource, with what its dependencies are now.
func (w *applyWalk) evaluate(r *ResourceConfig) tftypes.Value {
	known := map[string]map[string]tftypes.Value{}
	for address, o := range w.Saved().Current {
		if o.Type != DependentType {
			known[address] = Attributes(o.Value)
		}
	}
	return r.evaluate(known)
}
