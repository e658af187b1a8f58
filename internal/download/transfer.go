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
	// beyondListed is how much longer than twice its listed size a file may get whose answer has no length of its own: the
	// list may be older than the file, but what never ends is no file.
	beyondListed = 1 << 20

	minPause = 500 * time.Millisecond
	maxPause = 30 * time.Second
)

// transfer brings the content of one file into a sink, through broken connections and expired links.
type transfer struct {
	d    *Downloader
	ref  sequentum.RunRef
	file sequentum.File
	sink contentWriter

	hash         hash.Hash
	received     int64  // bytes in the sink
	mostReceived int64  // most there ever were
	total        int64  // bytes of the whole; -1: not known
	version      string // strong validator of what is in the sink; "": what is there cannot be continued
	shorterSize  int64  // length of the last whole answer that was shorter than listed
	link         string
	waitingFor   string // what for
	lastErr      error  // of the tries so far
	failures     int    // since there was progress
	refusals     int    // of links, since there was progress
}

// fetch fetches the content and returns what has arrived. Its time is not known.
func (t *transfer) fetch(ctx context.Context) (Fingerprint, error) {
	t.hash, t.total = sha256.New(), -1
	for {
		err := t.fetchOnce(ctx)
		switch {
		case err == nil:
			return Fingerprint{SHA256: hexSum(t.hash), Size: t.received}, nil
		case ctx.Err() != nil:
			return Fingerprint{}, t.endedError(ctx)
		}
		t.lastErr = err
		pause, again := t.pauseAfter(err)
		if !again {
			return Fingerprint{}, err
		}
		t.d.log(ctx, "a download broke off and is tried again", map[string]any{
			"agent_id": t.ref.AgentID, "run_id": t.ref.RunID, "file_id": t.file.ID, "bytes": t.received, "error": err.Error(),
		})
		t.waitingFor = "to try again"
		if err := sequentum.Sleep(ctx, t.d.client.Clock(), pause); err != nil {
			return Fingerprint{}, t.endedError(ctx)
		}
	}
}

func (t *transfer) endedError(ctx context.Context) error {
	return &EndedError{Waiting: t.waitingFor, Last: t.lastErr, cause: context.Cause(ctx)}
}

