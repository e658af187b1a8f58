// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package provider_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// failing is an agent whose runs fail after ten seconds and leave these files.
func failing(files ...simulator.File) simulator.Agent {
	a := running(10*time.Second, simulator.Outcome{Status: simulator.Failure})
	a.Files = files
	return a
}

// failAsking starts a run that fails, asks for the last two lines of its log, and returns the error.
func (l *bugLab) failAsking(more map[string]tftypes.Value) string {
	l.t.Helper()
	arguments := map[string]tftypes.Value{"agent_id": core.Number(4711), "failure_log_lines": core.Number(2)}
	maps.Copy(arguments, more)
	_, a := l.create(runType, arguments)
	return unwrap(core.Errors(a.Diagnostics))
}

// wantRequests checks how many requests there were for the list of files, and for files.
func (l *bugLab) wantRequests(lists, links, contents int) {
	l.t.Helper()
	for kind, want := range map[simulator.Kind]int{simulator.KindFiles: lists, simulator.KindDownload: links, simulator.KindSignedDownload: contents} {
		if got := l.cloud.Count(kind); got != want {
			l.t.Errorf("%d requests of kind %q, expected %d", got, kind, want)
		}
	}
}

func TestFailureLog(t *testing.T) {
	const log = "Info  begin\nError  timeout at step 3\nInfo  end\n"
	for _, c := range []struct {
		name  string
		files []simulator.File
		want  string // in the error, with single spaces
		links int
	}{
		{"one log", []simulator.File{delivered("a.csv", "1\n"), logged("run.log", log)}, `The last 2 lines of the log (file 5000000002 "run.log", 47 bytes, LogText): | Error timeout at step 3 | Info end`, 1},
		{"the newest of several", []simulator.File{logged("1.log", "old\n"), logged("2.log", log), {Name: new("3.html"), Type: simulator.LogHtml, Content: "html"}}, `"2.log", 47 bytes, LogText): | Error`, 1},
		{"a short log", []simulator.File{logged("run.log", "one\n")}, "The last 1 line of the log", 1},
		{"the end of a huge log", []simulator.File{logged("run.log", strings.Repeat("line\n", 100_000)+"last\n")}, "LogText): | line | last", 1},
		{"a huge line", []simulator.File{logged("run.log", strings.Repeat("x", 200_000)+"\nlast\n")}, "LogText): Only the last 64 KiB were read. | last", 1},
		{"a log without a name", []simulator.File{{Type: simulator.LogText, Content: "one\n"}}, "(file 5000000001, 4 bytes, LogText): | one", 1},
		{"no log", []simulator.File{delivered("a.csv", "1\n")}, "The log could not be read: the run has no text log (a file of type LogText).", 0},
		{"no file", []simulator.File{}, "The log could not be read: the run has no text log (a file of type LogText).", 0},
		{"garbage", []simulator.File{{Type: simulator.LogText, Size: 1000}}, "The log could not be read: file 5000000001, 1000 bytes, LogText: it is not text.", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			withBug(t, func(l *bugLab) {
				l.cloud.SetAgent(failing(c.files...))
				wantText(t, l.failAsking(nil), "Run 4711/100001 ended as Failure", c.want, "Terraform marks the resource as tainted")
				l.wantRequests(1, c.links, c.links)
			})
		})
	}
}

// An empty file has no part: it can take one request more.
func TestFailureLogThatIsEmpty(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.cloud.SetAgent(failing(logged("run.log", "")))
		wantText(t, l.failAsking(nil), "Run 4711/100001 ended as Failure", `The log is empty (file 5000000001 "run.log", 0 bytes, LogText).`)
	})
}

