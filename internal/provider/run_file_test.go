// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// runFile is a configuration that reads a file of the first run.
func runFile(arguments string) string {
	return fmt.Sprintf("data \"sequentum_run_file\" \"f\" {\n  agent_id = 4711\n  run_id = %d\n%s\n}\n", firstRun, arguments)
}

const theFile = "data.sequentum_run_file.f"

func TestRunFileAsAValue(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", `
data "sequentum_run_file" "json" {
  agent_id = 4711
  run_id   = 100001
  name     = "shoes.json"
}
data "sequentum_run_file" "csv" {
  agent_id = 4711
  run_id   = 100001
  file_id  = 5000000001
}
output "sku" { value = jsondecode(data.sequentum_run_file.json.content)[0].sku }
output "price" { value = csvdecode(data.sequentum_run_file.csv.content)[0].price }
`)
	w.mustApply()
	want := entry(5000000001, "shoes.csv", "DeliveredFile", "sku,price\nA,1\n")
	w.wantState("data.sequentum_run_file.csv", false, map[string]any{
		"found": true, "file_id": want["id"], "name": want["name"], "type": want["type"], "type_code": 1,
		"size_bytes": want["size_bytes"], "sha256": want["sha256"], "content": "sku,price\nA,1\n", "content_base64": "c2t1LHByaWNlCkEsMQo=",
	})
	if got := w.mustRun("output", "-no-color").output; got != `price = "1" sku = "A"` {
		t.Errorf("the outputs are %s", got)
	}
	w.wantPlan(nil)
	w.mustDestroy()
	w.wantNoSecret(apiKey)
}

func TestRunFileOfAnyContent(t *testing.T) {
	t.Parallel()
	w := newDownload(t,
		simulator.File{Bytes: []byte{0xff, 0, 0xfe}},
		delivered("cafe\u0301.txt", "e\u0301"),
		simulator.File{Name: new("empty")})
	w.config("%s", runFile("file_id = 5000000001"))
	w.mustApply()
	w.wantState(theFile, false, map[string]any{"content": nil, "content_base64": "/wD+", "name": nil, "type": nil})
	w.config("%s", runFile("name = \"caf\u00e9.txt\""))
	w.mustApply()
	w.wantState(theFile, false, map[string]any{"content": "\u00e9", "content_base64": "ZcyB", "size_bytes": 3})
	w.config("%s", runFile(`name = "empty"`))
	w.mustApply()
	w.wantState(theFile, false, map[string]any{"content": "", "content_base64": "", "size_bytes": 0})
}

func TestRunFileThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newDownload(t, delivered("same.csv", "1"), logged("same.csv", "22"), simulator.File{Name: new("large"), Size: 1<<20 + 1})
	for arguments, says := range map[string][]string{
		`name = "none"`:                          {`Run 4711/100001 has no file named "none"`, "The run has 3 files", `5000000003 "large", 1048577 bytes`},
		`file_id = 77`:                           {"Run 4711/100001 has no file with the id 77"},
		`name = "same.csv"`:                      {`several files named "same.csv"`, `5000000001 "same.csv", 1 byte, DeliveredFile`, `5000000002 "same.csv", 2 bytes, LogText`, "by file_id"},
		`name = "large"`:                         {"too large for a value", "larger than max_size_bytes (1048576)", "sequentum_run_download"},
		``:                                       {"file_id", "name"},
		"name=\"a\"\nfile_id=1":                  {"file_id", "name"},
		"name=\"a\"\nmax_size_bytes = 100000000": {"max_size_bytes"},
	} {
		w.config("%s", runFile(arguments))
		w.wantNoPlan(says...)
	}
	links := 0
	w.wantLinks(&links, 1) // of the large one: the host says how large it is
	w.config("%s", runFile("name = \"large\"\nmax_size_bytes = 2000000"))
	w.mustApply()
}

func TestRunFileAfterRetention(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", runFile(`name = "shoes.csv"`))
	w.mustApply()
	w.cloud.Expire(firstRun)
	w.wantNoPlan("Run 4711/100001 is not found", "allow_missing = true")
	w.config("%s", runFile("name = \"shoes.csv\"\nallow_missing = true"))
	r := w.mustApply()
	wantText(t, r.output, "Warning: Run 4711/100001 is not found")
	w.wantState(theFile, false, map[string]any{"found": false, "content": nil, "sha256": nil, "file_id": nil, "name": "shoes.csv"})
	w.mustDestroy()
	w.cloud.HideAgent(4711, true)
	w.wantNoPlan("Run 4711/100001 and its agent are not found")
}

func TestRunFileOfARunThatIsActive(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{Agents: []simulator.Agent{endless()}})
	w.cloud.StartRun(4711)
	w.config("%s", runFile(`name = "products.csv"`))
	w.wantNoPlan("Run 4711/100001 is still active", `Run 4711/100001 has no file named "products.csv"`)
	w.finish(simulator.Failure)
	w.mustApply()
	w.wantState(theFile, false, map[string]any{"content": "a,b\n"})
}

// TestRunFileURL hands the link to a provisioner, which is how it can be seen from outside.
func TestRunFileURL(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.logging("TRACE")
	w.config("%s", `
ephemeral "sequentum_run_file_url" "csv" {
  agent_id = 4711
  run_id   = 100001
  name     = "shoes.csv"
}
ephemeral "sequentum_run_file_url" "json" {
  agent_id = 4711
  run_id   = 100001
  file_id  = 5000000002
}
resource "terraform_data" "hand_on" {
  provisioner "local-exec" {
    command     = "printf '%s\\n%s\\n' \"$CSV\" \"$JSON\" >handed-on"
    environment = {
      CSV  = ephemeral.sequentum_run_file_url.csv.url
      JSON = ephemeral.sequentum_run_file_url.json.url
    }
  }
}
`)
	w.mustRun("plan", "-no-color", "-input=false", "-out=saved.plan")
	shown := w.mustRun("show", "-json", "saved.plan")
	w.mustRun("apply", "-no-color", "-input=false", "saved.plan")
	links := strings.Fields(w.read("handed-on"))
	if len(links) != 2 {
		t.Fatalf("two links were to be handed on, not %q", links)
	}
	for i, want := range []string{"sku,price\nA,1\n", `[{"sku":"A"}]`} {
		if got := fetch(t, links[i]); got != want {
			t.Errorf("link %d leads to %q, want %q", i, got, want)
		}
	}
	for where, content := range map[string]string{
		"the state": w.savedState(), "the plan": w.read("saved.plan"), "the plan, shown": shown.raw,
		"what was printed": w.transcript(), "the log": w.read(logFile),
	} {
		if strings.Contains(content, "signature=") {
			t.Errorf("a signed link is in %s", where)
		}
	}
	w.wantNoSecret(apiKey)
}

func fetch(t *testing.T, link string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var b strings.Builder
	if err := resp.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(b.String(), "\r\n\r\n")
	return body
}

func TestRunFileURLThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, simulator.Options{
		Agents: []simulator.Agent{{ID: 4711, Files: append(catalogue(), logged("shoes.csv", "again"))}}, InlineDownloads: true,
	})
	w.cloud.AddFinishedRuns(4711, 1, simulator.Completed)
	url := func(runID int, file string) string {
		return fmt.Sprintf("ephemeral \"sequentum_run_file_url\" \"u\" {\n  agent_id = 4711\n  run_id = %d\n  %s\n}\n", runID, file)
	}
	for config, says := range map[string][]string{
		url(100001, `name = "none"`):      {`Run 4711/100001 has no file named "none"`},
		url(100001, `name = "shoes.csv"`): {`several files named "shoes.csv"`},
		url(100001, `file_id = 77`):       {"The file with the id 77 of run 4711/100001 is not found"},
		url(100077, `name = "shoes.csv"`): {"Run 4711/100077 is not found", "What you can do"},
		url(100077, `file_id = 77`):       {"Run 4711/100077 is not found", "What you can do"},
		url(100001, ``):                   {"file_id", "name"},
		url(100001, `name = "run.log"`):   {"this deployment gives no links to files: it sends the content itself"},
	} {
		w.config("%s", config)
		w.wantNoPlan(says...)
	}
	for _, file := range []string{`name = "shoes.csv"`, `file_id = 77`} {
		w.config("%s", url(100077, file+"\n  allow_missing = true"))
		w.wantPlan(nil, "Warning: Run 4711/100077 is not found")
	}
	w.cloud.HideAgent(4711, true)
	w.wantNoPlan("Run 4711/100077 and its agent are not found")
}

// A Ctrl-C during a plan says what was being waited for.
func TestRunFileInterrupted(t *testing.T) {
	t.Parallel()
	w := newDownload(t, catalogue()...)
	w.config("%s", `provider "sequentum" {}`+"\n"+runFile(`name = "shoes.csv"`))
	w.cloud.Inject(simulator.Fault{Kind: simulator.KindSignedDownload, Times: -1, Action: simulator.Hang})
	p := w.begin("plan", "-no-color", "-input=false")
	p.awaitRequests(simulator.KindSignedDownload, 1)
	r := p.interrupt()
	wantText(t, r.output, "A file of run 4711/100001 could not be read", "The operation was interrupted.",
		"the provider was still waiting for the rest of the content: 0 bytes had arrived")
	wantNoText(t, r.output, "context canceled")
}
