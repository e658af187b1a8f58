package simulator

import (
	"slices"
	"testing"
	"time"
)

// listedIDs are those of the agent's list of runs, as it stands.
func (tc *testCloud) listedIDs() (ids []int64) {
	tc.t.Helper()
	for _, r := range tc.jsonList(tc.send("GET", "/agent/4711/runs", "")) {
		ids = append(ids, int64(r["id"].(float64)))
	}
	return ids
}

func TestIDsDoNotRise(t *testing.T) {
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
	inBubble(t, o, func(tc *testCloud) { // the blocks that follow
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

func TestRunsOfThePastStandBehind(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		first := tc.startRun()
		past := tc.AddFinishedRuns(4711, 2, Completed)
		last := tc.startRun()
		if got := tc.listedIDs(); !slices.Equal(got, []int64{last, first, past[1], past[0]}) {
			tc.t.Errorf("the list is %v", got)
		}
	})
}

func TestSiblingsThatReportNothing(t *testing.T) {
	for siblings, want := range map[Siblings]any{SiblingsAsStarted: 3.0, SiblingsOne: 1.0, SiblingsNull: nil} {
		a := products()
		a.ParallelSet, a.Siblings = true, siblings
		inBubble(t, withAgents(a), func(tc *testCloud) {
			first := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"parallelism":3}`))
			list := tc.jsonList(tc.send("GET", "/agent/4711/runs", ""))
			for i, r := range list {
				parallelism := want
				if i == 2 {
					parallelism = 3.0
				}
				if r["parallelism"] != parallelism || r["parallelSet"] != first["id"] {
					tc.t.Errorf("%q: run %d of three is %v", siblings, i, r)
				}
			}
			tc.startRun()
			if r := tc.jsonList(tc.send("GET", "/agent/4711/runs", ""))[0]; r["parallelism"] != 1.0 {
				tc.t.Errorf("%q: an ordinary run is %v", siblings, r)
			}
		})
	}
}

func TestAStartThatIsAnsweredWithAnotherRun(t *testing.T) {
	a := products()
	a.Exclusive = ExclusiveAnswer
	inBubble(t, withAgents(a), func(tc *testCloud) {
		first := tc.startRun()
		time.Sleep(5 * time.Second)
		again := tc.jsonObject(tc.send("POST", "/agent/4711/start", "{}"))
		if int64(again["id"].(float64)) != first || again["status"] != 1.0 || len(tc.Runs(4711)) != 1 {
			tc.t.Errorf("the answer is %v", again)
		}
		if r := tc.jsonObject(tc.send("POST", "/agent/4711/start", `{"isExclusive":false}`)); int64(r["id"].(float64)) == first {
			tc.t.Errorf("a start that need not be exclusive is answered with %v", r)
		}
		time.Sleep(time.Minute)
		if third := tc.startRun(); third == first || len(tc.Runs(4711)) != 3 {
			tc.t.Errorf("after its end run %d starts", third)
		}
	})
}

func TestThePersonalSpace(t *testing.T) {
	for zero, want := range map[bool]any{false: nil, true: 0.0} {
		o := withAgents(products(), Agent{ID: 1, SpaceID: new(int64(7))})
		o.PersonalSpaceZero = zero
		inBubble(t, o, func(tc *testCloud) {
			run, agent := tc.runStatus(tc.startRun()), tc.jsonObject(tc.send("GET", "/agent/4711", ""))
			if run["spaceId"] != want || agent["spaceId"] != want {
				tc.t.Errorf("the spaces are %v and %v", run["spaceId"], agent["spaceId"])
			}
			if got := tc.jsonObject(tc.send("GET", "/agent/1", ""))["spaceId"]; got != 7.0 {
				tc.t.Errorf("another space is %v", got)
			}
		})
	}
}

func TestLongMessages(t *testing.T) {
	a := failing(products())
	a.MessageSize = 1 << 20
	inBubble(t, withAgents(a), func(tc *testCloud) {
		id := tc.startRun()
		if got := tc.runStatus(id)["message"].(string); len(got) != 1<<20 {
			tc.t.Errorf("the message has %d bytes", len(got))
		}
		time.Sleep(time.Minute)
		if got := tc.runStatus(id)["message"].(string); len(got) != 1<<20 || got[:17] != "The site refused." {
			tc.t.Errorf("the message is %.30s, %d bytes", got, len(got))
		}
		a.MessageSize = 5 // shorter than what it says
		tc.SetAgent(a)
		tc.startRun()
		time.Sleep(time.Minute)
		if got := tc.runStatus(tc.Runs(4711)[0].ID)["message"]; got != "The site refused." {
			tc.t.Errorf("the message is %s", got)
		}
	})
}
