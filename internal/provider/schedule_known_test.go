// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Creates of names that a look cannot tell apart go one at a time, and whoever waits for nothing hears what it waited for.
func TestTurnsOfScheduleCreates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := (&scheduleBook{agents: map[int64]*knownSchedules{}}).knownOf(4711)
		giveBack, err := k.takeTurn(t.Context(), "Nightly")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := k.takeTurn(ctx, "Weekly"); err != nil {
			t.Error(err)
		}
		for _, name := range []string{"Nightly", " NIGHTLY "} {
			const want = "context deadline exceeded while waiting for an earlier create of a schedule of this name"
			if _, err := k.takeTurn(ctx, name); err == nil || err.Error() != want {
				t.Errorf("%q: %v, want %s", name, err, want)
			}
		}
		giveBack()
		if _, err := k.takeTurn(t.Context(), "nightly"); err != nil {
			t.Error(err)
		}
	})
}

// Names are told apart in the turns as in the search.
func TestScheduleNameKey(t *testing.T) {
	for _, pair := range [][2]string{{"Nightly", " nightly\n"}, {"STRASSE ſ", "strasse S"}, {"É", "é"}} {
		if !sameName(pair[0], pair[1]) {
			t.Errorf("%q and %q are not the same", pair[0], pair[1])
		}
	}
	if sameName("Nightly a", "Nightly  a") {
		t.Error("spaces within a name do not count")
	}
}
