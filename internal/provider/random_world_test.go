package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
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
	runs       []*randomRun
	restarted  sync.Map // by run id
	log        logBuffer

	mu       sync.Mutex
	history  []string
	failed   bool
	errors   strings.Builder
	warnings strings.Builder
	late     strings.Builder // those warnings that name the late runs of a start which was sent twice
	held     map[int64]bool  // by run id: it was in state at some time
	left     map[int64]bool  // by run id: it was destroyed under on_destroy = "leave"
	allowed  map[string]int  // by resource: how many starts may have been accepted
	excuses  []excuse
	underWay map[*operation]bool
	rushed   []simulator.Run // a stranger started them when a start's answer was lost
}

// excuse lets a run of a resource that was accepted in this time be active without being in state.
type excuse struct {
	resource string
	from, to time.Time
}

func newWorld(t *testing.T, seed uint64) *world {
	rng := rand.New(rand.NewPCG(seed, 0))
	w := &world{
		t: t, rng: rng, begun: time.Now(),
		held: map[int64]bool{}, left: map[int64]bool{}, allowed: map[string]int{}, underWay: map[*operation]bool{},
	}
	for n := range 1 + rng.Int64N(2) {
		w.agents = append(w.agents, randomAgent(rng, 4711+n))
	}
	options := randomOptions(rng, w.agents)
	w.listLag = options.ListLag
	if oneIn(rng, 3) {
		options.OnRequest = w.rush
	}
	w.cloud = simulator.New(options)
	w.note("cloud: limit %d, kill reading %d, list lag %v", options.RateLimit, options.Kill, options.ListLag)
	for _, a := range w.agents {
		description, err := json.Marshal(a)
		w.note("agent: %s %v", description, err)
	}
	for n := range 1 + rng.IntN(4) {
		r := newRandomRun(rng, string(rune('a'+n)), pick(rng, w.agents...).ID)
		if n > 0 && oneIn(rng, 3) {
			r.after = pick(rng, w.runs...).name
		}
		w.runs = append(w.runs, r)
	}
	w.core = &core{
		observer: w, ctx: tflogtest.RootLogger(t.Context(), &w.log), transport: w.cloud.Transport(), state: newCoreState(), validated: map[string]tftypes.Value{},
	}
	return w
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

// excuse lets go what was accepted for a resource since from, or is in the next two minutes.
func (w *world) excuse(resource string, from time.Time, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.excuses = append(w.excuses, excuse{resource: resource, from: from, to: time.Now().Add(2 * time.Minute)})
	w.history = append(w.history, "              (excused: a run of "+resource+", for "+why+")")
}

// excused reports whether a run of a resource need not be known.
func (w *world) excused(resource string, created time.Time) bool {
	for _, e := range w.excuses {
		// The cloud's times are in milliseconds.
		if e.resource == resource && !created.Before(e.from.Truncate(time.Millisecond)) && !created.After(e.to) {
			return true
		}
	}
	return false
}

// resourceOf is the name of the resource that asked for a run; "": a stranger did.
func resourceOf(r simulator.Run) string {
	var input struct{ Resource string }
	if r.InputParameters != "" {
		if err := json.Unmarshal([]byte(r.InputParameters), &input); err != nil {
			panic(err)
		}
	}
	return input.Resource
}

// ours are the runs that a resource asked for, of all agents; name "" stands for all resources.
func (w *world) ours(name string) []simulator.Run {
	var found []simulator.Run
	for _, a := range w.agents {
		for _, r := range w.cloud.Runs(a.ID) {
			if of := resourceOf(r); of != "" && (name == "" || of == name) {
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
	starts := map[string]int{}
	var lost []string
	w.mu.Lock()
	log := w.log.String()
	named, told := w.errors.String()+w.late.String(), w.errors.String()+w.warnings.String()+log
	for _, r := range w.ours("") {
		name := resourceOf(r)
		// Of several runs that came of one start, the first stands for all, also after it was destroyed: it alone is
		// followed.
		first := r.ID
		if r.ParallelSet != 0 {
			first = r.ParallelSet
		}
		text := strconv.FormatInt(first, 10)
		excused := w.excused(name, r.Created)
		if first == r.ID && !excused && !strings.Contains(w.late.String(), text) {
			starts[name]++
		}
		switch {
		case len(holders[first]) > 0 || w.left[first] || excused || first != r.ID && w.held[first]:
		case isActive(r) && !strings.Contains(named, text):
			lost = append(lost, fmt.Sprintf("run %d of %s is %s, and neither in state nor named in an error", r.ID, name, r.Status))
		case !isActive(r) && !w.held[first] && !strings.Contains(told, text):
			lost = append(lost, fmt.Sprintf("run %d of %s was never in state, nor named in a warning or the log", r.ID, name))
		}
	}
	for name, n := range starts {
		if n > w.allowed[name] {
			lost = append(lost, fmt.Sprintf("%d starts of %s were accepted, and its creates and retries allow %d", n, name, w.allowed[name]))
		}
	}
	w.mu.Unlock()
	for _, l := range lost {
		w.wrong("%s", l)
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

var _ coreObserver = (*world)(nil)
