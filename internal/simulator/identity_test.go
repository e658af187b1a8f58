package simulator

import (
	"slices"
	"testing"
	"time"
)

// ids are those of the agent's list of runs, as it stands.
func (l *lab) ids() (ids []int64) {
	l.t.Helper()
	for _, r := range l.list(l.send("GET", "/agent/4711/runs", "")) {
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
		o := cloudOf(products())
		o.IDServers = servers
		inLab(t, o, func(l *lab) {
			var got []int64
			for range want {
				time.Sleep(time.Second)
				got = append(got, l.start())
			}
			if !slices.Equal(got, want) {
				l.t.Errorf("%d servers give %v, want %v", servers, got, want)
			}
			slices.Reverse(got)
			if list := l.ids(); !slices.Equal(list, got) {
				l.t.Errorf("the list is %v, want %v, newest first", list, got)
			}
			if newest := l.Runs(4711)[0]; newest.ID != want[4] || newest.Sequence != 5 {
				l.t.Errorf("the newest is %+v", newest)
			}
		})
	}
	o := cloudOf(products())
	o.IDServers = 2
	inLab(t, o, func(l *lab) { // the blocks that follow
		ids := l.AddFinishedRuns(4711, 4100, Completed)
		if ids[1998] != 102_000 || ids[2000] != 103_001 || ids[2001] != 102_001 {
			l.t.Errorf("the blocks are %v", ids[1998:2002])
		}
		slices.Sort(ids)
		if len(slices.Compact(ids)) != 4100 {
			l.t.Error("an id occurs twice")
		}
	})
}

func TestRunsOfThePastStandBehind(t *testing.T) {
	inLab(t, cloudOf(products()), func(l *lab) {
		first := l.start()
		past := l.AddFinishedRuns(4711, 2, Completed)
		last := l.start()
		if got := l.ids(); !slices.Equal(got, []int64{last, first, past[1], past[0]}) {
			l.t.Errorf("the list is %v", got)
		}
	})
}

func TestSiblingsThatReportNothing(t *testing.T) {
	for siblings, want := range map[Siblings]any{SiblingsAsStarted: 3.0, SiblingsOne: 1.0, SiblingsNull: nil} {
		a := products()
		a.ParallelSet, a.Siblings = true, siblings
		inLab(t, cloudOf(a), func(l *lab) {
			first := l.object(l.send("POST", "/agent/4711/start", `{"parallelism":3}`))
			list := l.list(l.send("GET", "/agent/4711/runs", ""))
			for i, r := range list {
				parallelism := want
				if i == 2 {
					parallelism = 3.0
				}
				if r["parallelism"] != parallelism || r["parallelSet"] != first["id"] {
					l.t.Errorf("%q: run %d of three is %v", siblings, i, r)
				}
			}
			l.start()
			if r := l.list(l.send("GET", "/agent/4711/runs", ""))[0]; r["parallelism"] != 1.0 {
				l.t.Errorf("%q: an ordinary run is %v", siblings, r)
			}
		})
	}
}

func TestAStartThatIsAnsweredWithAnotherRun(t *testing.T) {
	a := products()
	a.Exclusive = ExclusiveAnswer
	inLab(t, cloudOf(a), func(l *lab) {
		first := l.start()
		time.Sleep(5 * time.Second)
		again := l.object(l.send("POST", "/agent/4711/start", "{}"))
		if int64(again["id"].(float64)) != first || again["status"] != 1.0 || len(l.Runs(4711)) != 1 {
			l.t.Errorf("the answer is %v", again)
		}
		if r := l.object(l.send("POST", "/agent/4711/start", `{"isExclusive":false}`)); int64(r["id"].(float64)) == first {
			l.t.Errorf("a start that need not be exclusive is answered with %v", r)
		}
		time.Sleep(time.Minute)
		if third := l.start(); third == first || len(l.Runs(4711)) != 3 {
			l.t.Errorf("after its end run %d starts", third)
		}
	})
}

func TestThePersonalSpace(t *testing.T) {
	for zero, want := range map[bool]any{false: nil, true: 0.0} {
		o := cloudOf(products(), Agent{ID: 1, SpaceID: new(int64(7))})
		o.PersonalSpaceZero = zero
		inLab(t, o, func(l *lab) {
			run, agent := l.status(l.start()), l.object(l.send("GET", "/agent/4711", ""))
			if run["spaceId"] != want || agent["spaceId"] != want {
				l.t.Errorf("the spaces are %v and %v", run["spaceId"], agent["spaceId"])
			}
			if got := l.object(l.send("GET", "/agent/1", ""))["spaceId"]; got != 7.0 {
				l.t.Errorf("another space is %v", got)
			}
		})
	}
}

func TestLongMessages(t *testing.T) {
	a := failing(products())
	a.MessageSize = 1 << 20
	inLab(t, cloudOf(a), func(l *lab) {
		id := l.start()
		if got := l.status(id)["message"].(string); len(got) != 1<<20 {
			l.t.Errorf("the message has %d bytes", len(got))
		}
		time.Sleep(time.Minute)
		if got := l.status(id)["message"].(string); len(got) != 1<<20 || got[:17] != "The site refused." {
			l.t.Errorf("the message is %.30s, %d bytes", got, len(got))
		}
		a.MessageSize = 5 // shorter than what it says
		l.SetAgent(a)
		l.start()
		time.Sleep(time.Minute)
		if got := l.status(l.Runs(4711)[0].ID)["message"]; got != "The site refused." {
			l.t.Errorf("the message is %s", got)
		}
	})
}
