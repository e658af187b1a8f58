// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"math"
	"testing"
	"testing/synctest"
	"time"
)

func TestAcceleratedClockRunsFasterAndNeverDeliversEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		clock := Accelerated(10)
		if got := clock.Now(); !got.Equal(begin) {
			t.Errorf("it begins at %v, want %v", got, begin)
		}
		time.Sleep(time.Minute)
		if got := clock.Now().Sub(begin); got != 10*time.Minute {
			t.Errorf("after a minute it shows %v, want 10m", got)
		}
		for _, d := range []time.Duration{time.Hour, 7, 0, -time.Hour} {
			target, before := clock.Now().Add(d), time.Now()
			if at := <-clock.After(d); at.Before(target) {
				t.Errorf("After(%v) delivers %v, before %v", d, at, target)
			}
			if took, most := time.Since(before), max(0, d/10)+2; took > most {
				t.Errorf("After(%v) took %v, want at most %v", d, took, most)
			}
		}
	})
}

func TestAcceleratedClockPanicsOnAnImpossibleFactor(t *testing.T) {
	for _, factor := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a clock runs with factor %v", factor)
				}
			}()
			Accelerated(factor)
		}()
	}
}

func TestCloudFollowsAnAcceleratedClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := withAgents(products())
		o.Clock = Accelerated(60)
		tc := newTestCloud(t, New(o))
		id := tc.startRun()
		time.Sleep(100 * time.Millisecond)
		tc.wantStatus(id, Running)
		time.Sleep(time.Second)
		tc.wantStatus(id, Completed)
	})
}
