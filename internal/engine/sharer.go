package engine

import (
	"context"
	"math/rand/v2"
	"sync/atomic"

	"github.com/residedb/reside/internal/invariants"
)

// sharer is a transaction that others read beside. Nothing that they can see is written
// in it: what finds that it has to write, as for a key whose time has come, returns
// ErrRestart, and the transaction that follows has the stripe alone.
type sharer struct {
	Tx
	in    *readers
	found stats // of its lookups
	rng   *rand.Rand
}

// ReadKeyCtx is BeginKeyCtx for a transaction that only reads. Where many read the same
// stripe they do so at the same time. A mutator must not be called: in the checked
// build it panics.
func (e *Engine) ReadKeyCtx(ctx context.Context, k Key) (*Tx, error) {
	s := e.stripe(k.Hash)
	if invariants.Enabled {
		if e.InTx(ctx) {
			return nil, ErrInTx
		}
		s.openNow()
	}
	if in := s.gate.enter(); in != nil {
		return s.read(in), nil
	}
	if s.tryLock() {
		return s.beginAs(flags{wary: true}), nil
	}
	if e.InTx(ctx) {
		return nil, ErrInTx
	}
	if in := s.gate.waitToRead(&s.jam, &s.stats); in != nil {
		return s.read(in), nil
	}
	return s.begin(), nil
}

// openNow opens the gate at once, so that the checked build always reads together.
func (s *stripe) openNow() {
	if s.gate.open.Load() == nil {
		s.lock()
		s.gate.unlockOpen()
	}
}

// read begins a transaction beside others.
func (s *stripe) read(in *readers) *Tx {
	x, _ := s.eng.readers.Get().(*sharer)
	if x == nil {
		x = new(sharer)
		x.sharer = x
	}
	x.in = in
	if x.one[0] != s {
		x.holdOne(s)
	}
	return s.beginOn(&x.Tx, flags{wary: true})
}

// end lets go of the stripe, and keeps the Tx for the next reader.
func (x *sharer) end() {
	s, in, found := x.held[0], x.in, x.found
	x.Forget()
	x.in, x.found = nil, stats{}
	s.eng.readers.Put(x)
	in.leave(&s.gate, found.hits, found.misses)
}

// random is the transaction's source of random numbers.
func (tx *Tx) random() *rand.Rand {
	x := tx.sharer
	if x == nil {
		return tx.held[0].random()
	}
	if x.rng == nil {
		x.rng = tx.eng.newRand(len(tx.eng.stripes) + int(tx.eng.randoms.Add(1)))
	}
	return x.rng
}

// looked counts a hit, or a miss if there is no entry.
func (tx *Tx) looked(s *stripe, e *Entry) {
	if tx.sharer != nil {
		tx.sharer.found.lookup(e)
	} else {
		s.stats.lookup(e)
	}
}

// useTogether marks an entry as used that others may mark at the same time.
func (tx *Tx) useTogether(s *stripe, e *Entry) {
	for {
		was := atomic.LoadUint32(&e.access)
		if is := tx.used(s, was); is == was || atomic.CompareAndSwapUint32(&e.access, was, is) {
			return
		}
	}
}
