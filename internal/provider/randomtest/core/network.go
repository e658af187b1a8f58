// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package core

import (
	"net"
	"net/http"
	"syscall"
	"time"
)

// network is the network of one process. A process that was killed neither sends nor receives.
type network struct {
	next http.RoundTripper
	cut  <-chan struct{}
}

// onTheWay is how long a request takes to the server, and its answer back: time for an interrupt to come between.
const onTheWay = 150 * time.Millisecond

func (n network) RoundTrip(req *http.Request) (*http.Response, error) {
	if isClosed(n.cut) {
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: syscall.ECONNREFUSED}
	}
	time.Sleep(onTheWay)
	resp, err := n.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(onTheWay):
	case <-req.Context().Done():
		err = req.Context().Err()
	}
	if err == nil && isClosed(n.cut) {
		err = &net.OpError{Op: "read", Net: "memory", Err: syscall.ECONNRESET}
	}
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp, nil
}
