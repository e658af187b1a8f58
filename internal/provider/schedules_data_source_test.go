// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"net/http"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// Elements that cannot be used are left out with a warning, also when there are no others.
func TestSchedulesWithElementsThatCannotBeUsed(t *testing.T) {
	inLookingUp(t, scheduled(), func(t *testing.T, l *lookingUp) {
		for body, want := range map[string]string{
			"[7]": "contains 1 element that cannot be used", `[{"id": 2001, "configId": 4711, "name": "nightly"}, null, {"id": 0}]`: "contains 2 elements that cannot be used",
		} {
			l.restart() // with nothing read yet
			l.cloud.Inject(simulator.Fault{Kind: simulator.KindSchedules, Action: simulator.Bare, Code: http.StatusOK, Body: body})
			_, text, failed := l.read("sequentum_schedules", attributeValues{"agent_id": core.Number(4711)})
			if failed {
				t.Errorf("%s is an error: %s", body, text)
			}
			wantText(t, text, "The list of the schedules of agent 4711 is not complete", want)
		}
	})
}
