package run

import (
	"context"
	"errors"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// confirmLooks is how many answers in a row it takes to believe that a run cannot be looked at any more.
	confirmLooks = 3
	// confirmRefused is over how long they must come when access is refused or the run is not found, and
	// confirmPermanent when the answer is another one that no retry mends.
	confirmRefused   = 30 * time.Second
	confirmPermanent = 2 * time.Minute
	// confirmPause is the pause between two looks that are made for nothing but confirmation.
	confirmPause = listLife + 500*time.Millisecond
	// confirmGone is over how long a refresh must find that a run is not there.
	confirmGone = 2 * confirmPause
)

// confirmation collects answers in a row that all say that a run cannot be looked at any more. A single one decides
// nothing: a key is being rotated, a firewall errs, a replica lags. Anything else in between begins anew.
type confirmation struct {
	first     time.Time
	looks     int
	permanent bool  // at least one was neither a refusal nor "not found"
	err       error // what they say: "not found" only when all say so
}

// add takes what a look ended with, nil for a good answer, and reports whether the answers are confirmed now.
func (c *confirmation) add(now time.Time, err error) bool {
	refused := isRefusal(err)
	if !refused && !isPermanent(err) {
		*c = confirmation{}
		return false
	}
	if c.looks == 0 {
		c.first = now
	}
	c.looks++
	c.permanent = c.permanent || !refused
	if c.err == nil || !sequentum.IsNotFound(err) {
		c.err = err
	}
	return c.confirmed(now)
}

// confirmed reports whether the answers so far are.
func (c *confirmation) confirmed(now time.Time) bool {
	patience := confirmRefused
	if c.permanent {
		patience = confirmPermanent
	}
	return c.looks >= confirmLooks && now.Sub(c.first) >= patience
}

func isRefusal(err error) bool { return sequentum.IsAccessDenied(err) || sequentum.IsNotFound(err) }

// isPermanent also holds for a panic: one that comes at each look is mended by nothing but a new version.
func isPermanent(err error) bool {
	_, panicked := errors.AsType[*sequentum.PanicError](err)
	return panicked || sequentum.IsPermanent(err)
}

// confirmedStatus asks for one run by itself, and again when access is refused or the run is not found, until that is
// confirmed or another answer comes.
func (a *agent) confirmedStatus(ctx context.Context, runID int64) (*sequentum.Run, error) {
	var refusals confirmation
	for {
		r, err := a.status(ctx, runID)
		if !isRefusal(err) || refusals.add(a.m.clock.Now(), err) {
			return r, err
		}
		if sequentum.Sleep(ctx, a.m.clock, confirmPause) != nil {
			return nil, endedWhile(ctx, confirming(err))
		}
	}
}
