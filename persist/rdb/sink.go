package rdb

import (
	"io"
	"sync"
	"sync/atomic"
)

const (
	sinkSize = 512 << 10 // bytes that are written at once, at least
	sinkBig  = 256 << 10 // pieces from here on are not copied first
)

// pieces puts pieces of a file one behind the other, sums them up, and writes them in big
// ones. Whoever fills the buffer writes it, while others go on with the second one. A
// part that is in the middle of a key has the file for itself until the key is done.
type pieces struct {
	mu    sync.Mutex
	free  sync.Cond // the owner has changed, or there is an error
	owner int       // the part that is in the middle of a key, -1 for none
	buf   []byte
	sum   uint64
	bytes int64

	wr    sync.Mutex // taken while mu is held, so that the order stays
	to    io.Writer
	spare []byte

	err atomic.Pointer[error] // the first one, for ever
}

func newPieces(to io.Writer) *pieces {
	p := &pieces{to: to, owner: -1}
	p.free.L = &p.mu
	return p
}

// put adds a piece of a part. Under the lock that gives pieces their order it calls count.
func (p *pieces) put(part int, b []byte, inside bool, count func()) error {
	sum := crcOf(0, b)
	p.mu.Lock()
	for p.owner >= 0 && p.owner != part && p.failure() == nil {
		p.free.Wait()
	}
	if err := p.failure(); err != nil {
		p.mu.Unlock()
		return err
	}
	if p.owner = -1; inside {
		p.owner = part
	} else {
		p.free.Broadcast()
	}
	count()
	p.sum = crcJoin(p.sum, sum, int64(len(b)))
	p.bytes += int64(len(b))
	if len(b) >= sinkBig {
		return p.drain(b)
	}
	if p.buf = append(p.buf, b...); len(p.buf) >= sinkSize {
		return p.drain(nil)
	}
	p.mu.Unlock()
	return nil
}

// drain writes the buffer and what follows it. It gives mu back.
func (p *pieces) drain(more []byte) error {
	p.wr.Lock()
	full := p.buf
	p.buf = p.spare[:0]
	p.mu.Unlock()
	err := p.write(full)
	if err == nil {
		err = p.write(more)
	}
	p.spare = full
	p.wr.Unlock()
	if err != nil {
		return p.fail(err)
	}
	return nil
}

func (p *pieces) write(b []byte) error {
	if err := p.failure(); err != nil || len(b) == 0 {
		return err
	}
	n, err := p.to.Write(b)
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		p.err.CompareAndSwap(nil, &err)
	}
	return err
}

// fail lets nothing be written any more, and wakes who waits for the file. It returns the
// first error.
func (p *pieces) fail(err error) error {
	p.err.CompareAndSwap(nil, &err)
	p.mu.Lock()
	p.free.Broadcast()
	p.mu.Unlock()
	return p.failure()
}

func (p *pieces) failure() error {
	if err := p.err.Load(); err != nil {
		return *err
	}
	return nil
}

// flush writes what is there.
func (p *pieces) flush() error {
	p.mu.Lock()
	if len(p.buf) == 0 {
		p.mu.Unlock()
		return p.failure()
	}
	return p.drain(nil)
}

// stop is fail, and waits until no write is under way.
func (p *pieces) stop(err error) {
	_ = p.fail(err)
	p.wr.Lock()
	defer p.wr.Unlock()
}
