package run

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// bufferSize keeps the number of calls of the system small beside the work they do.
	bufferSize = 256 << 10
	// buffersAhead is how far the hash may be behind what is written.
	buffersAhead = 8
	// maxLinkRefusals is how many new links in a row may be refused: the first may have expired on its way.
	maxLinkRefusals = 2

	minPause = 500 * time.Millisecond
	maxPause = 30 * time.Second
)

// sink takes a content, from its beginning again after each restart.
type sink interface {
	io.Writer
	restart() error
}

// DiskError is a fault of this machine's disk, such as that it is full. It does not concern one file alone.
type DiskError struct{ err error }

func (e *DiskError) Error() string { return "writing it failed: " + e.err.Error() }

// Unwrap gives the system's error.
func (e *DiskError) Unwrap() error { return e.err }

// MismatchError is a content that arrived whole and is not the one that was announced or is wanted.
type MismatchError struct {
	What      string // "size" or "SHA-256"
	Got, Want string
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("its %s is %s and should be %s", e.What, e.Got, e.Want)
}

// stalledError is a download host that fell silent.
type stalledError time.Duration

func (e stalledError) Error() string { return fmt.Sprintf("no data for %v", time.Duration(e)) }

// transfer brings the content of one file into a sink, through broken connections and expired links.
type transfer struct {
	d    *Downloads
	ref  Ref
	file sequentum.File
	sink sink

	hash      hash.Hash
	at        int64 // bytes in the sink
	furthest  int64 // most there ever were
	link      string
	validator string
	failures  int // since there was progress
	refusals  int // of links, since there was progress
}

// do returns the SHA-256 of the content, in hex, and its length in bytes.
func (t *transfer) do(ctx context.Context) (sum string, size int64, err error) {
	t.hash = sha256.New()
	for {
		err := t.try(ctx)
		switch {
		case err == nil:
			return hexSum(t.hash), t.at, nil
		case ctx.Err() != nil:
			return "", 0, context.Cause(ctx)
		}
		pause, again := t.after(err)
		if !again {
			return "", 0, err
		}
		t.d.m.log(ctx, "a download broke off and goes on", map[string]any{
			"agent_id": t.ref.AgentID, "run_id": t.ref.RunID, "file_id": t.file.ID, "bytes": t.at, "error": err.Error(),
		})
		if err := sequentum.Sleep(ctx, t.d.m.clock, pause); err != nil {
			return "", 0, err
		}
	}
}

// brokenError is a try that another may do better than: it goes on where this one ended.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// after decides whether a failed try is followed by another, and after which pause. Progress makes good for failures.
func (t *transfer) after(err error) (pause time.Duration, again bool) {
	if t.at > t.furthest {
		t.furthest, t.failures, t.refusals = t.at, 0, 0
	}
	var refused *refusedError
	var broken *brokenError
	switch {
	case errors.As(err, &refused) && refused.unusableLink():
		t.link = ""
		t.refusals++
		return 0, t.refusals < maxLinkRefusals
	case errors.As(err, &refused) && refused.temporary():
		pause = retryablehttp.DefaultBackoff(minPause, maxPause, t.failures, refused.resp)
	case errors.As(err, &broken):
		pause = retryablehttp.DefaultBackoff(minPause, maxPause, t.failures, nil)
	default:
		return 0, false
	}
	pause = min(pause, maxPause) // whatever the host asks for
	t.failures++
	// Even where nothing is to be retried: a link that expires in the middle of a large file is no fault.
	return pause, t.failures <= max(1, t.d.m.client.MaxRetries())
}

// try asks for what is missing, and takes it until the end or until something breaks.
func (t *transfer) try(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var inline *sequentum.Link
	if t.link == "" {
		link, err := t.d.m.client.FileLink(ctx, t.ref.AgentID, t.ref.RunID, t.file.ID)
		if err != nil {
			return err // retried already
		}
		if t.link = link.URL; link.Body != nil {
			inline = link
		}
	}
	silence := t.d.m.client.RequestTimeout()
	dog := watchdog{time.AfterFunc(silence, func() { cancel(stalledError(silence)) }), silence}
	defer dog.rest()
	err := t.take(ctx, inline, dog)
	if stalled := stalledError(0); err != nil && errors.As(context.Cause(ctx), &stalled) {
		return &brokenError{stalled}
	}
	return err
}

