// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"strings"
	"testing"
)

// What a person typed for AGENT is shown when it is wrong. Without any, the package live says that it is missing.
func TestAgent(t *testing.T) {
	for given, want := range map[string]int64{
		"": 0, "4711": 4711, "-3": -1, "0": -1, "47x": -1, " 4711": -1, "4711 4712": -1, "+5": -1, "99999999999999999999": -1, "shoes": -1,
	} {
		t.Run("AGENT="+given, func(t *testing.T) {
			o, err := options([]string{"-cli", "c", "-provider", "p", "-snapshots", "s", "-agent", given})
			switch {
			case want >= 0:
				if err != nil || o.AgentID != want {
					t.Errorf("%d, %v", o.AgentID, err)
				}
			case err == nil || !strings.Contains(err.Error(), "AGENT="+given+" is not the id of an agent"):
				t.Errorf("%d, %v", o.AgentID, err)
			}
		})
	}
}
