// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails the run when a goroutine of a test is left at its end.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
