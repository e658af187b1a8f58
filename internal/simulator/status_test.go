// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"testing"
)

func TestStatusHasItsNameOrItsCode(t *testing.T) {
	for status, want := range map[Status]string{Running: "Running", UpdatingDataSet: "UpdatingDataSet", FailedToStart: "FailedToStart", 17: "Unknown(17)"} {
		if got := status.String(); got != want {
			t.Errorf("status %d is %q, want %q", int(status), got, want)
		}
	}
}
