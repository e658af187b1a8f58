// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"testing"
	"testing/synctest"
	"time"
)

// A rate that leaves a watcher hardly any request is believed when two answers in a row give it. Any other rate applies at
// once.
func TestBudgetDoubtsARateThatStarves(t *testing.T) {
	const limit, window = "X-RateLimit-Limit", "X-RateLimit-Window-Seconds"
	for name, test := range map[string]struct {
		said [][2]string // limit and window of each answer, in order; empty: the answer lacks the header
		want int         // how many requests can be sent at once
	}{
		"once":                              {[][2]string{{"1", ""}}, 100},
		"twice":                             {[][2]string{{"1", ""}, {"1", ""}}, 1},
		"twice, with a good one in between": {[][2]string{{"1", ""}, {"50", ""}, {"1", ""}}, 50},
		"two that differ":                   {[][2]string{{"1", ""}, {"2", ""}}, 100},
		"two that differ, in turn":          {[][2]string{{"1", ""}, {"2", ""}, {"1", ""}, {"2", ""}}, 100},
		"again, once it is believed":        {[][2]string{{"1", ""}, {"1", ""}, {"1", ""}, {"2", ""}, {"1", ""}}, 1},
		"believed again from the start":     {[][2]string{{"1", ""}, {"1", ""}, {"50", ""}, {"1", ""}}, 50},
		"a window of a day":                 {[][2]string{{"20", "86400"}}, 100},
		"a window of a day, twice":          {[][2]string{{"20", "86400"}, {"20", "86400"}}, 20},
		"just enough":                       {[][2]string{{"6", ""}}, 6},
		"just too little":                   {[][2]string{{"5", ""}}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBudget(nil, 0)
				for _, said := range test.said {
					h := header()
					if said[0] != "" {
						h.Set(limit, said[0])
					}
					if said[1] != "" {
						h.Set(window, said[1])
					}
					b.observeAnswer(h, 200)
				}
				if got := spendSlots(t, b, PriorityControl, 300); got != test.want {
					t.Errorf("%d requests at once, expected %d", got, test.want)
				}
				time.Sleep(time.Second)
			})
		})
	}
}
