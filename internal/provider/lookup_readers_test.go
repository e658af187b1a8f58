// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider"
	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
)

// lookUp reads a data source in a process of its own.
func (d *downloading) lookUp(typ string, arguments map[string]tftypes.Value) (values map[string]tftypes.Value, text string, failed bool) {
	d.t.Helper()
	return dataReader(typ, dataSchemas(d.t))(d, arguments)
}

func dataSchemas(t *testing.T) *tfprotov6.GetProviderSchemaResponse {
	t.Helper()
	schemas, err := provider.NewServer(t.Context(), provider.New("test", nil)()).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return schemas
}

// lookUpTogether reads many data sources in one process, ten at a time, as a CLI does.
func (d *downloading) lookUpTogether(typ string, all []map[string]tftypes.Value) []map[string]tftypes.Value {
	d.t.Helper()
	schema := dataSchemas(d.t).DataSourceSchemas[typ]
	p := d.startProcess()
	results := make([]map[string]tftypes.Value, len(all))
	next := make(chan int)
	var readers sync.WaitGroup
	for range 10 {
		readers.Go(func() {
			for i := range next {
				resp, err := p.Server.ReadDataSource(d.t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: typ, Config: core.Dynamic(core.ObjectOf(schema, all[i]))})
				if err != nil || core.Errors(resp.Diagnostics) != "" {
					d.t.Errorf("%v %v", err, resp)
					continue
				}
				v, err := resp.State.Unmarshal(schema.ValueType())
				if err != nil {
					d.t.Error(err)
				}
				results[i] = core.Attributes(v)
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	readers.Wait()
	return results
}
