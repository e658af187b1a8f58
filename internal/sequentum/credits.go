// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Credits is what the organization of the key has left (API: Credits).
type Credits struct {
	Available   float64   // can have a fraction
	RetrievedAt time.Time // when the platform counted them, UTC; zero: the answer has no such time
}

// Credits reads the credits that are left (API: Credits).
func (c *Client) Credits(ctx context.Context) (*Credits, error) {
	return fetchObject(ctx, c, &call{
		method: http.MethodGet, path: "/billing/credits", priority: PriorityList, scope: scopeReadBilling,
	}, (*wireCredits).toCredits)
}

type wireCredits struct {
	AvailableCredits decimal
	RetrievedAt      timestamp
}

// toCredits refuses an answer without the number: 0 would mean that no credits are left.
func (w *wireCredits) toCredits(*redactor) (Credits, error) {
	if w.AvailableCredits.value == nil {
		return Credits{}, errors.New("it does not say how many credits are available")
	}
	return Credits{Available: *w.AvailableCredits.value, RetrievedAt: w.RetrievedAt.Time}, nil
}

// decimal is a number that can have a fraction. value is nil when there is none.
type decimal struct{ value *float64 }

func (d *decimal) UnmarshalJSON(data []byte) error {
	d.value = nil
	s, _ := scalar(data)
	if v, err := strconv.ParseFloat(strings.TrimSpace(s), 64); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
		d.value = &v
	}
	return nil
}
