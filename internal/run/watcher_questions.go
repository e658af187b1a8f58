// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import "github.com/sequentum/terraform-provider-sequentum/internal/sequentum"

// askForEach asks for each run by itself, side by side, and reports whether all had a good answer. It asks for no more of
// them than questionsAtOnce, and first for the urgent ones: the others have their turn at a later look. It does not wait
// long for a question that hangs: it stays open while the watcher looks at the other runs.
func (w *watcher) askForEach(urgent, others []*wait) (answered bool) {
	limit := w.questionsAtOnce()
	begun := w.agent.waits.beginQuestions(urgent, limit)
	begun = append(begun, w.agent.waits.beginQuestions(others, max(1, limit-len(begun)))...)
	answers := make(chan bool, len(begun))
	for _, each := range begun {
		go func() { answers <- w.askStatus(each) }()
	}
	answered = len(begun) == len(urgent)+len(others)
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

// questionsAtOnce is how many runs a look may ask for by themselves: as many as this watcher's part of the budget allows
// until the look after the next list. With more, the next list, and the looks of other watchers, would wait behind them.
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
