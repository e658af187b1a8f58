// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"context"
	"net"
	"net/http"
)

// PipeTransport is an [http.Transport] whose connections to a [Cloud] are pipes in memory. Both ends are net/http's own,
// so that a client sees the connections, retries and streams of a real host. Unlike [Cloud.Transport] it has
// goroutines: in a bubble of testing/synctest it must be closed before the bubble ends.
type PipeTransport struct {
	*http.Transport
	server         *Server
	api, downloads *memoryListener
}

// HTTP2Transport returns a transport that speaks HTTP/2. URLs have the scheme http: the pipes are not encrypted.
func (c *Cloud) HTTP2Transport() *PipeTransport {
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	return c.pipeTransport(&protocols)
}

// HTTP1Transport returns a transport that speaks HTTP/1.1 with connections that are kept alive.
func (c *Cloud) HTTP1Transport() *PipeTransport {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return c.pipeTransport(&protocols)
}

func (c *Cloud) pipeTransport(protocols *http.Protocols) *PipeTransport {
	t := &PipeTransport{server: newServer(), api: newMemoryListener(), downloads: newMemoryListener()}
	t.server.serveListener(serverListener{Listener: t.api}, c.API())
	t.server.serveListener(serverListener{Listener: t.downloads}, c.Downloads())
	t.Transport = &http.Transport{
		Protocols: protocols,
		DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			if host, _, _ := net.SplitHostPort(address); address == c.downloadHost() || host == c.downloadHost() {
				return t.downloads.dial(ctx)
			}
			return t.api.dial(ctx)
		},
	}
	return t
}

// Refuse makes every new connection be refused, as by hosts that are down, or accepted again. Open connections stay.
func (t *PipeTransport) Refuse(refused bool) {
	t.api.refused.Store(refused)
	t.downloads.refused.Store(refused)
}

// Close cuts all connections, also of requests that hang, and returns when the server has ended.
func (t *PipeTransport) Close() error {
	t.CloseIdleConnections()
	return t.server.Close()
}
