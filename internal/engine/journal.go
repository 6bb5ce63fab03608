package engine

import (
	"sync"
)

// Record is one committed transaction: its number, the time it saw, and its
// effects in the layout of package effect. Effects are borrowed for the call.
type Record struct {
	Seq     int64
	Clock   int64 // unix ms
	Effects []byte
}

// Sink receives every record, in order, while the transaction's keys are locked.
// It copies what it keeps, returns quickly, and never calls the engine.
type Sink func(Record)

// journal numbers transactions. While no sink is attached each stripe counts its
// own, and the position is their sum; with a sink one mutex gives the numbers.
type journal struct {
	mu   sync.Mutex
	sink Sink // changed under all stripes and mu
	seq  int64
}

// number gives the transaction its place in the total order and hands its record
// to the journal.
func (tx *Tx) number() {
	if tx.changes == 0 && tx.removals == 0 {
		return
	}
	if !tx.logging {
		tx.held[0].commits++
		return
	}
	j := &tx.eng.journal
	j.mu.Lock()
	j.seq++
	j.sink(Record{Seq: j.seq, Clock: tx.Now(), Effects: tx.log})
	j.mu.Unlock()
}

// Attach sends every record from now on to sink and returns the position of the
// last transaction before it. Only one sink is attached at a time; nil
// detaches it.
func (e *Engine) Attach(sink Sink) (position int64) {
	tx := e.beginAll(false)
	defer tx.Commit()
	j := &e.journal
	for i := range e.stripes {
		j.seq += e.stripes[i].commits
		e.stripes[i].commits = 0
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.sink = sink
	return j.seq
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

// attached reports whether records are wanted. It is asked under a stripe's lock,
// and Attach holds all of them, so the answer holds for the transaction.
func (j *journal) attached() bool { return j.sink != nil }
