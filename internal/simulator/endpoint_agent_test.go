// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"maps"
	"slices"
	"testing"
)

func TestAgentShowsItsDescriptionAndItsLastRun(t *testing.T) {
	a := products()
	a.Description, a.StartURL, a.SpaceID, a.Version = "Shoes.", "https://example.com", new(int64(7)), 3
	a.InputParameters = map[string]any{"category": "shoes"}
	o := withAgents(a)
	inBubble(t, o, func(tc *testCloud) {
		got := tc.jsonObject(tc.send("GET", "/agent/4711", ""))
		if got["id"] != 4711.0 || got["name"] != "Products" || got["spaceId"] != 7.0 || got["version"] != 3.0 ||
			got["configType"] != 1.0 || got["isActive"] != true || got["status"] != nil || got["lastActivity"] != nil {
			tc.t.Errorf("the agent is %v", got)
		}
		tc.startRun()
		a.Disabled = true
		tc.SetAgent(a)
		if got = tc.jsonObject(tc.send("GET", "/agent/4711", "")); got["status"] != 4.0 || got["lastActivity"] == nil || got["isActive"] != false {
			tc.t.Errorf("the agent is %v", got)
		}
	})
	o.LegacyStatusNames = true
	inBubble(t, o, func(tc *testCloud) {
		if got := tc.jsonObject(tc.send("GET", "/agent/4711", "")); got["configType"] != "Agent" {
			tc.t.Errorf("the agent is %v", got)
		}
	})
}

func TestAgentHasAllFields(t *testing.T) {
	a := products()
	a.Documentation, a.ProxyPoolID, a.Type = "Reads all.", new(int64(3)), CommandType
	inBubble(t, withAgents(a), func(tc *testCloud) {
		got := tc.jsonObject(tc.send("GET", "/agent/4711", ""))
		fields := []string{
			"configType", "created", "description", "documentation", "id", "inputParameters", "isActive", "lastActivity", "name",
			"proxyPoolId", "spaceId", "startUrl", "status", "updated", "userId", "validationStatus", "version",
		}
		if !slices.Equal(slices.Sorted(maps.Keys(got)), fields) || got["documentation"] != "Reads all." || got["proxyPoolId"] != 3.0 ||
			got["configType"] != 4.0 || got["validationStatus"] != 3.0 {
			tc.t.Errorf("the agent is %v", got)
		}
	})
}
