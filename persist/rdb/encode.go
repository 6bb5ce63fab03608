package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unsafe"

	"github.com/residedb/reside/internal/effect"
)

// ErrTooOld is returned by a Writer for a hash with fields that have deadlines, where
// Options.Version asks for one before 12.
var ErrTooOld = errors.New("rdb: fields of hashes have deadlines from version 12 on")

// ErrInvalid is returned for what cannot be written: chunks that no store makes, another
// number of keys than was said, a version that this library does not write.
var ErrInvalid = errors.New("rdb: invalid")

// underWay is a key of which only a part was written.
type underWay struct {
	db    int
	kind  int64
	left  int64 // elements, or bytes of a string
	timed bool  // its fields are written with deadlines
	least int64 // from which they are counted
	none  bool  // it is left out
	open  bool  // a list: how long it is is not known before its end
	head  []byte
	list  []byte
	count uint64
}

// encoder turns the effects of a chunk into what stands in a file.
type encoder struct {
	o       *Options
	version int
	in      effect.Reader
	buf     []byte
	db      int // that the file is at, -1 if that is not known
	keys    int64
	left    int64     // that were left out
	key     *underWay // nil between keys
	packed  []byte
	seen    *lzfTable
}

// chunk encodes a chunk, in the middle of a key or not.
func (e *encoder) chunk(effects []byte, key *underWay) error {
	e.buf, e.db, e.keys, e.left, e.key = e.buf[:0], -1, 0, 0, key
	if key != nil {
		e.db = key.db
	}
	e.in.Reset(effects)
	for ef, ok := e.in.Next(); ok; ef, ok = e.in.Next() {
		if err := e.effect(ef); err != nil {
			return fmt.Errorf("the key %q of database %d: %w", ef.Key, ef.DB, err)
		}
	}
	return e.in.Err()
}

func (e *encoder) effect(ef *effect.Effect) error {
	switch {
	case ef.Op == effect.Extend && e.key != nil:
		return e.extend(ef.Blobs)
	case e.key != nil:
		return fmt.Errorf("%w: it begins in the middle of another one", ErrInvalid)
	case ef.Op == effect.StringPut && len(ef.Ints) == 2 && len(ef.Blobs) == 1:
		if e.wants(ef, effect.String) {
			e.begin(ef, typeString, ef.Ints[0])
			e.str(ef.Blobs[0])
		}
		return nil
	case ef.Op == effect.Build && len(ef.Ints) == 4 && len(ef.Blobs) > 0:
		return e.build(ef)
	}
	return fmt.Errorf("%w: %s makes no key", ErrInvalid, ef.Op)
}

// wants counts a key, and reports whether it is to be written.
func (e *encoder) wants(ef *effect.Effect, kind int64) bool {
	if e.o.Keep != nil && !e.o.Keep(ef.DB, ef.Key, Kind(kind)) {
		e.left++
		return false
	}
	e.keys++
	return true
}

// begin writes what stands before a value.
func (e *encoder) begin(ef *effect.Effect, t valueType, deadline int64) {
	if ef.DB != e.db {
		e.db = ef.DB
		e.buf = appendLength(append(e.buf, opSelectDB), uint64(ef.DB))
	}
	if deadline != 0 {
		e.buf = binary.LittleEndian.AppendUint64(append(e.buf, opExpiryMs), uint64(deadline))
	}
	e.buf = append(e.buf, byte(t))
	e.str(ef.Key)
}

// build begins a key.
func (e *encoder) build(ef *effect.Effect) error {
	kind, deadline, n := ef.Ints[0], ef.Ints[1], ef.Ints[3]
	k := &underWay{db: ef.DB, kind: kind, left: n, open: n == effect.Open}
	if n < 1 && (!k.open || kind != effect.List) || kind < effect.String || kind > effect.Hash {
		return fmt.Errorf("%w: %s of %d elements", ErrInvalid, kindName(kind), n)
	}
	e.key, k.none = k, !e.wants(ef, kind)
	if k.none {
		return e.extend(ef.Blobs)
	}
	t := [...]valueType{effect.String: typeString, effect.List: typeList, effect.Set: typeSet, effect.ZSet: typeZSet2, effect.Hash: typeHash}[kind]
	if kind == effect.Hash && k.times(ef) {
		if t = typeHashTimed; e.version < lastVersion {
			return ErrTooOld
		}
	}
	at := len(e.buf)
	e.begin(ef, t, deadline)
	if k.open {
		k.head = append(k.head, e.buf[at:]...)
		e.buf, e.db = e.buf[:at], -1
		return e.extend(ef.Blobs)
	}
	if k.timed {
		e.buf = binary.LittleEndian.AppendUint64(e.buf, uint64(k.least))
	}
	e.buf = appendLength(e.buf, uint64(n))
	return e.extend(ef.Blobs)
}

// times finds out whether fields of a hash have deadlines, and which is the least, or a
// number before it where not all of the hash is there.
func (k *underWay) times(ef *effect.Effect) bool {
	whole := int64(len(ef.Blobs)/3) == k.left
	if k.timed = !whole && ef.Ints[2] != 0; k.timed {
		return true
	}
	k.least = math.MaxInt64
	for i := 2; i < len(ef.Blobs); i += 3 {
		if at := dueOf(ef.Blobs[i]); at > 0 {
			k.least, k.timed = min(k.least, at), true
		}
	}
	return k.timed
}

