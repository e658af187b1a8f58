package download

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// bufferSize keeps the number of calls of the system small beside the work they do.
	bufferSize = 256 << 10
	// maxLinkRefusals is how many new links in a row may be refused: the first may have expired on its way.
	maxLinkRefusals = 2
	// maxSilence is how long a transfer waits for its next byte.
	maxSilence = time.Minute
	// beyondListed is for a file whose answer has no length: it may get this much longer than twice its listed size.
	// The list may be older than the file, but an answer that never ends is no file.
	beyondListed = 1 << 20

	minPause = 500 * time.Millisecond
	maxPause = 30 * time.Second
)

// sink takes a content, from its beginning again after each restart.
type sink interface {
	io.Writer
	restart() error
	// expect is told the length of the whole content, as soon as that is known.
	expect(total int64) error
}

// transfer brings the content of one file into a sink, through broken connections and expired links.
type transfer struct {
	d    *Downloader
	ref  sequentum.RunRef
	file sequentum.File
	sink sink

	hash     hash.Hash
	at       int64  // bytes in the sink
	furthest int64  // most there ever were
	total    int64  // bytes of the whole; -1: not known
	version  string // strong validator of what is in the sink; "": what is there cannot be continued
	short    int64  // length of the last whole answer that was shorter than listed
	link     string
	waiting  string // what for
	last     error  // of the tries so far
	failures int    // since there was progress
	refusals int    // of links, since there was progress
}

// do returns the SHA-256 of the content, in hex, and its length in bytes.
func (t *transfer) do(ctx context.Context) (sum string, size int64, err error) {
	t.hash, t.total = sha256.New(), -1
	for {
		err := t.try(ctx)
		switch {
		case err == nil:
			return hexSum(t.hash), t.at, nil
		case ctx.Err() != nil:
			return "", 0, t.ended(ctx)
		}
		t.last = err
		pause, again := t.after(err)
		if !again {
			return "", 0, err
		}
		t.d.log(ctx, "a download was broken off and is tried again", map[string]any{
			"agent_id": t.ref.AgentID, "run_id": t.ref.RunID, "file_id": t.file.ID, "bytes": t.at, "error": err.Error(),
		})
		t.waiting = "to try again"
		if err := sequentum.Sleep(ctx, t.d.client.Clock(), pause); err != nil {
			return "", 0, t.ended(ctx)
		}
	}
}

func (t *transfer) ended(ctx context.Context) error {
	return &EndedError{Waiting: t.waiting, Last: t.last, cause: context.Cause(ctx)}
}

// after decides whether a failed try is followed by another, and after which pause. Progress resets the count of
// failures.
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
	return pause, t.failures <= max(1, t.d.client.MaxRetries())
}

// try asks for what is missing, and takes it until the end or until something breaks.
func (t *transfer) try(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if t.at > 0 && t.version == "" {
		if err := t.restart(); err != nil {
			return err
		}
	}
	var inline *sequentum.Link
	if t.link == "" {
		t.waiting = "for the link to the file"
		link, err := t.d.fileLink(ctx, t.ref, t.file.ID)
		if err != nil {
			if ctx.Err() != nil && !strings.HasSuffix(err.Error(), ": "+context.Cause(ctx).Error()) {
				t.last = err // it says what the request itself waited for
			}
			return err // retried already
		}
		if t.link = link.URL; link.Body != nil {
			inline = link
		}
	}
	dog := watchdog{time.AfterFunc(maxSilence, func() { cancel(stalledError(maxSilence)) }), maxSilence}
	defer dog.rest()
	err := t.take(ctx, inline, dog)
	t.waiting = fmt.Sprintf("for the rest of the content: %d bytes had arrived", t.at)
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
		return t.copy(inline.Body, inlineAnswer(inline), dog)
	}
	resp, err := t.d.host.get(ctx, t.link, t.at, t.version)
	if err != nil {
		return t.judge(err)
	}
	defer resp.Body.Close()
	return t.copy(resp.Body, answerOf(resp), dog)
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
	t.at, t.total, t.version = 0, -1, ""
	t.hash.Reset()
	if err := t.sink.restart(); err != nil {
		return &DiskError{err}
	}
	return nil
}

