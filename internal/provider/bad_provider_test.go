// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func TestBadProviderArguments(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{})
	bad := []struct{ argument, says string }{
		{`request_timeout = "-3s"`, `a duration above zero, such as "90s", "45m" or "2h"`},
		{`request_timeout = "3"`, `a duration above zero, such as "90s", "45m" or "2h"`},
		{"max_retries = -1", "between 0 and 100"},
		{"requests_per_minute = 0", "at least 1"},
	}
	var config strings.Builder
	config.WriteString("provider \"sequentum\" {}\n")
	for i, b := range bad {
		fmt.Fprintf(&config, "provider \"sequentum\" {\n  alias = \"a%[1]d\"\n  %[2]s\n}\n", i, b.argument)
		fmt.Fprintf(&config, "resource \"sequentum_run\" \"r%[1]d\" {\n  provider = sequentum.a%[1]d\n  agent_id = 4711\n}\n", i)
	}
	w.config("%s", config.String())
	errors := w.planErrors()
	if len(errors) != len(bad) {
		t.Errorf("%d errors, want %d", len(errors), len(bad))
	}
	for _, b := range bad {
		if !slices.ContainsFunc(errors, func(d diagnosis) bool {
			return strings.TrimSpace(d.Snippet.Code) == b.argument && strings.Contains(d.Detail, b.says)
		}) {
			t.Errorf("%s: no error on it says %q: %v", b.argument, b.says, errors)
		}
	}
	w.wantNoRequestAtAll()
}

func TestProviderConfiguration(t *testing.T) {
	t.Parallel()
	const secret = "sk-a-key-of-somebody"
	cases := []struct {
		name      string
		arguments string
		env       []string
		says      []string // nil: the plan is good
	}{
		{"credentials from the environment", "", nil, nil},
		{"no credentials", "", []string{"SEQUENTUM_API_KEY="}, []string{"Missing credentials", "SEQUENTUM_API_KEY", "api_key", "SEQUENTUM_ACCESS_TOKEN"}},
		{"empty credentials are none", `api_key = ""`, []string{"SEQUENTUM_API_KEY="}, []string{"Missing credentials"}},
		{"two credentials in the block", "api_key = var.secret\n  access_token = var.secret", nil, []string{"Two credentials", "api_key", "access_token"}},
		{"two credentials in the environment", "", []string{"SEQUENTUM_ACCESS_TOKEN=" + secret}, []string{"Two credentials", "SEQUENTUM_API_KEY", "SEQUENTUM_ACCESS_TOKEN"}},
		{"the block wins over two in the environment", fmt.Sprintf("api_key = %q", apiKey), []string{"SEQUENTUM_ACCESS_TOKEN=" + secret}, nil},
		{"an empty address is none", `api_url = ""`, nil, nil},
		{"plain http in the block", `api_url = "http://dashboard.sequentum.com"`, nil, []string{"Invalid API address", "plain http is allowed only for a loopback host. Use https"}},
		{"an address that is not a URL", `api_url = "dashboard.sequentum.com"`, nil, []string{"Invalid API address", `such as "https://dashboard.sequentum.com"`}},
		{"a password in the URL", `api_url = "https://me:${var.secret}@dashboard.sequentum.com"`, nil, []string{"Invalid API address", "user name or password"}},
		{"plain http from the environment", "", []string{"SEQUENTUM_API_URL=http://10.0.0.1"}, []string{"Invalid API address", "plain http is allowed only for a loopback host"}},
		{"a key with its line end", `api_key = "sk-key\n"`, nil, []string{"no key has. Was it read from a file together with a line break?"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{endless()}})
			w.env = append(append(w.env, "TF_VAR_secret="+secret), c.env...)
			w.config("variable \"secret\" {\n  sensitive = true\n}\nprovider \"sequentum\" {\n  %s\n}\n%s", c.arguments, oneRun)
			if c.says == nil {
				w.wantPlan(map[string]string{"sequentum_run.r": "create"})
			} else {
				w.wantNoPlan(c.says...)
			}
			w.wantNoRequestAtAll()
			w.wantNoSecret(secret)
		})
	}
}

// TestScenarioRefused has the API refuse with its own words: one start, one error.
func TestScenarioRefused(t *testing.T) {
	t.Parallel()
	created := map[string]string{"sequentum_run.r": "create"}
	refusing := func(change func(a *simulator.Agent)) simulator.Agent {
		a := endless()
		change(&a)
		return a
	}
	refused := func(words ...string) func(w *workspace) {
		return func(w *workspace) {
			r := w.wantFailure(w.apply(), append(words, "Error: Agent 4711 was not started", "The start was refused: POST /api/v1/agent/4711/start: ", "No run was started.")...)
			if n := strings.Count(r.output, "Error: "); n != 1 {
				w.t.Errorf("%d errors:\n%s", n, r.output)
			}
		}
	}
	onlyAsked := func(words ...string) func(w *workspace) {
		return func(w *workspace) {
			r := w.wantFailure(w.apply(), append(words, "was not started", "No run was started.")...)
			if n, m := strings.Count(r.output, "Error: "), w.cloud.Count(simulator.AnyKind); n != 1 || m != 1 {
				w.t.Errorf("%d errors and %d requests, want one of each:\n%s", n, m, r.output)
			}
		}
	}
	once := outcome{starts: 1, lost: 1, plan: created}
	runScenarios(t, []scenario{
		{name: "archived", agent: refusing(func(a *simulator.Agent) { a.Archived = true }), config: oneRun, act: refused("The agent is archived."), want: once},
		{name: "disabled", agent: refusing(func(a *simulator.Agent) { a.Disabled = true }), config: oneRun, act: refused("The agent is disabled."), want: once},
		{name: "no credits", agent: refusing(func(a *simulator.Agent) { a.OutOfCredits = true }), config: oneRun, act: refused("There are not enough credits"), want: once},
		{name: "unknown agent", config: strings.Replace(oneRun, "4711", "9", 1), act: onlyAsked("Error: Agent 9 was not started", "404 Not Found"),
			want: outcome{plan: created}},
		{name: "bad key", config: oneRun, want: outcome{plan: created}, act: func(w *workspace) {
			w.env = append(w.env, "SEQUENTUM_API_KEY=sk-revoked")
			onlyAsked("401 Unauthorized", "The API key is missing or invalid. Check api_key or SEQUENTUM_API_KEY")(w)
		}},
		{name: "lacking scope", config: oneRun, want: outcome{plan: created}, act: func(w *workspace) {
			w.cloud.Forbid(true)
			onlyAsked("403 Forbidden", "insufficient_scope")(w)
		}},
	})
}

// TestScenarioUnknownProvider has a key that comes of a resource still to be created.
func TestScenarioUnknownProvider(t *testing.T) {
	t.Parallel()
	const lateKey = `
resource "terraform_data" "key" {
  input = "` + apiKey + `"
  triggers_replace = "%s"
}

provider "sequentum" {
  api_key = terraform_data.key.output
}
`
	withKey := func(trigger, rest string) string { return fmt.Sprintf(lateKey, trigger) + rest }
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{quick()}})
	w.config("%s", withKey("1", run(unwaited)))
	w.mustApply()
	w.wantState("sequentum_run.r", false, map[string]any{"run_id": firstRun})

	w.config("%s", withKey("2", run(unwaited)))
	w.wantPlan(map[string]string{"terraform_data.key": "replace"})
	w.config("%s", withKey("2", run(unwaited)+filesOf))
	w.wantNoPlan("The provider is not configured yet", "The value of api_key in the provider block is not known yet", "-target")
	w.wantStarts(1)
}
