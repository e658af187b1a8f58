// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// badArguments are mistakes by action and argument. Terraform does not validate an action again when its values are
// known: plan and invocation have to find all of them.
var badArguments = map[string]map[string]badArgument{
	startAction: {
		"agent_id":          {core.Number(-1), "agent_id must be between 1 and 2147483647, but it is -1."},
		"input_parameters":  {core.Text("[1]"), `a JSON object in a string, such as jsonencode({ category = "shoes" })`},
		"parallelism":       {core.Number(51), "parallelism value must be between 1 and 50"},
		"parallel_export":   {core.Text("Both"), `"Combined"`},
		"success_statuses":  {core.TextSet([]string{"Running"}), `"Completed"`},
		"timeouts.invoke":   {core.Text("-1h"), `"-1h" is not a duration above zero, such as "90s", "45m" or "2h".`},
		"failure_log_lines": {core.Number(201), "failure_log_lines value must be between 0 and 200"},
	},
	stopAction: {
		"agent_id":          {core.Number(1 << 31), "agent_id must be between 1 and 2147483647"},
		"run_id":            {core.Number(-1), "run_id must be at least 1, but it is -1."},
		"stop_grace_period": {core.Text("soon"), `"soon" is not a duration above zero, such as "90s", "45m" or "2h".`},
		"timeouts.invoke":   {core.Text("0s"), `"0s" is not a duration above zero, such as "90s", "45m" or "2h".`},
	},
	removeAction: {
		"agent_id":        {core.Number(-1), "agent_id must be between 1 and 2147483647"},
		"run_id":          {core.Number(-1), "run_id must be at least 1, but it is -1."},
		"method":          {core.Text("Everything"), `"RemoveEntireRun" "RemoveAllFiles" "RemoveAllFilesAndAgentInput"`},
		"timeouts.invoke": {core.Text("later"), `"later" is not a duration above zero, such as "90s", "45m" or "2h".`},
	},
}

// badArgument is a mistake, and what the error says about it.
type badArgument struct {
	value tftypes.Value
	says  string
}

// required are good arguments of an action.
func required(typ string) map[string]tftypes.Value {
	if typ == startAction {
		return starting()
	}
	return aboutRun(nil)
}

func TestBadArgumentsOfActions(t *testing.T) {
	for typ, all := range badArguments {
		for argument, mistake := range all {
			t.Run(typ+"/"+argument, func(t *testing.T) {
				inActionLab(t, endless(), func(t *testing.T, l *actionLab) {
					bad := required(typ)
					bad[argument] = mistake.value
					errors, _ := planAction(t, l.server, typ, maps.Clone(bad))
					wantText(t, strings.Join(strings.Fields(errors), " "), mistake.says)
					l.begin(typ, bad).mustFail(mistake.says)
					l.wantRuns()
				})
			})
		}
	}
}

// The ids of a mock_provider are 0 at plan, and its sets are empty.
func TestZeroIDsOfActions(t *testing.T) {
	for _, typ := range []string{startAction, stopAction, removeAction} {
		inActionLab(t, endless(), func(t *testing.T, l *actionLab) {
			for argument := range required(typ) {
				bad := required(typ)
				bad[argument] = core.Number(0)
				if errors, _ := planAction(t, l.server, typ, maps.Clone(bad)); errors != "" {
					t.Errorf("the plan says %s", errors)
				}
				l.begin(typ, bad).mustFail("Invalid id: " + argument + " must be 1 or more, but it is 0.")
			}
			l.wantRuns()
		})
	}
}

func TestEmptyStatusesOfStartAction(t *testing.T) {
	inActionLab(t, endless(), func(t *testing.T, l *actionLab) {
		bad := starting(map[string]tftypes.Value{"success_statuses": core.TextSet(nil)})
		errors, _ := planAction(t, l.server, startAction, maps.Clone(bad))
		wantText(t, errors, "success_statuses is empty")
		l.begin(startAction, bad).mustFail("success_statuses is empty")
		l.wantRuns()
	})
}

func TestGracePeriodOfStopAction(t *testing.T) {
	inActionLab(t, endless(), func(t *testing.T, l *actionLab) {
		bad := aboutRun(map[string]tftypes.Value{"stop_grace_period": core.Text("10m")})
		errors, _ := planAction(t, l.server, stopAction, maps.Clone(bad))
		const says = `The grace period (10m0s) must be shorter than timeouts.invoke (10m0s).`
		wantText(t, errors, says)
		l.begin(stopAction, bad).mustFail(says)
		unknown := aboutRun(map[string]tftypes.Value{
			"stop_grace_period": core.Text("10m"), "timeouts.invoke": core.Unknown(tftypes.String),
		})
		if errors, _ := planAction(t, l.server, stopAction, unknown); errors != "" {
			t.Errorf("with a timeout that is not known yet: %s", errors)
		}
	})
}

// A provider block can be unknown at plan.
func TestActionsOfAnUnconfiguredProvider(t *testing.T) {
	server := provider.NewServer(t.Context(), provider.New("test", nil)())
	for _, typ := range []string{startAction, stopAction, removeAction} {
		if errors, warnings := planAction(t, server, typ, required(typ)); errors+warnings != "" {
			t.Errorf("the plan of %s says %s%s", typ, errors, warnings)
		}
		stream, err := server.(tfprotov6.ActionServer).InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{
			ActionType: typ, Config: core.Dynamic(arguments(typ, required(typ))),
		})
		if err != nil {
			t.Fatal(err)
		}
		events := slices.Collect(stream.Events)
		if len(events) != 1 {
			t.Fatalf("%s: %d events", typ, len(events))
		}
		wantText(t, core.Errors(events[0].Type.(tfprotov6.CompletedInvokeActionEventType).Diagnostics), "The provider is not configured yet")
	}
}

// Unknown values pass a plan.
func TestUnknownArgumentsOfActions(t *testing.T) {
	inActionLab(t, simulator.Agent{ID: 4711}, func(t *testing.T, l *actionLab) {
		for _, typ := range []string{startAction, stopAction, removeAction} {
			schema := actionSchemas()[typ].Schema.ValueType().(tftypes.Object)
			unknown := map[string]tftypes.Value{}
			for name, kind := range schema.AttributeTypes {
				if name != "timeouts" {
					unknown[name] = core.Unknown(kind)
				}
			}
			if errors, _ := planAction(t, l.server, typ, unknown); errors != "" {
				t.Errorf("the plan of %s says %s", typ, errors)
			}
		}
	})
}
