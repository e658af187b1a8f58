// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// call is a request on its way through the cloud.
type call struct {
	*http.Request
	route
	agentID, runID int64
	bearer         bool // with an access token
	body           []byte
	now            time.Time // when the handler runs
	quirk          Quirk     // of a fault
	entry          *Request  // in the log
}

// pathID is an id from the path; 0 if it is no number.
func pathID(r *http.Request, name string) int64 {
	id, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// queryNumber is a number from the query, or the default where the query lacks it; 0 for what is no number.
func (q *call) queryNumber(name string, byDefault int) int {
	text := q.URL.Query().Get(name)
	if text == "" {
		return byDefault
	}
	n, _ := strconv.Atoi(text)
	return n
}

// decodeBody decodes the request's JSON object into v, strictly, and returns all its fields as they were sent. Without
// a body v stays as it is.
func (q *call) decodeBody(v any) (fields map[string]any, err error) {
	if len(bytes.TrimSpace(q.body)) == 0 {
		return nil, nil
	}
	if kind, _, err := mime.ParseMediaType(q.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, errors.New("the Content-Type of the body must be application/json")
	}
	if err := json.Unmarshal(q.body, &fields); err != nil {
		return nil, fmt.Errorf("the body cannot be read: %w", err)
	}
	return fields, decodeStrict(q.body, v)
}
