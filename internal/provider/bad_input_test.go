// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// diagnosis is a diagnostic of `plan -json`.
type diagnosis struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
	Snippet  struct {
		Context string `json:"context"`
		Code    string `json:"code"`
	} `json:"snippet"`
}

// planErrors plans and returns the errors.
func (w *workspace) planErrors() []diagnosis {
	w.t.Helper()
	var errors []diagnosis
	for line := range strings.Lines(w.run("plan", "-json", "-input=false").raw) {
		var event struct {
			Diagnostic diagnosis `json:"diagnostic"`
		}
		if err := json.Unmarshal([]byte(line), &event); err == nil && event.Diagnostic.Severity == "error" {
			errors = append(errors, event.Diagnostic)
		}
	}
	return errors
}

// badInput is one mistake and what the error must say about it.
type badInput struct {
	kind      string
	arguments string // besides the ids
	at        string // the attribute that the error points to
	says      string // among it an example of what is right
}

func (b badInput) config(name string) string {
	block, kind := "resource", b.kind
	if data, found := strings.CutPrefix(kind, "data."); found {
		block, kind = "data", data
	}
	text := fmt.Sprintf("%s %q %q {\n", block, kind, name)
	if !strings.HasPrefix(b.arguments, "agent_id ") {
		text += "agent_id = 4711\n"
	}
	if kind != "sequentum_run" && kind != "sequentum_runs" && !strings.HasPrefix(b.arguments, "run_id ") {
		text += "run_id = 1\n"
	}
	return text + b.arguments + "\n}\n"
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	const run, completion, files = "sequentum_run", "sequentum_run_completion", "data.sequentum_run_files"
	const records, runs = "data.sequentum_run_records", "data.sequentum_runs"
	const aDuration = `a duration above zero, such as "90s", "45m" or "2h"`
	const anObject = `a JSON object in a string, such as jsonencode({ category = "shoes" })`
	bad := map[string]badInput{
		"no_json":           {run, `input_parameters = "{category"`, "input_parameters", anObject},
		"no_object":         {run, `input_parameters = "[1]"`, "input_parameters", anObject},
		"two_objects":       {run, `input_parameters = "{}{}"`, "input_parameters", anObject},
		"null_object":       {run, `input_parameters = "null"`, "input_parameters", anObject},
		"secret_no_json":    {run, `input_parameters_wo = "shoes"`, "input_parameters_wo", anObject},
		"both_inputs":       {run, "input_parameters = \"{}\"\ninput_parameters_wo = \"{}\"", "input_parameters", "input_parameters_wo"},
		"unknown_status":    {run, `success_statuses = ["Succeeded"]`, "success_statuses", `"Success"`},
		"active_status":     {run, `success_statuses = ["Running"]`, "success_statuses", `"Completed"`},
		"negative_timeout":  {run, `timeouts { create = "-1h" }`, "create", aDuration},
		"zero_timeout":      {run, `timeouts { delete = "0s" }`, "delete", aDuration},
		"no_timeout":        {run, `timeouts { read = "soon" }`, "read", aDuration},
		"negative_grace":    {run, `stop_grace_period = "-5s"`, "stop_grace_period", aDuration},
		"bare_number":       {run, `stop_grace_period = "90"`, "stop_grace_period", aDuration},
		"long_grace":        {run, `stop_grace_period = "10m"`, "stop_grace_period", `for example to "2m30s", or raise timeouts.delete`},
		"short_delete":      {run, `timeouts { delete = "1m" }`, "", `for example to "15s", or raise timeouts.delete`},
		"agent_below_one":   {run, "agent_id = -1", "agent_id", "between 1 and 2147483647"},
		"agent_too_large":   {run, "agent_id = 2147483648", "agent_id", "between 1 and 2147483647"},
		"agent_no_number":   {run, `agent_id = "shoes"`, "agent_id", "number is required"},
		"parallelism":       {run, "parallelism = 51", "parallelism", "between 1 and 50"},
		"concurrency":       {run, "parallel_max_concurrency = 0", "parallel_max_concurrency", "at least 1"},
		"export":            {run, `parallel_export = "combined"`, "parallel_export", `"Combined"`},
		"proxy_pool":        {run, "proxy_pool_id = 0", "proxy_pool_id", "at least 1"},
		"log_level":         {run, `log_level = "Debug"`, "log_level", `"Info"`},
		"log_mode":          {run, `log_mode = "Html"`, "log_mode", `"TextAndHtml"`},
		"retries":           {run, "retries = -1", "retries", "between 0 and 100"},
		"log_lines":         {run, "failure_log_lines = 201", "failure_log_lines", "between 0 and 200"},
		"if_active":         {run, `if_active = "wait"`, "if_active", `"fail"`},
		"on_destroy":        {run, `on_destroy = "kill"`, "on_destroy", `"leave"`},
		"completion_lines":  {completion, "failure_log_lines = -1", "failure_log_lines", "between 0 and 200"},
		"completion_below":  {completion, "run_id = -1", "run_id", "at least 1"},
		"completion_status": {completion, `success_statuses = ["Done"]`, "success_statuses", `"Success"`},
		"completion_time":   {completion, `timeouts { create = "1 hour" }`, "create", aDuration},
		"files_agent":       {files, "agent_id = -1", "agent_id", "between 1 and 2147483647"},
		"files_run":         {files, "run_id = -1", "run_id", "at least 1"},
		"files_type":        {files, `types = ["csv"]`, "types", `"DeliveredFile"`},
		"files_no_type":     {files, "types = []", "types", "at least 1"},
		"records_format":    {records, `format = "xlsx"`, "format", `"jsonl"`},
		"records_many":      {records, "max_records = 100001", "max_records", "between 1 and 100000"},
		"records_size":      {records, "max_size_bytes = 0", "max_size_bytes", "between 1 and 67108864"},
		"records_file":      {records, "file_id = -1", "file_id", "at least 1"},
		"records_both":      {records, "file_id = 1\nname = \"a.csv\"", "", "[file_id,name]"},
		"runs_status":       {runs, `statuses = ["Done"]`, "statuses", `"Success"`},
		"runs_no_status":    {runs, "statuses = []", "statuses", "at least 1"},
		"runs_time":         {runs, `created_after = "31.01.2026"`, "created_after", `such as "2030-01-31T06:00:00Z"`},
		"runs_limit":        {runs, "limit = 5000", "limit", "between 1 and 1000"},
	}
	wantErrors(t, bad)
}

