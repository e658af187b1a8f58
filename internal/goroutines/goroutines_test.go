// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package goroutines_test

import (
	"testing"
	"testing/synctest"

	"github.com/sequentum/terraform-provider-sequentum/internal/goroutines"
)

func TestInBubble(t *testing.T) {
	stranger := make(chan struct{})
	defer close(stranger)
	go func() { <-stranger }()
	synctest.Test(t, func(t *testing.T) {
		before, end := goroutines.InBubble(), make(chan struct{})
		for range 100 {
			go func() { <-end }()
		}
		synctest.Wait()
		if now := goroutines.InBubble(); now != before+100 {
			t.Errorf("%d goroutines before, %d with 100 more", before, now)
		}
		close(end)
		synctest.Wait()
		if now := goroutines.InBubble(); now != before {
			t.Errorf("%d goroutines before, %d after", before, now)
		}
	})
}

func TestNoBubble(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("goroutines were counted outside of a bubble")
		}
	}()
	goroutines.InBubble()
}
