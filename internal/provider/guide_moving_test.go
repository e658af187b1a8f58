// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

func playMoving(g *guide) {
	o := simulator.Options{Agents: []simulator.Agent{quick()}}
	script, config, moved := playMovingFromCurl(g, o)
	playScriptFaults(g.workspace(o), script)
	playMovingFromLocalExec(g, g.workspace(o), script, config)
	moved.follow(playMovingFromRestapi(g, g.workspace(o)))
}

// playMovingFromCurl returns the script, the configuration that replaces it, and the section that comes last.
func playMovingFromCurl(g *guide, o simulator.Options) (script, config string, moved *section) {
	w, s := g.workspace(o), g.section("From a script with curl")
	script = s.take("sh")
	w.file("products.sh", script)
	w.wantScreen(w.shell(s.take("sh")), s.take("text"))
	wantText(g.t, w.read("products.csv"), "a,b")
	w.useMirror("0.0.1")
	config = s.take("terraform")
	w.file("main.tf", config)
	w.mustRun("init", "-no-color")
	wantText(g.t, w.mustRun("plan", "-no-color").output, "Plan: 2 to add")
	s.follow(w)
	wantText(g.t, w.read("products.csv"), "a,b")
	w.wantMoved("moving.tf")
	return script, config, g.section("After the move")
}

// playScriptFaults sees what the guide says of the script.
func playScriptFaults(w *workspace, script string) {
	w.file("products.sh", script)
	for _, fault := range []simulator.Fault{
		{Kind: simulator.KindStart, Times: 1, After: true, Action: simulator.Reset},
		{Kind: simulator.KindStatus, Times: 1, Action: simulator.StatusCode, Code: 503},
		{Kind: simulator.KindStatus, Times: 1, Action: simulator.StatusCode, Code: 429},
		{Kind: simulator.KindSignedDownload, Times: 1, Action: simulator.TruncateBody, Bytes: 2},
	} {
		w.cloud.Inject(fault)
		if r := w.beginShell("sh products.sh").wait(); r.code == 0 || !strings.Contains(r.raw, "curl: ") {
			w.t.Errorf("after the fault %+v the script ended with %d:\n%s", fault, r.code, r.raw)
		}
	}
	w.wantRuns(map[int64]int{4711: 4})
	if got := w.read("products.csv"); len(got) == 0 || len(got) >= len("a,b\n") {
		w.t.Errorf("half a file holds %q", got)
	}
}

// wantMoved fails the test unless the agent has the old run alone, and the plan is empty without the file of the move.
func (w *workspace) wantMoved(file string) {
	w.t.Helper()
	if err := os.Remove(filepath.Join(w.dir, file)); err != nil {
		w.t.Fatal(err)
	}
	w.wantPlan(nil)
	w.wantRuns(map[int64]int{4711: 1})
	w.wantState("sequentum_run.products", false, map[string]any{"run_id": firstRun, "status": "Completed"})
}

func playMovingFromLocalExec(g *guide, w *workspace, script, config string) {
	s := g.section("From local-exec")
	w.file("products.sh", script)
	const starts = "command = \"sh products.sh\"\n  }\n"
	const ends = "  provisioner \"local-exec\" {\n    when    = destroy\n    command = \"echo ended >ended\"\n  }\n"
	w.file("main.tf", strings.Replace(s.take("terraform"), starts, starts+ends, 1))
	wantText(g.t, w.mustApply().output, "run 100001")
	w.useMirror("0.0.1")
	w.file("main.tf", config)
	w.file("moving.tf", s.take("terraform"))
	for range 2 { // plan and apply
		w.wantScreen(w.shell(s.take("sh")), w.forgetting(s.take("text")))
	}
	w.wantNoState("terraform_data.products")
	if w.read("ended") != "" {
		g.t.Error("a provisioner ran when its resource was removed from state")
	}
	w.wantMoved("moving.tf")
}

func playMovingFromRestapi(g *guide, w *workspace) *workspace {
	s := g.section("From the restapi provider")
	here := func(config string) string {
		return strings.ReplaceAll(config, "https://dashboard.sequentum.com", w.server.URL)
	}
	w.useMirror("0.0.1")
	w.mirrorRestapi()
	w.env = append(w.env, "TF_VAR_api_key="+apiKey)
	before := here(s.take("terraform"))
	w.file("main.tf", before)
	w.mustRun("init", "-no-color")
	w.mustApply()
	w.wantScreen(w.shell(s.take("sh")), s.take("text"))
	w.cloud.Finish(firstRun, simulator.Completed)
	old := w.savedState()

	after := here(s.take("terraform"))
	removed, imported, found := strings.Cut(after, "import {")
	if !found {
		g.t.Fatal("the guide imports nothing")
	}
	kept, _, _ := strings.Cut(removed, "removed {")
	imported = "import {" + imported
	w.file("main.tf", kept+imported)
	w.mustRun("init", "-no-color")
	wantText(g.t, w.mustRun("plan", "-no-color").output, "restapi_object.products will be destroyed")
	w.file("main.tf", after)
	for range 2 { // plan and apply
		w.wantScreen(w.shell(s.take("sh")), w.forgetting(s.take("text")))
	}
	w.wantNoState("restapi_object.products")
	w.wantState("sequentum_run.products", false, map[string]any{"run_id": firstRun, "status": "Completed"})
	moved := w.savedState()

	w.file("terraform.tfstate", old)
	w.file("main.tf", preamble+"provider \"sequentum\" {}\n"+imported)
	w.remove("mirror/registry.terraform.io/mastercard", "mirror/registry.opentofu.org/mastercard", ".terraform")
	w.wantFailure(w.run("init", "-no-color"), "mastercard/restapi")
	w.wantScreen(w.shell(s.take("sh")), s.take("text"))

	// What the guide says of life with that provider.
	w.file("terraform.tfstate", old)
	w.file("main.tf", before)
	w.mirrorRestapi()
	w.mustRun("init", "-no-color")
	w.cloud.Expire(firstRun)
	w.wantPlan(map[string]string{"restapi_object.products": "create"})

	w.wantStarts(1)
	w.file("terraform.tfstate", moved)
	w.file("main.tf", preamble+"provider \"sequentum\" {}\n"+imported)
	w.mustRun("init", "-no-color")
	return w
}

// remove removes files and directories of the workspace.
func (w *workspace) remove(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if err := os.RemoveAll(filepath.Join(w.dir, name)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// forgetting is a screen of the guide as this CLI shows it: OpenTofu counts what it forgets.
func (w *workspace) forgetting(screen string) string {
	w.t.Helper()
	if !w.version().tofu {
		return screen
	}
	return strings.NewReplacer(
		"no longer be managed by Terraform", "be removed from the OpenTofu state but will not be destroyed",
		" destroy.", " destroy, 1 to forget.", " destroyed.", " destroyed, 1 forgotten.",
	).Replace(screen)
}

// restapiOnce builds the restapi provider, and returns its path.
var restapiOnce = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("../tools/build", "restapi").Output()
	if err != nil {
		return "", fmt.Errorf("building the restapi provider: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
})

// mirrorRestapi adds the restapi provider to the mirror that init installs from.
func (w *workspace) mirrorRestapi() {
	w.t.Helper()
	built, err := restapiOnce()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		dir := filepath.Join("mirror", registry, "mastercard/restapi/1.20.0", runtime.GOOS+"_"+runtime.GOARCH)
		w.file(filepath.Join(dir, ".keep"), "")
		if err := os.Symlink(built, filepath.Join(w.dir, dir, "terraform-provider-restapi_v1.20.0")); err != nil {
			w.t.Fatal(err)
		}
	}
}
