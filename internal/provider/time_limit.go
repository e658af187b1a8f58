// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// cutShort says whether an operation was ended from outside: by the CLI, or by its own timeout.
type cutShort struct {
	interrupted bool
	timedOut    bool
}

// howCut compares the context of an operation with the context that its timeout also limits.
func howCut(ctx, limited context.Context) cutShort {
	interrupted := ctx.Err() != nil
	return cutShort{interrupted: interrupted, timedOut: !interrupted && limited.Err() != nil}
}

// timeLimit says how long an operation may take, and whether it was cut short.
type timeLimit struct {
	ctx, limited context.Context
	name         string // such as "timeouts.read"
	length       time.Duration
	fixed        bool // no argument sets it
}

// limitTime limits an operation, which has to use the context that is returned. The provider need not be configured.
func (d *providerData) limitTime(ctx context.Context, name string, length time.Duration) (*timeLimit, context.Context, context.CancelFunc) {
	var clock sequentum.Clock
	if d != nil {
		clock = d.clock
	}
	limited, cancel := sequentum.WithTimeout(ctx, clock, length)
	return &timeLimit{ctx: ctx, limited: limited, name: name, length: length}, limited, cancel
}

// howCut says how the operation was cut short.
func (l *timeLimit) howCut() cutShort { return howCut(l.ctx, l.limited) }

// timePassed is the sentence about an operation whose time has passed.
func (l *timeLimit) timePassed() string {
	return fmt.Sprintf("The time limit of %s (%v) has passed.", l.name, l.length)
}

// explain says whether an error came from the end of the operation, and what the operation was waiting for.
func (l *timeLimit) explain(err error) string {
	switch cut := l.howCut(); {
	case cut.timedOut:
		return paragraphs(l.timePassed(), "At that time: "+err.Error(), "The host may be slow or refuse requests for a while. Run the command again later"+l.orRaise())
	case cut.interrupted:
		return paragraphs("The operation was interrupted.", "At that time: "+err.Error())
	}
	return err.Error()
}

// orRaise ends the sentence that says what to do.
func (l *timeLimit) orRaise() string {
	if l.fixed {
		return "."
	}
	return ", or raise the limit."
}
