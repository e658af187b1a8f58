// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package sequentum

import (
	"math"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// assembleHandlers builds what every request passes through. It reads from top to bottom as a request goes: retry,
// budget, authorization, log, attempt, transport. Each *_handler.go file holds one of them.
//
// The order matters. A retry needs a new turn in the budget. The log shows each try as it is sent, without its wait
// for a turn. The attempt is the last one, because it reads the answer: what the others see of it is whole.
func (c *Client) assembleHandlers(transport http.RoundTripper, authorization string) *retryablehttp.Client {
	retry := retryHandler{clock: c.clock, maxRetries: c.maxRetries}
	return &retryablehttp.Client{
		RetryMax:   math.MaxInt, // checkRetry counts: a 429 is free
		CheckRetry: retry.checkRetry,
		// The library would sleep on the system's clock. PrepareRetry sleeps on the client's.
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 },
		PrepareRetry: retry.sleepBeforeRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		HTTPClient: &http.Client{
			CheckRedirect: doNotFollow,
			Transport: budgetHandler{
				budget: c.budget,
				next: authHandler{
					base: c.base, authorization: authorization,
					next: logHandler{
						next: attemptHandler{
							timeout: c.requestTimeout, redact: c.redact,
							next: transport,
						},
					},
				},
			},
		},
	}
}

// doNotFollow makes net/http return a redirect as an answer. A redirect of a download is what the call asks for, and
// any other one is an error (API: Errors).
func doNotFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
