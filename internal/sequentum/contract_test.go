// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum_test

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

//go:embed openapi.yaml
var contractDocument []byte

// contract is the OpenAPI document, ready to hold requests and answers against.
type contract struct {
	doc    *openapi3.T
	router routers.Router
}

// openContract is the document as it is: answers may have unknown fields and values.
var openContract = sync.OnceValues(func() (*contract, error) { return newContract(contractDocument) })

// closedContract is a stricter document, in which answers have only known fields and the values of x-known. It is for the
// simulator.
var closedContract = sync.OnceValues(func() (*contract, error) {
	open, err := openContract()
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(open.doc)
	if err != nil {
		return nil, err
	}
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	closeAnswers(document)
	if data, err = json.Marshal(document); err != nil {
		return nil, err
	}
	return newContract(data)
})

func newContract(data []byte) (*contract, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("loading the document: %w", err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validating the document: %w", err)
	}
	doc.Servers = openapi3.Servers{{URL: "/api/v1"}} // the host is the test's
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("routing the document: %w", err)
	}
	return &contract{doc: doc, router: router}, nil
}

// closeAnswers turns "additionalProperties: true" into false, and x-known into an enum.
func closeAnswers(node any) {
	switch node := node.(type) {
	case map[string]any:
		if node["additionalProperties"] == true {
			node["additionalProperties"] = false
		}
		if known, ok := node["x-known"].([]any); ok {
			enum := []any{nil} // the type says whether it may be null
			for _, entry := range known {
				for _, key := range []string{"code", "name"} {
					if value, ok := entry.(map[string]any)[key]; ok {
						enum = append(enum, value)
					}
				}
			}
			node["enum"] = enum
		}
		for _, child := range node {
			closeAnswers(child)
		}
	case []any:
		for _, child := range node {
			closeAnswers(child)
		}
	}
}

// contractTransport checks every request and every answer that passes through it against the contract, and reports each
// deviation, such as a path that the contract lacks.
type contractTransport struct {
	contract *contract
	next     http.RoundTripper
	report   func(deviation string)

	mu       sync.Mutex
	answered map[string]map[int]int // how often an operation was answered with a status
}

// RoundTrip implements http.RoundTripper.
func (c *contractTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := rereadable(&req.Body)
	if err != nil {
		return nil, err
	}
	input, err := c.contract.checkRequest(req, body)
	if err != nil {
		c.report(fmt.Sprintf("request %s %s: %s\n%.2000s", req.Method, req.URL, reason(err), body))
	}
	resp, err := c.next.RoundTrip(req)
	if err != nil || input == nil {
		return resp, err
	}
	if body, err = rereadable(&resp.Body); err != nil {
		return nil, err
	}
	if err := checkAnswer(input, resp, body); err != nil {
		c.report(fmt.Sprintf("answer to %s %s: %s\n%.2000s", req.Method, req.URL, reason(err), body))
	}
	c.count(input.Route.Operation.OperationID, resp.StatusCode)
	return resp, nil
}

// reason is what is wrong, without the schema and the value that the library appends.
func reason(err error) string {
	what, _, _ := strings.Cut(err.Error(), "\n")
	return what
}

func (c *contractTransport) count(operation string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answered == nil {
		c.answered = map[string]map[int]int{}
	}
	if c.answered[operation] == nil {
		c.answered[operation] = map[int]int{}
	}
	c.answered[operation][status]++
}

// rereadable reads a body and replaces it with one that can be read again.
func rereadable(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	data, err := io.ReadAll(*body)
	if err != nil {
		return nil, err
	}
	if err := (*body).Close(); err != nil {
		return nil, err
	}
	*body = io.NopCloser(bytes.NewReader(data))
	return data, nil
}

