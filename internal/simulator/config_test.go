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

func TestReadConfig(t *testing.T) {
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

func TestAgentsSurviveJSON(t *testing.T) {
	a := failing(products())
	a.StopTakes, a.Retention, a.Exclusive = Duration(time.Second), Duration(time.Hour), ExclusiveQueue
	a.Phases = append(a.Phases, phase(17, 1))
	a.InputParameters = map[string]any{"category": "shoes"}
	a.Files = append(a.Files, File{Type: "42"}, File{})
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

func TestConfigErrorsNameFileAndField(t *testing.T) {
	for name, test := range map[string]struct{ text, says string }{
		"no JSON":         {"{\n\"agents\": [}", "line 2: "},
		"empty":           {"", "unexpected end of JSON"},
		"neither":         {`"agents"`, "the file: "},
		"unknown at top":  {`{"agent":[]}`, "agent: unknown field; known are agents, faults"},
		"unknown field":   {`[{"id":1,"phases":[{"state":1}]}]`, "agents[0].phases[0].state: unknown field; known are duration, status"},
		"duration":        {`[{"id":1,"phases":[{"status":1,"duration":"5x"}]}]`, `agents[0].phases[0].duration: "5x" is no duration`},
		"duration number": {`[{"id":1,"retention":5}]`, "agents[0].retention: 5 is no duration"},
		"delay":           {`{"faults":[{"delay":1}]}`, "faults[0].delay: 1 is no duration"},
		"status name":     {`[{"id":1,"phases":[{"status":"running"}]}]`, `agents[0].phases[0].status: "running" is no status`},
		"status negative": {`[{"id":1,"phases":[{"status":-1}]}]`, `agents[0].phases[0].status: -1 is no status`},
		"phase finished":  {`[{"id":1,"phases":[{"status":"Success"}]}]`, "agents[0].phases[0].status: Success is not"},
		"outcome active":  {`[{"id":1,"outcomes":[{"status":"Running"}]}]`, "agents[0].outcomes[0].status: no run ends as Running"},
		"outcome Failed":  {`[{"id":1,"outcomes":[{"status":"Failed"}]}]`, "agents[0].outcomes[0].status: no run ends as Failed"},
		"id":              {`[{"id":0}]`, "agents[0].id: must be from 1"},
		"id twice":        {`[{"id":1},{"id":1}]`, "agents[1].id: there is another agent 1"},
		"id text":         {`[{"id":"1"}]`, "agents[0].id: a string is no int64"},
		"file type":       {`[{"id":1,"files":[{"type":{}}]}]`, "agents[0].files[0].type: {} is no file type"},
		"file contents":   {`[{"id":1,"files":[{"content":"a","size":1}]}]`, "agents[0].files[0]: only one of"},
		"outcome's files": {`[{"id":1,"outcomes":[{"files":[{"size":-1}]}]}]`, "agents[0].outcomes[0].files[0].size: must not be negative"},
		"base64":          {`[{"id":1,"files":[{"content_base64":"%"}]}]`, "agents[0].files[0].content_base64: "},
		"exclusive":       {`[{"id":1,"exclusive":"wait"}]`, "agents[0].exclusive: must be"},
		"records":         {`[{"id":1,"records":-1}]`, "agents[0].records: must not be negative"},
		"agent no object": {`[1]`, "agents[0]: 1 is no object"},
		"agents no array": {`{"agents":{}}`, "agents: {} is no array"},
		"kind":            {`{"faults":[{"kind":"begin"}]}`, `faults[0].kind: "begin" is no kind`},
		"action":          {`{"faults":[{"action":"explode"}]}`, `faults[0].action: "explode" is no action`},
		"stream error":    {`{"faults":[{"action":"reset_stream","stream_error":"OOPS"}]}`, `faults[0].stream_error: "OOPS" is no error code of HTTP/2`},
		"shape":           {`{"faults":[{"shape":"thin"}]}`, `faults[0].shape: "thin" is no shape of an error`},
		"redirect":        {`{"faults":[{"action":"redirect"}]}`, "faults[0].location: a redirect needs one"},
		"skip":            {`{"faults":[{"skip":-1}]}`, "faults[0].skip: must not be negative"},
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

func TestConfigAcceptsWhatIsLeftOut(t *testing.T) {
	config, err := parseConfig([]byte(`{"agents":[{"id":1,"phases":null,"space_id":null,"name":null}],"faults":[{"kind":"stop","action":"pass"},{}]}`))
	if err != nil || config.Agents[0].ID != 1 || config.Agents[0].SpaceID != nil || config.Faults[0].Action != Pass {
		t.Errorf("got %+v, %v", config, err)
	}
}

func TestStatusNames(t *testing.T) {
	for status, want := range map[Status]string{Running: "Running", UpdatingDataSet: "UpdatingDataSet", FailedToStart: "FailedToStart", 17: "Unknown(17)"} {
		if got := status.String(); got != want {
			t.Errorf("status %d is %q, want %q", int(status), got, want)
		}
	}
}
