package snapshot

import (
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"
)

// MaxChunk is how many bytes of effects a chunk can have.
const MaxChunk = 1<<31 - 1

const (
	magic   = "RSNAP\n" // no text file and no other format of ours begins so
	version = 1

	prefixSize  = 16 // magic, version, checksum of both
	headSize    = 36
	trailerSize = 32

	maxHeader = 64 << 10 // of what the header's payload has
)

// Kinds of frames.
const (
	kindHeader  = 'H'
	kindChunk   = 'C'
	kindTrailer = 'T'
)

// prefix is how every file begins, whatever its version is.
func prefix(version uint16) []byte {
	b := make([]byte, 0, prefixSize)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint16(b, version)
	return binary.LittleEndian.AppendUint64(b, xxhash.Sum64(b))
}

// head is what stands before the payload of a frame.
type head struct {
	kind   byte
	coding coding
	part   uint32
	keys   uint32
	stored uint32 // bytes of payload in the file
	raw    uint32 // bytes of payload for whoever reads it
	sum    uint64 // of the payload as it is stored
}

// layout is the head as it stands in a file. It ends with its own checksum, so that no
// length is believed that was not written.
func (h head) layout() (b [headSize]byte) {
	b[0], b[1] = h.kind, byte(h.coding)
	binary.LittleEndian.PutUint32(b[4:], h.part)
	binary.LittleEndian.PutUint32(b[8:], h.keys)
	binary.LittleEndian.PutUint32(b[12:], h.stored)
	binary.LittleEndian.PutUint32(b[16:], h.raw)
	binary.LittleEndian.PutUint64(b[20:], h.sum)
	binary.LittleEndian.PutUint64(b[28:], xxhash.Sum64(b[:28]))
	return b
}

// headIn reads a head; why is "" if it is one.
func headIn(b *[headSize]byte) (h head, why string) {
	if binary.LittleEndian.Uint64(b[28:]) != xxhash.Sum64(b[:28]) {
		return h, "the checksum of a frame's head does not match"
	}
	if b[2] != 0 || b[3] != 0 {
		return h, "a frame with something that is not known"
	}
	h = head{
		kind:   b[0],
		coding: coding(b[1]),
		part:   binary.LittleEndian.Uint32(b[4:]),
		keys:   binary.LittleEndian.Uint32(b[8:]),
		stored: binary.LittleEndian.Uint32(b[12:]),
		raw:    binary.LittleEndian.Uint32(b[16:]),
		sum:    binary.LittleEndian.Uint64(b[20:]),
	}
	return h, h.impossible()
}

// impossible says what is wrong with a head that was written as it is.
func (h head) impossible() string {
	switch {
	case h.raw > MaxChunk:
		return fmt.Sprintf("a frame of %d bytes", h.raw)
	case h.coding == plain && h.raw != h.stored:
		return "a frame with two lengths"
	case h.coding == packed && (h.raw > maxPacked || h.stored >= h.raw):
		return "a packed frame that is not smaller"
	case h.coding > packed:
		return fmt.Sprintf("a frame of an unknown coding, %d", h.coding)
	}
	return ""
}

// trailer is what stands at the end of a file.
type trailer struct {
	chunks, keys, effects int64
	sum                   uint64 // of the prefix and of all heads before the trailer's
}

func (t trailer) layout() []byte {
	b := make([]byte, 0, trailerSize)
	b = binary.LittleEndian.AppendUint64(b, uint64(t.chunks))
	b = binary.LittleEndian.AppendUint64(b, uint64(t.keys))
	b = binary.LittleEndian.AppendUint64(b, uint64(t.effects))
	return binary.LittleEndian.AppendUint64(b, t.sum)
}

// trailerIn reads a trailer, of trailerSize bytes.
func trailerIn(b []byte) trailer {
	return trailer{
		chunks:  int64(binary.LittleEndian.Uint64(b)),
		keys:    int64(binary.LittleEndian.Uint64(b[8:])),
		effects: int64(binary.LittleEndian.Uint64(b[16:])),
		sum:     binary.LittleEndian.Uint64(b[24:]),
	}
}
