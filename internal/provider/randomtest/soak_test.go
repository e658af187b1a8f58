// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// The variables of a soak: how long it plays, by the clock on the wall, and its first seed.
const (
	soakVariable     = "SEQUENTUM_SOAK"
	soakSeedVariable = "SEQUENTUM_SOAK_SEED"
)

// worldsGrowth is how much the heap of the test process may grow, in bytes, from the first world to the last. Each world is
// forgotten at its end, and has had hundreds of provider processes: what remains is what they have left behind.
const worldsGrowth = 4 * mebibyte

// soakLength is the length of a world.
type soakLength struct {
	days int
	wait waitLength
}

var (
	shortSoak  = soakLength{days: 3, wait: waitLength{rounds: 2, round: 3 * time.Hour}}
	shortSeeds = []uint64{1}
	longSoak   = soakLength{days: 30, wait: waitLength{rounds: 5, round: day}}
)

// TestSoak plays one world after the other until the time is over. Without SEQUENTUM_SOAK it plays a few days for the
// short seeds, so that the soak itself is tested.
func TestSoak(t *testing.T) {
	core.Schemas() // outside of any bubble
	figures := &soakFigures{}
	given := os.Getenv(soakVariable)
	if given == "" {
		for _, seed := range shortSeeds {
			playSoak(t, seed, shortSoak, figures)
		}
		t.Log("\n" + figures.String())
		return
	}
	length, err := time.ParseDuration(given)
	if err != nil {
		t.Fatalf("%s: %v", soakVariable, err)
	}
	var seed uint64
	if _, err := fmt.Sscan(os.Getenv(soakSeedVariable), &seed); err != nil {
		t.Fatalf("%s is not a seed: %v", soakSeedVariable, err)
	}
	first, begun := seed, time.Now()
	defer time.AfterFunc(length, func() { figures.over.Store(true) }).Stop()
	for played := time.Duration(0); !t.Failed() && (played == 0 || played < length); seed++ {
		playSoak(t, seed, longSoak, figures)
		played = time.Since(begun)
		t.Logf("seed %d: %v of %v, heap %s", seed, played.Round(time.Second), length, inMiB(figures.worlds[len(figures.worlds)-1]))
	}
	table := fmt.Sprintf("A soak of %.0f minutes, from seed %d to seed %d:\n\n%v", time.Since(begun).Minutes(), first, seed-1, figures)
	t.Log("\n" + table)
	figures.judgeMemory(t)
	if folder := os.Getenv("MEASURED"); folder != "" && !t.Failed() {
		if err := os.WriteFile(filepath.Join(folder, "soak.md"), []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// playSoak plays the world of a seed, and one process that waits for weeks, each in a bubble of its own.
func playSoak(t *testing.T, seed uint64, length soakLength, figures *soakFigures) {
	ok := t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newSoakWorld(t, seed, figures)
			defer w.printHistory()
			w.month(time.Duration(length.days) * day)
			w.countRuns()
		})
		synctest.Test(t, func(t *testing.T) { playLongWait(t, seed, length.wait, figures) })
	})
	if !ok {
		t.Logf("To repeat it (perhaps it takes a few tries): make soak SEED=%d", seed)
	}
	figures.worlds = append(figures.worlds, heapInUse())
}

// judgeMemory: the worlds leave nothing behind.
func (f *soakFigures) judgeMemory(t *testing.T) {
	first, last := f.worlds[0], f.worlds[len(f.worlds)-1]
	if last > first+worldsGrowth {
		t.Errorf("the heap has grown from %s after the first world to %s after the last", inMiB(first), inMiB(last))
		return
	}
	t.Logf("memory is flat: %s after the first world, %s after the last (at most %s more are allowed)", inMiB(first), inMiB(last), inMiB(worldsGrowth))
}
