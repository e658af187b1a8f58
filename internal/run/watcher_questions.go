// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import "github.com/sequentum/terraform-provider-sequentum/internal/sequentum"

// askForEach asks for each run by itself, side by side, and reports whether all had a good answer. It does not wait
// long for a question that hangs: it stays open while the watcher looks at the other runs.
func (w *watcher) askForEach(waits []*wait) (answered bool) {
	answers := make(chan bool, len(waits))
	asked := 0
	for _, each := range waits {
		if w.agent.waits.beginQuestion(each) {
			asked++
			go func() { answers <- w.askStatus(each) }()
		}
	}
	answered = asked == len(waits)
	patience := w.agent.clock.After(questionPatience)
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

// askStatus asks for one run by itself, records the answer, and reports whether it was a good one.
func (w *watcher) askStatus(each *wait) (good bool) {
	defer w.agent.waits.endQuestion(each)
	defer sequentum.Recover(func(p *sequentum.PanicError) { w.recordFailure([]*wait{each}, p) })
	r, err := w.agent.status(w.ctx, each.ref.RunID)
	if err != nil {
		w.recordFailure([]*wait{each}, err)
		return false
	}
	w.recordRun(each, r)
	return true
}
