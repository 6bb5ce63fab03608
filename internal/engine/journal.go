package engine

import (
	"context"
	"sync"
	"sync/atomic"
)

// Record is one committed transaction: its number, the time it saw, and its
// effects in the layout of package effect. Effects are borrowed for the call.
type Record struct {
	Seq     int64
	Clock   int64 // unix ms
	Effects []byte
}

// Journal is told of every transaction that changed something, and has a say in when
// it may begin and be shown.
type Journal interface {
	// The journal is locked while a record is numbered and handed over: a leaf lock,
	// taken under those of keys.
	sync.Locker
	// Record takes the next record. It copies what it keeps, returns quickly, and never
	// calls the engine.
	Record(Record)
	// Now is the time, in unix milliseconds, for a transaction that did not have to
	// know it. It is called while the journal is locked.
	Now() int64
	// Admit is asked before a call that may write has its keys. It may wait, and an
	// error refuses the call.
	Admit(ctx context.Context) error
	// Settle waits until what stands at a mark may be shown to whoever asked for it.
	// Nothing is locked. An error is one of a call that wrote, whose change stands.
	Settle(ctx context.Context, m Mark) error
	// MustWait reports whether Settle, or Admit for the zero Mark, may have to wait.
	MustWait(m Mark) bool
}

// Mark is what a transaction leads to when it ends: the last change that it made or can
// have seen. The zero Mark is of a transaction that no journal has to do with.
type Mark struct {
	Position int64
	Wrote    bool // the change is its own
}

// journal numbers transactions. While no one is attached each stripe counts its own,
// and the position is their sum; with one its lock gives the numbers.
type journal struct {
	to   atomic.Pointer[Journal] // main, feed or both; changed under all stripes and its lock
	seq  int64                   // guarded by the journal's lock, and by all stripes
	main Journal                 // see Attach; guarded by all stripes
	feed Feed                    // see Follow; guarded by all stripes
}

// attached is the journal, nil for none. Under a stripe's lock the answer holds until
// it is given back, as Attach holds all of them.
func (j *journal) attached() Journal {
	if to := j.to.Load(); to != nil {
		return *to
	}
	return nil
}

// number gives the transaction its place in the total order and hands its record
// to the journal.
func (tx *Tx) number() {
	if tx.changes == 0 && tx.removals == 0 {
		return
	}
	tx.eng.changed()
	if !tx.logging {
		tx.held[0].commits++
		return
	}
	j := &tx.eng.journal
	to := j.attached()
	to.Lock()
	if tx.now == 0 {
		tx.now = to.Now()
	}
	j.seq++
	seq := j.seq
	to.Record(Record{Seq: seq, Clock: tx.now, Effects: tx.log})
	to.Unlock()
	for _, s := range tx.held {
		s.seq = seq
	}
}

// mark is what the transaction leads to. A change of a stripe that it holds can be seen,
// whatever keys it asked for.
func (tx *Tx) mark(wrote bool) Mark {
	m := Mark{Wrote: wrote}
	for _, s := range tx.held {
		m.Position = max(m.Position, s.seq)
	}
	return m
}

// Attach hands every record from now on to a journal and returns the position of the
// last transaction before it. Only one is attached at a time; nil detaches it.
func (e *Engine) Attach(to Journal) (position int64) {
	tx := e.beginAll(false)
	defer tx.Commit()
	return tx.Attach(to)
}

// Attach is Engine.Attach inside a transaction that holds the whole store and has
// changed nothing yet.
func (tx *Tx) Attach(to Journal) (position int64) {
	tx.eng.journal.main = to
	return tx.connect()
}

// Admit asks the journal, if there is one, whether a call that may write can begin. The
// caller holds no transaction. On a replica it cannot: ErrReplica.
func (e *Engine) Admit(ctx context.Context) error {
	if e.replica.Load() {
		return ErrReplica
	}
	return e.AdmitRecord(ctx)
}

