// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package randomtest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// world is what all sequences have: a cloud, a configuration with its state, and all that was said and done.
type world struct {
	t       *testing.T
	rng     *rand.Rand // for the sequence's own goroutine
	begun   time.Time
	cloud   *simulator.Cloud
	core    *core.Core
	odd     oddities
	toCloud http.RoundTripper // between a tap and the cloud
	log     logBuffer

	mu       sync.Mutex
	history  []string
	problems []string // what was wrong
	errors   strings.Builder
	warnings strings.Builder
	process  int             // the number of the newest process of the provider
	excused  map[origin]bool // creates that may have made what is neither in state nor named
	// key is the key that the cloud accepts.
	key func() string
	// shortHistory: only the latest lines of the history are kept, and each has its day.
	shortHistory bool
}

// keptHistory is how many lines a short history has at least, once it has got them.
const keptHistory = 300

func newWorld(t *testing.T, rng *rand.Rand) world {
	return world{t: t, rng: rng, begun: time.Now(), excused: map[origin]bool{}, key: func() string { return core.DefaultKey }}
}

// protocol is what the sequence's requests go by: a call in memory, or the real net/http at both ends of a pipe.
func (w *world) protocol() http.RoundTripper {
	var pipes *simulator.PipeTransport
	switch w.rng.IntN(4) {
	case 0:
		w.note("over HTTP/2")
		pipes = w.cloud.HTTP2Transport()
	case 1:
		w.note("over HTTP/1.1")
		pipes = w.cloud.HTTP1Transport()
	default:
		return w.cloud.Transport()
	}
	w.t.Cleanup(func() { pipes.Close() })
	return pipes
}

// note adds a line to the history.
func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.history = append(w.history, w.clock()+fmt.Sprintf(format, args...))
	if w.shortHistory && len(w.history) > 2*keptHistory {
		w.history = slices.Delete(w.history, 0, keptHistory)
	}
}

// clock is the time since the begin of the world, as a history shows it.
func (w *world) clock() string {
	since := time.Since(w.begun)
	if w.shortHistory {
		return fmt.Sprintf("day %3d %s  ", 1+int(since/day), time.Time{}.Add(since%day).Format("15:04:05.000"))
	}
	return fmt.Sprintf("%10.3fs  ", since.Seconds())
}

const day = 24 * time.Hour

// Wrong takes what must never happen, and takes it once. The sequence continues, so that what follows from it can be seen.
func (w *world) Wrong(format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	w.mu.Lock()
	known := slices.Contains(w.problems, problem)
	w.problems = append(w.problems, problem)
	w.mu.Unlock()
	if !known {
		w.note("WRONG: %s", problem)
		w.t.Errorf("%s%s", strings.TrimSpace(w.clock())+": ", problem)
	}
}

// printHistory prints the history of a sequence that went wrong; with -v, of every one.
func (w *world) printHistory() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.problems) > 0 || testing.Verbose() {
		w.t.Logf("the sequence:\n%s", strings.Join(w.history, "\n"))
	}
}

// excuse says that nobody can know all that a create made.
func (w *world) excuse(from origin, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.excused[from] = true
	w.history = append(w.history, "              (excused: what this create of "+from.resource+" made, for "+why+")")
}

// noteDiagnostics adds what the provider said to the history.
func (w *world) noteDiagnostics(address string, a core.Answer) {
	failed, warned := core.Errors(a.Diagnostics), core.Warnings(a.Diagnostics)
	if failed != "" {
		w.note("    %s: error: %s", address, failed)
		if strings.Contains(failed, "A bug in the provider ended this operation") {
			w.Wrong("%s: a panic", address)
		}
	}
	if warned != "" {
		w.note("    %s: warning: %s", address, warned)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errors.WriteString(failed + "\n")
	w.warnings.WriteString(warned + "\n")
}

// checkIdentity compares the identity with the agent and the id that state has under the name of idArgument.
func (w *world) checkIdentity(address, idArgument string, o *core.Object) {
	if o.Identity == nil || o.Identity.IdentityData == nil {
		w.Wrong("%s: there is no identity", address)
		return
	}
	typ := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"agent_id": tftypes.Number, idArgument: tftypes.Number}}
	identity, err := o.Identity.IdentityData.Unmarshal(typ)
	if err != nil {
		w.Wrong("%s: the identity cannot be read: %v", address, err)
		return
	}
	for name := range typ.AttributeTypes {
		if got, want := core.NumberOf(identity, name), core.NumberOf(o.Value, name); got != want {
			w.Wrong("%s: the identity says %s = %d, the state %d", address, name, got, want)
		}
	}
}

// logBuffer is the provider's log.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