// pauseAfter decides whether a failed try is followed by another, and after which pause. Progress makes good for failures.
func (t *transfer) pauseAfter(err error) (pause time.Duration, again bool) {
	if t.received > t.mostReceived {
		t.mostReceived, t.failures, t.refusals = t.received, 0, 0
	}
	var refused *refusedError
	var broken *retryableError
	switch {
	case errors.As(err, &refused) && refused.refusesLink():
		t.link = ""
		t.refusals++
		return 0, t.refusals < maxLinkRefusals
	case errors.As(err, &refused) && refused.isRetryable():
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

// fetchOnce asks for what is missing, and takes it until the end or until something breaks.
func (t *transfer) fetchOnce(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if t.received > 0 && t.version == "" {
		if err := t.discardReceived(); err != nil {
			return err
		}
	}
	var inline *sequentum.Link
	if t.link == "" {
		t.waitingFor = "for the link to the file"
		link, err := t.d.fileLink(ctx, t.ref, t.file.ID)
		if err != nil {
			if ctx.Err() != nil && !strings.HasSuffix(err.Error(), ": "+context.Cause(ctx).Error()) {
				t.lastErr = err // it says what the request itself waited for
			}
			return err // retried already
		}
		if t.link = link.URL; link.Body != nil {
			inline = link
		}
	}
	dog := watchdog{time.AfterFunc(maxSilence, func() { cancel(stalledError(maxSilence)) }), maxSilence}
	defer dog.stop()
	err := t.readAnswer(ctx, inline, dog)
	t.waitingFor = fmt.Sprintf("for the rest of the content: %d bytes had arrived", t.received)
	if stalled := stalledError(0); err != nil && errors.As(context.Cause(ctx), &stalled) {
		return &retryableError{stalled}
	}
	return err
}

// watchdog ends a try in which nothing arrives for a while. A slow disk does not wake it.
type watchdog struct {
	timer   *time.Timer
	silence time.Duration
}

func (w watchdog) start() { w.timer.Reset(w.silence) }
func (w watchdog) stop()  { w.timer.Stop() }

// readAnswer reads one answer.
func (t *transfer) readAnswer(ctx context.Context, inline *sequentum.Link, dog watchdog) error {
	if inline != nil {
		defer inline.Body.Close()
		return t.copyBody(inline.Body, inlineAnswer(inline), dog)
	}
	resp, err := t.d.host.getContent(ctx, t.link, t.received, t.version)
	if err != nil {
		return t.classifyError(err)
	}
	defer resp.Body.Close()
	return t.copyBody(resp.Body, answerOf(resp), dog)
}

// classifyError tells a broken connection from an answer and from a link that must not be followed.
func (t *transfer) classifyError(err error) error {
	var refused *refusedError
	var insecure *insecureError
	switch {
	case errors.As(err, &insecure):
		return err
	case errors.As(err, &refused) && refused.resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		if err := t.discardReceived(); err != nil {
			return err
		}
	case errors.As(err, &refused):
		return err
	}
	return &retryableError{err}
}

// discardReceived forgets what has arrived.
func (t *transfer) discardReceived() error {
	t.received, t.total, t.version = 0, -1, ""
	t.hash.Reset()
	if err := t.sink.reset(); err != nil {
		return &DiskError{err}
	}
	return nil
}

// prepareFor prepares for an answer: it continues what has arrived, or takes its place.
func (t *transfer) prepareFor(a answer) error {
	if a.partial {
		return t.acceptPart(a)
	}
	if t.received > 0 {
		if err := t.discardReceived(); err != nil {
			return err
		}
	}
	t.version, t.total = a.version, -1
	if err := t.refuseShorter(a.total); err != nil {
		return err
	}
	return t.expectSize(a.total)
}

// refuseShorter refuses a whole answer that is shorter than the run's list says, until a second one has the same length: it can
// be a proxy's. One that is empty is never believed.
func (t *transfer) refuseShorter(total int64) error {
	if total < 0 || total >= t.listedSize() || total > 0 && total == t.shorterSize {
		return nil
	}
	t.shorterSize, t.link = total, ""
	return &retryableError{fmt.Errorf("the answer has %d bytes, and the file has %d in the run's list of files", total, t.listedSize())}
}

// acceptPart accepts a part only when it is certainly the next one of the same content.
func (t *transfer) acceptPart(a answer) error {
	var wrong error
	switch {
	case a.version == "" || a.version != t.version:
		wrong = errors.New("the download host sent a part of another version of the file")
	case a.from != t.received, a.total >= 0 && t.total >= 0 && a.total != t.total:
		wrong = errors.New("the download host sent another part than was asked for")
	default:
		return t.expectSize(a.total)
	}
	if err := t.discardReceived(); err != nil {
		return err
	}
	return &retryableError{wrong}
}

// expectSize notes the length of the whole; -1: not told.
func (t *transfer) expectSize(total int64) error {
	if total < 0 || t.total >= 0 {
		return nil
	}
	t.total = total
	return t.sink.expectSize(total)
}

// listedSize is the file's size in the run's list of files; -1: it is not there. It is a hint: a log of an active run grows,
// and a list may say 0 of a file that has content.
func (t *transfer) listedSize() int64 {
	if t.file.SizeBytes == nil {
		return -1
	}
	return *t.file.SizeBytes
}

// maxLength is how long the content may get by this answer.
func (t *transfer) maxLength(a answer) int64 {
	switch listed := t.listedSize(); {
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

// copyBody takes an answer into the sink.
func (t *transfer) copyBody(body io.Reader, a answer, dog watchdog) (err error) {
	if err := t.prepareFor(a); err != nil {
		return err
	}
	limit := t.maxLength(a)
	h := t.startHashing()
	defer func() {
		if failed := h.finish(); failed != nil {
			err = failed
		}
	}()
	for {
		buffer := t.d.buffers.Get().(*[]byte)
		dog.start()
		n, err := body.Read(*buffer)
		dog.stop()
		if int64(n) > limit-t.received {
			return &MismatchError{What: "size", Got: fmt.Sprintf("more than %d bytes", limit), Want: t.describeExpectedSize()}
		}
		if _, err := t.sink.Write((*buffer)[:n]); err != nil {
			return &DiskError{err}
		}
		t.received += int64(n)
		h.addBuffer(buffer, n)
		switch {
		case err == io.EOF: // bare: wrapped, it is a connection's
			return t.checkComplete(a)
		case err != nil && t.received == t.total:
			return nil // all of it came before the fault
		case err != nil:
			return &retryableError{err}
		}
	}
}

// describeExpectedSize says how long the content should be.
func (t *transfer) describeExpectedSize() string {
	if t.total >= 0 {
		return fmt.Sprintf("%d bytes, as the download host announced", t.total)
	}
	return fmt.Sprintf("about %d bytes, as the run's list of files says", t.listedSize())
}

// checkComplete decides whether what has arrived is whole. An answer without a length of its own is, when its end is marked and
// not before the listed one; without a mark, only the listed size tells.
func (t *transfer) checkComplete(a answer) error {
	listed := t.listedSize()
	switch {
	case t.total >= 0 && t.received < t.total, t.total < 0 && t.received < listed:
		return &retryableError{io.ErrUnexpectedEOF}
	case t.total >= 0, t.received == listed, a.framed && !a.partial:
		return nil
	}
	return &retryableError{errors.New("the answer ended, and nothing tells whether that was its whole content")}
}
