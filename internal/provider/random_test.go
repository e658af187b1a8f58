package provider_test

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"
)

// seedsVariable names the seeds to try, as "17" or "1-5000". The provider draws its own jitter, and goroutines their
// order, so that a seed that failed once may take several tries (-count) to fail again.
const seedsVariable = "SEQUENTUM_TEST_SEEDS"

const defaultSeeds = "1-200"

// TestRandomSequences plays random sequences of faults, interrupts, kills and commands on random configurations, and
// holds what must be true whatever happens against state, cloud and all that was said.
func TestRandomSequences(t *testing.T) {
	seeds := os.Getenv(seedsVariable)
	if seeds == "" {
		seeds = defaultSeeds
	}
	var first, last uint64
	if _, err := fmt.Sscanf(seeds, "%d-%d", &first, &last); err != nil {
		if _, err := fmt.Sscanf(seeds, "%d", &first); err != nil {
			t.Fatalf("%s is %q: neither a seed nor a range of seeds such as %s", seedsVariable, seeds, defaultSeeds)
		}
		last = first
	}
	protocolSchemas() // outside of any bubble
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, seed)
				defer w.tell()
				for range 2 + w.rng.IntN(6) {
					w.step()
				}
				w.settle()
				w.end()
			})
		})
	}
}
