// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"slices"
	"testing"
	"time"
)

func TestRunIDsOfSeveralServersDoNotRise(t *testing.T) {
	for servers, want := range map[int][]int64{
		0: {100_001, 100_002, 100_003, 100_004, 100_005},
		1: {100_001, 100_002, 100_003, 100_004, 100_005},
		2: {101_001, 100_001, 101_002, 100_002, 101_003},
		3: {102_001, 101_001, 100_001, 102_002, 101_002},
	} {
		o := withAgents(products())
		o.IDServers = servers
		inBubble(t, o, func(tc *testCloud) {
			var got []int64
			for range want {
				time.Sleep(time.Second)
				got = append(got, tc.startRun())
			}
			if !slices.Equal(got, want) {
				tc.t.Errorf("%d servers give %v, want %v", servers, got, want)
			}
			slices.Reverse(got)
			if list := tc.listedIDs(); !slices.Equal(list, got) {
				tc.t.Errorf("the list is %v, want %v, newest first", list, got)
			}
			if newest := tc.Runs(4711)[0]; newest.ID != want[4] || newest.Sequence != 5 {
				tc.t.Errorf("the newest is %+v", newest)
			}
		})
	}
	o := withAgents(products())
	o.IDServers = 2
	inBubble(t, o, func(tc *testCloud) { // beyond the first blocks
		ids := tc.AddFinishedRuns(4711, 4100, Completed)
		if ids[1998] != 102_000 || ids[2000] != 103_001 || ids[2001] != 102_001 {
			tc.t.Errorf("the blocks are %v", ids[1998:2002])
		}
		slices.Sort(ids)
		if len(slices.Compact(ids)) != 4100 {
			tc.t.Error("an id occurs twice")
		}
	})
}

func TestListPutsRunsOfThePastBehindNewerOnes(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		first := tc.startRun()
		past := tc.AddFinishedRuns(4711, 2, Completed)
		last := tc.startRun()
		if got := tc.listedIDs(); !slices.Equal(got, []int64{last, first, past[1], past[0]}) {
			tc.t.Errorf("the list is %v", got)
		}
	})
}
