// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTransportReportsAConnectionToHTTPTrace(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		connections := 0
		trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connections++ }}
		ask := func(ctx context.Context) error {
			req := tc.newRequest(httptrace.WithClientTrace(ctx, trace), http.MethodGet, "/", nil)
			_, err := tc.doRequest(req)
			return err
		}
		if err := ask(tc.t.Context()); err != nil || connections != 1 {
			tc.t.Errorf("%d connections, %v", connections, err)
		}
		ended, cancel := context.WithCancel(tc.t.Context())
		cancel()
		if err := ask(ended); !errors.Is(err, context.Canceled) || connections != 1 {
			tc.t.Errorf("a request that was over before it began: %d connections, %v", connections, err)
		}
	})
}

func TestTransportEndsABodyWithItsContext(t *testing.T) {
	a := products()
	a.Files = []File{{Size: 1 << 40}}
	inBubble(t, withAgents(a), func(tc *testCloud) {
		link := tc.linkOfFinishedRun()
		ctx, cancel := context.WithTimeout(tc.t.Context(), time.Second)
		defer cancel()
		req := tc.newRequest(ctx, http.MethodGet, link, nil)
		req.Header.Del("Authorization")
		resp, err := tc.client.Do(req)
		if err != nil {
			tc.t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.CopyN(io.Discard, resp.Body, 1000); err != nil || resp.ContentLength != 1<<40 {
			tc.t.Errorf("length %d, %v", resp.ContentLength, err)
		}
		time.Sleep(time.Minute)
		if _, err := io.Copy(io.Discard, resp.Body); !errors.Is(err, context.DeadlineExceeded) {
			tc.t.Errorf("the body ended with %v", err)
		}
		synctest.Wait()
	})
}

type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("no body") }

func TestTransportSendsNoRequestWhoseBodyCannotBeRead(t *testing.T) {
	inBubble(t, withAgents(products()), func(tc *testCloud) {
		req := tc.newRequest(tc.t.Context(), http.MethodPost, "/agent/4711/start", brokenBody{})
		if _, err := tc.doRequest(req); err == nil || !strings.Contains(err.Error(), "no body") || tc.Count(AnyKind) != 0 {
			tc.t.Errorf("%d requests, %v", tc.Count(AnyKind), err)
		}
	})
}
