// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// A list in pages is read until a page brings nothing new (API: Conventions, Lists). Neither the length of a page nor the
// total that it states is believed alone: the server may give shorter pages than asked for, and its total may be that of
// something else. So most lists cost one request more than they have pages.

const (
	// pageSize is how many elements a page is asked for. The API names 1000 as the most where it names any.
	pageSize = 1000
	// smallPageSize is asked for when a server refuses pageSize.
	smallPageSize = 100
	// maxPages is more than any list has. Each costs a request.
	maxPages = 1000
	// maxBarrenPages in a row without anything that can be used end a list, whatever its total says.
	maxBarrenPages = 3
	// maxReadings is how often a list is read that becomes shorter meanwhile.
	maxReadings = 3
)

var (
	errTooManyPages = fmt.Errorf("it has more than %d pages", maxPages)
	errListShrank   = fmt.Errorf("the provider read the list %d times, and each time it became shorter during the read. Try again later", maxReadings)
)

// pagedCall describes the calls that read a list in pages.
type pagedCall struct {
	path     string
	query    url.Values // without the paging parameters
	priority Priority
	scope    string
	arrays   []string // the names that the array has in a page
}

// page asks for one page.
func (k pagedCall) page(n, size int) *call {
	query := url.Values{"pageIndex": {strconv.Itoa(n)}, "recordsPerPage": {strconv.Itoa(size)}}
	maps.Copy(query, k.query)
	return &call{method: http.MethodGet, path: k.path, query: query, priority: k.priority, scope: k.scope}
}

// reading is what was read of a list in pages so far. Each element is there once.
type reading[T any] struct {
	list[T]
	seen    map[int64]bool // the ids of the elements
	bytes   int            // of their texts
	total   *int64         // how many elements the list has, as the latest page says; nil: it does not say
	longest int            // elements of the longest page, also those that cannot be used
	barren  int            // pages in a row without anything new that can be used
	shrank  bool           // a page states a lower total than the page before
}

// fetchPages reads all pages of a list. convert is as for fetchObject. identify gives the id of an element, and how many
// bytes its texts have. Elements that cannot be used are left out and logged; that none can be used is an error.
//
// If the total falls meanwhile, an element may have moved to a page that was read before. Then the list is read again,
// until the total stays or the elements are the same twice.
func fetchPages[W, T any](ctx context.Context, c *Client, k pagedCall, convert func(*W, *redactor) (T, error), identify func(T) (id int64, bytes int)) ([]T, error) {
	var before *reading[T]
	for range maxReadings {
		all, err := readPages(ctx, c, k, convert, identify)
		if err != nil {
			return nil, err
		}
		if all.shrank && (before == nil || !maps.Equal(all.seen, before.seen)) {
			before = all
			continue
		}
		if stated := all.total; stated != nil && *stated > all.count() {
			tflog.Warn(ctx, "A list in pages has fewer elements than its total says", map[string]any{
				"path": k.path, "total": *stated, "used": len(all.elements), "skipped": all.skipped,
			})
		}
		if err := all.checkUsable(); err != nil {
			return nil, err
		}
		return all.elements, nil
	}
	return nil, errListShrank
}

// readPages reads a list once.
func readPages[W, T any](ctx context.Context, c *Client, k pagedCall, convert func(*W, *redactor) (T, error), identify func(T) (id int64, bytes int)) (*reading[T], error) {
	all := &reading[T]{seen: map[int64]bool{}}
	size := pageSize
	for n := 1; n <= maxPages; n++ {
		p, err := fetchPage(ctx, c, k.page(n, size), k.arrays, all.limit(), withinBytes(all.bytes, convert, identify))
		if n == 1 && isRefusedInput(err) {
			size = smallPageSize
			p, err = fetchPage(ctx, c, k.page(n, size), k.arrays, all.limit(), withinBytes(all.bytes, convert, identify))
		}
		switch {
		case err != nil && n == 1:
			return nil, err
		case err != nil && (isRefusedInput(err) || IsNotFound(err)) && all.hasTotal():
			return all, nil // the server refuses to show a page after the last one
		case err != nil:
			return nil, fmt.Errorf("page %d of the list: %w", n, err)
		}
		if ended, err := all.add(n, p, identify); ended || err != nil {
			return all, err
		}
	}
	return nil, errTooManyPages
}

