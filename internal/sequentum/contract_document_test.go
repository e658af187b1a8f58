// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// mustContract returns the contract of load, and ends the test when there is none.
func mustContract(t testing.TB, load func() (*contract, error)) *contract {
	t.Helper()
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// knownValue is an entry of x-known.
type knownValue struct {
	Code    *int64 `json:"code"`
	Name    string `json:"name"`
	Phase   string `json:"phase"`   // of a status: reserved, active, finished or failed (which is finished, too)
	ShownAs string `json:"shownAs"` // of an older name: the name that it stands for
}

func knownValues(t testing.TB, schema *openapi3.SchemaRef) []knownValue {
	t.Helper()
	data, err := json.Marshal(schema.Value.Extensions["x-known"])
	if err != nil {
		t.Fatal(err)
	}
	var values []knownValue
	if err := json.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	if len(values) == 0 {
		t.Fatal("the contract has no known values here")
	}
	return values
}

func TestContractAndClientListTheSameStatuses(t *testing.T) {
	var finished []string
	for _, known := range knownValues(t, mustContract(t, openContract).doc.Components.Schemas["Status"]) {
		shown := known.Name
		if known.ShownAs != "" {
			shown = known.ShownAs
		}
		spellings := []string{known.Name}
		if known.Code != nil {
			spellings = append(spellings, strconv.FormatInt(*known.Code, 10))
			if got := simulator.Status(*known.Code).String(); got != known.Name {
				t.Errorf("the simulator calls status %d %s, the contract %s", *known.Code, got, known.Name)
			}
		}
		if known.Phase == "finished" || known.Phase == "failed" {
			finished = append(finished, shown)
		}
		for _, spelling := range spellings {
			status, ok := sequentum.ParseStatus(spelling)
			if !ok || status.String() != shown {
				t.Errorf("the client reads status %s as %s, known %t; want %s", spelling, status, ok, shown)
			}
			if want := known.Phase == "finished" || known.Phase == "failed"; status.Finished() != want || status.Active() == want {
				t.Errorf("the client takes %s for finished: %t, active: %t; the contract says %s",
					spelling, status.Finished(), status.Active(), known.Phase)
			}
			if want := known.Phase == "failed"; status.IsFailure() != want {
				t.Errorf("the client takes %s for a failure: %t; the contract says %s", spelling, status.IsFailure(), known.Phase)
			}
		}
	}
	if got := slices.Sorted(slices.Values(sequentum.FinishedStatusNames())); !slices.Equal(got, slices.Sorted(slices.Values(finished))) {
		t.Errorf("the client's finished statuses are %v, the contract's %v", got, finished)
	}
}

func TestContractAndClientListTheSameFileTypes(t *testing.T) {
	var names []string
	for i, known := range knownValues(t, mustContract(t, openContract).doc.Components.Schemas["File"].Value.Properties["fileType"]) {
		if known.Code == nil || *known.Code != int64(i+1) {
			t.Fatalf("the contract's file types are not in the order of their codes: %+v", known)
		}
		names = append(names, known.Name)
	}
	if got := sequentum.FileTypeNames(); !slices.Equal(got, names) {
		t.Errorf("the client's file types are %v, the contract's %v", got, names)
	}
}

func TestContractListsTheValuesOfRequests(t *testing.T) {
	doc := mustContract(t, openContract).doc
	query := doc.Paths.Value("/agent/{agentId}/run/{runId}").Delete.Parameters.GetByInAndName("query", "removeMethod")
	want := []any{
		string(sequentum.RemoveEntireRun), string(sequentum.RemoveAllFiles), string(sequentum.RemoveAllFilesAndAgentInput),
	}
	if !slices.Equal(query.Schema.Value.Enum, want) {
		t.Errorf("the client's remove methods are %v, the contract's %v", want, query.Schema.Value.Enum)
	}
}