// What a bare mock_provider can give passes the validators, and is refused when it is planned.
func TestBadInputAtPlan(t *testing.T) {
	t.Parallel()
	const run, completion = "sequentum_run", "sequentum_run_completion"
	wantErrors(t, map[string]badInput{
		"agent_zero":           {run, "agent_id = 0", "agent_id", "1 or more"},
		"no_status":            {run, "success_statuses = []", "success_statuses", "at least 1"},
		"null_status":          {run, "success_statuses = [null]", "success_statuses", "at least 1"},
		"completion_agent":     {completion, "agent_id = 0", "agent_id", "1 or more"},
		"completion_run":       {completion, "run_id = 0", "run_id", "1 or more"},
		"completion_no_status": {completion, "success_statuses = []", "success_statuses", "at least 1"},
	})
}

// wantErrors fails the test unless each mistake leads to one error, and no request.
func wantErrors(t *testing.T, bad map[string]badInput) {
	t.Helper()
	w := newWorkspace(t, simulator.Options{})
	var all strings.Builder
	for name, b := range bad {
		all.WriteString(b.config(name))
	}
	w.config("%s", all.String())

	open := maps.Clone(bad)
	for _, d := range w.planErrors() {
		name := d.Address[strings.LastIndex(d.Address, ".")+1:]
		if d.Address == "" { // the CLI's own check of a type knows no address
			_, name, _ = strings.Cut(strings.TrimSuffix(d.Snippet.Context, `"`), `" "`)
		}
		b, ok := open[name]
		switch {
		case !ok:
			t.Errorf("more than one error about %s: %s %s", name, d.Summary, d.Detail)
		case !strings.HasPrefix(strings.TrimSpace(d.Snippet.Code), b.at) && !strings.Contains(d.Snippet.Code, " "+b.at+" ="):
			t.Errorf("%s: the error points to %q, want %s", name, d.Snippet.Code, b.at)
		case !strings.Contains(unwrap(d.Detail), b.says):
			t.Errorf("%s: %q does not say %q", name, d.Detail, b.says)
		}
		delete(open, name)
	}
	for name := range open {
		t.Errorf("%s: no error", name)
	}
	if n := w.cloud.Count(simulator.AnyKind); n != 0 {
		t.Errorf("%d requests", n)
	}
}
