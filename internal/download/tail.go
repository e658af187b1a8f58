// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

const (
	// maxTail is how many bytes [Downloader.Tail] returns at most.
	maxTail = 64 << 10
	// maxReadThrough is how many bytes of a file it reads to reach the end, if the host sends no parts.
	maxReadThrough = 16 << 20
)

// Tail is the end of a file.
type Tail struct {
	Content []byte
	Cut     bool // the file has more before Content
}

// Tail returns the end of a file, at most 64 KiB. It asks the download host for that part only. Where the whole file comes
// instead, the file is read to its end, if it has no more than 16 MiB. Nothing is tried twice, and it takes no place among
// the transfers: it is small, and an error waits for it. When ctx ends, the error is an [EndedError]. The other errors are
// those of [sequentum.Client.FileLink], or say what the download host did. (API: Output files)
func (d *Downloader) Tail(ctx context.Context, ref sequentum.RunRef, file sequentum.File) (Tail, error) {
	link, err := d.fileLink(ctx, ref, file.ID)
	if err != nil {
		return Tail{}, err
	}
	var tail Tail
	if link.Body != nil {
		defer link.Body.Close()
		tail, err = readThrough(link.Body, link.Size)
	} else {
		tail, err = d.tailFromHost(ctx, link.URL)
	}
	if err != nil && ctx.Err() != nil {
		err = &EndedError{Waiting: "for its content", cause: context.Cause(ctx)}
	}
	return tail, err
}

// tailFromHost asks for the end of a file, and for the whole file if another part comes.
func (d *Downloader) tailFromHost(ctx context.Context, link string) (Tail, error) {
	tail, err := d.tailFrom(ctx, link, wanted{last: maxTail})
	if errors.Is(err, errOtherPart) {
		tail, err = d.tailFrom(ctx, link, wanted{})
	}
	return tail, err
}

// errOtherPart is an answer that is not, or not certainly, the end of the file.
var errOtherPart = errors.New("the download host sent a part of the file that was not requested")

func (d *Downloader) tailFrom(ctx context.Context, link string, want wanted) (Tail, error) {
	resp, err := d.host.getContent(ctx, link, want)
	if err != nil {
		return Tail{}, errorOfRefused(err, want)
	}
	defer resp.Body.Close()
	a := answerOf(resp)
	if !a.partial {
		return readThrough(resp.Body, a.total)
	}
	length := a.end - a.from
	if a.end != a.total || length > want.last { // also where the total is not told
		return Tail{}, errOtherPart
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, length+1))
	if err == nil && int64(len(content)) != length {
		err = fmt.Errorf("the download host announced %d bytes, but sent another number", length)
	}
	return Tail{Content: content, Cut: a.from > 0}, err
}

// errorOfRefused says what the refusal of a request means. It is nil if the file is empty: an empty file has no part.
func errorOfRefused(err error, want wanted) error {
	refused, ok := errors.AsType[*refusedError](err)
	switch {
	case !ok || want.last == 0 || refused.resp.StatusCode != http.StatusRequestedRangeNotSatisfiable:
		return err
	case refused.resp.Header.Get("Content-Range") == "bytes */0":
		return nil
	}
	return errOtherPart
}

// readThrough reads a content to its end, and keeps the end. size is the number of its bytes; -1: not known.
func readThrough(body io.Reader, size int64) (Tail, error) {
	var tail Tail
	chunk := make([]byte, maxTail)
	for read := int64(0); ; {
		if max(read, size) > maxReadThrough {
			return Tail{}, fmt.Errorf("the download host can send only the whole file, which is larger than %d MiB", maxReadThrough>>20)
		}
		n, err := body.Read(chunk)
		read += int64(n)
		tail.Content = append(tail.Content, chunk[:n]...)
		if more := len(tail.Content) - maxTail; more > 0 {
			tail.Content, tail.Cut = append(tail.Content[:0], tail.Content[more:]...), true
		}
		switch {
		case err == io.EOF: // not errors.Is: a wrapped EOF is a broken connection
			return tail, nil
		case err != nil:
			return Tail{}, err
		}
	}
}
