// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"cmp"
	"maps"
	"net/http"
	"slices"

	"golang.org/x/net/http2"
)

// Action is what a [Fault] does to a request.
type Action string

// The actions.
const (
	Pass         Action = ""              // nothing, once the delay is over
	Reset        Action = "reset"         // the connection is reset without an answer
	Hang         Action = "hang"          // no answer until the client goes away, or Release lets the request go
	StatusCode   Action = "status_code"   // an error in one of the API's shapes
	HTML         Action = "html"          // a proxy's page, without any header of the API
	TruncateJSON Action = "truncate_json" // half of the answer's text, as if it were whole
	TruncateBody Action = "truncate_body" // Bytes bytes of the answer, then the connection is cut
	Garbage      Action = "garbage"       // 200 with text that is no JSON
	Redirect     Action = "redirect"      // a redirect to Location
	Bare         Action = "bare"          // Code and Body as they stand
)

// The actions of HTTP/2. On HTTP/1.1 the connection is reset, or for GoAwayAnswer closed after the answer. To reset a
// stream in the middle of its answer, use TruncateBody.
const (
	ResetStream       Action = "reset_stream"       // RST_STREAM instead of an answer
	GoAwayUnprocessed Action = "goaway_unprocessed" // GOAWAY that says that the request was not processed
	GoAwayCut         Action = "goaway_cut"         // GOAWAY that leaves that open, and the end of the connection
	GoAwayAnswer      Action = "goaway_answer"      // GOAWAY before the answer, as from a host that is taken out of service
)

// actionRule is how an action is played.
type actionRule struct {
	// takesEffect says whether the request takes effect after the delay, where the fault is not After.
	takesEffect effect
	// hangs: the request waits after its delay, until it is released or nobody waits for its answer any more.
	hangs bool
	// replace makes another answer. Nil: the handler's.
	replace func(*Cloud, *call, *Fault) answer
	// send sends the answer in its own way. Nil: whole.
	send func(w *faultWriter, q *call, f *Fault, a answer)
}

type effect int

const (
	noEffect effect = iota
	ifGET           // only a GET, which changes nothing, gets its real answer
	always
)

// actionRules has every action.
var actionRules = map[Action]actionRule{
	Pass:              {takesEffect: always},
	Hang:              {takesEffect: always, hangs: true},
	Reset:             {send: sendReset},
	StatusCode:        {replace: (*Cloud).statusAnswer},
	HTML:              {replace: (*Cloud).htmlAnswer},
	Garbage:           {replace: (*Cloud).garbageAnswer},
	Redirect:          {replace: (*Cloud).locationAnswer},
	Bare:              {replace: (*Cloud).bareAnswer},
	TruncateJSON:      {takesEffect: ifGET, send: sendHalf},
	TruncateBody:      {takesEffect: ifGET, send: sendFirstBytes},
	ResetStream:       {send: endStream(resetStream)},
	GoAwayUnprocessed: {send: endStream(goAwayUnprocessed)},
	GoAwayCut:         {send: endStream(goAwayAndClose)},
	GoAwayAnswer:      {takesEffect: always, send: sendAfterGoAway},
}

// UnmarshalText reads an action from an agents file; "pass" is Pass.
func (a *Action) UnmarshalText(text []byte) error {
	const pass = "pass"
	names := slices.Sorted(maps.Keys(actionRules))
	names[slices.Index(names, Pass)] = pass
	err := decodeName(a, text, names)
	if *a == pass {
		*a = Pass
	}
	return err
}

// needsAnswer tells whether the handler must run before the action is played.
func (f *Fault) needsAnswer(q *call) bool {
	rule := actionRules[f.Action]
	return rule.takesEffect == always || rule.takesEffect == ifGET && q.Method == http.MethodGet
}

// sendFaultyAnswer sends what the fault makes of the handler's answer a; nil: the request took no effect.
func (c *Cloud) sendFaultyAnswer(rw http.ResponseWriter, q *call, f *Fault, a answer) {
	rule := actionRules[f.Action]
	switch {
	case rule.replace != nil:
		a = rule.replace(c, q, f)
	case a == nil:
		a = textAnswer(http.StatusOK, "application/json; charset=utf-8", `{"id":100001,"configId":4711,"status":4}`)
	}
	w := newFaultWriter(rw, f)
	a = f.changeBody(q, a)
	switch {
	case rule.send != nil:
		rule.send(w, q, f, a)
	case f.Reason != "":
		w.sendWithReason(c.reasonPhrase(q, f.Reason), a)
	default:
		a(w)
	}
}

// statusAnswer is the error of a StatusCode fault, in the words of the host that was asked.
func (c *Cloud) statusAnswer(q *call, f *Fault) answer {
	code := cmp.Or(f.Code, http.StatusInternalServerError)
	switch {
	case f.Body != "":
		return textAnswer(code, "application/json; charset=utf-8", c.withEchoedKey(q, f.Body))
	case q.kind == KindSignedDownload:
		return c.refuseDownload(q, code, "SimulatedFault", http.StatusText(code))
	}
	shape := f.Shape
	if shape == "" {
		shape = c.nextErrorShape()
	}
	return c.refuseInShape(shape, q, code, "Simulated fault: %s.", http.StatusText(code))
}

// htmlAnswer is the page of an HTML fault.
func (c *Cloud) htmlAnswer(q *call, f *Fault) answer {
	code := cmp.Or(f.Code, http.StatusBadGateway)
	if f.Body == "" {
		return c.proxyPage(q, code)
	}
	return withoutLimitHeaders(textAnswer(code, "text/html", c.withEchoedKey(q, f.Body)))
}

func (c *Cloud) garbageAnswer(q *call, f *Fault) answer {
	body := cmp.Or(f.Body, "\x1f\x8b<<< not JSON")
	return textAnswer(cmp.Or(f.Code, http.StatusOK), "application/json; charset=utf-8", c.withEchoedKey(q, body))
}

func (c *Cloud) locationAnswer(_ *call, f *Fault) answer {
	return redirectAnswer(cmp.Or(f.Code, http.StatusFound), f.Location)
}

func (c *Cloud) bareAnswer(_ *call, f *Fault) answer {
	code := cmp.Or(f.Code, http.StatusNoContent)
	if f.Body == "" {
		return emptyAnswer(code)
	}
	return textAnswer(code, "application/octet-stream", f.Body)
}

func sendReset(_ *faultWriter, q *call, _ *Fault, _ answer) { resetConnection(q.Request) }

func sendHalf(w *faultWriter, _ *call, _ *Fault, a answer) {
	whole := bufferAnswer(w, a)
	w.Header().Del("Content-Length")
	w.WriteHeader(whole.code)
	_, _ = w.Write(whole.body.Bytes()[:whole.body.Len()/2]) // the client may have gone
}

func sendFirstBytes(w *faultWriter, q *call, f *Fault, a answer) {
	if conn, stream := connectionOf(q.Request); stream > 0 {
		conn.abortWith(stream, f.streamError(http2.ErrCodeInternal))
	}
	a(&cutWriter{ResponseWriter: w, left: f.Bytes})
}
