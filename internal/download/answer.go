package download

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/sequentum/terraform-provider-sequentum/internal/sequentum"
)

// answer is what an answer says about the content that it holds.
type answer struct {
	partial bool
	from    int64  // where in the file it begins; -1: it does not say
	end     int64  // where a part ends
	total   int64  // bytes of the whole file; -1: it does not say
	version string // the strong validator of the file; "": none, so that its parts cannot be told from another version's
	// framed: the connection tells an end that comes too soon from the real one.
	framed bool
}

// answerOf reads the headers of a 200 or 206.
func answerOf(resp *http.Response) answer {
	a := answer{total: resp.ContentLength, version: strongValidator(resp.Header), framed: sequentum.Framed(resp)}
	if resp.StatusCode != http.StatusPartialContent {
		return a
	}
	a.partial, a.from, a.total = true, -1, -1
	var first, last int64
	var total string
	if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%s", &first, &last, &total); err != nil || last < first {
		return a
	}
	a.from, a.end = first, last+1
	if n, err := strconv.ParseInt(total, 10, 64); err == nil && n > last {
		a.total = n
	}
	return a
}

// inlineAnswer is the content that the API itself sends.
func inlineAnswer(link *sequentum.Link) answer {
	return answer{total: link.Size, framed: link.Framed}
}

// strongValidator is the entity tag, when it is one that changes with every byte.
func strongValidator(h http.Header) string {
	if etag := h.Get("ETag"); strings.HasPrefix(etag, `"`) {
		return etag
	}
	return ""
}
