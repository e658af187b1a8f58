package randomtest

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

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/sequentum/terraform-provider-sequentum/internal/provider/randomtest/core"
	"github.com/sequentum/terraform-provider-sequentum/internal/simulator"
)

// sequence is one play: a cloud, a configuration with its state, and all that was said and done.
type sequence struct {
	t       *testing.T
	rng     *rand.Rand // for the sequence's own goroutine
	begun   time.Time
	cloud   *simulator.Cloud
	agents  []simulator.Agent
	listLag time.Duration
	// slowStarts: a start can have its effect when its create has ended.
	slowStarts bool
	core       *core.Core
	odd        oddities
	toCloud    http.RoundTripper // between a tap and the cloud
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

func newSequence(t *testing.T, seed uint64) *sequence {
	rng := rand.New(rand.NewPCG(seed, 0))
	s := &sequence{
		t: t, rng: rng, begun: time.Now(),
		lostStarts: map[origin]bool{}, answered: map[origin]int64{}, held: map[int64]bool{}, attempts: map[int64]bool{}, left: map[int64]bool{}, allowed: map[origin]int{},
		excused: map[origin]bool{}, underWay: map[*operation]bool{},
	}
	for n := range 1 + rng.Int64N(2) {
		s.agents = append(s.agents, randomAgent(rng, 4711+n))
	}
	s.odd = randomOddities(rng)
	s.note("oddities: %+v", s.odd)
	options := randomOptions(rng, s.agents, s.odd)
	s.listLag = options.ListLag
	if oneIn(rng, 3) {
		options.OnRequest = s.rush
	}
	s.cloud = simulator.New(options)
	s.toCloud = &oddTransport{next: s.protocol(), oddities: s.odd, rng: rand.New(rand.NewPCG(seed, 1))}
	s.note("cloud: limit %d, kill reading %d, list lag %v", options.RateLimit, options.Kill, options.ListLag)
	for _, a := range s.agents {
		description, err := json.Marshal(a)
		s.note("agent: %s %v", description, err)
	}
	for n := range 1 + rng.IntN(4) {
		r := newRandomRun(rng, string(rune('a'+n)), pick(rng, s.agents...).ID)
		if s.odd.spellings {
			r.spelling = rng.Int64N(12)
		}
		if n > 0 && oneIn(rng, 3) {
			r.after, r.late = pick(rng, s.runs...).name, oneIn(rng, 4)
		}
		s.runs = append(s.runs, r)
	}
	s.core = core.New(tflogtest.RootLogger(t.Context(), &s.log), s, s.tapped)
	return s
}

// protocol is what the sequence's requests go by: a call in memory, or the real net/http at both ends of a pipe.
func (s *sequence) protocol() http.RoundTripper {
	var pipes *simulator.PipeTransport
	switch s.rng.IntN(4) {
	case 0:
		s.note("over HTTP/2")
		pipes = s.cloud.HTTP2Transport()
	case 1:
		s.note("over HTTP/1.1")
		pipes = s.cloud.HTTP1Transport()
	default:
		return s.cloud.Transport()
	}
	s.t.Cleanup(func() { pipes.Close() })
	return pipes
}

// note adds a line to the history.
func (s *sequence) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history = append(s.history, fmt.Sprintf("%10.3fs  ", time.Since(s.begun).Seconds())+fmt.Sprintf(format, args...))
}

// Wrong takes what must never happen, and takes it once. The sequence continues, so that what follows from it can be seen.
func (s *sequence) Wrong(format string, args ...any) {
	problem := fmt.Sprintf(format, args...)
	s.mu.Lock()
	known := slices.Contains(s.problems, problem)
	s.problems = append(s.problems, problem)
	s.mu.Unlock()
	if !known {
		s.note("WRONG: %s", problem)
		s.t.Errorf("%.3fs: %s", time.Since(s.begun).Seconds(), problem)
	}
}

// printHistory prints the history of a sequence that went wrong; with -v, of every one.
func (s *sequence) printHistory() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.problems) > 0 || testing.Verbose() {
		s.t.Logf("the whole sequence:\n%s", strings.Join(s.history, "\n"))
	}
}

// excuse says that nobody can know all runs of a create.
func (s *sequence) excuse(from origin, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.excused[from] = true
	s.history = append(s.history, "              (excused: the runs of this create of "+from.resource+", for "+why+")")
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

var _ core.Observer = (*sequence)(nil)
