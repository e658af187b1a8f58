// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// agentPages is a server's list of agents. Its oddities are its own.
type agentPages struct {
	ids      []int64
	most     int                               // elements of a page, whatever was asked for; 0: as asked for
	total    func(n int) string                // the JSON of totalRecordCount on page n; nil: the right one
	field    string                            // of the array; empty: agents
	plain    bool                              // a plain array, without a total
	deaf     bool                              // every page is the first
	odd      string                            // an element that cannot be used, at the end of every page that has others
	override map[int]exchange                  // answers to these pages
	changes  map[int]func(ids []int64) []int64 // before these pages are read

	asked []url.Values
}

func (a *agentPages) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	a.asked = append(a.asked, query)
	n, _ := strconv.Atoi(query.Get("pageIndex"))
	size, _ := strconv.Atoi(query.Get("recordsPerPage"))
	if change := a.changes[len(a.asked)]; change != nil {
		a.ids = change(a.ids)
	}
	if e, ok := a.override[n]; ok {
		return e.response(req), nil
	}
	return exchange{answer: a.page(n, size)}.response(req), nil
}

func (a *agentPages) page(n, size int) string {
	if a.most > 0 {
		size = min(size, a.most)
	}
	if a.deaf {
		n = 1
	}
	from := min((n-1)*size, len(a.ids))
	var elements []string
	for _, id := range a.ids[from:min(from+size, len(a.ids))] {
		elements = append(elements, fmt.Sprintf(`{"id": %d, "name": "Agent %d"}`, id, id))
	}
	if a.odd != "" && len(elements) > 0 {
		elements = append(elements, a.odd)
	}
	array := "[" + strings.Join(elements, ", ") + "]"
	if a.plain {
		return array
	}
	total := strconv.Itoa(len(a.ids))
	if a.total != nil {
		total = a.total(n)
	}
	field := a.field
	if field == "" {
		field = "agents"
	}
	if n%2 == 0 { // a total can come first
		return fmt.Sprintf(`{"totalRecordCount": %s, "more": {"agents": [1]}, %q: %s}`, total, field, array)
	}
	return fmt.Sprintf(`{%q: %s, "totalRecordCount": %s, "more": ["x"]}`, field, array, total)
}

func upTo(n int64) (ids []int64) {
	for id := range n {
		ids = append(ids, n-id) // not in the order of the result
	}
	return ids
}

func stating(total string) func(int) string { return func(int) string { return total } }