// AdmitRecord is Admit for a record that a replica is to apply.
func (e *Engine) AdmitRecord(ctx context.Context) error {
	if held := e.holding.Load(); held != nil {
		select {
		case <-*held:
		case <-ctx.Done():
			return ctx.Err()
		}
		if e.Closed() {
			return ErrClosed
		}
	}
	if err := e.refusal.Load(); err != nil {
		return *err
	}
	if to := e.journal.attached(); to != nil {
		return to.Admit(ctx)
	}
	return nil
}

// Settle waits until what a transaction did and saw may be shown: it returns an error if
// the transaction has changed something of which it is not known whether it will last.
// The caller holds no transaction.
func (e *Engine) Settle(ctx context.Context, m Mark) error {
	if m.Position == 0 {
		return nil
	}
	if to := e.journal.attached(); to != nil {
		return to.Settle(ctx, m)
	}
	return nil
}

// MustWait reports whether Settle may have to wait.
func (e *Engine) MustWait(m Mark) bool {
	to := e.journal.attached()
	return to != nil && m.Position != 0 && to.MustWait(m)
}

// MustWaitToWrite reports whether Admit may have to wait.
func (e *Engine) MustWaitToWrite() bool {
	to := e.journal.attached()
	return e.holding.Load() != nil || to != nil && to.MustWait(Mark{})
}

// Latest is the mark of the last transaction that the journal was told of.
func (e *Engine) Latest() (m Mark) {
	for {
		to := e.journal.to.Load()
		if to == nil {
			return m
		}
		(*to).Lock()
		same := e.journal.to.Load() == to // or else the number is under another's lock
		if same {
			m.Position = e.journal.seq
		}
		(*to).Unlock()
		if same {
			return m
		}
	}
}

// Position is the number of the last committed transaction.
func (e *Engine) Position() int64 {
	tx := e.beginAll(false)
	defer tx.Commit()
	return tx.Position()
}

// Position is Engine.Position inside a transaction that holds the whole store.
func (tx *Tx) Position() int64 {
	n := tx.eng.journal.seq
	for _, s := range tx.held {
		n += s.commits
	}
	return n
}

// Tap is a journal that hands records to a function and has no say.
func (e *Engine) Tap(sink func(Record)) Journal { return &tap{eng: e, sink: sink} }

type tap struct {
	sync.Mutex
	eng  *Engine
	sink func(Record)
}

func (t *tap) Record(r Record)                    { t.sink(r) }
func (t *tap) Now() int64                         { return t.eng.Now() }
func (t *tap) Admit(context.Context) error        { return nil }
func (t *tap) Settle(context.Context, Mark) error { return nil }
func (t *tap) MustWait(Mark) bool                 { return false }

// OnChange calls f once, in a goroutine of its own, after the next transaction that
// changes something; nil calls nobody. Only the last f is called.
func (e *Engine) OnChange(f func()) {
	if f == nil {
		e.onChange.Store(nil)
		return
	}
	e.onChange.Store(&f)
}

// changed calls whoever waits for a change.
func (e *Engine) changed() {
	if f := e.onChange.Load(); f != nil && e.onChange.CompareAndSwap(f, nil) {
		go (*f)()
	}
}

// Hold makes Admit wait until release is called. Calls that were admitted before go on,
// and so does what the engine does by itself. A second caller waits for the first.
func (e *Engine) Hold() (release func()) {
	e.holder.Lock()
	held := make(chan struct{})
	e.holding.Store(&held)
	return func() {
		e.holding.Store(nil)
		close(held)
		e.holder.Unlock()
	}
}

// Refusal is why calls that write are refused, nil if they are not.
func (e *Engine) Refusal() error {
	if err := e.refusal.Load(); err != nil {
		return *err
	}
	return nil
}

// Refuse makes Admit refuse every call with an error, until it is nil.
func (e *Engine) Refuse(err error) {
	if err == nil {
		e.refusal.Store(nil)
		return
	}
	e.refusal.Store(&err)
}
