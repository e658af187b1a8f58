// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Paging is how a server reads and answers requests for a page.
type Paging string

// The pagings.
const (
	PagingAgents  Paging = ""        // pages of agents are in the field agents
	PagingItems   Paging = "items"   // pages of agents are in the field items
	PagingIgnored Paging = "ignored" // the list of agents is always a plain array of all
	PagingFirst   Paging = "first"   // every page is the first one
	// PagingStrict refuses pages behind the end of a list (404), and pages of more than AgentsPerPage agents (400).
	PagingStrict  Paging = "strict"
	PagingNoTotal Paging = "no_total" // pages have null for the number of all elements
)

// UnmarshalText reads a paging from an agents file.
func (p *Paging) UnmarshalText(text []byte) error {
	return decodeName(p, text, []Paging{PagingItems, PagingIgnored, PagingFirst, PagingStrict, PagingNoTotal})
}

// page is a part of a list.
type page struct {
	index int // from 1
	size  int
}

// page is what the request asks for; most is the greatest size that is accepted, 0: any.
func (q *call) page(most int, paging Paging) (page, error) {
	p := page{index: q.queryNumber("pageIndex", 1), size: q.queryNumber("recordsPerPage", listedByDefault)}
	switch {
	case p.index < 1:
		return page{}, errors.New("pageIndex must be a number from 1")
	case p.size < 1 || most > 0 && p.size > most:
		if most > 0 {
			return page{}, fmt.Errorf("recordsPerPage must be from 1 to %d", most)
		}
		return page{}, errors.New("recordsPerPage must be a number from 1")
	}
	if paging == PagingFirst {
		p.index = 1
	}
	return p, nil
}

// pageOf are the elements of a page, none behind the end of the list.
func pageOf[T any](list []T, p page) []T {
	// Divided, because the product of two numbers from a request can be too large.
	if p.index-1 > len(list)/p.size {
		return nil
	}
	begin := (p.index - 1) * p.size
	return list[begin:min(len(list), begin+min(p.size, len(list)))]
}

// behind tells whether the page is refused because it is behind the end of a list, which always has a first page.
func (p Paging) behind(asked page, length int) bool {
	return p == PagingStrict && asked.index > 1 && asked.index-1 >= (length+asked.size-1)/asked.size
}

// total is the number of all elements, as a page shows it.
func (p Paging) total(length int) *int {
	if p == PagingNoTotal {
		return nil
	}
	return &length
}

// order compares two elements of a list, at a time.
type order[T any] func(a, b T, now time.Time) int

// sortFunc is the order that the request asks for by sortColumn and sortOrder. The columns are in lower case.
func sortFunc[T any](q *call, columns map[string]order[T], byDefault order[T]) (order[T], error) {
	compare := byDefault
	if column := q.URL.Query().Get("sortColumn"); column != "" {
		if compare = columns[strings.ToLower(column)]; compare == nil {
			return nil, fmt.Errorf("sortColumn: there is no column %q", column)
		}
	}
	switch direction := q.URL.Query().Get("sortOrder"); direction {
	case "", "0":
		return compare, nil
	case "1":
		return func(a, b T, now time.Time) int { return compare(b, a, now) }, nil
	default:
		return nil, fmt.Errorf("sortOrder: %q is neither 0 nor 1", direction)
	}
}
