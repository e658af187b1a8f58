// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// wantListed reads the files of a run, and fails the test unless there are so many.
func wantListed(t *testing.T, server tfprotov6.ProviderServer, arguments map[string]tftypes.Value, want int) {
	t.Helper()
	schema := dataSchemas(t).DataSourceSchemas["sequentum_run_files"]
	resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: "sequentum_run_files", Config: core.Dynamic(core.ObjectOf(schema, arguments))})
	if err != nil {
		t.Fatal(err)
	}
	v, err := resp.State.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	if files, _ := plainOf(t, core.Attributes(v)["files"]).([]any); len(files) != want {
		t.Errorf("%d files, want %d", len(files), want)
	}
}

// Reads of a finished run's files share a list. What was listed while the run was active serves no read after its end.
func TestListsOfFilesAreShared(t *testing.T) {
	t.Parallel()
	agent := endless()
	agent.Files = catalogue()
	inDownloadingOf(t, simulator.Options{Agents: []simulator.Agent{agent}}, func(t *testing.T, d *downloading) {
		r := d.cloud.StartRun(4711)
		time.Sleep(time.Minute)
		p := d.startProcess()
		arguments := ofAgent(map[string]tftypes.Value{"run_id": core.Number(r.ID)})
		listed := func(want int) {
			t.Helper()
			wantListed(t, p.Server, arguments, want)
		}
		listed(0)
		d.cloud.Finish(r.ID, simulator.Success)
		time.Sleep(time.Second) // the list of runs that shows it active is still used
		listed(3)
		time.Sleep(10 * time.Second)
		d.cloud.ResetCounts()
		for range 5 {
			listed(3)
		}
		arguments["types"] = textSet("LogText") // filters a copy of the shared list
		listed(1)
		arguments["types"] = nullAnd("LogText")
		listed(1)
		arguments["types"] = nullAnd()
		listed(3)
		delete(arguments, "types")
		listed(3)
		if n := d.cloud.Count(simulator.KindFiles); n != 1 {
			t.Errorf("%d lists of files", n)
		}
	})
}

// What an action of the same process removes is not listed any more.
func TestListsOfFilesAfterARemoval(t *testing.T) {
	t.Parallel()
	inActionLab(t, simulator.Agent{ID: 4711, Files: catalogue()}, func(t *testing.T, l *actionLab) {
		id := l.cloud.AddFinishedRuns(4711, 1, simulator.Success)[0]
		arguments := ofAgent(map[string]tftypes.Value{"run_id": core.Number(id)})
		wantListed(t, l.server, arguments, 3)
		removal := ofAgent(map[string]tftypes.Value{"run_id": core.Number(id), "method": core.Text("RemoveAllFiles")})
		l.begin(removeAction, removal).ended.Wait()
		wantListed(t, l.server, arguments, 0)
	})
}
