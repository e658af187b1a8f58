package provider_test

import (
	"fmt"
	"os"
	"testing"
	"testing/synctest"
)

// The randomized test plays random sequences of commands, faults, interrupts and kills on random configurations, in
// simulated time: an hour of waiting takes milliseconds. After everything that happens it compares what the provider
// says with what is true. A seed decides the sequence.
//
// Who plays what:
//
//   - protocol_*_test.go play Terraform: plan, apply, refresh, destroy, import, taint, Ctrl-C and kill -9, through the
//     provider's protocol and by the rules of Terraform's core. Each walk of a command is a provider process of its own.
//   - internal/simulator plays Sequentum Cloud. random_cloud_test.go draws its agents, its faults, and what strangers do
//     to it meanwhile: they start runs, end them, restart them, archive them, remove them.
//   - random_odd_test.go draws the oddities of a sequence: a single 401, a firewall's page, errors without a shape, ids
//     that do not rise, elements of lists and headers that make no sense. Each sequence has few of them or none, so that
//     each is seen alone and beside others. A quarter of the sequences runs over real HTTP/2, another over HTTP/1.1.
//   - random_config_test.go draws the configuration, and random_steps_test.go the user, who changes it and gives the
//     commands. random_settle_test.go ends a sequence: nothing goes wrong any more, an apply must succeed, the plan after
//     it be empty, and the destroy leave nothing running.
//   - random_tap_test.go listens between the provider and the cloud. It marks each start with the process that sent it,
//     so that every run is known by the create that asked for it (its origin), and notes every look at a run.
//   - random_world_test.go puts them together, and keeps what is known of a sequence.
//   - The observer is the rest: random_observer_test.go judges what is refreshed and planned, random_applied_test.go what
//     is applied, random_looks_test.go whether enough answers agreed before something was given up, and
//     random_accounts_test.go whether each accepted run is in state or was named to the user. What nobody could know is
//     excused, and the history says so: a run of a create that was killed, or that its error leaves open.
//
// How to read a failure: it names what must never happen, with the time at which it did. Below stands the whole
// sequence: the oddities, the agents, each command with what it planned and said, and "WRONG" where the problem showed.
// Look first at what the provider could know by then. Several problems are mostly one and what follows from it.
//
// How to repeat one, and how to play many:
//
//	SEQUENTUM_TEST_SEEDS=17 go test -count=5 -v -run '^TestRandomSequences$' ./internal/provider
//	make soak SOAK=1h
//
// The provider draws its own jitter, and goroutines their order, so that a seed that failed may need a few tries (-count)
// to fail again. -v prints the sequence also when it passes.

// seedsVariable names the seeds to play, as "17" or "1-5000".
const seedsVariable = "SEQUENTUM_TEST_SEEDS"

const defaultSeeds = "1-300"

func TestRandomSequences(t *testing.T) {
	first, last := seeds(t)
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

func seeds(t *testing.T) (first, last uint64) {
	given := os.Getenv(seedsVariable)
	if given == "" {
		given = defaultSeeds
	}
	if _, err := fmt.Sscanf(given, "%d-%d", &first, &last); err == nil {
		return first, last
	}
	if _, err := fmt.Sscanf(given, "%d", &first); err != nil {
		t.Fatalf("%s is %q: neither a seed nor a range of seeds such as %s", seedsVariable, given, defaultSeeds)
	}
	return first, first
}
