// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestAgentIsFound(t *testing.T) {
	t.Parallel()
	personal := core.Number(0)
	for name, test := range map[string]struct {
		given attributeValues
		want  int64
	}{
		"by id":                     {byID("agent_id", 4711), 4711},
		"by id, without a name":     {byID("agent_id", 4715), 4715},
		"by name":                   {byName("Boots"), 4713},
		"in its space":              {andArgument(byName("Shoes"), "space_id", core.Number(12)), 4711},
		"in the personal space":     {andArgument(byName("Shoes"), "space_id", personal), 4712},
		"in another form of a name": {byName("Caf\u00e9"), 4714},
		"a template":                {byName("Shoe template"), 4716},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inLookingUp(t, lookUpAccount(), func(t *testing.T, l *lookingUp) {
				found := l.mustRead("sequentum_agent", test.given)
				if !found["agent_id"].Equal(core.Number(test.want)) {
					t.Errorf("found %v", found)
				}
			})
		})
	}
}

func TestAgentThatIsNotFound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		given attributeValues
		want  []string
		not   string
	}{
		"by id": {byID("agent_id", 99), []string{
			"Agent 99 is not found", "404 Not Found", "It was deleted, it never existed, or this key cannot see it.",
		}, "similar"},
		"a typing error": {byName("Shoos"), []string{
			`No agent is named "Shoos"`, "This key can see 6 agents.", "Those with the most similar names: - 4711 \"Shoes\", space 12 - 4712 \"Shoes\", personal space - 4713 \"Boots\", space 12",
		}, `4715`},
		"in another case": {byName("BOOTS"), []string{"The name must be exact, with the same upper and lower case.", "names: - 4713 \"Boots\""}, ""},
		"a part of it":    {byName("temp"), []string{"names: - 4716 \"Shoe template\", space 12, Template"}, ""},
		"in another space": {andArgument(byName("Shoes"), "space_id", core.Number(13)), []string{
			`No agent is named "Shoes" in space 13`, "Agents of this name elsewhere: - 4711 \"Shoes\", space 12 - 4712 \"Shoes\", personal space", "This key can see 2 agents in space 13.",
		}, ""},
		"not in the personal space": {andArgument(byName("Boots"), "space_id", core.Number(0)), []string{`No agent is named "Boots" in the personal space`, "elsewhere: - 4713"}, ""},
		"several": {byName("Shoes"), []string{
			`Several agents are named "Shoes"`, "Agents of this name: - 4711 \"Shoes\", space 12 - 4712 \"Shoes\", personal space", "Choose one of them by agent_id, or set space_id beside the name (0 is the personal space).",
		}, "Boots"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inLookingUp(t, lookUpAccount(), func(t *testing.T, l *lookingUp) {
				text := l.mustRefuse("sequentum_agent", test.given, test.want...)
				if test.not != "" {
					wantNoText(t, text, test.not)
				}
			})
		})
	}
}

func TestArgumentsOfAnAgent(t *testing.T) {
	t.Parallel()
	inLookingUp(t, lookUpAccount(), func(t *testing.T, l *lookingUp) {
		for _, test := range []struct {
			given attributeValues
			want  string
		}{
			{nil, "Exactly one of these attributes must be configured: [agent_id,name]"},
			{andArgument(byName("Boots"), "agent_id", core.Number(4713)), "Exactly one of these attributes must be configured: [agent_id,name]"},
			{andArgument(byID("agent_id", 4713), "space_id", core.Number(12)), "These attributes cannot be configured together: [agent_id,space_id]"},
			{byID("agent_id", 0), "agent_id must be 1 or more, but it is 0."},
			{byID("agent_id", -1), "agent_id must be between 1 and 2147483647, but it is -1."},
			{byID("agent_id", 1<<31), "agent_id must be between 1 and 2147483647"},
			{andArgument(byName("Boots"), "space_id", core.Number(-1)), "space_id value must be between 0 and 2147483647, got: -1"},
			{byName(""), "name string length must be at least 1, got: 0"},
		} {
			l.mustRefuse("sequentum_agent", test.given, test.want)
		}
		if got := l.requests(); got != "[]" {
			t.Errorf("arguments that are wrong cost %s", got)
		}
	})
}

