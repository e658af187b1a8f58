package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// world is one sequence: a cloud, a configuration with its state, and all that was said and done.
type world struct {
	t       *testing.T
	rng     *rand.Rand // for the sequence's own goroutine
	begun   time.Time
	cloud   *simulator.Cloud
	agents  []simulator.Agent
	listLag time.Duration
	// slowStarts: a start can have its effect when its create has ended.
	slowStarts bool
	core       *core
	odd        oddities
	wire       http.RoundTripper // between a tap and the cloud
	runs       []*randomRun
	restarted  sync.Map // by run id
	log        logBuffer

	mu         sync.Mutex
	history    []string
	failed     bool
	errors     strings.Builder
	warnings   strings.Builder
	process    int             // the number of the newest process of the provider
	looks      []look          // in the order of their answers
	lostStarts map[origin]bool // creates of which the answer to a start was lost
	held       map[int64]bool  // by run id: it was in state at some time
	left       map[int64]bool  // by run id: it was destroyed under on_destroy = "leave"
	allowed    map[origin]int  // how many starts a create may have had accepted
	excused    map[origin]bool // creates whose runs may be active without being in state
	underWay   map[*operation]bool
	rushed     []simulator.Run // a stranger started them when a start's answer was lost
}

func newWorld(t *testing.T, seed uint64) *world {
	rng := rand.New(rand.NewPCG(seed, 0))
	w := &world{
		t: t, rng: rng, begun: time.Now(),
		lostStarts: map[origin]bool{}, held: map[int64]bool{}, left: map[int64]bool{}, allowed: map[origin]int{},
		excused: map[origin]bool{}, underWay: map[*operation]bool{},
	}
	for n := range 1 + rng.Int64N(2) {
		w.agents = append(w.agents, randomAgent(rng, 4711+n))
	}
	w.odd = randomOddities(rng)
	w.note("oddities: %+v", w.odd)
	options := randomOptions(rng, w.agents, w.odd)
	w.listLag = options.ListLag
	if oneIn(rng, 3) {
		options.OnRequest = w.rush
	}
	w.cloud = simulator.New(options)
	w.wire = &oddWire{next: w.protocol(), oddities: w.odd, rng: rand.New(rand.NewPCG(seed, 1))}
	w.note("cloud: limit %d, kill reading %d, list lag %v", options.RateLimit, options.Kill, options.ListLag)
	for _, a := range w.agents {
		description, err := json.Marshal(a)
		w.note("agent: %s %v", description, err)
	}
	for n := range 1 + rng.IntN(4) {
		r := newRandomRun(rng, string(rune('a'+n)), pick(rng, w.agents...).ID)
		if w.odd.spellings {
			r.spelling = rng.Int64N(12)
		}
		if n > 0 && oneIn(rng, 3) {
			r.after = pick(rng, w.runs...).name
		}
		w.runs = append(w.runs, r)
	}
	w.core = &core{
		observer: w, ctx: tflogtest.RootLogger(t.Context(), &w.log), network: w.tapped, state: newCoreState(), validated: map[string]tftypes.Value{},
	}
	return w
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
	w.history = append(w.history, fmt.Sprintf("%10.3fs  ", time.Since(w.begun).Seconds())+fmt.Sprintf(format, args...))
}

// wrong takes what must never happen. The sequence goes on, so that what follows from it can be seen.
func (w *world) wrong(format string, args ...any) {
	w.note("WRONG: "+format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failed = true
	w.t.Errorf("%.3fs: "+format, append([]any{time.Since(w.begun).Seconds()}, args...)...)
}

// tell prints the history of a sequence that went wrong; with -v, of every one.
func (w *world) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed || testing.Verbose() {
		w.t.Logf("the whole sequence:\n%s", strings.Join(w.history, "\n"))
	}
}

// excuse says that nobody can know all runs of a create.
func (w *world) excuse(from origin, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.excused[from] = true
	w.history = append(w.history, "              (excused: the runs of this create of "+from.resource+", for "+why+")")
}

