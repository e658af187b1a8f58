package run

import "github.com/sequentum/terraform-provider-sequentum/internal/sequentum"

// askEach asks for each run by itself, side by side, and reports whether all had a good answer. It does not wait long
// for one that hangs: that question goes on while the watcher looks at the other runs.
func (w *watcher) askEach(waits []*wait) (answered bool) {
	answers := make(chan bool, len(waits))
	asked := 0
	for _, each := range waits {
		if w.beginQuestion(each) {
			asked++
			go func() { answers <- w.ask(each) }()
		}
	}
	answered = asked == len(waits)
	patience := w.agent.m.clock.After(questionPatience)
	for range asked {
		select {
		case good := <-answers:
			answered = answered && good
		case <-patience:
			return false
		}
	}
	return answered
}

// beginQuestion reports whether a run is to be asked for: nobody has finished waiting for it, and no earlier question
// about it is under way.
func (w *watcher) beginQuestion(each *wait) bool {
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	if each.asking || each.ended || !w.waits[each] {
		return false
	}
	each.asking = true
	return true
}

func (w *watcher) ask(each *wait) (good bool) {
	defer func() {
		w.agent.mu.Lock()
		defer w.agent.mu.Unlock()
		each.asking = false
	}()
	defer sequentum.Recover(func(p *sequentum.PanicError) { w.lookFailed([]*wait{each}, p) })
	r, err := w.agent.status(w.ctx, each.runID)
	if err != nil {
		w.lookFailed([]*wait{each}, err)
		return false
	}
	w.show(each, r)
	return true
}

// show passes on what a look showed, and ends the wait when its run has finished.
func (w *watcher) show(each *wait, r *sequentum.Run) {
	w.agent.noteRun(r)
	if !w.update(each, r) {
		return
	}
	message := "the run's status changed"
	if !r.Status.Known() {
		message = "the run has a status that this provider does not know: it counts as active"
	}
	each.log(each.ctx, message, map[string]any{"agent_id": r.AgentID, "run_id": r.ID, "status": r.Status.String()})
}

// update reports whether the run's status is a new one.
func (w *watcher) update(each *wait, r *sequentum.Run) bool {
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	if each.ended {
		return false
	}
	changed := each.last == nil || each.last.Status != r.Status
	each.last, each.seen, each.failure, each.refusals = r, w.agent.m.clock.Now(), nil, confirmation{}
	if r.Status.Finished() {
		each.end(nil)
	}
	return changed
}

// lookFailed passes on a look that failed. Only what is confirmed ends a wait: that access is refused, that the API
// does not know the run, or that no answer will ever be a good one. An outage is waited out.
func (w *watcher) lookFailed(waits []*wait, err error) {
	if w.ctx.Err() != nil {
		return
	}
	for _, each := range waits {
		if w.fail(each, err) {
			each.log(each.ctx, "a look at the run failed", map[string]any{"agent_id": w.agent.id, "run_id": each.runID, "error": err.Error()})
		}
	}
}

// fail passes a failed look on to a wait, and reports whether the wait had not ended before.
func (w *watcher) fail(each *wait, err error) bool {
	w.agent.mu.Lock()
	defer w.agent.mu.Unlock()
	if each.ended {
		return false
	}
	each.failure = err
	if each.refusals.add(w.agent.m.clock.Now(), err) {
		each.end(each.refusals.conclusion())
	}
	return true
}
