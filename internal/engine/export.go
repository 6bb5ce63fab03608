package engine

import (
	"context"
	"encoding/binary"
	"math/bits"

	"github.com/residedb/reside/internal/effect"
)

// A part of a cut leaves the engine as chunks of effects, and comes into another one by
// Recovery.Load:
//
//	chunk   | StringPut a | StringPut b | Build c ... | Build d, first elements |
//	chunk   | Extend d, more elements                                            |
//	chunk   | Extend d, the last elements | StringPut e | ...
//
// A chunk names every key that it is about, so it can be read by itself; applied it is
// after those before it. Build says what the key is and how many elements it will have.
// A string of more than one page (64 KiB) is built of pages.

// chunkTarget is how many bytes a chunk has unless an element needs more.
const chunkTarget = 64 << 10

// Export visits a part and calls emit with chunks of effects that make its keys, and
// with how many keys begin in each. A chunk has about 64 KiB; one element that is longer
// makes a chunk of its own. Chunks are borrowed for the call, which is made while no
// lock is held. An error of emit ends the visit.
func (c *Cut) Export(ctx context.Context, part int, emit func(keys int, effects []byte) error) error {
	x := exporter{emit: emit}
	if err := c.VisitPart(ctx, part, &x); err != nil {
		return err
	}
	return x.flush()
}

// exporter is a visitor that writes effects.
type exporter struct {
	emit func(keys int, effects []byte) error
	buf  []byte
	keys int // that begin in buf

	item  Item
	key   []byte
	begun bool // its first effect is written
	done  int64

	open  bool // an effect of the key is at the end of buf, and takes more elements
	blobs int  // that it has
	at    int  // where their number stands
	width int  // in so many bytes
}

func (x *exporter) Key(i Item) error {
	x.end()
	x.key = append(x.key[:0], i.Key...)
	x.item, x.item.Key, x.begun, x.done = i, x.key, false, 0
	return nil
}

func (x *exporter) Element(parts ...[]byte) error {
	if x.item.Kind == Hash && isZero(parts[2]) {
		parts[2] = nil // eight bytes less of most fields
	}
	n := len(x.key)
	for _, p := range parts {
		n += len(p)
	}
	if len(x.buf) > 0 && len(x.buf)+n > chunkTarget {
		if err := x.flush(); err != nil {
			return err
		}
	}
	if x.item.Kind == String && x.item.Len == int64(len(parts[0])) {
		x.keys++
		x.buf = effect.Append(x.buf, false, effect.StringPut, x.item.DB, x.key, []int64{x.item.Deadline, x.item.Form}, parts)
		return nil
	}
	if !x.open {
		x.begin(len(parts))
	}
	for _, p := range parts {
		x.buf = binary.AppendUvarint(x.buf, uint64(len(p)))
		x.buf = append(x.buf, p...)
	}
	x.blobs += len(parts)
	x.done++
	return nil
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// begin writes an effect of the key up to the blobs. Each element has so many.
func (x *exporter) begin(each int) {
	x.open, x.blobs = true, 0
	x.width = min(width(uint64(each)*uint64(x.item.Len-x.done)), maxWidth)
	if x.begun {
		x.buf = effect.Append(x.buf, false, effect.Extend, x.item.DB, x.key, nil, nil)
	} else {
		x.begun = true
		x.keys++
		x.buf = effect.Append(x.buf, false, effect.Build, x.item.DB, x.key,
			[]int64{int64(x.item.Kind), x.item.Deadline, x.item.Form, x.item.Len}, nil)
	}
	x.at = len(x.buf) - 1 // it has said that there are no blobs
	for range x.width - 1 {
		x.buf = append(x.buf, 0)
	}
}

// maxWidth holds the number of any blobs: each but the last ones takes a byte of the
// chunk.
const maxWidth = 3

// width is how many bytes a number takes as a varint.
func width(n uint64) int { return max(bits.Len64(n)+6, 7) / 7 }

// end writes how many blobs the effect has got. The room for that was made before they
// were known: what is not needed of it is written as zeros, which a varint may have.
func (x *exporter) end() {
	if !x.open {
		return
	}
	x.open = false
	for i, n := 0, x.blobs; i < x.width; i, n = i+1, n>>7 {
		x.buf[x.at+i] = byte(n&0x7f) | 0x80
	}
	x.buf[x.at+x.width-1] &^= 0x80
}

// flush hands the chunk on.
func (x *exporter) flush() error {
	if len(x.buf) == 0 {
		return nil
	}
	x.end()
	err := x.emit(x.keys, x.buf)
	x.keys, x.buf = 0, x.buf[:0]
	if cap(x.buf) > 4*chunkTarget {
		x.buf = nil
	}
	return err
}