// ours are the runs that a resource asked for, of all agents; name "" stands for all resources.
func (w *world) ours(name string) []simulator.Run {
	var found []simulator.Run
	for _, a := range w.agents {
		for _, r := range w.cloud.Runs(a.ID) {
			if of := originOf(r).resource; of != "" && (name == "" || of == name) {
				found = append(found, r)
			}
		}
	}
	return found
}

func isActive(r simulator.Run) bool { return !r.Gone && !r.Status.Finished() }

// stateOf is what state holds of each run, by id.
func stateOf(s *coreState) map[int64][]string {
	holders := map[int64][]string{}
	for address, o := range s.current {
		if o.typ == runType {
			id := numberOf(o.value, "run_id")
			holders[id] = append(holders[id], address)
		}
	}
	for key, o := range s.deposed {
		if o.typ == runType {
			id := numberOf(o.value, "run_id")
			holders[id] = append(holders[id], key)
		}
	}
	return holders
}

// check holds the invariants against the cloud and the state file.
func (w *world) check() {
	holders := stateOf(w.core.saved())
	for id, addresses := range holders {
		if len(addresses) > 1 {
			w.wrong("run %d is in state more than once: %v", id, addresses)
		}
	}
	for _, problem := range w.unaccounted(holders) {
		w.wrong("%s", problem)
	}
}

// unaccounted are the runs that were forgotten, and those that were bought without a word.
func (w *world) unaccounted(holders map[int64][]string) []string {
	var problems []string
	accepted, unnamed := map[origin]map[int64]bool{}, map[origin]bool{}
	ours := w.ours("")
	w.mu.Lock()
	defer w.mu.Unlock()
	said := w.errors.String() + w.warnings.String() + w.log.String()
	for _, r := range ours {
		from := originOf(r)
		if w.excused[from] || r.Gone && !w.shown(from, r.ID) || !w.followed(r, ours) {
			continue
		}
		if accepted[from] == nil {
			accepted[from] = map[int64]bool{}
		}
		accepted[from][startOf(r)] = true
		unnamed[from] = unnamed[from] || !w.named(r)
		switch {
		case len(holders[r.ID]) > 0 || w.left[r.ID]:
		case isActive(r) && !w.named(r):
			problems = append(problems, fmt.Sprintf("run %d of %s is %s, and neither in state nor named by an error or an import block", r.ID, from.resource, r.Status))
		case !isActive(r) && !w.held[r.ID] && !strings.Contains(said, strconv.FormatInt(r.ID, 10)):
			problems = append(problems, fmt.Sprintf("run %d of %s was never in state, nor named in a warning or the log", r.ID, from.resource))
		}
	}
	for from, starts := range accepted {
		if len(starts) > w.allowed[from] && unnamed[from] {
			problems = append(problems, fmt.Sprintf("%d starts of one create of %s were accepted, its retries allow %d, and not all are named", len(starts), from.resource, w.allowed[from]))
		}
	}
	return problems
}

// shown reports whether the process of a create has ever seen a run in an answer to a look. It is called with the lock
// held.
func (w *world) shown(from origin, runID int64) bool {
	return slices.ContainsFunc(w.looks, func(l look) bool { return l.process == from.process && l.runs[runID] })
}

// startOf is the same for all runs that came of one start.
func startOf(r simulator.Run) int64 {
	if r.ParallelSet != 0 {
		return r.ParallelSet
	}
	return r.ID
}

// followed reports whether somebody has to know of a run: of several that came of one start, the one that came to state
// stands for all. It is called with the lock held.
func (w *world) followed(r simulator.Run, all []simulator.Run) bool {
	return w.held[r.ID] || !slices.ContainsFunc(all, func(other simulator.Run) bool {
		return startOf(other) == startOf(r) && w.held[other.ID]
	})
}

// named reports whether a person was told of a run, by an error or by an import block in a warning. It is called with
// the lock held.
func (w *world) named(r simulator.Run) bool {
	return strings.Contains(w.errors.String(), strconv.FormatInt(r.ID, 10)) || strings.Contains(w.warnings.String(), fmt.Sprintf("%q", fmt.Sprintf("%d/%d", r.AgentID, r.ID)))
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

var _ coreObserver = (*world)(nil)
