package durable

import (
	"crypto/rand"
	"encoding/hex"
)

// A history names a line of positions. The first bits of a name tell where it is from:
//
//	00...  what is kept on disk, by a store that takes writes
//	01...  the same, by one that was a follower before
//	1....  what followers are told, and keep (replicate.NewHistory): drawn whenever a
//	       primary starts
//
// A primary whose log is not synced at once may start again at a position before that
// which its followers have, and go on from there with other records. Under the name that
// is on disk that would be the same line, which it is not. And a follower's directory
// that is opened to take writes is known by its name to need a new one.
//
// When a store goes to another line, a snapshot of that is durable first, and then the
// log begins there. If all ends between the two the log is still of the old line: with a
// snapshot whose name does not begin with 00 that is no mistake.

const (
	originBits = 0xc0
	promoted   = 0x40
)

// newHistory draws a name for what a store keeps, of an origin.
func newHistory(origin byte) string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[0] = b[0]&^originBits | origin
	return hex.EncodeToString(b[:])
}

// NewPromoted draws a name for what a store keeps that was a follower.
func NewPromoted() string { return newHistory(promoted) }

// supersedes reports whether the log may be of a line that the store has left, if a
// snapshot is of a history of that name.
func supersedes(history string) bool { return history != "" && history[0] >= '4' }

// History is the name of the line that the store is on.
func (k *Keeper) History() string { return *k.history.Load() }

func (k *Keeper) setHistory(name string) { k.history.Store(&name) }
