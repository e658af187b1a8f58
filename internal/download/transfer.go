// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

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
	// bufferSize is the most bytes of one read or write. Larger buffers mean fewer system calls.
	bufferSize = 256 << 10
	// maxLinkRefusals is how many links in a row may be refused before the transfer fails. The first can have expired
	// before it was used.
	maxLinkRefusals = 2
	// maxSilence is how long a transfer waits for its next byte.
	maxSilence = time.Minute
	// beyondListed applies to an answer without a length: the file may have twice its listed size and this many
	// bytes more. The list can be older than the file, but an answer that never ends is not a file.
	beyondListed = 1 << 20

	minPause = 500 * time.Millisecond
	maxPause = 30 * time.Second
)

// transfer fetches the content of one file. It continues after broken connections and expired links.
type transfer struct {
	d      *Downloader
	ref    sequentum.RunRef
	file   sequentum.File
	writer contentWriter

	hash         hash.Hash
	received     int64  // bytes that have arrived and are written
	mostReceived int64  // the most bytes that had arrived in any try
	total        int64  // bytes of the whole file; -1: not known
	version      string // strong validator of what has arrived; "": none, so that the transfer cannot continue and starts again
	shorterSize  int64  // bytes of the last whole answer that was shorter than the listed size
	link         string
	waitingFor   string // what the transfer is waiting for now, such as "for the link to the file"
	lastErr      error  // of the last try that failed
	failures     int    // since more bytes arrived
	refusals     int    // of links, since more bytes arrived
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
		t.d.log(ctx, "a download was broken off and is tried again", map[string]any{
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

// pauseAfter decides whether another try follows a failed one, and after which pause. When bytes have arrived, the count of
// failures starts again.
func (t *transfer) pauseAfter(err error) (pause time.Duration, again bool) {
	if t.received > t.mostReceived {
		t.mostReceived, t.failures, t.refusals = t.received, 0, 0
	}
	var refused *refusedError
	var retryable *retryableError
	switch {
	case errors.As(err, &refused) && refused.refusesLink():
		t.link = ""
		t.refusals++
		return 0, t.refusals < maxLinkRefusals
	case errors.As(err, &refused) && refused.isRetryable():
		pause = retryablehttp.DefaultBackoff(minPause, maxPause, t.failures, refused.resp)
	case errors.As(err, &retryable):
		pause = retryablehttp.DefaultBackoff(minPause, maxPause, t.failures, nil)
	default:
		return 0, false
	}
	pause = min(pause, maxPause) // whatever the host asks for
	t.failures++
	// One retry even if max_retries is 0: it is normal that a link expires in the middle of a large file.
	return pause, t.failures <= max(1, t.d.client.MaxRetries())
}

// fetchOnce asks for the bytes that are missing, and writes them until the file is complete or the connection breaks.
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
			return err // the client has retried already
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

// watchdog ends a try in which nothing arrives for maxSilence. It runs only while the transfer reads, so a slow disk does not
// end a try.
type watchdog struct {
	timer   *time.Timer
	silence time.Duration
}

func (w watchdog) start() { w.timer.Reset(w.silence) }
func (w watchdog) stop()  { w.timer.Stop() }

// readAnswer reads one answer: inline if the API itself sends the content, or else the download host's.
func (t *transfer) readAnswer(ctx context.Context, inline *sequentum.Link, dog watchdog) error {
	if inline != nil {
		defer inline.Body.Close()
		return t.copyBody(inline.Body, inlineAnswer(inline), dog)
	}
	resp, err := t.d.host.getContent(ctx, t.link, wanted{from: t.received, validator: t.version})
	if err != nil {
		return t.classifyError(err)
	}
	defer resp.Body.Close()
	return t.copyBody(resp.Body, answerOf(resp), dog)
}

// classifyError makes a broken connection retryable. It returns the refusals of the host and of the link as they are.
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

// discardReceived discards what has arrived, so that the next try starts at the first byte.
func (t *transfer) discardReceived() error {
	t.received, t.total, t.version = 0, -1, ""
	t.hash.Reset()
	if err := t.writer.reset(); err != nil {
		return &DiskError{err}
	}
	return nil
}

// prepareFor decides whether the answer continues what has arrived or replaces it.
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

// refuseShorter refuses a whole answer that is shorter than the listed size: it can be a page of a proxy. A second answer of
// the same length is accepted. An empty one never is.
func (t *transfer) refuseShorter(total int64) error {
	if total < 0 || total >= t.listedSize() || total > 0 && total == t.shorterSize {
		return nil
	}
	t.shorterSize, t.link = total, ""
	return &retryableError{fmt.Errorf("the answer has %d bytes, but the run's list of files says %d", total, t.listedSize())}
}

// acceptPart accepts a part only if it is certainly the next part of the same content.
func (t *transfer) acceptPart(a answer) error {
	var wrong error
	switch {
	case a.version == "" || a.version != t.version:
		wrong = errors.New("the download host sent a part of another version of the file")
	case a.from != t.received, a.total >= 0 && t.total >= 0 && a.total != t.total:
		wrong = errors.New("the download host sent a part of the file that was not requested")
	default:
		return t.expectSize(a.total)
	}
	if err := t.discardReceived(); err != nil {
		return err
	}
	return &retryableError{wrong}
}

// expectSize stores the size of the whole file; -1: the answer does not say.
func (t *transfer) expectSize(total int64) error {
	if total < 0 || t.total >= 0 {
		return nil
	}
	t.total = total
	return t.writer.expectSize(total)
}

// listedSize is the file's size in the run's list of files, in bytes; -1: the list has none. It is a hint: a log of an active
// run grows, and a list can say 0 for a file that has content (API: Output files).
func (t *transfer) listedSize() int64 {
	if t.file.SizeBytes == nil {
		return -1
	}
	return *t.file.SizeBytes
}

// maxLength is how many bytes the content may have when this answer ends.
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

// copyBody writes an answer to the writer.
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
		n, err := fillBuffer(body, *buffer, dog)
		if int64(n) > limit-t.received {
			return &MismatchError{What: "size", Got: fmt.Sprintf("more than %d bytes", limit), Want: t.describeExpectedSize()}
		}
		if _, err := t.writer.Write((*buffer)[:n]); err != nil {
			return &DiskError{err}
		}
		t.received += int64(n)
		h.addBuffer(buffer, n)
		switch {
		case err == io.EOF: //nolint:errorlint // a wrapped EOF is a broken connection
			return t.checkComplete(a)
		case err != nil && t.received == t.total:
			return nil // the whole file arrived before the error
		case err != nil:
			return &retryableError{err}
		}
	}
}

// fillBuffer reads until the buffer is full or the answer ends. Over TLS, one read gives at most 16 KiB. To write and hash such
// small pieces takes longer than the network.
func fillBuffer(body io.Reader, buffer []byte, dog watchdog) (n int, err error) {
	for n < len(buffer) && err == nil {
		var read int
		dog.start()
		read, err = body.Read(buffer[n:])
		dog.stop()
		n += read
	}
	return n, err
}

// describeExpectedSize says how many bytes the content should have.
func (t *transfer) describeExpectedSize() string {
	if t.total >= 0 {
		return fmt.Sprintf("%d bytes, as the download host announced", t.total)
	}
	return fmt.Sprintf("about %d bytes, as the run's list of files says", t.listedSize())
}

// checkComplete decides whether the whole file has arrived. An answer with a length is complete at that length. An answer
// without a length is complete if its end is marked and not before the listed size, or if it has exactly the listed size.
func (t *transfer) checkComplete(a answer) error {
	listed := t.listedSize()
	switch {
	case t.total >= 0 && t.received < t.total, t.total < 0 && t.received < listed:
		return &retryableError{io.ErrUnexpectedEOF}
	case t.total >= 0, t.received == listed, a.framed && !a.partial:
		return nil
	}
	return &retryableError{errors.New("the answer ended, but nothing shows whether the content was complete")}
}