// dueOf is the deadline of a field, 0 for none and -1 for what is none.
func dueOf(b []byte) int64 {
	switch len(b) {
	case 0:
		return 0
	case 8:
		return max(int64(binary.BigEndian.Uint64(b)), -1)
	}
	return -1
}

// extend goes on with a key.
func (e *encoder) extend(blobs [][]byte) error {
	k, each := e.key, partsOf(e.key.kind)
	if len(blobs)%each != 0 {
		return fmt.Errorf("%w: half an element", ErrInvalid)
	}
	switch {
	case k.open && len(blobs) == 0:
		e.close()
		return nil
	case k.open:
		e.gather(blobs)
		return nil
	}
	for i := 0; i < len(blobs); i += each {
		n := int64(1)
		if k.kind == effect.String {
			n = int64(len(blobs[i]))
		}
		if k.left -= n; k.left < 0 || n == 0 {
			return fmt.Errorf("%w: another size than it says", ErrInvalid)
		}
		if k.none {
			continue
		}
		if err := e.element(blobs[i : i+each]); err != nil {
			return err
		}
	}
	if k.left == 0 {
		e.key = nil
	}
	return nil
}

// gather keeps elements of a list whose length is not known.
func (e *encoder) gather(blobs [][]byte) {
	k := e.key
	k.count += uint64(len(blobs))
	if k.none {
		return
	}
	at := len(e.buf)
	for _, b := range blobs {
		e.str(b)
	}
	k.list = append(k.list, e.buf[at:]...)
	e.buf = e.buf[:at]
}

// close writes what was gathered.
func (e *encoder) close() {
	k := e.key
	e.key = nil
	if k.none {
		return
	}
	if len(k.head) > 0 && k.head[0] != opSelectDB && e.db != k.db {
		e.buf = appendLength(append(e.buf, opSelectDB), uint64(k.db))
	}
	e.buf = append(e.buf, k.head...)
	e.buf = append(appendLength(e.buf, k.count), k.list...)
	e.db = k.db
}

// element writes one of a key that is under way.
func (e *encoder) element(parts [][]byte) error {
	switch k := e.key; k.kind {
	case effect.String:
		e.buf = append(e.buf, parts[0]...)
	case effect.ZSet:
		if len(parts[1]) != 8 {
			return fmt.Errorf("%w: a score of %d bytes", ErrInvalid, len(parts[1]))
		}
		e.str(parts[0])
		e.buf = binary.LittleEndian.AppendUint64(e.buf, binary.BigEndian.Uint64(parts[1]))
	case effect.Hash:
		due := dueOf(parts[2])
		switch {
		case due < 0 || k.timed && due != 0 && due < k.least:
			return fmt.Errorf("%w: a field with the deadline %x", ErrInvalid, parts[2])
		case due != 0 && !k.timed:
			return fmt.Errorf("%w: a field with a deadline in a hash that has none", ErrInvalid)
		case k.timed && due == 0:
			e.buf = append(e.buf, 0)
		case k.timed:
			e.buf = appendLength(e.buf, uint64(due-k.least+1))
		}
		e.str(parts[0])
		e.str(parts[1])
	default:
		e.str(parts[0])
	}
	return nil
}

// str writes a string in the shortest way: an integer, packed, or as it is.
func (e *encoder) str(b []byte) {
	if n, ok := smallInt(b); ok {
		e.buf = appendInt(e.buf, n)
		return
	}
	if e.o.Compress && len(b) > 20 {
		if e.seen == nil {
			e.seen = new(lzfTable)
		}
		var shorter bool
		if e.packed, shorter = pack(e.packed[:0], b, e.seen); shorter {
			e.buf = append(e.buf, 0xc0|codedLZF)
			e.buf = appendLength(appendLength(e.buf, uint64(len(e.packed))), uint64(len(b)))
			e.buf = append(e.buf, e.packed...)
			return
		}
	}
	e.buf = append(appendLength(e.buf, uint64(len(b))), b...)
}

// smallInt reads an integer of 32 bits whose text is the string.
func smallInt(b []byte) (int32, bool) {
	if len(b) == 0 || len(b) > 11 || b[0] > '9' {
		return 0, false
	}
	digits := b
	if b[0] == '-' {
		digits = b[1:]
	}
	if len(digits) == 0 || digits[0] < '0' || digits[0] > '9' || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	n, err := strconv.ParseInt(unsafe.String(unsafe.SliceData(b), len(b)), 10, 32)
	return int32(n), err == nil
}

func appendInt(dst []byte, n int32) []byte {
	switch {
	case n == int32(int8(n)):
		return append(dst, 0xc0|codedInt8, byte(n))
	case n == int32(int16(n)):
		return binary.LittleEndian.AppendUint16(append(dst, 0xc0|codedInt16), uint16(n))
	}
	return binary.LittleEndian.AppendUint32(append(dst, 0xc0|codedInt32), uint32(n))
}

func appendLength(dst []byte, n uint64) []byte {
	switch {
	case n < 1<<6:
		return append(dst, byte(n))
	case n < 1<<14:
		return append(dst, 0x40|byte(n>>8), byte(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0x80), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0x81), n)
}
