package download

import "github.com/sequentum/terraform-provider-sequentum/internal/sequentum"

// buffersAhead is how far the hash may be behind what is written.
const buffersAhead = 8

// hashing takes the SHA-256 of a transfer's content beside the reading and writing: at the speed of a fast network, one
// processor is not enough for all three.
type hashing struct {
	chunks   chan chunk
	finished chan *sequentum.PanicError // nil: none
}

type chunk struct {
	buffer *[]byte
	n      int
}

// startHashing has the transfer's hash to itself until finish returns.
func (t *transfer) startHashing() hashing {
	h := hashing{chunks: make(chan chunk, buffersAhead), finished: make(chan *sequentum.PanicError, 1)}
	go func() {
		defer close(h.finished)
		defer sequentum.Recover(func(p *sequentum.PanicError) {
			h.finished <- p
			for range h.chunks { // the transfer is not to wait for ever
			}
		})
		for c := range h.chunks {
			t.hash.Write((*c.buffer)[:c.n])
			t.d.buffers.Put(c.buffer)
		}
	}()
	return h
}

// addBuffer takes over the buffer.
func (h hashing) addBuffer(buffer *[]byte, n int) { h.chunks <- chunk{buffer, n} }

// finish returns when the hash is that of all that was added.
func (h hashing) finish() error {
	close(h.chunks)
	if p := <-h.finished; p != nil {
		return p
	}
	return nil
}