// checkRequest checks a request against its operation. The input is nil when there is no such operation.
func (c *contract) checkRequest(req *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	route, pathParams, err := c.router.FindRoute(req)
	if err != nil {
		return nil, err
	}
	checked := req.Clone(req.Context())
	checked.Body = io.NopCloser(bytes.NewReader(body))
	checked.ContentLength = int64(len(body))
	checked.GetBody = nil
	input := &openapi3filter.RequestValidationInput{
		Request: checked, PathParams: pathParams, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:                checkCredentials,
			IncludeResponseStatus:             true,
			RejectWhenRequestBodyNotSpecified: true,
			SkipSettingDefaults:               true,
		},
	}
	if err := checkQuery(input); err != nil {
		return input, err
	}
	return input, openapi3filter.ValidateRequest(req.Context(), input)
}

// checkQuery refuses parameters that the operation does not have. The library accepts them.
func checkQuery(input *openapi3filter.RequestValidationInput) error {
	for name, values := range input.GetQueryParams() {
		if input.Route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return fmt.Errorf("query parameter %q is not in the contract", name)
		}
		if len(values) > 1 {
			return fmt.Errorf("query parameter %q is there %d times", name, len(values))
		}
	}
	return nil
}

// checkCredentials checks the form of the credentials, not whether they are valid.
func checkCredentials(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	prefix := map[string]string{"apiKey": "ApiKey ", "accessToken": "Bearer "}[input.SecuritySchemeName]
	values := input.RequestValidationInput.Request.Header.Values("Authorization")
	if len(values) != 1 {
		return fmt.Errorf("%d Authorization headers", len(values))
	}
	credentials, ok := strings.CutPrefix(values[0], prefix)
	if !ok || credentials == "" || strings.ContainsAny(credentials, " \t") {
		return fmt.Errorf("the Authorization header is not of the form %q", prefix+"…")
	}
	return nil
}

// checkAnswer checks an answer against the operation of its request.
func checkAnswer(request *openapi3filter.RequestValidationInput, resp *http.Response, body []byte) error {
	status := resp.StatusCode
	if 300 <= status && status < 400 {
		// The library accepts most redirects without a check. So it is given this one as a 200, and a contract that has
		// only the redirect's answer.
		described := request.Route.Operation.Responses.Value(fmt.Sprint(status))
		if described == nil {
			return fmt.Errorf("a redirect, %d, is not in the contract", status)
		}
		request, status = withOnlyAnswer(request, described), http.StatusOK
	}
	err := openapi3filter.ValidateResponse(request.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: status, Header: resp.Header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: request.Options,
	})
	if err != nil || status < 400 || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return err
	}
	return checkOwnError(resp, body)
}

func withOnlyAnswer(
	request *openapi3filter.RequestValidationInput, answer *openapi3.ResponseRef,
) *openapi3filter.RequestValidationInput {
	operation := *request.Route.Operation
	operation.Responses = openapi3.NewResponses(openapi3.WithStatus(http.StatusOK, answer))
	route := *request.Route
	route.Operation = &operation
	changed := *request
	changed.Route = &route
	return &changed
}

// checkOwnError checks what the contract says only in words: an error of the API itself, unlike a proxy's page, has the
// rate limit headers, and its body has the status of the answer.
func checkOwnError(resp *http.Response, body []byte) error {
	for _, name := range []string{"X-RateLimit-Limit", "X-RateLimit-Window-Seconds"} {
		if resp.Header.Get(name) == "" {
			return fmt.Errorf("an error of the API itself lacks %s", name)
		}
	}
	var stated struct {
		Status     *int `json:"status"`
		StatusCode *int `json:"statusCode"`
	}
	if body = bytes.TrimSpace(body); !bytes.HasPrefix(body, []byte("{")) {
		return nil // it has less than both shapes
	}
	if err := json.Unmarshal(body, &stated); err != nil {
		return err
	}
	for _, code := range []*int{stated.Status, stated.StatusCode} {
		if code != nil && *code != resp.StatusCode {
			return fmt.Errorf("the body of a %d says %d", resp.StatusCode, *code)
		}
	}
	return nil
}
