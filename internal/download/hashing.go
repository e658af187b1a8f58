// Copyright (c) The terraform-provider-sequentum contributors
// SPDX-License-Identifier: MPL-2.0

package download

import "github.com/sequentum/terraform-provider-sequentum/internal/sequentum"

// buffersAhead is how many buffers may wait for the hash.
const buffersAhead = 8

// hashing computes the SHA-256 of a transfer's content in a separate goroutine. On a fast network one processor is not enough
// to read, write and hash.
type hashing struct {
	chunks   chan chunk
	finished chan *sequentum.PanicError // receives the panic of the goroutine; closed without one: all is hashed
}

type chunk struct {
	buffer *[]byte
	n      int
}

// startHashing starts the goroutine. Until finish returns, only that goroutine may use the transfer's hash.
func (t *transfer) startHashing() hashing {
	h := hashing{chunks: make(chan chunk, buffersAhead), finished: make(chan *sequentum.PanicError, 1)}
	go func() {
		defer close(h.finished)
		defer sequentum.Recover(func(p *sequentum.PanicError) {
			h.finished <- p
			for range h.chunks { // so that addBuffer does not block forever
			}
		})
		for c := range h.chunks {
			t.hash.Write((*c.buffer)[:c.n])
			t.d.buffers.Put(c.buffer)
		}
	}()
	return h
}

// addBuffer hashes the first n bytes of the buffer. The caller must not use the buffer any more.
func (h hashing) addBuffer(buffer *[]byte, n int) { h.chunks <- chunk{buffer, n} }

// finish waits until all buffers are hashed. Its error is a panic of the goroutine.
func (h hashing) finish() error {
	close(h.chunks)
	if p := <-h.finished; p != nil {
		return p
	}
	return nil
}
