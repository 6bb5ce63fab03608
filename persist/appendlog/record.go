package appendlog

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/persist"
)

// headSize is how many bytes a record has before its effects.
const headSize = 8 + 4 + 8 + 8

// appendRecord adds the layout of a record to dst. The seed is the segment's.
func appendRecord(dst []byte, seed uint64, r persist.Record) []byte {
	at := len(dst)
	dst = binary.LittleEndian.AppendUint64(dst, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(r.Effects)))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(r.Position))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(r.Clock))
	dst = append(dst, r.Effects...)
	binary.LittleEndian.PutUint64(dst[at:], xxhash.Sum64(dst[at+8:])^seed)
	return dst
}

// head is what a record has before its effects.
type head struct {
	sum      uint64
	length   int64
	position int64
	clock    int64
}

func parseHead(b []byte) head {
	return head{
		sum:      binary.LittleEndian.Uint64(b),
		length:   int64(binary.LittleEndian.Uint32(b[8:])),
		position: int64(binary.LittleEndian.Uint64(b[12:])),
		clock:    int64(binary.LittleEndian.Uint64(b[20:])),
	}
}

// is reports whether b is the whole of the record that begins with the head.
func (h head) is(b []byte, seed uint64) bool { return xxhash.Sum64(b[8:])^seed == h.sum }

func (h head) record(b []byte) persist.Record {
	return persist.Record{Position: h.position, Clock: h.clock, Effects: b[headSize:]}
}
