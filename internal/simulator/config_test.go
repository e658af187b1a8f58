// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestReadConfigReadsAgentsAndFaults(t *testing.T) {
	got, err := ReadConfig("testdata/agents.json")
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Agents: []Agent{{
			ID: 4711, Name: "Products", SpaceID: new(int64(7)), Version: 3, Records: 100,
			Phases: []Phase{phase(Queuing, 2), phase(Starting, 1), phase(Running, 10), phase(Exporting, 2)},
			Outcomes: []Outcome{
				failing(Agent{}).Outcomes[0],
				{Status: Success, Files: &[]File{{Name: new("other.csv"), Type: "csv", Content: "a,b\n"}}},
			},
			Files: []File{
				{Name: new("products.json"), Type: DeliveredFile, Content: "[]"},
				{Bytes: []byte{0, 1, 2}},
				{Name: new("run.log"), Type: LogText, Size: 1000},
			},
		}},
		Faults: []Fault{{Kind: KindStart, Action: HTML, After: true, Delay: time.Second, Times: 1}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestVariantsOfAnAgentsFileBecomeOptions(t *testing.T) {
	config, err := parseConfig([]byte(`{"agents":[{"id":1}],"variants":{"access_token":"t","scopes":["runs:read"],
		"error_shapes":["text","empty"],"id_servers":2,"link_life":"5s","personal_space_zero":true,"inline_downloads":true,
		"agents_per_page":100,"paging":"items",
		"space_fields":"older","space_search_array":true,"total_cost_of_page":true,
		"legacy_status_names":true,"start_answers_run_id":true,"echo_key":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := Options{RateLimit: 7}
	config.Apply(&got)
	want := Options{
		RateLimit: 7, Agents: []Agent{{ID: 1}}, AccessToken: "t", Scopes: []string{"runs:read"},
		ErrorShapes: []ErrorShape{ShapeText, ShapeEmpty}, IDServers: 2, LinkLife: 5 * time.Second, PersonalSpaceZero: true,
		AgentsPerPage: 100, Paging: PagingItems, SpaceFields: OlderSpaceFields, SpaceSearchArray: true,
		TotalCostOfPage: true, InlineDownloads: true, LegacyStatusNames: true, StartAnswersRunID: true, EchoKey: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSpacesAreReadFromAnAgentsFile(t *testing.T) {
	got, err := parseConfig([]byte(`{"spaces":[{"id":7,"name":"Shop","description":"All shops.","is_default_access":true,
		"run_retention_hours":24,"scope":"Team","created":"2026-01-02T03:04:05Z"},{"id":8}]}`))
	want := []Space{{
		ID: 7, Name: "Shop", Description: "All shops.", IsDefaultAccess: true, RunRetentionHours: new(int64(24)), Scope: "Team",
		Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}, {ID: 8}}
	if err != nil || !reflect.DeepEqual(got.Spaces, want) {
		t.Errorf("got %+v, want %+v, %v", got.Spaces, want, err)
	}
	var o Options
	got.Apply(&o)
	if !reflect.DeepEqual(o.Spaces, want) {
		t.Errorf("the options have %+v", o.Spaces)
	}
}

func TestCreditsOfAnAgentsFileKeepTheirDigits(t *testing.T) {
	got, err := parseConfig([]byte(`{"credits":12345678901234567890.10,"agents":[{"id":1,"cost":null}]}`))
	if err != nil || got.Credits != "12345678901234567890.10" || got.Agents[0].Cost != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	var o Options
	if got.Apply(&o); o.Credits != got.Credits {
		t.Errorf("the options have %q", o.Credits)
	}
}

func TestFaultsAreReadFromAnAgentsFile(t *testing.T) {
	got, err := parseConfig([]byte(`{"faults":[
		{"action":"reset_stream","stream_error":"CANCEL"},
		{"action":"bare","code":206,"header":{"X-RateLimit-Limit":"abc"},"reason":"{url}"},
		{"kind":"runs","insert":[null, {"id": 1e30}],"insert_at":-1,"repeat":2,"twice":"stopped_last","prefix":"\ufeff","pad":3,"gzip":"always"},
		{"kind":"signed_download","quirk":"chunked","changes":true,"shape":"empty"}
	]}`))
	want := []Fault{
		{Action: ResetStream, StreamError: StreamCancel},
		{Action: Bare, Code: 206, Header: map[string]string{"X-RateLimit-Limit": "abc"}, Reason: "{url}"},
		{Kind: KindRuns, Insert: []Element{"null", `{"id": 1e30}`}, InsertAt: -1, Repeat: 2, Twice: StoppedLast, Prefix: "\ufeff", Pad: 3, Gzip: GzipAlways},
		{Kind: KindSignedDownload, Quirk: Chunked, Changes: true, Shape: ShapeEmpty},
	}
	if err != nil || !reflect.DeepEqual(got.Faults, want) {
		t.Errorf("got %+v, want %+v, %v", got.Faults, want, err)
	}
}

func TestAgentWrittenAsJSONReadsAsItWas(t *testing.T) {
	a := failing(products())
	a.Cost, a.BilledAfter, a.Outcomes[0].Cost = "0.10", Duration(time.Minute), "2e1"
	a.StopTakes, a.Retention, a.Exclusive = Duration(time.Second), Duration(time.Hour), ExclusiveQueue
	a.Phases = append(a.Phases, phase(17, 1))
	a.InputParameters = map[string]any{"category": "shoes"}
	a.Documentation, a.Type, a.NullName, a.ProxyPoolID = "Reads all.", CommandType, true, new(int64(3))
	a.Created = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	a.Versions = []AgentVersion{{Version: 4, UserName: "ada", Comments: "First.", FileSize: 9, Created: a.Created}}
	a.Files = append(a.Files, File{Type: "42"}, File{}, File{Size: 9, GrowsPerSecond: 3, ListedSize: new(int64(-1)), Validator: WeakETag})
	a.Schedules = []Schedule{
		{ID: 5, Name: "Daily", Type: ScheduleCRON, Cron: "0 9 * * *", Parallelism: new(int64(2))}, {Name: "None", Disabled: true},
		{Name: "Once", Type: ScheduleRunOnce, StartTime: Moment{time.Date(2030, 1, 31, 9, 0, 0, 0, time.UTC)}},
	}
	text, err := json.Marshal([]Agent{a})
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Agents, []Agent{a}) {
		t.Errorf("%s reads as %+v, want %+v", text, got.Agents, a)
	}
}

func TestErrorOfAnAgentsFileNamesFileAndField(t *testing.T) {
	for name, test := range map[string]struct{ text, says string }{
		"text that is no JSON":                {"{\n\"agents\": [}", "line 2: "},
		"empty file":                          {"", "unexpected end of JSON"},
		"neither object nor array":            {`"agents"`, "the file: cannot be string"},
		"unknown field of the file":           {`{"agent":[]}`, `the file: json: unknown field "agent"`},
		"unknown field of a phase":            {`[{"id":1},{"id":2,"phases":[{"state":1}]}]`, `agents[1]: json: unknown field "state"`},
		"unknown field of a fault":            {`{"faults":[{"code":500},{"kid":"start"}]}`, `faults[1]: json: unknown field "kid"`},
		"duration without a unit":             {`[{"id":1,"phases":[{"status":1,"duration":"5x"}]}]`, `agents[0]: phases.duration cannot be "5x": a duration is`},
		"duration as a number":                {`[{"id":1,"retention":5}]`, "agents[0]: retention cannot be 5: a duration is"},
		"delay as a number":                   {`{"faults":[{"delay":1}]}`, "faults[0]: delay cannot be 1: a duration is"},
		"unknown status name":                 {`[{"id":1,"phases":[{"status":"running"}]}]`, `agents[0]: phases.status cannot be "running": a status is`},
		"negative status":                     {`[{"id":1,"phases":[{"status":-1}]}]`, `agents[0]: phases.status cannot be -1: a status is`},
		"finished status of a phase":          {`[{"id":1,"phases":[{"status":"Success"}]}]`, "agents[0].phases[0].status: Success is not"},
		"active status of an outcome":         {`[{"id":1,"outcomes":[{"status":"Running"}]}]`, "agents[0].outcomes[0].status: no run ends as Running"},
		"outcome Failed":                      {`[{"id":1,"outcomes":[{"status":"Failed"}]}]`, "agents[0].outcomes[0].status: no run ends as Failed"},
		"agent id 0":                          {`[{"id":0}]`, "agents[0].id: must be from 1"},
		"two agents with one id":              {`[{"id":1},{"id":1}]`, "agents[1].id: there is another agent 1"},
		"agent id as text":                    {`[{"id":"1"}]`, "agents[0]: id cannot be string"},
		"file type as an object":              {`[{"id":1,"files":[{"type":{}}]}]`, "agents[0]: files.type cannot be {}: a file type is"},
		"file with two contents":              {`[{"id":1,"files":[{"content":"a","size":1}]}]`, "agents[0].files[0]: only one of"},
		"negative size in an outcome":         {`[{"id":1,"outcomes":[{"files":[{"size":-1}]}]}]`, "agents[0].outcomes[0].files[0].size: must not be negative"},
		"content that is no base64":           {`[{"id":1,"files":[{"content_base64":"%"}]}]`, "agents[0]: illegal base64"},
		"unknown way to run exclusively":      {`[{"id":1,"exclusive":"wait"}]`, `agents[0]: exclusive cannot be "wait": it is one of ["queue"`},
		"negative number of id servers":       {`{"variants":{"id_servers":-1}}`, "variants.id_servers: must not be negative"},
		"negative life of links":              {`{"variants":{"link_life":"-1s"}}`, "variants.link_life: must not be negative"},
		"negative number of agents in a page": {`{"variants":{"agents_per_page":-1}}`, "variants.agents_per_page: must not be negative"},
		"unknown paging":                      {`{"variants":{"paging":"odd"}}`, `the file: variants.paging cannot be "odd": it is one of ["items"`},
		"version 0":                           {`[{"id":1,"versions":[{"version":0}]}]`, "agents[0].versions[0].version: must be at least 1"},
		"version twice":                       {`[{"id":1,"versions":[{"version":1},{"version":1}]}]`, "agents[0].versions[1].version: there is another version 1"},
		"negative size of a version":          {`[{"id":1,"versions":[{"version":1,"file_size":-1}]}]`, "agents[0].versions[0].file_size: must not be negative"},
		"unknown type of an agent":            {`[{"id":1,"config_type":"Script"}]`, `agents[0]: config_type cannot be "Script": it is one of ["Agent"`},
		"space id 0":                          {`{"spaces":[{"id":0}]}`, "spaces[0].id: must be from 1"},
		"two spaces with one id":              {`{"spaces":[{"id":1},{"id":1}]}`, "spaces[1].id: there is another space 1"},
		"negative retention of a space":       {`{"spaces":[{"id":1,"run_retention_hours":-1}]}`, "spaces[0].run_retention_hours: must not be negative"},
		"unknown field of a space":            {`{"spaces":[{"id":1,"title":"a"}]}`, `spaces[0]: json: unknown field "title"`},
		"unknown fields of spaces":            {`{"variants":{"space_fields":"odd"}}`, `the file: variants.space_fields cannot be "odd": it is one of ["older"`},
		"credits as text":                     {`{"credits":"12"}`, `the file: credits cannot be "12": an amount is a number`},
		"cost as text":                        {`[{"id":1,"cost":"12"}]`, `agents[0]: cost cannot be "12": an amount is a number`},
		"cost of an outcome as a list":        {`[{"id":1,"outcomes":[{"cost":[]}]}]`, `agents[0]: outcomes.cost cannot be []: an amount is a number`},
		"negative time before the bill":       {`[{"id":1,"billed_after":"-1s"}]`, "agents[0].billed_after: must not be negative"},
		"unknown shape among the variants":    {`{"variants":{"error_shapes":["text","thin"]}}`, `the file: variants.error_shapes cannot be "thin": it is one of ["problem"`},
		"unknown report of siblings":          {`[{"id":1,"siblings":"two"}]`, `agents[0]: siblings cannot be "two": it is one of ["one"`},
		"negative message size":               {`[{"id":1,"message_size":-1}]`, "agents[0].message_size: must not be negative"},
		"negative number of records":          {`[{"id":1,"records":-1}]`, "agents[0].records: must not be negative"},
		"number instead of an agent":          {`[1]`, "agents[0]: cannot be number"},
		"object instead of agents":            {`{"agents":{}}`, "the file: agents cannot be object"},
		"unknown kind of request":             {`{"faults":[{"kind":"begin"}]}`, `faults[0]: kind cannot be "begin": it is one of [`},
		"unknown action":                      {`{"faults":[{"action":"explode"}]}`, `faults[0]: action cannot be "explode": it is one of [`},
		"unknown stream error":                {`{"faults":[{"action":"reset_stream","stream_error":"OOPS"}]}`, `faults[0]: stream_error cannot be "OOPS": it is an error code of HTTP/2`},
		"unknown order of a run shown twice":  {`{"faults":[{"twice":"thrice"}]}`, `faults[0]: twice cannot be "thrice": it is one of ["stopped_first"`},
		"unknown compression":                 {`{"faults":[{"gzip":"no"}]}`, `faults[0]: gzip cannot be "no": it is one of ["accepted"`},
		"unknown quirk":                       {`{"faults":[{"quirk":"odd"}]}`, `faults[0]: quirk cannot be "odd": it is one of ["chunked"`},
		"negative repeat":                     {`{"faults":[{"repeat":-1}]}`, "faults[0].repeat: must not be negative"},
		"negative pad":                        {`{"faults":[{"pad":-1}]}`, "faults[0].pad: must not be negative"},
		"unknown validator":                   {`[{"id":1,"files":[{"validator":"md5"}]}]`, `agents[0]: files.validator cannot be "md5": it is one of ["weak"`},
		"negative growth":                     {`[{"id":1,"files":[{"grows_per_second":-1}]}]`, "agents[0].files[0].grows_per_second: must not be negative"},
		"unknown shape of a fault":            {`{"faults":[{"shape":"thin"}]}`, `faults[0]: shape cannot be "thin": it is one of ["problem"`},
		"redirect without a location":         {`{"faults":[{"action":"redirect"}]}`, "faults[0].location: a redirect needs one"},
		"negative skip":                       {`{"faults":[{"skip":-1}]}`, "faults[0].skip: must not be negative"},
		"schedule without a name":             {`[{"id":1,"schedules":[{"name":"a"},{}]}]`, "agents[0].schedules[1].name: is missing"},
		"unknown field of a schedule":         {`[{"id":1,"schedules":[{"cronExpression":"x"}]}]`, `agents[0]: json: unknown field "cronExpression"`},
		"unknown type of schedule":            {`[{"id":1,"schedules":[{"type":"Cron"}]}]`, `agents[0]: schedules.type cannot be "Cron": a type is`},
		"schedule type out of range":          {`[{"id":1,"schedules":[{"type":4}]}]`, `agents[0]: schedules.type cannot be 4: a type is`},
		"schedule without a type":             {`[{"id":1,"schedules":[{"name":"a","cron":"0 9 * * *"}]}]`, "agents[0].schedules[0].type: None has no time"},
		"bad cron":                            {`[{"id":1,"schedules":[{"name":"a","type":"CRON","cron":"0 25 * * *"}]}]`, "agents[0].schedules[0].cron: "},
		"bad zone":                            {`[{"id":1,"schedules":[{"name":"a","timezone":"Mars"}]}]`, "agents[0].schedules[0].timezone: "},
		"bad start time":                      {`[{"id":1,"schedules":[{"start_time":"soon"}]}]`, `agents[0]: schedules.start_time cannot be "soon": a time is`},
		"RunOnce without a start time":        {`[{"id":1,"schedules":[{"name":"a","type":1}]}]`, "agents[0].schedules[0].start_time: RunOnce needs one"},
		"RunEvery without a count":            {`[{"id":1,"schedules":[{"name":"a","type":2,"run_every_period":1}]}]`, "agents[0].schedules[0].run_every_count: must be"},
		"RunEvery with period 0":              {`[{"id":1,"schedules":[{"name":"a","type":2,"run_every_count":1}]}]`, "agents[0].schedules[0].run_every_period: must be"},
		"bad inputs of a schedule":            {`[{"id":1,"schedules":[{"name":"a","input_parameters":"{"}]}]`, "agents[0].schedules[0].input_parameters: is not JSON"},
		"negative schedule id":                {`[{"id":1,"schedules":[{"name":"a","id":-1}]}]`, "agents[0].schedules[0].id: must not be negative"},
		"two schedules with one id":           {`[{"id":1,"schedules":[{"name":"a","id":5}]},{"id":2,"schedules":[{"name":"a","id":5}]}]`, "agents[1].schedules[0].id: there is another schedule 5"},
		"unknown end of a fired schedule":     {`{"variants":{"schedules":{"fired":"gone"}}}`, `the file: variants.schedules.fired cannot be "gone": it is one of ["deleted"`},
		"unknown meaning of no isEnabled":     {`{"variants":{"schedules":{"absent_enabled":"no"}}}`, `variants.schedules.absent_enabled cannot be "no": it is one of ["disabled"`},
		"unknown look of unset fields":        {`{"variants":{"schedules":{"unset":"0"}}}`, `variants.schedules.unset cannot be "0": it is one of ["absent"`},
		"unknown zone of the server":          {`{"variants":{"schedules":{"default_timezone":"Local"}}}`, `variants.schedules.default_timezone: "Local" is not`},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "agents.json")
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ReadConfig(file)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), file) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
	if _, err := ReadConfig(filepath.Join(t.TempDir(), "none.json")); err == nil || !strings.Contains(err.Error(), "none.json") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestAgentsFileMayLeaveFieldsOutOrNull(t *testing.T) {
	config, err := parseConfig([]byte(`{"agents":[{"id":1,"phases":null,"space_id":null,"name":null}],"faults":[{"kind":"stop","action":"pass"},{}]}`))
	if err != nil || config.Agents[0].ID != 1 || config.Agents[0].SpaceID != nil || config.Faults[0].Action != Pass {
		t.Errorf("got %+v, %v", config, err)
	}
}
