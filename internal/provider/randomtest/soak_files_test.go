// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

const downloadType = "sequentum_run_download"

// soakFiles are what a run of the team leaves.
func soakFiles() []simulator.File {
	return []simulator.File{
		{Name: new("products.csv"), Type: simulator.DeliveredFile, Size: 40_000},
		{Name: new("products.json"), Type: simulator.DeliveredFile, Size: 3_000},
		{Name: new("run.log"), Type: simulator.LogText, Content: "all is well\n"},
	}
}

// folder is where the downloads of the pipeline go now.
func (p *pipeline) folder() string { return filepath.Join(p.directory, fmt.Sprint(p.moved)) }

// downloadOf downloads what a run leaves.
func (p *pipeline) downloadOf(r *randomRun) *core.ResourceConfig {
	on, directory := onOf(r), filepath.Join(p.folder(), r.name)
	return &core.ResourceConfig{
		Address: downloadType + "." + r.name, Type: downloadType, Dependencies: []string{r.address(), on},
		Values: func(get func(address, attribute string) tftypes.Value) map[string]tftypes.Value {
			return map[string]tftypes.Value{
				"agent_id": core.Number(r.agentID), "run_id": orUnknown(get(on, "run_id")), "directory": core.Text(directory),
			}
		},
	}
}

// Refreshed judges runs. A download keeps what it says of its run.
func (p *pipeline) Refreshed(address string, before, after *core.Object, a core.Answer) {
	if before.Type != downloadType {
		p.sequence.Refreshed(address, before, after, a)
		return
	}
	p.noteDiagnostics(address, a)
	p.checkNamed(address, before.Value, a)
	if after == nil {
		p.Wrong("%s: the refresh has lost a download", address)
	}
}

// Applying judges runs, and downloads.
func (p *pipeline) Applying(address string, c *core.Change, config tftypes.Value) func(*core.Object, core.Answer) {
	if c.Type == runType && c.Action == core.ActionUpdate && c.Before.Owed {
		p.world.figures.resumed.Add(1)
	}
	if c.Type != downloadType {
		return p.sequence.Applying(address, c, config)
	}
	p.note("    %s: %s begins", address, c.Action)
	return func(after *core.Object, a core.Answer) {
		p.noteDiagnostics(address, a)
		switch {
		case c.Action == core.ActionDelete:
			p.checkNamed(address, c.Before.Value, a)
		case a.Failed():
			p.checkNamed(address, c.Planned.Value, a)
		case !strings.Contains(core.Warnings(a.Diagnostics), "nterrupted"):
			p.checkDownloaded(address, after)
		}
	}
}

// checkNamed: an error about a run names it.
func (p *pipeline) checkNamed(address string, of tftypes.Value, a core.Answer) {
	if said := core.Errors(a.Diagnostics); said != "" && !strings.Contains(said, fmt.Sprint(core.NumberOf(of, "run_id"))) {
		p.Wrong("%s: the error does not name run %d: %s", address, core.NumberOf(of, "run_id"), said)
	}
}

// checkDownloaded: what state says is on disk, and each file has the content that the cloud has.
func (p *pipeline) checkDownloaded(address string, o *core.Object) {
	files := core.Attributes(core.Attributes(o.Value)["files"])
	r, _ := p.cloud.Run(core.NumberOf(o.Value, "run_id"))
	if len(files) == 0 && r.Status.Finished() && !r.Gone {
		p.Wrong("%s: no file of run %d was downloaded", address, r.ID)
	}
	for name, file := range files {
		p.world.figures.files.Add(1)
		path := core.TextOf(file, "path")
		content, err := os.ReadFile(path)
		if err != nil {
			p.Wrong("%s: state holds %s of run %d: %v", address, name, r.ID, err)
			continue
		}
		sum := sha256.Sum256(content)
		if got, want := hex.EncodeToString(sum[:]), core.TextOf(file, "sha256"); got != want {
			p.Wrong("%s: %s has the sum %s, and state says %s", address, path, got, want)
		}
		if source := p.cloud.FileContent(core.NumberOf(file, "id")); source != nil && !r.Gone {
			wanted, err := io.ReadAll(source)
			if err != nil || !bytes.Equal(wanted, content) {
				p.Wrong("%s: %s has not the content of the file of run %d: %v", address, path, r.ID, err)
			}
		}
	}
}

// checkNoFiles: after a destroy only what a person has altered is left on disk.
func (p *pipeline) checkNoFiles() {
	paths, err := filepath.Glob(filepath.Join(p.directory, "*", "*", "*"))
	if err != nil {
		p.Wrong("%v", err)
	}
	for _, path := range paths {
		if content, err := os.ReadFile(path); err != nil || string(content) != "altered" {
			p.Wrong("%s is left after the destroy: %v", path, err)
		}
		p.note("removed: %v", os.Remove(path))
	}
}