// Whatever a server makes of the paging parameters and of its total, all agents are read, each once.
func TestAllPagesAreRead(t *testing.T) {
	without := func(gone int64) func([]int64) []int64 {
		return func(ids []int64) []int64 {
			return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == gone })
		}
	}
	for name, test := range map[string]struct {
		server   agentPages
		requests int
		want     int64 // agents from 1 up
	}{
		"one page":                           {agentPages{ids: upTo(7)}, 2, 7},
		"as many as asked for":               {agentPages{ids: upTo(1000)}, 2, 1000},
		"one more":                           {agentPages{ids: upTo(1001)}, 2, 1001},
		"items":                              {agentPages{ids: upTo(7), field: "items", most: 3}, 3, 7},
		"names in another case":              {agentPages{ids: upTo(7), field: "Agents", most: 3}, 3, 7},
		"short pages":                        {agentPages{ids: upTo(7), most: 3}, 3, 7},
		"short pages, the last one full":     {agentPages{ids: upTo(6), most: 3}, 3, 6},
		"pages of one":                       {agentPages{ids: upTo(4), most: 1}, 5, 4},
		"no total":                           {agentPages{ids: upTo(7), most: 3, total: stating("null")}, 4, 7},
		"a total that is a word":             {agentPages{ids: upTo(7), most: 3, total: stating(`"many"`)}, 4, 7},
		"a negative total":                   {agentPages{ids: upTo(7), most: 3, total: stating("-1")}, 4, 7},
		"a total that is too low":            {agentPages{ids: upTo(7), most: 3, total: stating("4")}, 4, 7},
		"the total of a page":                {agentPages{ids: upTo(6), most: 3, total: stating("3")}, 3, 6},
		"a total of 0":                       {agentPages{ids: upTo(7), most: 3, total: stating("0")}, 4, 7},
		"a total that is too high":           {agentPages{ids: upTo(7), total: stating("8")}, 2, 7},
		"a total that is too high, in pages": {agentPages{ids: upTo(6), most: 3, total: stating("100")}, 5, 6},
		"an absurd total":                    {agentPages{ids: upTo(7), total: stating("9223372036854775807")}, 4, 7},
		"a plain array":                      {agentPages{ids: upTo(7), plain: true, deaf: true}, 2, 7},
		"plain arrays in pages":              {agentPages{ids: upTo(7), plain: true, most: 3}, 4, 7},
		"the same page for ever":             {agentPages{ids: upTo(7), deaf: true}, 2, 7},
		"the same page for ever, no total":   {agentPages{ids: upTo(7), deaf: true, total: stating("null")}, 2, 7},
		"no agents":                          {agentPages{}, 1, 0},
		"no agents, null":                    {agentPages{override: map[int]exchange{1: {answer: "null"}}}, 1, 0},
		"no agents, null in the page":        {agentPages{override: map[int]exchange{1: {answer: `{"agents": null}`}}}, 1, 0},
		"an empty page between":              {agentPages{ids: upTo(9), most: 3, override: map[int]exchange{2: {answer: `{"agents": [], "totalRecordCount": 9}`}}}, 4, -6},
		"null on every page":                 {agentPages{ids: upTo(7), most: 3, odd: "null"}, 4, 7},
		"a page of nulls":                    {agentPages{ids: upTo(9), most: 3, total: stating("null"), override: map[int]exchange{2: {answer: `{"agents": [null, {"name": "x"}]}`}}}, 4, -6},
		"pages of nulls between":             {agentPages{ids: upTo(7), most: 1, total: stating("null"), override: map[int]exchange{2: {answer: "[null]"}, 4: {answer: "[null]"}, 6: {answer: "[null]"}}}, 8, -4},
		"the same page and a null":           {agentPages{ids: upTo(7), deaf: true, odd: "null"}, 2, 7},
		"an end that is refused":             {agentPages{ids: upTo(7), most: 7, override: map[int]exchange{2: {status: 404, header: limitHeaders, answer: `{"message": "No such page"}`}}}, 2, 7},
		"large pages that are refused":       {agentPages{ids: upTo(7)}, 3, 7},
		"an agent more while reading":        {agentPages{ids: upTo(7), most: 3, changes: map[int]func([]int64) []int64{2: func(ids []int64) []int64 { return append(ids, 8) }}}, 3, 8},
		"an agent in front while reading":    {agentPages{ids: upTo(7), most: 3, changes: map[int]func([]int64) []int64{2: func(ids []int64) []int64 { return append([]int64{8}, ids...) }}}, 4, -7},
		"a total of what is left":            {agentPages{ids: upTo(7), most: 3, total: func(n int) string { return strconv.Itoa(10 - 3*n) }}, 8, 7},
		"an agent less while reading":        {agentPages{ids: upTo(7), most: 3, changes: map[int]func([]int64) []int64{2: without(7)}}, 6, 6},
	} {
		t.Run(name, func(t *testing.T) {
			server := &test.server
			if name == "large pages that are refused" {
				server.override = map[int]exchange{1: {status: 400, header: limitHeaders, answer: `{"message": "At most 100"}`}}
				server.changes = map[int]func([]int64) []int64{2: func(ids []int64) []int64 { delete(server.override, 1); return ids }}
			}
			c, _ := newTestClient(t, server)
			got, err := c.Agents(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var ids []int64
			for _, a := range got {
				ids = append(ids, a.ID)
			}
			if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != len(ids) {
				t.Errorf("the agents are %v", ids)
			}
			if want := max(test.want, -test.want); int64(len(ids)) != want || test.want > 0 && (ids[0] != 1 || ids[len(ids)-1] != want) {
				t.Errorf("%d agents, want %d: %v", len(ids), want, ids)
			}
			if len(server.asked) != test.requests {
				t.Errorf("%d requests, want %d: %v", len(server.asked), test.requests, server.asked)
			}
		})
	}
}

func TestPagesAreAskedForInTheOrderOfCreation(t *testing.T) {
	server := &agentPages{ids: upTo(3), most: 2}
	c, _ := newTestClient(t, server)
	if _, err := c.Agents(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"pageIndex=1&recordsPerPage=1000&sortColumn=created&sortOrder=0",
		"pageIndex=2&recordsPerPage=1000&sortColumn=created&sortOrder=0",
	}
	for i, query := range server.asked {
		if query.Encode() != want[i] {
			t.Errorf("request %d asks for %s", i, query.Encode())
		}
	}
}

