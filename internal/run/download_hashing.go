package run

// buffersAhead is how far the hash may be behind what is written.
const buffersAhead = 8

// hashing takes the SHA-256 of a transfer's content beside the reading and writing: at the speed of a fast network, one
// processor is not enough for all three.
type hashing struct {
	chunks   chan chunk
	finished chan struct{}
}

type chunk struct {
	buffer *[]byte
	n      int
}

// startHashing has the transfer's hash to itself until finish returns.
func (t *transfer) startHashing() hashing {
	h := hashing{chunks: make(chan chunk, buffersAhead), finished: make(chan struct{})}
	go func() {
		defer close(h.finished)
		for c := range h.chunks {
			t.hash.Write((*c.buffer)[:c.n])
			t.d.buffers.Put(c.buffer)
		}
	}()
	return h
}

// add takes over the buffer.
func (h hashing) add(buffer *[]byte, n int) { h.chunks <- chunk{buffer, n} }

func (h hashing) finish() {
	close(h.chunks)
	<-h.finished
}
