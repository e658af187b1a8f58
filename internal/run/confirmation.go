package run

import (
	"context"
	"errors"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
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

// conclusion is what the answers so far confirm: a [GoneError] when all of them did not find the run.
func (c *confirmation) conclusion() error {
	if sequentum.IsNotFound(c.err) {
		return &GoneError{Err: c.err}
	}
	return c.err
}

// confirm looks at a run again and again, until a look shows it or decide ends it. err is what the look before ended
// with. decide gets the error of each look, and returns the error to end with; nil: look once more.
func (a *agent) confirm(ctx context.Context, err error, decide func(error) error, look func(context.Context) (*sequentum.Run, error)) (*sequentum.Run, error) {
	for {
		if end := decide(err); end != nil {
			return nil, end
		}
		if sequentum.Sleep(ctx, a.clock, confirmPause) != nil {
			return nil, endedWhile(ctx, confirming(err))
		}
		var r *sequentum.Run
		if r, err = look(ctx); err == nil {
			return r, nil
		}
	}
}

// confirmStatus asks for one run by itself, and again when access is refused or the run is not found, until that is
// confirmed or another answer comes. outages says what becomes of another error: it is waited out, or ends the looks. An
// error that no retry mends is then confirmed too.
func (a *agent) confirmStatus(ctx context.Context, runID int64, outages outagePolicy) (*sequentum.Run, error) {
	look := func(ctx context.Context) (*sequentum.Run, error) { return a.status(ctx, runID) }
	r, err := look(ctx)
	if err == nil {
		return r, nil
	}
	var answers confirmation
	return a.confirm(ctx, err, func(err error) error {
		switch {
		case outages == endAtOutage && !isRefusal(err):
			return err
		case answers.add(a.clock.Now(), err):
			return answers.conclusion()
		}
		return nil
	}, look)
}

// outagePolicy says what a failed look means where the run's status is to be confirmed.
type outagePolicy int

const (
	endAtOutage outagePolicy = iota
	waitOutage
)
