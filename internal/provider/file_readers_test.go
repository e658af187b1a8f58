// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// reader asks for a data source or an ephemeral resource, and gives its values and the text of all diagnostics.
type reader func(d *downloading, arguments map[string]tftypes.Value) (values map[string]tftypes.Value, text string, failed bool)

// fileReaders are all that read files of a run, by name, with the arguments that they need.
func fileReaders(t *testing.T) map[string]struct {
	read    reader
	more    map[string]tftypes.Value
	timeout string // its name
} {
	t.Helper()
	schemas := dataSchemas(t)
	byName := map[string]tftypes.Value{"name": core.Text("run.log")}
	ofData := map[string]tftypes.Value{"name": core.Text("shoes.csv")}
	return map[string]struct {
		read    reader
		more    map[string]tftypes.Value
		timeout string
	}{
		"sequentum_run_files":    {dataReader("sequentum_run_files", schemas), nil, "read"},
		"sequentum_run_file":     {dataReader("sequentum_run_file", schemas), byName, "read"},
		"sequentum_run_records":  {dataReader("sequentum_run_records", schemas), ofData, "read"},
		"sequentum_run_file_url": {ephemeralReader("sequentum_run_file_url", schemas), byName, "open"},
	}
}

func dataReader(typ string, schemas *tfprotov6.GetProviderSchemaResponse) reader {
	schema := schemas.DataSourceSchemas[typ]
	return func(d *downloading, arguments map[string]tftypes.Value) (map[string]tftypes.Value, string, bool) {
		d.t.Helper()
		config := core.Dynamic(core.ObjectOf(schema, arguments))
		p := d.startProcess()
		valid, err := p.Server.ValidateDataResourceConfig(d.t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: typ, Config: config})
		if err != nil {
			d.t.Fatal(err)
		}
		if text := core.Errors(valid.Diagnostics); text != "" {
			return nil, text, true
		}
		resp, err := p.Server.ReadDataSource(d.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typ, Config: config})
		if err != nil {
			d.t.Fatal(err)
		}
		return d.answered(resp.State, schema, resp.Diagnostics)
	}
}

func ephemeralReader(typ string, schemas *tfprotov6.GetProviderSchemaResponse) reader {
	schema := schemas.EphemeralResourceSchemas[typ]
	return func(d *downloading, arguments map[string]tftypes.Value) (map[string]tftypes.Value, string, bool) {
		d.t.Helper()
		config := core.Dynamic(core.ObjectOf(schema, arguments))
		p := d.startProcess()
		valid, err := p.Server.ValidateEphemeralResourceConfig(d.t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typ, Config: config})
		if err != nil {
			d.t.Fatal(err)
		}
		if text := core.Errors(valid.Diagnostics); text != "" {
			return nil, text, true
		}
		resp, err := p.Server.OpenEphemeralResource(d.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{TypeName: typ, Config: config})
		if err != nil {
			d.t.Fatal(err)
		}
		return d.answered(resp.Result, schema, resp.Diagnostics)
	}
}

func (d *downloading) answered(value *tfprotov6.DynamicValue, schema *tfprotov6.Schema, diagnostics []*tfprotov6.Diagnostic) (map[string]tftypes.Value, string, bool) {
	d.t.Helper()
	text := core.Warnings(diagnostics) + core.Errors(diagnostics)
	if core.Errors(diagnostics) != "" || value == nil {
		return nil, text, true
	}
	v, err := value.Unmarshal(schema.ValueType())
	if err != nil {
		d.t.Fatal(err)
	}
	return core.Attributes(v), text, false
}

// timeoutBlock is a timeouts block with one duration.
func timeoutBlock(name, duration string) tftypes.Value {
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{name: tftypes.String}}
	return tftypes.NewValue(kind, map[string]tftypes.Value{name: core.Text(duration)})
}

func ofFirstRun(more map[string]tftypes.Value) map[string]tftypes.Value {
	all := map[string]tftypes.Value{"agent_id": core.Number(4711), "run_id": core.Number(firstRun)}
	maps.Copy(all, more)
	return all
}
