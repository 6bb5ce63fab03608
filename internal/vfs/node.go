package vfs

import (
	"math/rand/v2"
	"slices"
)

// node is a file: its bytes as programs see them, and what of them is durable.
//
//	disk   ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓         at the last sync
//	data   ▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░░░░░░░  now: truncated since, and written to
//	       0          kept
//
// The two share memory, also with copies of the node: a byte that anybody has is never
// overwritten. Where data was cut, it is not appended to in place.
type node struct {
	data  []byte
	disk  []byte
	kept  int    // the first bytes that both have
	doubt []span // bytes whose sync failed, in order: no later one makes them sure
}

// span is the bytes from one place up to another.
type span struct{ from, to int }

func (n *node) copy() *node {
	return &node{slices.Clip(n.data), n.disk, n.kept, slices.Clone(n.doubt)}
}

func (n *node) readAt(b []byte, at int64) int {
	if at >= int64(len(n.data)) {
		return 0
	}
	return copy(b, n.data[at:])
}

func (n *node) truncate(size int) {
	n.data = n.data[:size:size]
	n.kept = min(n.kept, size)
	for i := len(n.doubt) - 1; i >= 0 && n.doubt[i].to > size; i-- {
		n.doubt[i].to = size
		if n.doubt[i].from >= size {
			n.doubt = n.doubt[:i]
		}
	}
}

func (n *node) sync() { n.disk, n.kept = n.data, len(n.data) }

// syncFailed is what a Sync does that returns an error: the system takes the bytes for
// written all the same, and will not try again.
func (n *node) syncFailed() {
	for i := len(n.doubt) - 1; i >= 0 && n.doubt[i].from >= n.kept; i-- {
		n.doubt = n.doubt[:i] // it is part of the new one
	}
	if n.kept < len(n.data) {
		n.doubt = append(n.doubt, span{n.kept, len(n.data)})
	}
}

// settle returns the bytes that a power cut leaves.
func (n *node) settle(rng *rand.Rand) []byte {
	if n.kept == len(n.data) && n.kept == len(n.disk) && len(n.doubt) == 0 {
		return n.data
	}
	switch rng.IntN(4) {
	case 0: // nothing since the last sync
		return n.disk
	case 1: // all
		return n.data
	case 2: // torn
		return n.data[:n.length(rng, len(n.data))]
	default: // in part, and in any order
		out := make([]byte, n.length(rng, max(len(n.data), len(n.disk))))
		copy(out, n.disk)
		copy(out, n.data)
		n.garble(rng, out, append(slices.Clip(n.doubt), span{n.kept, len(out)}))
		return out
	}
}

// length is how long a file may be that can have up to so many bytes: what is sure is
// in it.
func (n *node) length(rng *rand.Rand, most int) int {
	sure := n.kept
	for i := len(n.doubt) - 1; i >= 0 && n.doubt[i].to >= sure; i-- {
		sure = min(sure, n.doubt[i].from)
	}
	return sure + rng.IntN(most-sure+1)
}

// garble makes of the spans what a disk may have that was writing them: pieces are as
// they were meant to be, as before, zeros, or anything.
func (n *node) garble(rng *rand.Rand, out []byte, spans []span) {
	block := [...]int{1 + rng.IntN(16), 512, 4096}[rng.IntN(3)]
	for _, s := range spans {
		for at := s.from; at < min(s.to, len(out)); at += block - at%block {
			piece := out[at:min(at-at%block+block, s.to, len(out))]
			switch rng.IntN(4) {
			case 0: // as meant
			case 1:
				copy(piece, n.disk[min(at, len(n.disk)):])
			case 2:
				clear(piece)
			default:
				for i := range piece {
					piece[i] = byte(rng.Uint32())
				}
			}
		}
	}
}
