package engine

import (
	"slices"
	"sync/atomic"
)

// Tracker is a client that keeps copies of values and is told when they are out of
// date (Redis: CLIENT TRACKING). Every key that it has read is remembered for it,
// until the key's next change, of which it is told; a broadcasting one is told
// of every change of the keys with some prefixes, and nothing is remembered.
type Tracker struct {
	// Tell takes the names of changed keys, of whatever database; nil stands for all
	// keys. It runs while keys are locked: it returns at once and calls no engine.
	Tell func(keys []string)

	mode  TrackMode    // changed under all stripes, read under any
	gone  bool         // it will never be on again; as mode
	items atomic.Int64 // keys remembered for it
}

// TrackMode is what a tracker wants to be told of. The zero value is nothing.
type TrackMode struct {
	On        bool
	Broadcast bool
	NoLoop    bool     // not of its own changes
	Prefixes  []string // of the keys to broadcast
}

// tracking is what an engine knows of its trackers.
type tracking struct {
	known    map[*Tracker]struct{} // on, or once on; changed under all stripes, read under any
	prefixes map[string][]*Tracker // that are broadcast, and to whom; as known
	lengths  []int                 // of the prefixes, ascending, each once; as known

	keys  atomic.Int64  // remembered
	items atomic.Int64  // pairs of a remembered key and a tracker
	stale atomic.Int64  // those of trackers that are gone
	next  atomic.Uint32 // the stripe to trim next
}

// Track gives the tracker a new mode. The transaction holds the whole store.
func (tx *Tx) Track(t *Tracker, mode TrackMode) {
	tr := &tx.eng.tracking
	t.mode = mode
	if tr.known == nil {
		tr.known = map[*Tracker]struct{}{}
	}
	tr.known[t] = struct{}{}
	tx.listPrefixes()
}

// Forget ends the tracking of one that will not come back. The caller holds no
// transaction.
func (e *Engine) Forget(t *Tracker) {
	tx := e.beginAll(false)
	tr := &e.tracking
	t.mode, t.gone = TrackMode{}, true
	delete(tr.known, t)
	tx.listPrefixes()
	tooMany := 2*tr.stale.Add(t.items.Load()) > tr.items.Load()
	tx.Commit()
	if tooMany {
		e.sweepRemembered()
	}
}

// listPrefixes lists anew which prefixes are broadcast to whom.
func (tx *Tx) listPrefixes() {
	tr := &tx.eng.tracking
	tr.prefixes, tr.lengths = map[string][]*Tracker{}, nil
	for t := range tr.known {
		for _, p := range t.mode.Prefixes {
			tr.prefixes[p] = append(tr.prefixes[p], t)
			tr.lengths = append(tr.lengths, len(p))
		}
	}
	slices.Sort(tr.lengths)
	tr.lengths = slices.Compact(tr.lengths)
	for _, s := range tx.held {
		if len(tr.prefixes) > 0 {
			s.interested().prefixes = tr
		} else if s.interest != nil {
			s.interest.prefixes = nil
			s.settle()
		}
	}
}

// By says for whom the transaction works from now on, who may not want to be told
// of its own changes. nil is nobody who tracks.
func (tx *Tx) By(t *Tracker) { tx.by = t }

// tellAll tells every tracker that all keys may have changed.
func (tr *tracking) tellAll() {
	for t := range tr.known {
		if t.mode.On {
			t.Tell(nil)
		}
	}
}

// TrackStats counts what is tracked.
type TrackStats struct {
	Clients  int   // trackers that are on
	Keys     int64 // remembered
	Items    int64 // pairs of a remembered key and a tracker
	Prefixes int   // that are broadcast
}

// TrackStats counts what is tracked. The transaction holds the whole store.
func (tx *Tx) TrackStats() TrackStats {
	tr := &tx.eng.tracking
	st := TrackStats{Keys: tr.keys.Load(), Items: tr.items.Load(), Prefixes: len(tr.prefixes)}
	for t := range tr.known {
		if t.mode.On {
			st.Clients++
		}
	}
	return st
}
