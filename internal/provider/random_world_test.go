package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
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
	problems   []string // what was wrong
	errors     strings.Builder
	warnings   strings.Builder
	process    int              // the number of the newest process of the provider
	looks      []look           // in the order of their answers
	lostStarts map[origin]bool  // creates of which the answer to a start was lost
	answered   map[origin]int64 // the run that a create's start was answered with, when its process had not seen it before
	held       map[int64]bool   // by run id: it was in state at some time
	attempts   map[int64]bool   // by run id: state names it among the attempts of a resource
	left       map[int64]bool   // by run id: it was destroyed under on_destroy = "leave"
	allowed    map[origin]int   // how many starts a create may have had accepted
	excused    map[origin]bool  // creates whose runs may be active without being in state
	underWay   map[*operation]bool
	rushed     []simulator.Run // a stranger started them when a start's answer was lost
}

func newWorld(t *testing.T, seed uint64) *world {
	rng := rand.New(rand.NewPCG(seed, 0))
	w := &world{
		t: t, rng: rng, begun: time.Now(),
		lostStarts: map[origin]bool{}, answered: map[origin]int64{}, held: map[int64]bool{}, attempts: map[int64]bool{}, left: map[int64]bool{}, allowed: map[origin]int{},
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
			r.after, r.late = pick(rng, w.runs...).name, oneIn(rng, 4)
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

// wrong takes what must never happen, and takes it once. The sequence continues, so that what follows from it can be seen.
func (w *world) wrong(format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	w.mu.Lock()
	known := slices.Contains(w.problems, problem)
	w.problems = append(w.problems, problem)
	w.mu.Unlock()
	if !known {
		w.note("WRONG: %s", problem)
		w.t.Errorf("%.3fs: %s", time.Since(w.begun).Seconds(), problem)
	}
}

// tell prints the history of a sequence that went wrong; with -v, of every one.
func (w *world) tell() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.problems) > 0 || testing.Verbose() {
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
