// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const runsPath = "/agent/1/runs?maxRecords=1000"

func listRuns(t *testing.T, answers ...exchange) (*RunList, error) {
	t.Helper()
	for i := range answers {
		answers[i].method, answers[i].path = "GET", runsPath
	}
	c, _ := newTestClient(t, newScript(t, answers...), noRetries)
	return c.ListRuns(t.Context(), 1, 1000)
}

// An element that cannot be used is skipped, and the others are read.
func TestOddElementsAreSkipped(t *testing.T) {
	for name, odd := range map[string]string{
		"null": "null", "a number": "7", "a string": `"run"`, "an array": "[1]", "no id": `{"status": 1}`, "null id": `{"id": null}`,
		"id 0": `{"id": 0}`, "negative id": `{"id": -1}`, "id beyond all": `{"id": 1e30}`, "half an id": `{"id": 7.5}`,
		"another agent's": `{"id": 7, "configId": 2}`, "not JSON": `{"id": }`, "twice a comma": `{"id": 7,,}`, "wrong brackets": `{"id": [7}}`,
		"too large": `{"id": 7, "x": [` + strings.Repeat("[],", maxValue/3) + `[]]}`, "too deep": strings.Repeat("[", 20000) + strings.Repeat("]", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, log := contextWithLog(t)
			answer := "[" + strings.Join([]string{odd, `{"id": 3, "status": 1}`, odd, odd, `{"id": 9, "status": 8}`, odd}, " ,") + "]"
			c, _ := newTestClient(t, newScript(t, exchange{method: "GET", path: runsPath, answer: answer}), noRetries)
			got, err := c.ListRuns(ctx, 1, 1000)
			if err != nil || len(got.Runs) != 2 || got.Runs[0].ID != 3 || got.Runs[1].ID != 9 || got.Skipped != 4 || got.Full {
				t.Fatalf("got %+v, %v", got, err)
			}
			mustContain(t, log.String(), "elements that cannot be used", `"skipped":4`, `"used":2`)
			// A list of which nothing can be used must not look like an agent without runs.
			if got, err := listRuns(t, exchange{answer: "[" + odd + "," + odd + "]"}); err == nil {
				t.Errorf("got %+v", got)
			}
			files := exchange{method: "GET", path: "/agent/1/run/2/files", answer: strings.ReplaceAll(answer, `"configId": 2`, `"id": 0`)}
			c, _ = newTestClient(t, newScript(t, files), noRetries)
			if got, err := c.RunFiles(t.Context(), 1, 2); err != nil || len(got) != 2 || got[1].ID != 9 {
				t.Errorf("the files are %+v, %v", got, err)
			}
		})
	}
}

func TestFullListIsReported(t *testing.T) {
	answer := func(n int, last string) string {
		return "[" + strings.Repeat(`{"id": 7},`, n-1) + last + "]"
	}
	for name, test := range map[string]struct {
		asked, came int
		last        string
		full        bool
		runs        int
	}{
		"fewer":                     {10, 9, `{"id": 8}`, false, 9},
		"as many":                   {10, 10, `{"id": 8}`, true, 10},
		"as many, one of them odd":  {10, 10, `null`, true, 9},
		"more":                      {10, 12, `{"id": 8}`, true, 10},
		"the API's default":         {0, 50, `{"id": 8}`, true, 50},
		"fewer than the default":    {0, 49, `{"id": 8}`, false, 49},
		"a larger default":          {0, 60, `{"id": 8}`, true, 60},
		"more than all that can be": {0, 2000, `{"id": 8}`, true, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			path := "/agent/1/runs"
			if test.asked > 0 {
				path += fmt.Sprintf("?maxRecords=%d", test.asked)
			}
			c, _ := newTestClient(t, newScript(t, exchange{method: "GET", path: path, answer: answer(test.came, test.last)}))
			got, err := c.ListRuns(t.Context(), 1, test.asked)
			if err != nil || got.Full != test.full || len(got.Runs) != test.runs {
				t.Errorf("got %d runs, full %v, %v", len(got.Runs), got.Full, err)
			}
		})
	}
}