// begin prepares for an answer: it continues what has arrived, or takes its place.
func (t *transfer) begin(a answer) error {
	if a.partial {
		return t.continueWith(a)
	}
	if t.at > 0 {
		if err := t.restart(); err != nil {
			return err
		}
	}
	t.version, t.total = a.version, -1
	if err := t.doubt(a.total); err != nil {
		return err
	}
	return t.expect(a.total)
}

// doubt refuses a whole answer that is shorter than the run's list says, until a second answer has the same length: the
// first can be a proxy's. An empty answer is never accepted.
func (t *transfer) doubt(total int64) error {
	if total < 0 || total >= t.listed() || total > 0 && total == t.short {
		return nil
	}
	t.short, t.link = total, ""
	return &brokenError{fmt.Errorf("the answer has %d bytes, but the run's list of files says %d", total, t.listed())}
}

// continueWith accepts a part only when it is certainly the next one of the same content.
func (t *transfer) continueWith(a answer) error {
	var wrong error
	switch {
	case a.version == "" || a.version != t.version:
		wrong = errors.New("the download host sent a part of another version of the file")
	case a.from != t.at, a.total >= 0 && t.total >= 0 && a.total != t.total:
		wrong = errors.New("the download host sent another part of the file than was requested")
	default:
		return t.expect(a.total)
	}
	if err := t.restart(); err != nil {
		return err
	}
	return &brokenError{wrong}
}

// expect notes the length of the whole content; -1: it is not known.
func (t *transfer) expect(total int64) error {
	if total < 0 || t.total >= 0 {
		return nil
	}
	t.total = total
	return t.sink.expect(total)
}

// listed is the file's size in the run's list of files; -1: it is not there. It is a hint: a log of an active run grows,
// and a list may say 0 of a file that has content.
func (t *transfer) listed() int64 {
	if t.file.SizeBytes == nil {
		return -1
	}
	return *t.file.SizeBytes
}

// limit is how long the content may get by this answer.
func (t *transfer) limit(a answer) int64 {
	switch listed := t.listed(); {
	case a.partial:
		return a.end
	case t.total >= 0:
		return t.total
	case listed <= 0 || listed > (math.MaxInt64-beyondListed)/2:
		return math.MaxInt64
	default:
		return 2*listed + beyondListed
	}
}

// copy takes an answer into the sink.
func (t *transfer) copy(body io.Reader, a answer, dog watchdog) (err error) {
	if err := t.begin(a); err != nil {
		return err
	}
	limit := t.limit(a)
	h := t.startHashing()
	defer func() {
		if failed := h.finish(); failed != nil {
			err = failed
		}
	}()
	for {
		buffer := t.d.buffers.Get().(*[]byte)
		dog.watch()
		n, err := body.Read(*buffer)
		dog.rest()
		if int64(n) > limit-t.at {
			return &MismatchError{What: "size", Got: fmt.Sprintf("more than %d bytes", limit), Want: t.expected()}
		}
		if _, err := t.sink.Write((*buffer)[:n]); err != nil {
			return &DiskError{err}
		}
		t.at += int64(n)
		h.add(buffer, n)
		switch {
		case err == io.EOF: // bare: wrapped, it is a connection's
			return t.end(a)
		case err != nil && t.at == t.total:
			return nil // all of it came before the fault
		case err != nil:
			return &brokenError{err}
		}
	}
}

// expected says how long the content should be.
func (t *transfer) expected() string {
	if t.total >= 0 {
		return fmt.Sprintf("%d bytes, as the download host announced", t.total)
	}
	return fmt.Sprintf("about %d bytes, as the run's list of files says", t.listed())
}

// end decides whether what has arrived is complete. An answer without a length is complete if its end is marked and
// it is at least as long as the list says. Without a mark, only the listed size decides.
func (t *transfer) end(a answer) error {
	listed := t.listed()
	switch {
	case t.total >= 0 && t.at < t.total, t.total < 0 && t.at < listed:
		return &brokenError{io.ErrUnexpectedEOF}
	case t.total >= 0, t.at == listed, a.framed && !a.partial:
		return nil
	}
	return &brokenError{errors.New("the answer ended, but nothing shows whether the content was complete")}
}
