package engine

import (
	"fmt"
	"sync"
)

// Recovery fills an engine that nobody uses yet, for speed: nothing can be undone, is
// numbered or told to anybody, and no key expires meanwhile.
//
//	r := e.Recover()
//	r.Load(chunk) ...        of a snapshot, by several goroutines
//	e.SetPosition(p)         that the snapshot has
//	r.Replay(record) ...     those behind it, by one goroutine
//	err := r.End(func(tx *Tx) { ... })
//
// After an error the engine has anything in it, and is thrown away.
type Recovery struct {
	eng *Engine
	off bool // keys did not expire before

	mu         sync.Mutex // a leaf
	unfinished map[*box]int64

	replay
}

// Recover begins the recovery of an engine that nobody else uses before End.
func (e *Engine) Recover() *Recovery {
	r := &Recovery{eng: e, unfinished: map[*box]int64{}}
	t := &e.timer
	t.mu.Lock()
	defer t.mu.Unlock()
	r.off = t.off.Load()
	t.disarm()
	return r
}

// End ends the recovery, whether there was an error or not: others may use the engine
// from now on. It fails if a key is not complete. If not, last is called, unless it is
// nil, in a transaction on the whole store before keys begin to expire: a journal that
// it attaches misses nothing.
func (r *Recovery) End(last func(tx *Tx)) error {
	r.hold()
	err := r.complete()
	if err == nil && last != nil {
		last(r.tx)
	}
	tx := r.tx
	r.tx = nil
	tx.reset() // what a record has left that failed
	tx.tidy()
	tx.SetActiveExpire(!r.off)
	tx.Commit()
	return err
}

// complete fails if elements of a key are missing.
func (r *Recovery) complete() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for b, n := range r.unfinished {
		return fmt.Errorf("%d of the elements of %q are missing: %w", n, b.Key(), ErrMalformed)
	}
	return nil
}

// hold makes the recovery hold the whole store.
func (r *Recovery) hold() {
	if r.tx != nil {
		return
	}
	r.tx = r.eng.beginAll(false)
	r.tx.raw, r.tx.logging, r.tx.ears = true, false, nil
	r.tx.setPosition(r.tx.Position())
}

// setPosition says what the number of the last transaction was. The transaction holds
// the whole store.
func (tx *Tx) setPosition(p int64) {
	for _, s := range tx.held {
		s.commits, s.seq = 0, 0
	}
	j := &tx.eng.journal
	if to := j.attached(); to != nil {
		to.Lock()
		defer to.Unlock()
	}
	j.seq = p
}

// SetPosition says what the position is, before transactions or records follow: the
// next one has the number behind it.
func (e *Engine) SetPosition(p int64) {
	tx := e.beginAll(false)
	defer tx.Commit()
	tx.setPosition(p)
}

// tidy gives memory back that was freed in the stripes.
func (tx *Tx) tidy() {
	for _, s := range tx.held {
		if s.loose {
			s.tidy()
		}
	}
}
