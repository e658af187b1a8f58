// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import "github.com/sequentum/terraform-provider-sequentum/internal/sequentum"

// askForEach requests the status of single runs, side by side, and reports whether all had a good answer. It requests at most
// questionsAtOnce of them, those in first before those in later, and at least one of each. The rest has its turn at a later
// look. A question that hangs stays open while the watcher continues.
func (w *watcher) askForEach(first, later []*wait) (answered bool) {
	limit := w.questionsAtOnce()
	begun := w.agent.waits.beginQuestions(first, limit)
	begun = append(begun, w.agent.waits.beginQuestions(later, max(1, limit-len(begun)))...)
	answers := make(chan bool, len(begun))
	for _, each := range begun {
		go func() { answers <- w.askStatus(each) }()
	}
	answered = len(begun) == len(first)+len(later)
	patience := w.agent.clock.After(questionPatience)
	for range begun {
		select {
		case good := <-answers:
			answered = answered && good
		case <-patience:
			return false
		}
	}
	return answered
}

// questionsAtOnce is how many single runs one look may request: what this watcher may send in one interval plus
// questionPatience, minus one for the next list. More would delay that list and other watchers.
func (w *watcher) questionsAtOnce() int {
	perRequest := w.agent.client.Budget().PollInterval(0)
	return max(1, int((w.interval(1)+questionPatience)/perRequest)-1)
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
