package snapshot

import (
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/s2"
)

// coding is how a payload is stored.
type coding byte

const (
	plain  coding = 0
	packed coding = 1 // a block of S2
)

const (
	minPacked = 1 << 10 // less is not worth the call
	maxPacked = 4 << 20 // more would let a small file ask for much memory
	maxPause  = 64
)

// packer compresses chunks for as long as that pays: a chunk that does not get smaller
// by a quarter is stored as it is, and so are the next ones, up to 64 of them the more
// often it happens. So what cannot be compressed costs next to nothing. Many goroutines
// use it.
type packer struct {
	off   bool
	pause atomic.Int64 // chunks that are not to be tried
	next  atomic.Int64 // how long the last pause was
	bufs  sync.Pool    // of *[]byte
}

// pack compresses the bytes if that pays. The buffer is to be given back with release.
func (p *packer) pack(raw []byte) (b []byte, c coding, buf *[]byte) {
	if p.off || len(raw) < minPacked || len(raw) > maxPacked || p.pause.Add(-1) >= 0 {
		return raw, plain, nil
	}
	buf, _ = p.bufs.Get().(*[]byte)
	if buf == nil {
		buf = new([]byte)
	}
	if need := s2.MaxEncodedLen(len(raw)); cap(*buf) < need {
		*buf = make([]byte, need)
	}
	b = s2.Encode((*buf)[:cap(*buf)], raw)
	if len(b) > len(raw)-len(raw)/4 {
		p.release(buf)
		p.rest()
		return raw, plain, nil
	}
	p.next.Store(0)
	p.pause.Store(0)
	return b, packed, buf
}

func (p *packer) rest() {
	n := min(max(2*p.next.Load(), 1), maxPause)
	p.next.Store(n)
	p.pause.Store(n)
}

func (p *packer) release(buf *[]byte) {
	if buf != nil {
		p.bufs.Put(buf)
	}
}

// unpack is the payload as it was, in into if that is large enough; ok is false if the
// bytes are no such thing.
func unpack(b []byte, raw int, into []byte) (out []byte, ok bool) {
	if n, err := s2.DecodedLen(b); err != nil || n != raw {
		return nil, false
	}
	if cap(into) < raw {
		into = make([]byte, raw)
	}
	out, err := s2.Decode(into[:raw], b)
	return out, err == nil && len(out) == raw
}