// A log that cannot be read is a line of the error, which is there in any case, and soon.
func TestFailureLogThatCannotBeRead(t *testing.T) {
	const newest = `{"id":7,"name":"b.log","fileType":6,"fileSize":4,"created":"2999-01-01T00:00:00Z"}`
	for _, c := range []struct {
		name  string
		fault simulator.Fault
		want  string
	}{
		{"the list is a 404", simulator.Fault{Kind: simulator.KindFiles, Times: -1, Action: simulator.StatusCode, Code: 404}, "could not be read: GET /api/v1/agent/4711/run/100001/files: 404 Not Found"},
		{"the list is a 403", simulator.Fault{Kind: simulator.KindFiles, Times: -1, Action: simulator.StatusCode, Code: 403}, "could not be read: GET /api/v1/agent/4711/run/100001/files: 403 Forbidden"},
		{"the list is a 503", simulator.Fault{Kind: simulator.KindFiles, Times: -1, Action: simulator.StatusCode, Code: 503, RetryAfter: "3600"}, "could not be read within 30s: GET /api/v1/agent/4711/run/100001/files: "},
		{"the list never comes", simulator.Fault{Kind: simulator.KindFiles, Times: -1, Action: simulator.Hang}, "could not be read within 30s: GET /api/v1/agent/4711/run/100001/files: "},
		{"the link is a 404", simulator.Fault{Kind: simulator.KindDownload, Times: -1, Action: simulator.StatusCode, Code: 404}, `could not be read: file 5000000001 "run.log", 4 bytes, LogText: GET /api/v1/agent/4711/run/100001/file/5000000001/download: 404`},
		{"the newest log has no content", simulator.Fault{Kind: simulator.KindFiles, Insert: []simulator.Element{newest}}, `could not be read: file 7 "b.log", 4 bytes, LogText: GET /api/v1/agent/4711/run/100001/file/7/download: 404`},
		{"the host refuses", simulator.Fault{Kind: simulator.KindSignedDownload, Times: -1, Action: simulator.StatusCode, Code: 403}, "answered 403 Forbidden, which is not the content of a file"},
		{"the host hangs", simulator.Fault{Kind: simulator.KindSignedDownload, Times: -1, Action: simulator.Hang}, "could not be read within 30s: file 5000000001"},
		{"the connection breaks", simulator.Fault{Kind: simulator.KindSignedDownload, Action: simulator.TruncateBody, Bytes: 2}, "could not be read: file 5000000001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			withBug(t, func(l *bugLab) {
				l.cloud.SetAgent(failing(logged("run.log", "one\n")))
				l.cloud.Inject(c.fault)
				began := time.Now()
				wantText(t, l.failAsking(nil), "Run 4711/100001 ended as Failure", c.want, "Terraform marks the resource as tainted")
				if took := time.Since(began); took > 50*time.Second {
					t.Errorf("the error came after %v", took)
				}
			})
		})
	}
}

// Somebody who presses Ctrl-C waits no longer for the log.
func TestFailureLogAtAnInterrupt(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.cloud.SetAgent(failing(logged("run.log", "one\n")))
		l.cloud.Inject(simulator.Fault{Kind: simulator.KindFiles, Times: -1, Action: simulator.Hang})
		time.AfterFunc(15*time.Second, func() {
			if _, err := l.plugin.Server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{}); err != nil {
				t.Error(err)
			}
		})
		began := time.Now()
		wantText(t, l.failAsking(nil), "Run 4711/100001 ended as Failure", "The provider did not read the log, because it was interrupted.")
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("the error came after %v", took)
		}
	})
}

func TestFailureLogHoldsNoSecret(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.cloud.SetAgent(failing(logged("run.log", "input {\\\"password\\\":\\\"hunter\\u002Btwo\\\"}\nApiKey "+apiKey+" \x1b[2J\u202e end\n")))
		said := l.failAsking(map[string]tftypes.Value{"input_parameters_wo": core.Text(`{"password":"hunter+two"}`), "input_parameters_wo_version": core.Number(1)})
		wantText(t, said, `| input {\"password\":\"(redacted)\"} | ApiKey (redacted) � end`)
		if strings.Contains(said, "hunter") || strings.Contains(said, apiKey) || strings.ContainsAny(said, "\x1b\u202e") {
			t.Errorf("%q", said)
		}
	})
}

// Who does not ask for the log pays nothing for it, nor does a run that succeeds.
func TestFailureLogIsAskedFor(t *testing.T) {
	withBug(t, func(l *bugLab) {
		l.cloud.SetAgent(failing(logged("run.log", "one\n")))
		said := l.failAsking(map[string]tftypes.Value{"failure_log_lines": core.Number(0)})
		if wantText(t, said, "Run 4711/100001 ended as Failure"); strings.Contains(said, "The log") || strings.Contains(said, " log (file") {
			t.Error(said)
		}
		l.cloud.SetAgent(running(10 * time.Second))
		if said := l.failAsking(nil); said != "" {
			t.Error(said)
		}
		l.wantRequests(0, 0, 0)
	})
}

// With retries the error is about the last run, and so is the log.
func TestFailureLogOfTheLastAttempt(t *testing.T) {
	withBug(t, func(l *bugLab) {
		agent, second := failing(logged("1.log", "first\n")), []simulator.File{logged("2.log", "second\n")}
		agent.Outcomes = append(agent.Outcomes, simulator.Outcome{Status: simulator.Failure, Files: &second})
		l.cloud.SetAgent(agent)
		wantText(t, l.failAsking(map[string]tftypes.Value{"retries": core.Number(1)}), "Run 4711/100002 ended as Failure", `"2.log", 7 bytes, LogText): | second`)
		l.wantRequests(1, 1, 1)
	})
}

// A completion shows the log as well.
func TestFailureLogOfACompletion(t *testing.T) {
	withBug(t, func(l *bugLab) {
		agent := failing(logged("run.log", "one\ntwo\n"))
		agent.Outcomes[0].Status = simulator.Stopped
		l.cloud.SetAgent(agent)
		l.startUnwaited()
		_, a := l.create("sequentum_run_completion", map[string]tftypes.Value{"agent_id": core.Number(4711), "run_id": core.Number(firstRun), "failure_log_lines": core.Number(1)})
		wantText(t, unwrap(core.Errors(a.Diagnostics)), "Run 4711/100001 ended as Stopped", "The last 1 line of the log", "LogText): | two", "The completion is not in state.")
	})
}
