// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// seedsVariable names the seeds to play, as "17" or "1-5000".
const seedsVariable = "SEQUENTUM_TEST_SEEDS"

// The seeds that are played when none are named. With the race detector, each row takes about a minute on two cores.
const (
	defaultSeeds         = "1-300"
	defaultScheduleSeeds = "1-200"
)

func TestRandomSequences(t *testing.T) {
	playSeeds(t, defaultSeeds, func(t *testing.T, seed uint64) {
		s := newSequence(t, seed)
		defer s.printHistory()
		for range 2 + s.rng.IntN(6) {
			s.step()
		}
		s.settle()
		s.destroyAll()
	})
}

func TestRandomSchedules(t *testing.T) {
	playSeeds(t, defaultScheduleSeeds, func(t *testing.T, seed uint64) {
		s := newScheduleSequence(t, seed)
		defer s.printHistory()
		for range 3 + s.rng.IntN(8) {
			s.step()
		}
		s.settle()
		s.destroyAll()
	})
}

// playSeeds plays each seed in a bubble of its own.
func playSeeds(t *testing.T, byDefault string, play func(t *testing.T, seed uint64)) {
	first, last := seeds(t, byDefault)
	core.Schemas() // outside of any bubble
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { play(t, seed) })
		})
	}
}

func seeds(t *testing.T, byDefault string) (first, last uint64) {
	given := os.Getenv(seedsVariable)
	if given == "" {
		given = byDefault
	}
	if _, err := fmt.Sscanf(given, "%d-%d", &first, &last); err == nil {
		return first, last
	}
	if _, err := fmt.Sscanf(given, "%d", &first); err != nil {
		t.Fatalf("%s is %q: neither a seed nor a range of seeds such as %s", seedsVariable, given, byDefault)
	}
	return first, first
}