// isRefusedInput reports that the API itself refused the paging parameters.
func isRefusedInput(err error) bool {
	status := apiStatusOf(err)
	return status == http.StatusBadRequest || status == http.StatusUnprocessableEntity
}

// limit is how many elements may still come.
func (a *reading[T]) limit() int { return maxElements - len(a.elements) }

// count is how many elements were read, also those that cannot be used.
func (a *reading[T]) count() int64 { return int64(len(a.elements) + a.skipped) }

// hasTotal reports whether at least as many elements were read as the list says it has.
func (a *reading[T]) hasTotal() bool { return a.total != nil && a.count() >= *a.total }

// add adds page n, and reports whether it is the last one.
func (a *reading[T]) add(n int, p *page[T], identify func(T) (id int64, bytes int)) (ended bool, err error) {
	fresh := 0
	for _, element := range p.elements {
		id, bytes := identify(element)
		if a.seen[id] {
			continue
		}
		a.seen[id] = true
		a.elements = append(a.elements, element)
		a.bytes += bytes
		fresh++
	}
	if a.skipped += p.skipped; a.firstError == nil {
		a.firstError = p.firstError
	}
	if p.total != nil {
		a.shrank = a.shrank || a.total != nil && *p.total < *a.total
		a.total = p.total
	}
	length := len(p.elements) + p.skipped
	shorter := length < a.longest
	a.longest = max(a.longest, length)
	switch {
	case fresh > 0:
		a.barren = 0
		// Two signs that agree: it is not as long as an earlier page, and the total is reached exactly.
		return shorter && a.total != nil && a.count() == *a.total, nil
	case len(p.elements) > 0:
		return true, a.checkRepeated(n)
	}
	a.barren++
	more := p.skipped > 0 || a.total != nil && int64(n)*int64(a.longest) < *a.total
	if more && a.barren < maxBarrenPages {
		return false, nil
	}
	if n == a.barren && len(a.elements) == 0 && a.skipped == 0 && a.total != nil && *a.total > 0 {
		return true, fmt.Errorf("the list has no elements, although it says that it has %d", *a.total)
	}
	return true, nil
}

// checkRepeated judges a page that holds only elements of earlier pages. A server that does not know pages answers so. It
// is an error if the list says that it has more.
func (a *reading[T]) checkRepeated(n int) error {
	if a.total == nil || *a.total <= a.count() {
		return nil
	}
	return fmt.Errorf("page %d of the list repeats earlier pages: %d of %d elements could be read", n, a.count(), *a.total)
}

// page is one page of a list.
type page[T any] struct {
	list[T]
	total *int64 // how many elements the whole list has; nil: the page does not say
}

// fetchPage asks for one page, which is an array, or an object that holds one and perhaps a total.
func fetchPage[W, T any](ctx context.Context, c *Client, k *call, arrays []string, limit int, convert func() func(*W, *redactor) (T, error)) (*page[T], error) {
	p, err := fetch(ctx, c, k, func(body io.Reader) (*page[T], error) { return decodePage(body, c.redact, arrays, limit, convert()) })
	if err != nil {
		return nil, err
	}
	p.logSkipped(ctx, k.path)
	return p, nil
}

// decodePage reads a page of up to limit elements. It differs from decodeAll in that a page may have nothing that can be
// used: other pages may.
func decodePage[W, T any](body io.Reader, r *redactor, arrays []string, limit int, convert func(*W, *redactor) (T, error)) (*page[T], error) {
	p := &page[T]{}
	total, err := newJSONReader(body).readPage(r, arrays, collectInto(&p.list, r, limit, convert))
	switch {
	case err != nil:
		return nil, err
	case errors.Is(p.firstError, errTooMany) || len(p.elements)+p.skipped == limit:
		return nil, errTooMany
	}
	if total.value != nil && *total.value >= 0 {
		p.total = total.value
	}
	return p, nil
}

// withinBytes makes conversions for the tries of one page. They stop with errTooMany when the texts of the list, of which
// there are used bytes already, become too large to keep.
func withinBytes[W, T any](used int, convert func(*W, *redactor) (T, error), identify func(T) (id int64, bytes int)) func() func(*W, *redactor) (T, error) {
	return func() func(*W, *redactor) (T, error) {
		kept := used
		return func(w *W, r *redactor) (T, error) {
			element, err := convert(w, r)
			if err != nil {
				return element, err
			}
			_, bytes := identify(element)
			if kept += bytes; kept > maxListText {
				return element, errTooMany
			}
			return element, nil
		}
	}
}
