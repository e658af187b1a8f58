// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// FuzzContractLeniency makes random answers that the contract allows. The client can read each of them.
func FuzzContractLeniency(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			r := randomLife{rand.New(rand.NewPCG(seed, 1))}
			schemas := mustContract(t, openContract).doc.Components.Schemas
			run := r.object(schemas["Run"].Value)
			run["id"], run["configId"] = 7, agentID
			got, err := newClientAnswering(t, run).RunStatus(t.Context(), agentID, 7)
			checkMadeUpRun(t, run, got, err)
			list, err := newClientAnswering(t, []any{run}).ListRuns(t.Context(), agentID, 0)
			if err != nil || len(list.Runs) != 1 {
				t.Fatalf("of the list of %v the client read %v: %v", run, list, err)
			}
			checkMadeUpRun(t, run, &list.Runs[0], nil)

			started := r.object(schemas["StartedRun"].Value)
			delete(started, "id")
			started["runId"], started["configId"] = 8, agentID
			if got, err := newClientAnswering(t, started).StartRun(t.Context(), agentID, sequentum.StartRequest{}); err != nil || got.ID != 8 {
				t.Errorf("of the start %v the client read %+v: %v", started, got, err)
			}
			file := r.object(schemas["File"].Value)
			files, err := newClientAnswering(t, []any{file}).RunFiles(t.Context(), agentID, 7)
			if err != nil || len(files) != 1 || files[0].ID != file["id"] || *files[0].SizeBytes != file["fileSize"] {
				t.Errorf("of the file %v the client read %+v: %v", file, files, err)
			}
			diagnostics := r.object(schemas["Diagnostics"].Value)
			if _, err := newClientAnswering(t, diagnostics).RunDiagnostics(t.Context(), agentID, 7); err != nil {
				t.Errorf("of the diagnosis %v the client read: %v", diagnostics, err)
			}
			agent := r.object(schemas["Agent"].Value)
			agent["id"] = agentID
			if got, err := newClientAnswering(t, agent).Agent(t.Context(), agentID); err != nil || got.Name != textIn(agent, "name") {
				t.Errorf("of the agent %v the client read %+v: %v", agent, got, err)
			}
			array := r.IntN(2)
			agents := r.object(schemas["AgentPage"].Value.AnyOf[1+array].Value)
			agents[[]string{"agents", "items"}[array]] = []any{agent}
			agents["totalRecordCount"] = r.IntN(2)
			if got, err := newClientAnswering(t, agents).Agents(t.Context()); err != nil || len(got) != 1 || got[0].Name != textIn(agent, "name") {
				t.Errorf("of the page %v the client read %+v: %v", agents, got, err)
			}
			space := r.object(schemas["Space"].Value)
			space["id"] = 12
			if got, err := newClientAnswering(t, space).Space(t.Context(), 12); err != nil || got.Name != textIn(space, "name") {
				t.Errorf("of the space %v the client read %+v: %v", space, got, err)
			}
			if got, err := newClientAnswering(t, []any{space}).Spaces(t.Context()); err != nil || len(got) != 1 || got[0].ID != 12 {
				t.Errorf("of the list of the space %v the client read %+v: %v", space, got, err)
			}
			credits := r.object(schemas["Credits"].Value)
			if got, err := newClientAnswering(t, credits).Credits(t.Context()); err != nil || got.Available != credits["availableCredits"] {
				t.Errorf("of the credits %v the client read %+v: %v", credits, got, err)
			}
		})
	})
}

// textIn is a text of a made-up object; empty: it is null or not there.
func textIn(object map[string]any, name string) string {
	text, _ := object[name].(string)
	return text
}

// newClientAnswering returns a client of an API that answers every request with value.
func newClientAnswering(t *testing.T, value any) *sequentum.Client {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, nil, fixedAnswer{body: string(body)}, "http://127.0.0.1", sequentum.Config{APIKey: apiKey})
	c.contract.contract = mustContract(t, openContract)
	return c.client
}

func checkMadeUpRun(t *testing.T, want map[string]any, got *sequentum.Run, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("of the run %v the client read: %v", want, err)
	}
	for name, count := range map[string]*int64{
		"dataCount": got.RecordsExtracted, "exportCount": got.RecordsExported, "traffic": got.TrafficBytes,
	} {
		if sent, ok := want[name].(int64); ok != (count != nil) || ok && *count != sent {
			t.Errorf("the client read %s %v as %v", name, want[name], count)
		}
	}
	for name, number := range map[string]*int64{"spaceId": got.SpaceID, "parallelSet": got.ParallelSet} {
		if sent, _ := want[name].(int64); (sent != 0) != (number != nil) || sent != 0 && *number != sent {
			t.Errorf("the client read %s %v as %v", name, want[name], number)
		}
	}
	for name, read := range map[string]time.Time{"created": got.CreatedAt, "startTime": got.StartedAt, "endTime": got.FinishedAt} {
		if sent, ok := want[name].(string); ok == read.IsZero() || ok && read.Format("2006-01-02T15:04:05") != sent[:19] {
			t.Errorf("the client read %s %v as %v", name, want[name], read)
		}
	}
	status, known := sequentum.ParseStatus(fmt.Sprint(want["status"]))
	if got.Status != status || !known && got.Status.Finished() {
		t.Errorf("the client read the status %v as %s, finished: %t", want["status"], got.Status, got.Status.Finished())
	}
}

// object makes a random object: the required fields, some of the others, and an unknown one.
func (r randomLife) object(schema *openapi3.Schema) map[string]any {
	object := map[string]any{}
	for _, part := range schema.AllOf {
		maps.Copy(object, r.object(part.Value))
	}
	required := map[string]bool{}
	for _, name := range schema.Required {
		required[name] = true
	}
	for name, property := range schema.Properties {
		if required[name] || !r.chance(3) && name != "runId" {
			object[name] = r.value(property.Value)
		}
	}
	if schema.AdditionalProperties.Has != nil && *schema.AdditionalProperties.Has {
		object["brandNew"] = pick[any](r, nil, 1, "x", []any{map[string]any{"id": 1}})
	}
	return object
}

// value makes a random value of one of the types that the schema allows.
func (r randomLife) value(schema *openapi3.Schema) any {
	if len(schema.AnyOf) > 0 {
		return r.value(pick(r, schema.AnyOf...).Value)
	}
	switch pick(r, schema.Type.Slice()...) {
	case "integer":
		limit := int64(math.MaxInt64)
		if schema.Format == "int32" {
			limit = math.MaxInt32
		}
		least := int64(0)
		if schema.Min != nil {
			least = int64(*schema.Min)
		}
		return max(least, pick(r, r.Int64N(limit), r.Int64N(20), 0)) // above 2^53 too, and codes
	case "number":
		return r.Float64() * 1e5
	case "boolean":
		return r.chance(2)
	case "array":
		return []any{r.value(schema.Items.Value)}
	case "object":
		return r.object(schema)
	case "null":
		return nil
	}
	if schema.Pattern != "" {
		return pick(r, "2026-01-02T03:04:05", "2026-01-02T03:04:05.1Z", "2026-01-02T03:04:05.1234567", "2026-01-02T03:04:05+00:00")
	}
	return pick(r, "Success", "Queued", "Odd", "csv") + pick(r, "", " 📦")
}
