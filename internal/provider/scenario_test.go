//go:build unix

package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// scenario is one story told with the real CLI, a real provider process and a simulated cloud.
type scenario struct {
	name   string
	agent  simulator.Agent // id 0: one whose runs go on until they are ended
	cloud  simulator.Options
	config string
	faults []simulator.Fault
	act    func(w *workspace)
	want   outcome
}

// outcome is what must be true in the end.
type outcome struct {
	starts    int // that were sent
	lost      int // of them, those that led to no run
	strangers int // runs that others started
	tainted   bool
	state     map[string]any // attributes of sequentum_run.r; nil: it is not in state

	plan     map[string]string // actions of the next plan; empty: no changes
	planSays []string
	noPlan   []string // what the error says that the next plan ends with
}

const oneRun = `
resource "sequentum_run" "r" {
  agent_id = 4711
}
`

// dependent hangs a second object and a data source on the run, through a local.
const dependent = `
locals { run_id = sequentum_run.r.run_id }

resource "terraform_data" "dependent" {
  input = local.run_id
}

data "sequentum_run_files" "f" {
  agent_id = 4711
  run_id   = local.run_id
}
`

// run is a configuration of sequentum_run.r with these arguments.
func run(arguments string) string {
	return "resource \"sequentum_run\" \"r\" {\n  agent_id = 4711\n" + arguments + "\n}\n"
}

// endless is an agent whose runs go on until they are ended; outcomes are for those that end by themselves.
func endless() simulator.Agent { return running(time.Hour) }

func running(d time.Duration, outcomes ...simulator.Outcome) simulator.Agent {
	return simulator.Agent{
		ID: 4711, Name: "Shoes", Records: 120, Outcomes: outcomes, StopTakes: simulator.Duration(time.Second),
		Phases: []simulator.Phase{{Status: simulator.Running, Duration: simulator.Duration(d)}},
		Files:  []simulator.File{{Name: new("products.csv"), Content: "a,b\n"}},
	}
}

func runScenarios(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.tell(t)
		})
	}
}

// overBoth is the scenarios once over plain HTTP/1.1 and once over TLS, where the provider and the cloud speak HTTP/2.
func overBoth(scenarios []scenario) []scenario {
	both := slices.Clone(scenarios)
	for _, s := range scenarios {
		s.name += ", over HTTP/2"
		s.cloud.TLS = true
		both = append(both, s)
	}
	return both
}

func (s scenario) tell(t *testing.T) {
	if s.agent.ID == 0 {
		s.agent = endless()
	}
	s.cloud.Agents = append(s.cloud.Agents, s.agent)
	w := newWorkspace(t, s.cloud)
	w.cloud.Inject(s.faults...)
	w.config("%s", s.config)
	s.act(w)
	w.wantStarts(s.want.starts)
	if got, want := len(w.cloud.Runs(4711)), s.want.starts-s.want.lost+s.want.strangers; got != want {
		t.Errorf("%d runs, want %d", got, want)
	}
	if s.want.state == nil {
		w.wantNoState("sequentum_run.r")
	} else {
		w.wantState("sequentum_run.r", s.want.tainted, s.want.state)
	}
	if s.want.noPlan != nil {
		w.wantNoPlan(s.want.noPlan...)
	} else {
		w.wantPlan(s.want.plan, s.want.planSays...)
	}
	w.wantStarts(s.want.starts)
	if s.cloud.TLS {
		w.wantHTTP2()
	}
	w.wantEveryRunKnown()
	w.wantNoSecret(apiKey)
}

// wantHTTP2 fails the test when a request came over another protocol.
func (w *workspace) wantHTTP2() {
	w.t.Helper()
	for _, r := range w.cloud.Log() {
		if r.Proto != "HTTP/2.0" {
			w.t.Errorf("a request came over %s", r.Proto)
		}
	}
}

// wantEveryRunKnown fails the test when a run that is active and was started here is neither in state nor was named in
// anything that was printed.
func (w *workspace) wantEveryRunKnown() {
	w.t.Helper()
	state, printed := w.savedState(), w.transcript()
	for _, r := range w.cloud.Runs(4711) {
		stranger := r.Body == nil
		id := fmt.Sprint(r.ID)
		if !stranger && !r.Status.Finished() && !r.Gone && !strings.Contains(state, id) && !strings.Contains(printed, id) {
			w.t.Errorf("run %s is %s, is not in state and was never named", id, r.Status)
		}
	}
}

// wantNoSecret fails the test when a secret is in state, in a log or in anything that was printed.
func (w *workspace) wantNoSecret(secret string) {
	w.t.Helper()
	for where, content := range map[string]string{
		"the state":        w.savedState(),
		"the state before": w.read("terraform.tfstate.backup"),
		"the log":          w.read(logFile),
		"what was printed": w.transcript(),
	} {
		if at := strings.Index(content, secret); at >= 0 {
			w.t.Errorf("%q is in %s: …%s…", secret, where, content[max(0, at-200):min(len(content), at+100)])
		}
	}
}

// wantLogged fails the test unless the log has a line of the provider with that message and all these fields.
func (w *workspace) wantLogged(message string, fields ...string) {
	w.t.Helper()
	lines := w.logged(message)
	if !slices.ContainsFunc(lines, func(line string) bool {
		return !slices.ContainsFunc(fields, func(field string) bool { return !strings.Contains(line, field) })
	}) {
		w.t.Errorf("%q with %v is not logged; lines with that message: %q", message, fields, lines)
	}
}

// logged are the log's lines with one of the messages, in their order.
func (w *workspace) logged(messages ...string) []string {
	w.t.Helper()
	var lines []string
	for line := range strings.Lines(w.read(logFile)) {
		if slices.ContainsFunc(messages, func(m string) bool { return strings.Contains(line, providerName+": "+m+": ") }) {
			lines = append(lines, line)
		}
	}
	return lines
}

const logFile = "log.txt"

// logging has the commands that follow write a log, CLI and provider alike.
func (w *workspace) logging(level string) {
	w.env = append(w.env, "TF_LOG="+level, "TF_LOG_PATH="+logFile)
}
