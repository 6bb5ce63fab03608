package engine

import (
	"slices"
	"strconv"

	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/invariants"
)

// maxArena is how much scratch memory a stripe keeps for its next transaction.
const maxArena = 16 << 10

// arena is scratch memory of a transaction: what an op removes and still has to
// tell of is copied there, so that telling costs no allocation.
type arena struct {
	bytes   []byte
	parts   [][]byte
	entries []zset.Entry
}

// Keep copies b into memory of the transaction. The copy is valid until the
// transaction ends or forgets it, whatever changes meanwhile.
func (tx *Tx) Keep(b []byte) []byte {
	if tx.arena.bytes == nil {
		tx.arena.bytes = make([]byte, 0, 64+len(b)) // an empty string is not nil
	}
	at := len(tx.arena.bytes)
	tx.arena.bytes = append(tx.arena.bytes, b...)
	end := len(tx.arena.bytes)
	return tx.arena.bytes[at:end:end]
}

// KeepInt is Keep for the decimal text of n.
func (tx *Tx) KeepInt(n int64) []byte {
	var text [20]byte
	return tx.Keep(strconv.AppendInt(text[:0], n, 10))
}

// KeepAll returns an empty list of byte strings with room for n, in memory of the
// transaction.
func (tx *Tx) KeepAll(n int) [][]byte {
	at := len(tx.arena.parts)
	tx.arena.parts = slices.Grow(tx.arena.parts, n)[:at+n]
	return tx.arena.parts[at : at : at+n]
}

// KeepEntries returns an empty list of members with room for n, in memory of the
// transaction.
func (tx *Tx) KeepEntries(n int) []zset.Entry {
	at := len(tx.arena.entries)
	tx.arena.entries = slices.Grow(tx.arena.entries, n)[:at+n]
	return tx.arena.entries[at : at : at+n]
}

// Forget ends the validity of what was kept.
func (tx *Tx) Forget() {
	if a := &tx.arena; len(a.bytes) != 0 || len(a.parts) != 0 || len(a.entries) != 0 {
		tx.arena.forget()
	}
}

func (a *arena) forget() {
	if invariants.Enabled {
		for i := range a.bytes {
			a.bytes[i] = 0xdd
		}
	}
	clear(a.parts)
	clear(a.entries)
	a.bytes, a.parts, a.entries = a.bytes[:0], a.parts[:0], a.entries[:0]
	if cap(a.bytes) > maxArena {
		a.bytes = nil
	}
	if cap(a.parts) > maxArena/24 {
		a.parts = nil
	}
	if cap(a.entries) > maxArena/32 {
		a.entries = nil
	}
}
