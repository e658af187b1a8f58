package provider_test

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// applyWalk is the carrying out of a plan.
type applyWalk struct {
	*command
	plugin *plugin
	plan   *corePlan
}

// apply is terraform apply, or destroy: a plan, and its carrying out in a process of its own.
func (c *command) apply(mode planMode) (ok bool) {
	plan, ok := c.makePlan(mode)
	if !ok {
		return false
	}
	p := c.walk()
	if p == nil {
		return false
	}
	// What the refresh found reaches the state file with the first change, or at the end.
	work := &command{
		core: &core{observer: c.observer, ctx: c.core.ctx, network: c.network, config: c.config, state: plan.state.clone()},
		ctx:  c.ctx, stopped: c.stopped, killed: c.killed,
	}
	w := &applyWalk{command: work, plugin: p, plan: plan}
	persist := func() {
		if !isClosed(c.killed) {
			c.save(func(s *coreState) { *s = *work.saved().clone() })
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
	for address, c := range w.plan.changes {
		var ends []string
		for _, other := range w.dependents(w.plan.state, address) {
			ends = append(ends, ending(other))
			if c.createsFirst {
				ends = append(ends, other)
			}
		}
		begins := []string{}
		if r := w.byAddress(address); r != nil {
			begins = r.dependencies
		}
		switch {
		case c.action == actionDelete:
			add(ending(address), ends, func() bool { return w.destroy(c, "") })
		case c.action == actionReplace && c.createsFirst:
			key := w.unusedKey(address)
			add(address, begins, func() bool { return w.createFirst(c, key) })
			add(ending(address), append(ends, address), func() bool { return w.destroy(c, key) })
		case c.action == actionReplace:
			add(ending(address), ends, func() bool { return w.destroy(c, "") })
			add(address, append([]string{ending(address)}, begins...), func() bool { return w.create(c) })
		case c.action == actionCreate:
			add(address, begins, func() bool { return w.create(c) })
		case c.action == actionUpdate:
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
		if w.plan.state.deposed[key] == nil {
			return key
		}
	}
}

// destroy ends the current object of a change, or the deposed one of a key.
func (w *applyWalk) destroy(c *change, deposed string) bool {
	set := func(o *object) {
		w.save(func(s *coreState) {
			if deposed == "" {
				keep(s.current, c.address, o)
			} else {
				keep(s.deposed, deposed, o)
			}
		})
	}
	if c.typ == dependentType {
		set(nil)
		return true
	}
	null := nullObject(c.typ)
	op := &change{address: c.address, typ: c.typ, action: actionDelete, before: c.before, deposed: deposed}
	applied := w.observer.applying(c.address, op, null)
	a := w.plugin.apply(c.typ, c.before, null, answer{value: null, private: c.planned.private})
	if !a.alive {
		return false
	}
	var after *object
	if !a.value.IsNull() {
		kept := *c.before
		kept.value, kept.private, kept.identity = a.value, a.private, a.identity
		after = &kept
	}
	if (after == nil) == a.failed() {
		w.observer.wrong("%s: the delete ended with the errors %q and the state %s", c.address, problems(a.diagnostics), a.value)
	}
	applied(after, a)
	set(after)
	return !a.failed()
}

// createFirst puts the old object aside. It comes back when no new one comes of the create.
func (w *applyWalk) createFirst(c *change, key string) bool {
	w.save(func(s *coreState) {
		s.deposed[key] = s.current[c.address]
		delete(s.current, c.address)
	})
	ok := w.create(c)
	w.save(func(s *coreState) {
		if s.current[c.address] == nil {
			s.current[c.address] = s.deposed[key]
			delete(s.deposed, key)
		}
	})
	return ok
}

// create makes the new object of a change. What has become known since the plan is planned once more before.
func (w *applyWalk) create(c *change) bool {
	r := w.byAddress(c.address)
	config := w.evaluate(r)
	if c.typ == dependentType {
		w.createDependent(r, config)
		return true
	}
	final, ok := w.finalPlan(c, nil, config)
	return ok && w.carryOut(c, nil, config, final)
}

func (w *applyWalk) update(c *change) bool {
	r := w.byAddress(c.address)
	config := w.evaluate(r)
	if c.typ == dependentType {
		if !c.before.value.Equal(config) {
			w.createDependent(r, config)
		}
		return true
	}
	final, ok := w.finalPlan(c, c.before, config)
	if !ok || final.value.Equal(c.before.value) {
		return ok
	}
	return w.carryOut(c, c.before, config, final)
}

// finalPlan plans again with all values known, where they were not: the plan must keep to the first one. (Core always
// plans again; the same question has the same answer.)
func (w *applyWalk) finalPlan(c *change, prior *object, config tftypes.Value) (answer, bool) {
	if config.Equal(c.config) {
		return c.planned, !w.halted()
	}
	final := w.planned(w.plugin, c, prior, private(prior), config)
	if !final.alive {
		return final, false
	}
	if final.failed() {
		w.observer.wrong("%s: the plan failed only at the apply: %s", c.address, problems(final.diagnostics))
		return final, false
	}
	if prior != nil && forcesReplacement(final.replace, prior.value, final.value) {
		w.observer.wrong("%s: an update has become a replacement at the apply", c.address)
	}
	for _, wrong := range incompatible(c.address, c.planned.value, final.value) {
		w.observer.wrong("an inconsistent final plan: %s", wrong)
	}
	return final, !w.halted()
}

// carryOut applies a planned create or update and keeps what comes of it, as core does.
func (w *applyWalk) carryOut(c *change, prior *object, config tftypes.Value, final answer) bool {
	op := &change{address: c.address, typ: c.typ, action: actionCreate, before: prior, planned: final}
	if prior != nil {
		op.action = actionUpdate
	}
	applied := w.observer.applying(c.address, op, config)
	a := w.plugin.apply(c.typ, prior, config, final)
	if !a.alive {
		return false
	}
	after := &object{
		typ: c.typ, value: a.value, private: a.private, identity: a.identity,
		tainted: a.failed() && prior == nil, dependencies: w.byAddress(c.address).dependencies,
	}
	switch {
	case a.value.IsNull() && prior == nil:
		after = nil
	case a.value.IsNull():
		w.observer.wrong("%s: an update has lost the object", c.address)
		after = prior
	case !a.value.IsFullyKnown():
		w.observer.wrong("%s: unknown values after the apply: %s", c.address, a.value)
	}
	w.checkApplied(c, final, after, a)
	applied(after, a)
	if after != nil {
		w.save(func(s *coreState) { s.current[c.address] = after })
	}
	return !a.failed()
}

func (w *applyWalk) checkApplied(c *change, final answer, after *object, a answer) {
	if after == nil {
		if !a.failed() {
			w.observer.wrong("%s: the create gave neither an error nor an object", c.address)
		}
		return
	}
	for _, attribute := range protocolSchemas()[c.typ].Block.Attributes {
		if attribute.WriteOnly && !attributes(after.value)[attribute.Name].IsNull() {
			w.observer.wrong("%s: the write-only %s is in state", c.address, attribute.Name)
		}
	}
	if a.failed() {
		return
	}
	for _, wrong := range incompatible(c.address, final.value, after.value) {
		w.observer.wrong("an inconsistent result: %s", wrong)
	}
}

func (w *applyWalk) createDependent(r *resourceConfig, runID tftypes.Value) {
	var id big.Float
	if err := runID.As(&id); err != nil {
		panic(err)
	}
	n, _ := id.Int64()
	w.observer.dependentCreated(r.address, n)
	w.save(func(s *coreState) {
		s.current[r.address] = &object{typ: dependentType, value: runID, dependencies: r.dependencies}
	})
}

// evaluate gives the arguments of a resource, with what its dependencies are now.
func (w *applyWalk) evaluate(r *resourceConfig) tftypes.Value {
	known := map[string]map[string]tftypes.Value{}
	for address, o := range w.saved().current {
		if o.typ != dependentType {
			known[address] = attributes(o.value)
		}
	}
	return r.evaluate(known)
}