// A list of which a part is missing must not look whole: a for_each over it would destroy what was made of the rest.
func TestListOfWhichAPartIsMissingIsAnError(t *testing.T) {
	one := func(ids []int64) []int64 { return ids[1:] }
	own := func(status int) exchange {
		return exchange{status: status, header: limitHeaders, answer: `{"message": "No"}`}
	}
	for name, test := range map[string]struct {
		server agentPages
		want   string
		not    string // what the error must not say
	}{
		"404 in the middle":          {agentPages{ids: upTo(9), most: 3, override: map[int]exchange{3: own(404)}}, "page 3 of the list: GET /api/v1/agent/all: 404 Not Found: No", ""},
		"404 without a total":        {agentPages{ids: upTo(6), most: 3, total: stating("null"), override: map[int]exchange{3: own(404)}}, "page 3 of the list: GET /api/v1/agent/all: 404", ""},
		"404 with a negative total":  {agentPages{ids: upTo(6), most: 3, total: stating("-1"), override: map[int]exchange{3: own(404)}}, "page 3 of the list: GET /api/v1/agent/all: 404", ""},
		"403 after the end":          {agentPages{ids: upTo(6), most: 3, override: map[int]exchange{3: own(403)}}, "page 3 of the list: GET /api/v1/agent/all: 403", ""},
		"HTML":                       {agentPages{ids: upTo(9), most: 3, override: map[int]exchange{3: {answer: "<html>Log in"}}}, `page 3 of the list: GET /api/v1/agent/all: 200 OK: the answer cannot be used: it is not a JSON array: "<html>Log in"`, ""},
		"HTML with a 404":            {agentPages{ids: upTo(6), most: 3, override: map[int]exchange{3: {status: 404, answer: "<html>"}}}, "page 3 of the list: GET /api/v1/agent/all: 404", ""},
		"half a page":                {agentPages{ids: upTo(9), most: 3, override: map[int]exchange{2: {answer: `{"agents": [{"id": 4}`}}}, "page 2 of the list: GET /api/v1/agent/all: 200 OK: the answer cannot be used: unexpected end of JSON", ""},
		"the first page":             {agentPages{override: map[int]exchange{1: own(403)}}, "GET /api/v1/agent/all: 403", "page"},
		"the first page is refused":  {agentPages{override: map[int]exchange{1: own(400)}}, "GET /api/v1/agent/all: 400 Bad Request: No", "page"},
		"another object":             {agentPages{override: map[int]exchange{1: {answer: ` {"message": "Log in"}`}}}, `it is a JSON object without agents or items: "{\"message\": \"Log in\"}"`, ""},
		"an empty object":            {agentPages{override: map[int]exchange{1: {answer: `{}`}}}, "it is a JSON object without agents or items", ""},
		"agents that are no array":   {agentPages{override: map[int]exchange{1: {answer: `{"agents": {"id": 1}}`}}}, "it is a JSON object without agents or items", ""},
		"empty, with a total":        {agentPages{total: stating("5")}, "the list has no elements, although it says that it has 5", ""},
		"the first page for ever":    {agentPages{ids: upTo(7), most: 3, deaf: true}, "page 2 of the list repeats earlier pages: 3 of 7 elements could be read", ""},
		"nothing that can be used":   {agentPages{total: stating("2"), override: map[int]exchange{1: {answer: `{"agents": [null, {"id": 0}]}`}}}, "none of the 2 elements of the list can be used: it is not an object", ""},
		"names that are too large":   {agentPages{override: tooLarge()}, "it has too many elements", ""},
		"an agent less each time":    {agentPages{ids: upTo(9), most: 3, changes: map[int]func([]int64) []int64{2: one, 5: one, 8: one}}, "the provider read the list 3 times, and each time it became shorter", ""},
		"pages without end":          {agentPages{ids: upTo(1200), most: 1, total: stating("null")}, "it has more than 1000 pages", ""},
		"more elements than allowed": {agentPages{override: map[int]exchange{1: {answer: "[" + strings.Repeat(`{"id": 1},`, maxElements) + "null]"}}}, "it has too many elements", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := newTestClient(t, &test.server, noRetries)
			got, err := c.Agents(t.Context())
			if err == nil {
				t.Fatalf("got %d agents", len(got))
			}
			mustContain(t, err.Error(), test.want)
			if test.not != "" && strings.Contains(err.Error(), test.not) {
				t.Errorf("%q says %q", err, test.not)
			}
			if strings.Contains(test.want, "403") != IsForbidden(err) {
				t.Errorf("%v: forbidden is %v", err, IsForbidden(err))
			}
		})
	}
}

// tooLarge is a list whose texts are small on each page, and too large together.
func tooLarge() map[int]exchange {
	pages := map[int]exchange{}
	for n := range 5 {
		var elements []string
		for i := range 80 {
			elements = append(elements, fmt.Sprintf(`{"id": %d, "description": %q}`, 100*n+i+1, strings.Repeat("d", maxKept)))
		}
		pages[n+1] = exchange{answer: `{"agents": [` + strings.Join(elements, ",") + `]}`}
	}
	return pages
}

// A page that was lost is read again, and counts once.
func TestLostPageIsReadAgain(t *testing.T) {
	server := &agentPages{ids: upTo(5), most: 2}
	lost := false
	c, _ := newTestClient(t, roundTripperFunc(func(r *http.Request) (*http.Response, error) {
		if r.URL.Query().Get("pageIndex") == "2" && !lost {
			lost = true
			return nil, errors.New("connection reset")
		}
		return server.RoundTrip(r)
	}))
	if got, err := c.Agents(t.Context()); err != nil || len(got) != 5 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSkippedElementsOfAPageAreLogged(t *testing.T) {
	ctx, log := contextWithLog(t)
	c, _ := newTestClient(t, &agentPages{ids: upTo(3), odd: `{"id": null, "name": "x"}`, total: stating("9")})
	if got, err := c.Agents(ctx); err != nil || len(got) != 3 {
		t.Fatalf("got %v, %v", got, err)
	}
	mustContain(t, log.String(), "elements that cannot be used", `"skipped":1`, "it has no agent id", "fewer elements than its total says", `"total":9`)
}