// A key that can see no agent, and one that can see very many.
func TestAgentAmongNoneAndAmongMany(t *testing.T) {
	t.Parallel()
	inLookingUp(t, simulator.Options{}, func(t *testing.T, l *lookingUp) {
		text := l.mustRefuse("sequentum_agent", byName("Boots"), "This key can see 0 agents.")
		wantNoText(t, text, "similar")
		if found := l.mustRead("sequentum_agents", nil); found["agents"].IsNull() || listedIDs(found, "agents", "agent_id") != "" {
			t.Errorf("found %v", found)
		}
	})
	var agents []simulator.Agent
	for i := range 2500 {
		agents = append(agents, simulator.Agent{ID: int64(1 + i), Name: fmt.Sprintf("Agent %d of the shop", i%2000)})
	}
	inLookingUp(t, simulator.Options{Agents: agents}, func(t *testing.T, l *lookingUp) {
		l.mustRefuse("sequentum_agent", byName("agent 7 of the shop"), "most similar names: - 8 \"Agent 7 of the shop\"", "… and 2490 more")
		l.mustRefuse("sequentum_agent", byName("Agent 7 of the shop"), "Several agents are named", " - 8 ", " - 2008 ")
		if found := l.mustRead("sequentum_agents", nil); len(core.Elements(found["agents"])) != 2500 {
			t.Errorf("%d agents", len(core.Elements(found["agents"])))
		}
	})
}

func TestAgentsAreFiltered(t *testing.T) {
	t.Parallel()
	text := core.Text
	for name, test := range map[string]struct {
		given attributeValues
		want  string
	}{
		"all":                   {nil, "4711 4712 4713 4714 4715 4716"},
		"of a space":            {byID("space_id", 12), "4711 4713 4716"},
		"of the personal space": {byID("space_id", 0), "4712"},
		"of no space":           {byID("space_id", 99), ""},
		"of a name":             {attributeValues{"name_contains": text("SHOE")}, "4711 4712 4716"},
		"of a decomposed name":  {attributeValues{"name_contains": text("É")}, "4714"},
		"of a type":             {attributeValues{"type": text("Template")}, "4716"},
		"of all three":          {attributeValues{"type": text("Agent"), "space_id": core.Number(12), "name_contains": text("shoe")}, "4711"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inLookingUp(t, lookUpAccount(), func(t *testing.T, l *lookingUp) {
				found := l.mustRead("sequentum_agents", test.given)
				if got := listedIDs(found, "agents", "agent_id"); got != test.want {
					t.Errorf("found %s, want %s", got, test.want)
				}
			})
		})
	}
	inLookingUp(t, lookUpAccount(), func(t *testing.T, l *lookingUp) {
		l.mustRefuse("sequentum_agents", attributeValues{"type": text("Robot")}, `type value must be one of: ["Agent" "SharedFile" "Template" "Command"], got: "Robot"`)
		l.mustRefuse("sequentum_agents", attributeValues{"name_contains": text("")}, "name_contains string length must be at least 1")
		l.mustRefuse("sequentum_agents", byID("space_id", -7), "space_id value must be between 0 and 2147483647")
	})
}

// What an agent shows is the same, however it was found.
func TestAgentIsTheSameInAList(t *testing.T) {
	t.Parallel()
	inLookingUp(t, lookUpAccount(), func(t *testing.T, l *lookingUp) {
		single := l.mustRead("sequentum_agent", byID("agent_id", 4711))
		byName := l.mustRead("sequentum_agent", andArgument(byName("Shoes"), "space_id", core.Number(12)))
		listed := core.Attributes(core.Elements(l.mustRead("sequentum_agents", nil)["agents"])[0])
		for name, value := range listed {
			if !single[name].Equal(value) || !byName[name].Equal(value) {
				t.Errorf("%s is %s by id, %s by name, %s in the list", name, single[name], byName[name], value)
			}
		}
		if len(listed) != len(single)-1 { // the timeouts
			t.Errorf("an element has %d attributes, and the agent %d", len(listed), len(single))
		}
		wantValues(t, single, attributeValues{
			"description": core.Text("All shoes"), "start_url": core.Text("https://shop.example/shoes"), "version": core.Number(7), "proxy_pool_id": core.Number(5),
			"input_parameters": core.Text(`{"category":"boots","page":1}`), "active": core.Bool(true), "status": tftypes.NewValue(tftypes.String, nil), "type": core.Text("Agent"),
			"validation_status": core.Text("Valid"),
		})
		if empty := l.mustRead("sequentum_agent", byID("agent_id", 4713)); !empty["input_parameters"].Equal(core.Text("{}")) {
			t.Errorf("no parameters are %s", empty["input_parameters"])
		}
	})
}