// watchdog ends a try in which nothing arrives for a while. A slow disk does not wake it.
type watchdog struct {
	timer   *time.Timer
	silence time.Duration
}

func (w watchdog) watch() { w.timer.Reset(w.silence) }
func (w watchdog) rest()  { w.timer.Stop() }

// take reads one answer.
func (t *transfer) take(ctx context.Context, inline *sequentum.Link, dog watchdog) error {
	if inline != nil {
		defer inline.Body.Close()
		return t.copy(inline.Body, part{total: inline.Size}, dog)
	}
	resp, err := t.d.host.get(ctx, t.link, t.at, t.validator)
	if err != nil {
		return t.judge(err)
	}
	defer resp.Body.Close()
	p := partOf(resp)
	t.validator = p.validator
	return t.copy(resp.Body, p, dog)
}

// judge tells a broken connection from an answer and from a link that must not be followed.
func (t *transfer) judge(err error) error {
	var refused *refusedError
	var insecure *insecureError
	switch {
	case errors.As(err, &insecure):
		return err
	case errors.As(err, &refused) && refused.resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		if err := t.restart(); err != nil {
			return err
		}
	case errors.As(err, &refused):
		return err
	}
	return &brokenError{err}
}

// restart forgets what has arrived.
func (t *transfer) restart() error {
	t.at = 0
	t.hash.Reset()
	if err := t.sink.restart(); err != nil {
		return &DiskError{err}
	}
	return nil
}

// copy takes a part of the content into the sink.
func (t *transfer) copy(body io.Reader, p part, dog watchdog) error {
	if p.from != t.at {
		if err := t.restart(); err != nil {
			return err
		}
	}
	if p.from != t.at {
		return &brokenError{errors.New("the download host sent another part than was asked for")}
	}
	if err := t.checkSize(p.total); err != nil {
		return err
	}
	h := t.startHashing()
	defer h.finish()
	for {
		buffer := t.d.buffers.Get().(*[]byte)
		dog.watch()
		n, err := body.Read(*buffer)
		dog.rest()
		if _, err := t.sink.Write((*buffer)[:n]); err != nil {
			return &DiskError{err}
		}
		t.at += int64(n)
		h.add(buffer, n)
		switch {
		case err == io.EOF: // bare: wrapped, it is a connection's
			return t.end(p.total)
		case err != nil:
			return &brokenError{err}
		}
	}
}

// hashing takes the SHA-256 of a transfer's content beside the reading and writing: at the speed of a fast network, one
// processor is not enough for all three.
type hashing struct {
	chunks   chan chunk
	finished chan struct{}
}

type chunk struct {
	buffer *[]byte
	n      int
}

// startHashing has the transfer's hash to itself until finish returns.
func (t *transfer) startHashing() hashing {
	h := hashing{chunks: make(chan chunk, buffersAhead), finished: make(chan struct{})}
	go func() {
		defer close(h.finished)
		for c := range h.chunks {
			t.hash.Write((*c.buffer)[:c.n])
			t.d.buffers.Put(c.buffer)
		}
	}()
	return h
}

// add takes over the buffer.
func (h hashing) add(buffer *[]byte, n int) { h.chunks <- chunk{buffer, n} }

func (h hashing) finish() {
	close(h.chunks)
	<-h.finished
}

// end checks the length of what has arrived. An end too soon is a connection that broke.
func (t *transfer) end(total int64) error {
	want := total
	if want < 0 && t.file.Size != nil {
		want = *t.file.Size
	}
	if want >= 0 && t.at < want {
		return &brokenError{io.ErrUnexpectedEOF}
	}
	return t.checkSize(t.at)
}

// checkSize compares a size with that in the run's list of files; -1 is not known.
func (t *transfer) checkSize(size int64) error {
	if size < 0 || t.file.Size == nil || size == *t.file.Size {
		return nil
	}
	return &MismatchError{What: "size", Got: fmt.Sprintf("%d bytes", size), Want: fmt.Sprintf("%d, as the run's list of files says", *t.file.Size)}
}
