// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// One 404 does not empty what reads files, also where a missing run is allowed: a for_each over it would destroy what was
// made of the files. Nor does a list of runs that cannot be read, which is only for a warning.
func TestReadersOfFilesDespiteOddAnswers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"a single 404":                      {Kind: simulator.KindFiles, Action: simulator.StatusCode, Code: 404},
		"lists of runs that cannot be read": {Kind: simulator.KindRuns, Times: -1, Action: simulator.Garbage},
		"lists of runs that are not found":  {Kind: simulator.KindRuns, Times: -1, Action: simulator.StatusCode, Code: 404},
	} {
		for typ, r := range fileReaders(t) {
			t.Run(name+"/"+typ, func(t *testing.T) {
				t.Parallel()
				inDownloading(t, catalogue(), func(t *testing.T, d *downloading) {
					arguments := ofFirstRun(r.more)
					arguments["allow_missing"] = tftypes.NewValue(tftypes.Bool, true)
					d.cloud.Inject(fault)
					values, text, failed := r.read(d, arguments)
					var found bool
					if err := values["found"].As(&found); failed || err != nil || !found {
						t.Errorf("found is %v, %v: %s", found, err, text)
					}
				})
			})
		}
	}
}