func TestListThatCannotBeReadIsAnError(t *testing.T) {
	for answer, want := range map[string]string{
		"":                        "it is empty",
		" \n":                     "it is empty",
		"{}":                      `it is not a JSON array: "{}"`,
		"nil":                     `it is not a JSON array: "nil"`,
		"[":                       "unexpected end of JSON",
		`[{"id": 7}`:              "unexpected end of JSON",
		`[{"id": 7},`:             "unexpected end of JSON",
		`[{"id": 7`:               "unexpected end of JSON",
		`[{"id": "7\`:             "unexpected end of JSON",
		`[{"id": "7\u00`:          "unexpected end of JSON",
		`["` + long + `\`:         "unexpected end of JSON",
		`["` + long:               "unexpected end of JSON",
		"[7":                      "unexpected end of JSON",
		"[7 8]":                   "it is not JSON",
		"[,]":                     "it is not JSON",
		`[{"id": 7},]`:            "it is not JSON",
		`[{"id": 7}] <html>`:      "it is not JSON: more text follows its end",
		`[{"id": 7}]]`:            "it is not JSON: more text follows its end",
		"null null":               "it is not JSON: more text follows its end",
		strings.Repeat("[", 3000): "unexpected end of JSON",
		"\x00[\x00{\x00}\x00]":    `it is not a JSON array: "[{}]"`,
	} {
		got, err := listRuns(t, exchange{answer: answer})
		if err == nil {
			t.Errorf("%.20q: got %+v", answer, got)
			continue
		}
		mustContain(t, err.Error(), "the answer cannot be used: "+want)
	}
	if _, err := listRuns(t, exchange{answer: "[]", header: map[string]string{"Content-Encoding": "gzip"}}); err == nil || !strings.Contains(err.Error(), "the answer was cut off: ") {
		t.Errorf("got %v", err)
	}
	// A broken connection is told from an answer that ends too early.
	const whole = ` [ {"id": "\u0007", "a\"b": [1]}, 7 ] `
	for at := range len(whole) + 1 {
		body := answerBody{reader: io.MultiReader(strings.NewReader(whole[:at]), iotest.ErrReader(errors.New("out of paper"))), left: 100}
		if _, err := decodeList(&body, newRedactor(), 10, newListedRunConverter(1)); err == nil || body.err == nil {
			t.Errorf("broken off after %q: %v", whole[:at], err)
		}
	}
}

var long = strings.Repeat("x", maxString)

// A list of 1000 runs with messages of any length can be read: messages are cut.
func TestLongMessagesAreCut(t *testing.T) {
	for name, test := range map[string]struct {
		message string
		n       int
	}{
		"17 KiB":         {strings.Repeat("x", 17<<10), 1000},
		"3 MB":           {strings.Repeat("x", 3_000_000), 6},
		"escaped":        {strings.Repeat(`\u00fc`, 100_000), 10},
		"escaped quotes": {strings.Repeat(`\"`, 500_000), 6},
	} {
		t.Run(name, func(t *testing.T) {
			n, message := test.n, test.message
			elements := make([]string, n)
			for i := range elements {
				elements[i] = fmt.Sprintf(`{"id": %d, "status": 6, "message": "%s", "runTimeSec": 5}`, i+1, message)
			}
			got, err := listRuns(t, exchange{answer: "[" + strings.Join(elements, ",") + "]"})
			if err != nil || len(got.Runs) != n {
				t.Fatalf("got %v, %v", got, err)
			}
			for i, run := range got.Runs {
				if run.ID != int64(i+1) || len(run.Message) > maxKept || len(run.Message) < maxShown || *run.RunTimeSeconds != 5 {
					t.Fatalf("run %d has %d bytes of message", run.ID, len(run.Message))
				}
			}
		})
	}
}

// No answer takes much memory, whatever is in it and however well it was compressed.
func TestNoAnswerTakesMuchMemory(t *testing.T) {
	run := `{"id": 7, "message": "` + strings.Repeat("m", 200<<10) + `"},`
	for name, test := range map[string]struct {
		begin, fill, end string
		times            int
		call             string
		readable         bool
	}{
		"runs with messages":   {"[", run, `{"id": 8}]`, 600, "list", true},
		"endless runs":         {"[", `{"id": 7},`, `{"id": 8}]`, 1 << 30, "list", true},
		"endless odd elements": {"[", strings.Repeat("{},", 1000), "{}]", 1 << 20, "files", false},
		"an endless message":   {`[{"id": 7, "message": "`, strings.Repeat("m", 1<<16), `"}]`, 1 << 16, "list", false},
		"a long message":       {`{"id": 2, "message": "`, strings.Repeat("m", 1<<16), `"}`, 1 << 8, "status", true},
		"a long status":        {`{"id": 2, "status": "`, strings.Repeat("s", 1<<16), `"}`, 1 << 8, "status", true},
		"an endless object":    {`{"id": 2, "x": [`, strings.Repeat("[1],", 1000), `0]}`, 1 << 20, "status", false},
		"endless white space":  {"", strings.Repeat(" ", 1<<16), "[]", 1 << 16, "list", false},
		"endless brackets":     {"", strings.Repeat("[", 1<<16), "", 1 << 16, "list", false},
		"long names":           {"[", `{"id": 3, "name": "` + strings.Repeat("n", 1<<16) + `"},`, `{"id": 4}]`, 1 << 10, "files", false},
		"very many files":      {"[", strings.Repeat(`{"id": 3},`, 1000), `{"id": 4}]`, 200, "files", false},
		"very many agents":     {"[", strings.Repeat(`{"id": 3},`, 1000), `{"id": 4}]`, 200, "agents", false},
		"agents in a page":     {`{"agents": [`, strings.Repeat(`{"id": 3, "isActive": true, "version": 7, "spaceId": 5},`, 1000), `{"id": 4}]}`, 99, "agents", true},
		"agents with texts":    {`{"items": [`, `{"id": 3, "description": "` + strings.Repeat("d", 1<<16) + `"},`, `{"id": 4}]}`, 1 << 10, "agents", false},
		"a page beside much":   {`{"more": [`, strings.Repeat("[1],", 1000), `0], "agents": [{"id": 4}]}`, 1 << 11, "agents", true},
		"a page with members":  {`{"agents": []`, strings.Repeat(`, "x": 1`, 1000), `}`, 1 << 20, "agents", false},
		"a page's long name":   {`{"`, strings.Repeat("n", 1<<16), `": 1}`, 1 << 16, "agents", false},
		"very many causes":     {`{"possibleCauses": ["`, strings.Repeat(`c","`, 1000), `"]}`, 500, "diagnostics", true},
		"an endless error":     {"", strings.Repeat("e", 1<<16), "", 1 << 16, "error", false},
		"an answer to stop":    {"", strings.Repeat(" ", 1<<16), "", 1 << 16, "stop", false},
	} {
		t.Run(name, func(t *testing.T) {
			status, call := http.StatusOK, test.call
			if call == "error" {
				status, call = http.StatusBadRequest, "status"
			}
			c, _ := newTestClient(t, roundTripperFunc(func(r *http.Request) (*http.Response, error) {
				resp := exchange{status: status, header: map[string]string{"Content-Encoding": "gzip"}}.response(r)
				resp.Body = gzipped(test.begin, test.fill, test.end, test.times)
				return resp, nil
			}), noRetries)
			var err error
			used := peakMemory(func() { _, err = calls[call](t.Context(), c) })
			if (err == nil) != test.readable {
				t.Errorf("got %v", err)
			}
			if err != nil && len(err.Error()) > maxShown {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			if used > 64<<20 {
				t.Errorf("it took %d MiB", used>>20)
			}
		})
	}
}

// gzipped compresses a text while it is read, so that a very long one is never in memory as a whole.
func gzipped(begin, fill, end string, times int) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		zipped, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			panic(err)
		}
		_, err = io.WriteString(zipped, begin)
		for i := 0; i < times && err == nil; i++ {
			_, err = io.WriteString(zipped, fill)
		}
		if err == nil {
			_, err = io.WriteString(zipped, end)
		}
		_ = w.CloseWithError(errors.Join(err, zipped.Close()))
	}()
	return r
}

// peakMemory is how much the heap grows at most while f runs, together with garbage that is not collected yet.
func peakMemory(f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	heap := func() uint64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	before, peak := heap(), uint64(0)
	done, measured := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(measured)
		for {
			peak = max(peak, heap())
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	f()
	close(done)
	<-measured
	return max(peak, before) - before
}

// A page of a list that ends too early, or is no JSON between its members, is an error. A large member that is not needed is
// passed over.
func TestReadPageOfBrokenObjects(t *testing.T) {
	large := `{"more": [` + strings.Repeat("1000000,", maxValue/8) + `1], "agents": [1, 2]}`
	for _, c := range []struct {
		text     string
		want     error
		elements int
	}{
		{`{"more": 1`, errCutOff, 0}, {`{"more": [1`, errCutOff, 0}, {`{"more"`, errCutOff, 0}, {`{"more": 1]`, errNoJSON, 0}, {`{"more" 1}`, errNoJSON, 0}, {large, nil, 2},
	} {
		elements := 0
		_, err := newJSONReader(strings.NewReader(c.text)).readPage(newRedactor(), []string{"agents"}, func([]byte, error) bool { elements++; return true })
		if !errors.Is(err, c.want) || elements != c.elements {
			t.Errorf("%.40q: %d elements, %v, want %d, %v", c.text, elements, err, c.elements, c.want)
		}
	}
}
