// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Element is the JSON text of an element that a fault puts into a list.
type Element string

// UnmarshalJSON keeps any value of an agents file as its text.
func (e *Element) UnmarshalJSON(text []byte) error {
	*e = Element(text)
	return nil
}

// OddRuns returns elements that a list of the agent's runs should not have.
func OddRuns(agentID int64) []Element {
	odd := []Element{"null", "7", `"a run"`, "[]", "{}", Element(fmt.Sprintf(`{"configId":%d,"status":1}`, agentID))}
	for _, id := range []string{"null", "-1", "0", "1e30", `"abc"`, "1.5", "{}"} {
		odd = append(odd, Element(fmt.Sprintf(`{"id":%s,"configId":%d,"status":1}`, id, agentID)))
	}
	return append(odd, // of another agent, and of none
		Element(fmt.Sprintf(`{"id":999999,"configId":%d,"status":1,"created":"2999-01-01T00:00:00Z"}`, agentID+1)),
		`{"id":999999,"configId":null,"status":1}`,
	)
}

// OddFiles returns elements that a list of files should not have.
func OddFiles() []Element {
	odd := []Element{"null", "7", `"a file"`, "[]", "{}", `{"name":"odd.csv","fileType":1,"fileSize":1}`}
	for _, id := range []string{"null", "-1", "0", "1e30", `"abc"`, "1.5", "{}"} {
		odd = append(odd, Element(fmt.Sprintf(`{"id":%s,"name":"odd.csv","fileType":1,"fileSize":1}`, id)))
	}
	return odd
}

// OddAgents returns elements that a list of agents should not have, and some that it may have: agents without a name.
func OddAgents() []Element {
	odd := []Element{"null", "7", `"an agent"`, "[]", "{}", `{"name":"Odd","version":1}`}
	for _, id := range []string{"null", "-1", "0", "1e30", `"abc"`, "1.5", "{}"} {
		odd = append(odd, Element(fmt.Sprintf(`{"id":%s,"name":"Odd","version":1}`, id)))
	}
	return append(odd, `{"id":888888,"name":null,"version":1}`, `{"id":888888}`)
}

// Twice is how a list shows an active run a second time, as if it had already been stopped and archived.
type Twice string

// The stopped copy stands before or after the active run.
const (
	StoppedFirst Twice = "stopped_first"
	StoppedLast  Twice = "stopped_last"
)

// UnmarshalText reads an order from an agents file.
func (t *Twice) UnmarshalText(text []byte) error {
	return decodeName(t, text, []Twice{StoppedFirst, StoppedLast})
}

// Gzip is whether an answer is compressed.
type Gzip string

// Compression for clients that accept it, and for all.
const (
	GzipAccepted Gzip = "accepted"
	GzipAlways   Gzip = "always"
)

// UnmarshalText reads it from an agents file.
func (g *Gzip) UnmarshalText(text []byte) error {
	return decodeName(g, text, []Gzip{GzipAccepted, GzipAlways})
}

// changesBody tells whether the fault changes the body of an answer.
func (f *Fault) changesBody() bool {
	return len(f.Insert) > 0 || f.Twice != "" || f.Prefix != "" || f.Pad > 0 || f.Gzip != ""
}

// changeBody is the answer with the body that the fault makes of it, which can be larger than any memory.
func (f *Fault) changeBody(q *call, a answer) answer {
	if !f.changesBody() {
		return a
	}
	return func(w http.ResponseWriter) {
		whole := bufferAnswer(w, a)
		w.Header().Del("Content-Length")
		compressed := f.Gzip == GzipAlways || f.Gzip == GzipAccepted && strings.Contains(q.Header.Get("Accept-Encoding"), "gzip")
		if compressed {
			w.Header().Set("Content-Encoding", "gzip")
		}
		w.WriteHeader(whole.code)
		if !compressed {
			f.writeBody(w, q, whole.body.Bytes())
			return
		}
		z := gzip.NewWriter(w)
		f.writeBody(z, q, whole.body.Bytes())
		_ = z.Close() // the client may have gone
	}
}

// writeBody writes the changed body, until the client has gone.
func (f *Fault) writeBody(w io.Writer, q *call, body []byte) {
	out := bufio.NewWriter(w)
	defer func() { _ = out.Flush() }() // the client may have gone
	_, _ = out.WriteString(f.Prefix)
	for range f.Pad {
		if out.WriteByte(' ') != nil {
			return
		}
	}
	before, list, after := splitList(body)
	_, _ = out.Write(before)
	if list == nil {
		return
	}
	if f.Twice != "" {
		list = f.showTwice(list)
		list = list[:min(len(list), q.maxRecords())] // the added runs count too
	}
	at := f.InsertAt
	if at < 0 || at > len(list) {
		at = len(list)
	}
	l := listWriter{out: out}
	_ = out.WriteByte('[')
	l.write(list[:at])
	inserted := []json.RawMessage{}
	for _, e := range f.Insert {
		inserted = append(inserted, json.RawMessage(e))
	}
	for range max(1, f.Repeat) {
		if !l.write(inserted) {
			return
		}
	}
	l.write(list[at:])
	_ = out.WriteByte(']')
	_, _ = out.Write(after)
}

// pageFields are the fields in which a page has its list.
var pageFields = []string{"agents", "items", "runs", "results"}

// splitList finds the list that a body is or, where it is a page, has. Without one, before is the whole body.
func splitList(body []byte) (before []byte, list []json.RawMessage, after []byte) {
	if json.Unmarshal(body, &list) == nil && list != nil {
		return nil, list, nil
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(body, &fields) // what is no object has no fields
	for _, field := range pageFields {
		text := fields[field]
		if json.Unmarshal(text, &list) == nil && list != nil {
			begin := bytes.Index(body, append([]byte(`"`+field+`":`), text...)) + len(field) + len(`"":`)
			return body[:begin], list, body[begin+len(text):]
		}
	}
	return body, nil, nil
}

type listWriter struct {
	out   *bufio.Writer
	begun bool
}

// write reports whether the client still reads.
func (l *listWriter) write(elements []json.RawMessage) bool {
	for _, e := range elements {
		if l.begun {
			_ = l.out.WriteByte(',')
		}
		l.begun = true
		if _, err := l.out.Write(e); err != nil {
			return false
		}
	}
	return true
}

// showTwice is the list with every active run a second time.
func (f *Fault) showTwice(list []json.RawMessage) []json.RawMessage {
	var out []json.RawMessage
	for _, e := range list {
		out = append(out, e)
		if stopped := stoppedCopy(e); stopped != nil {
			out = append(out, stopped)
			if f.Twice == StoppedFirst {
				slices.Reverse(out[len(out)-2:])
			}
		}
	}
	return out
}

// stoppedCopy is an active run as history would show it after a stop; nil for anything else.
func stoppedCopy(run json.RawMessage) json.RawMessage {
	var fields map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(run)))
	decoder.UseNumber()
	if decoder.Decode(&fields) != nil || fields["status"] == nil {
		return nil
	}
	switch status := fields["status"].(type) {
	case json.Number:
		if code, err := status.Int64(); err != nil || Status(code).Finished() {
			return nil
		}
		fields["status"] = int(Stopped)
	case string:
		for s, name := range statusNames {
			if name == status && s.Finished() {
				return nil
			}
		}
		fields["status"] = Stopped.String()
	}
	fields["tableType"], fields["endTime"] = "history", fields["created"]
	text, _ := json.Marshal(fields) // it was read from JSON
	return text
}
