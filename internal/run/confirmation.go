// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package run

import (
	"context"
	"errors"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// confirmation collects answers in a row that all say that a run cannot be looked at any more. A single one decides
// nothing: a key may be in rotation, a firewall may be wrong, a replica may lag. Any other answer in between starts
// the count again.
type confirmation struct {
	first     time.Time
	looks     int
	permanent bool  // at least one of them neither denied access nor said "not found"
	err       error // what they say: "not found" only when all of them say so
}

// add counts what a look ended with, nil for a good answer, and reports whether the answers are confirmed now.
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

// confirmed reports whether there are enough answers, over enough time.
func (c *confirmation) confirmed(now time.Time) bool {
	patience := confirmRefused
	if c.permanent {
		patience = confirmPermanent
	}
	return c.looks >= confirmLooks && now.Sub(c.first) >= patience
}

func isRefusal(err error) bool { return sequentum.IsAccessDenied(err) || sequentum.IsNotFound(err) }

// isPermanent reports an error that no retry fixes. A panic is such an error: if it happens at each look, only a new
// version helps.
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
// with. decide gets the error of each look. It returns the error to end with, or nil to look once more.
func (a *agent) confirm(ctx context.Context, err error, decide func(error) error, look func(context.Context) (*sequentum.Run, error)) (*sequentum.Run, error) {
	for {
		if end := decide(err); end != nil {
			return nil, end
		}
		if sequentum.Sleep(ctx, a.clock, confirmPause) != nil {
			return nil, sequentum.EndedWhile(ctx, confirming(err))
		}
		var r *sequentum.Run
		if r, err = look(ctx); err == nil {
			return r, nil
		}
	}
}

// confirmStatus asks for one run by itself, and again when access is refused or the run is not found, until that is
// confirmed or another answer comes. outages says what any other error does: it ends the looks, or the looks continue.
// If they continue, an error that no retry fixes is confirmed too.
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

// outagePolicy says what a failed look means while the run's status is being confirmed.
type outagePolicy int

const (
	endAtOutage outagePolicy = iota // it is returned
	waitOutage                      // the looks go on
)

// confirming names the wait for another answer that agrees with err.
func confirming(err error) string { return "another answer that confirms this one: " + err.Error() }
