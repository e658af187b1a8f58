package provider_test

import (
	"maps"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// action is what a plan does with an object.
type action string

const (
	actionNone    action = "nothing"
	actionCreate  action = "create"
	actionUpdate  action = "update"
	actionReplace action = "replace"
	actionDelete  action = "delete"
)

// change is one planned change.
type change struct {
	address string
	typ     string
	action  action
	before  *object
	planned answer
	config  tftypes.Value // that was planned for
	// forced: -replace asks for it.
	forced bool
	// createsFirst: of a replacement, the new object comes before the end of the old one.
	createsFirst bool
	// deposed is the key of a deposed object that is to end; "": it is the current one.
	deposed string
}

// corePlan is a plan, and the state as the refresh found it.
type corePlan struct {
	state   *coreState
	changes map[string]*change
	deposed map[string]*change
}

// planMode says what a plan is for.
type planMode struct {
	destroy   bool
	noRefresh bool            // -refresh=false
	replace   map[string]bool // -replace
}

// planWalk is the making of a plan.
type planWalk struct {
	*command
	plugin *plugin
	mode   planMode

	mu    sync.Mutex
	plan  *corePlan
	known map[string]map[string]tftypes.Value // by address: the attributes as planned, for those who refer to them
}

// makePlan is terraform plan. ok is false when anything failed or was halted.
func (c *command) makePlan(mode planMode) (plan *corePlan, ok bool) {
	p := c.walk()
	if p == nil {
		return nil, false
	}
	w := &planWalk{command: c, plugin: p, mode: mode, known: map[string]map[string]tftypes.Value{}}
	w.plan = &corePlan{state: c.saved().clone(), changes: map[string]*change{}, deposed: map[string]*change{}}
	nodes := map[string]*node{}
	for _, r := range c.config {
		nodes[r.address] = &node{needs: r.dependencies, do: func() bool { return w.configured(r) }}
	}
	for address, o := range w.plan.state.current {
		if c.byAddress(address) == nil || mode.destroy {
			nodes[address] = &node{do: func() bool { return w.unwanted(address, o) }}
		}
	}
	for key, o := range w.plan.state.deposed {
		nodes[key] = &node{do: func() bool { return w.deposed(key, o) }}
	}
	ok = c.visit(nodes)
	return w.plan, ok
}

// refresh is terraform refresh.
func (c *command) refresh() bool {
	p, ok := c.makePlan(planMode{})
	if ok {
		c.save(func(s *coreState) { *s = *p.state.clone() })
	}
	return ok
}

// configured plans a resource that has a configuration.
func (w *planWalk) configured(r *resourceConfig) bool {
	prior := w.object(r.address)
	if w.mode.destroy && prior == nil {
		return true
	}
	config := w.evaluate(r)
	if r.typ == dependentType {
		w.dependent(r, prior, config)
		return true
	}
	if !w.isValid(r, config) {
		return false
	}
	if prior != nil && !w.mode.noRefresh {
		var a answer
		if prior, a = w.refreshed(r.address, prior); a.failed() {
			return false
		}
		w.set(func() { keep(w.plan.state.current, r.address, prior) })
	}
	c, a := w.change(r, prior, config)
	if !a.alive {
		return false
	}
	w.observer.planned(r.address, prior, config, c, a)
	if a.failed() {
		return false
	}
	w.set(func() {
		w.plan.changes[r.address] = c
		w.known[r.address] = attributes(c.planned.value)
	})
	return true
}

// isValid has the provider check a configuration, unless it has done so already.
func (w *planWalk) isValid(r *resourceConfig, config tftypes.Value) bool {
	w.core.mu.Lock()
	done := config.Equal(w.validated[r.address])
	w.core.mu.Unlock()
	if done {
		return true
	}
	a := w.plugin.validate(r.typ, config)
	if !a.alive {
		return false
	}
	w.observer.checked(r.address, a)
	w.core.mu.Lock()
	defer w.core.mu.Unlock()
	w.validated[r.address] = config
	return !a.failed()
}

// unwanted plans the end of an object that has no configuration any more, or is to be destroyed.
func (w *planWalk) unwanted(address string, o *object) bool {
	c := &change{address: address, typ: o.typ, action: actionDelete, before: o}
	if o.typ == dependentType {
		w.set(func() { w.plan.changes[address] = c })
		return true
	}
	if !w.mode.noRefresh {
		var a answer
		if c.before, a = w.refreshed(address, o); a.failed() {
			return false
		}
		w.set(func() { keep(w.plan.state.current, address, c.before) })
	}
	if c.before == nil || !w.end(c) {
		return c.before == nil
	}
	w.set(func() { w.plan.changes[address] = c })
	return true
}

// deposed plans the end of an object that a replacement left behind.
func (w *planWalk) deposed(key string, o *object) bool {
	after, a := w.refreshed(key, o)
	if a.failed() {
		return false
	}
	w.set(func() { keep(w.plan.state.deposed, key, after) })
	c := &change{address: key, typ: o.typ, action: actionDelete, before: after, deposed: key}
	if after == nil || !w.end(c) {
		return after == nil
	}
	w.set(func() { w.plan.deposed[key] = c })
	return true
}

// end has the provider plan the end of an object.
func (w *planWalk) end(c *change) bool {
	null := nullObject(c.typ)
	c.planned = w.plugin.plan(c.typ, c.before, c.before.private, null, null)
	if c.planned.alive {
		w.observer.planned(c.address, c.before, null, c, c.planned)
	}
	return !c.planned.failed()
}

// keep stores an object, or forgets it when it is nil.
func keep(objects map[string]*object, key string, o *object) {
	if o == nil {
		delete(objects, key)
		return
	}
	objects[key] = o
}

// refreshed reads an object; nil: it is gone.
func (w *planWalk) refreshed(address string, o *object) (*object, answer) {
	a := w.plugin.read(o)
	if !a.alive {
		return o, a
	}
	after := *o
	after.value, after.private, after.identity = a.value, a.private, a.identity
	if a.value.IsNull() {
		w.observer.refreshed(address, o, nil, a)
		return nil, a
	}
	w.observer.refreshed(address, o, &after, a)
	return &after, a
}

// change plans what becomes of a configured resource, by core's rules for taint and replacement.
func (w *planWalk) change(r *resourceConfig, prior *object, config tftypes.Value) (*change, answer) {
	c := &change{address: r.address, typ: r.typ, before: prior, forced: w.mode.replace[r.address], createsFirst: w.createsFirst(r.address)}
	live := prior
	if prior != nil && prior.tainted {
		live = nil
	}
	c.config = config
	c.planned = w.planned(w.plugin, c, live, private(live), config)
	switch {
	case c.planned.failed():
	case prior == nil:
		c.action = actionCreate
	case live == nil:
		c.action = actionReplace
	case c.forced || forcesReplacement(c.planned.replace, prior.value, c.planned.value):
		c.action = actionReplace
		first := c.planned
		c.planned = w.planned(w.plugin, c, nil, first.private, config)
		c.planned.diagnostics = append(first.diagnostics, c.planned.diagnostics...)
	case c.planned.value.Equal(prior.value):
		c.action = actionNone
	default:
		c.action = actionUpdate
	}
	return c, c.planned
}

func private(o *object) []byte {
	if o == nil {
		return nil
	}
	return o.private
}

// planned asks the provider what becomes of prior, nil for a create, and holds the answer to core's rules.
func (c *command) planned(p *plugin, of *change, prior *object, private []byte, config tftypes.Value) answer {
	schema, before := protocolSchemas()[of.typ], nullObject(of.typ)
	if prior != nil {
		before = prior.value
	}
	a := p.plan(of.typ, prior, private, config, proposedNew(schema, before, config))
	if !a.failed() {
		for _, wrong := range invalidPlan(schema, before, config, a.value) {
			c.observer.wrong("%s: an invalid plan: %s", of.address, wrong)
		}
	}
	return a
}

// dependent plans the core's own kind of resource.
func (w *planWalk) dependent(r *resourceConfig, prior *object, config tftypes.Value) {
	c := &change{address: r.address, typ: dependentType, before: prior, planned: answer{value: config}}
	switch {
	case prior == nil:
		c.action = actionCreate
	case prior.value.Equal(config):
		c.action = actionNone
	default:
		c.action = actionUpdate
	}
	w.set(func() { w.plan.changes[r.address] = c })
}

func (w *planWalk) object(address string) *object {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.plan.state.current[address]
}

func (w *planWalk) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// evaluate gives the arguments of a resource, with what its dependencies are planned to be.
func (w *planWalk) evaluate(r *resourceConfig) tftypes.Value {
	w.mu.Lock()
	known := maps.Clone(w.known)
	w.mu.Unlock()
	return r.evaluate(known)
}

func (r *resourceConfig) evaluate(known map[string]map[string]tftypes.Value) tftypes.Value {
	values := r.values(func(address, attribute string) tftypes.Value { return known[address][attribute] })
	if r.typ == dependentType {
		return values["run_id"]
	}
	return objectOf(protocolSchemas()[r.typ], values)
}
