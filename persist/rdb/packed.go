package rdb

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// Small collections stand in one string, in a layout of their own. A walk calls emit with
// each element, which is borrowed until the third call after it, and says why it cannot
// go on, "" at the end of what is whole.
type walk func(b []byte, emit func(v []byte)) (why string)

// walkOf is the walk of a type whose values are packed, nil for others.
func walkOf(t valueType) walk {
	switch t {
	case typeListZiplist, typeZSetZiplist, typeHashZiplist, typeQuicklist:
		return walkZiplist
	case typeHashListpack, typeZSetListpack, typeSetListpack, typeHashTimed2, typeQuicklist2:
		return walkListpack
	case typeIntset:
		return walkIntset
	case typeZipmap:
		return walkZipmap
	}
	return nil
}

// texts are integers as text, of which the last three stay what they are.
type texts struct {
	room [3][20]byte
	next int
}

func (t *texts) of(n int64) []byte {
	t.next = (t.next + 1) % len(t.room)
	return strconv.AppendInt(t.room[t.next][:0], n, 10)
}

// signed is a little-endian integer of as many bytes as there are.
func signed(b []byte) int64 {
	var n uint64
	for i, c := range b {
		n |= uint64(c) << (8 * i)
	}
	shift := 64 - 8*len(b)
	return int64(n<<shift) >> shift
}

// walkIntset walks a sorted array of integers:
//
//	| bytes of each 4 B | how many 4 B | ... |
func walkIntset(b []byte, emit func([]byte)) string {
	if len(b) < 8 {
		return "an intset without a head"
	}
	size, n := uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[4:]))
	if size != 2 && size != 4 && size != 8 || size*n != uint64(len(b)-8) || n == 0 {
		return "an intset of another size than it says"
	}
	var t texts
	b = b[8:]
	last := int64(0)
	for first := true; len(b) > 0; first = false {
		v := signed(b[:size])
		if !first && v <= last {
			return "an intset that is not in order"
		}
		emit(t.of(v))
		last, b = v, b[size:]
	}
	return ""
}

// walkZipmap walks fields and values, as Redis 2.4 has them:
//
//	| how many 1 B | length | field | length | unused 1 B | value | unused ... | 255 |
func walkZipmap(b []byte, emit func([]byte)) string {
	const cut = "a zipmap that ends in the middle"
	if len(b) < 2 || b[len(b)-1] != 255 {
		return cut
	}
	head, n := b[0], 0
	b = b[1:]
	for b[0] != 255 {
		var field, value []byte
		var ok bool
		if field, b, ok = zipmapString(b, false); !ok {
			return cut
		}
		if value, b, ok = zipmapString(b, true); !ok {
			return cut
		}
		emit(field)
		emit(value)
		n++
	}
	if len(b) != 1 || head < 254 && n != int(head) {
		return "a zipmap of another size than it says"
	}
	return ""
}

// zipmapString reads a string, behind which at least one byte is left.
func zipmapString(b []byte, isValue bool) (s, rest []byte, ok bool) {
	n, head := uint64(b[0]), 1
	switch {
	case n == 255:
		return nil, nil, false
	case n == 254 && len(b) < 5:
		return nil, nil, false
	case n == 254:
		n, head = uint64(binary.LittleEndian.Uint32(b[1:])), 5
	}
	unused := uint64(0)
	if isValue {
		if head >= len(b) {
			return nil, nil, false
		}
		unused = uint64(b[head])
		head++
	}
	if uint64(len(b)) <= uint64(head)+n+unused {
		return nil, nil, false
	}
	b = b[head:]
	return b[:n], b[n+unused:], true
}

// walkZiplist walks elements, as Redis up to 6.2 has them:
//
//	| bytes 4 B | where the last begins 4 B | how many 2 B | element ... | 255 |
//
//	element  | bytes of the one before, 1 B, or 254 and 4 B | encoding | value |
func walkZiplist(b []byte, emit func([]byte)) string {
	const head = 10
	if len(b) < head+1 || binary.LittleEndian.Uint32(b) != uint32(len(b)) || b[len(b)-1] != 255 {
		return "a ziplist of another size than it says"
	}
	var t texts
	tail, count := int(binary.LittleEndian.Uint32(b[4:])), int(binary.LittleEndian.Uint16(b[8:]))
	at, last, before, n := head, head, 0, 0
	for ; at < len(b)-1; n++ {
		prev, size := zipPrev(b[at : len(b)-1])
		if size == 0 || prev != before {
			return fmt.Sprintf("element %d of a ziplist does not know where the one before it is", n)
		}
		v, body, why := zipValue(b[at+size:len(b)-1], &t)
		if why != "" {
			return fmt.Sprintf("element %d of a ziplist %s", n, why)
		}
		emit(v)
		last, before = at, size+body
		at += before
	}
	if tail != last || count != 0xffff && count != n {
		return "a ziplist with another number of elements than it says"
	}
	return ""
}

// zipPrev reads how long the element before is, in so many bytes, 0 if they are not there.
func zipPrev(b []byte) (prev, size int) {
	switch {
	case b[0] < 254:
		return int(b[0]), 1
	case b[0] == 254 && len(b) >= 5:
		return int(binary.LittleEndian.Uint32(b[1:])), 5
	}
	return 0, 0
}

// zipValue reads an encoding and a value, in so many bytes.
func zipValue(b []byte, t *texts) (v []byte, size int, why string) {
	const cut = "ends in the middle"
	if len(b) == 0 {
		return nil, 0, cut
	}
	head, n := 1, int(b[0])
	switch c := b[0]; {
	case c < 0x40:
	case c < 0x80 && len(b) >= 2:
		head, n = 2, int(c&0x3f)<<8|int(b[1])
	case c < 0xc0 && c >= 0x80 && len(b) >= 5:
		head, n = 5, int(binary.BigEndian.Uint32(b[1:]))
	case c < 0xc0:
		return nil, 0, cut
	default:
		return zipInt(b, t)
	}
	if n > len(b)-head {
		return nil, 0, cut
	}
	return b[head : head+n], head + n, ""
}

func zipInt(b []byte, t *texts) (v []byte, size int, why string) {
	var n int
	switch c := b[0]; {
	case c == 0xc0:
		n = 2
	case c == 0xd0:
		n = 4
	case c == 0xe0:
		n = 8
	case c == 0xf0:
		n = 3
	case c == 0xfe:
		n = 1
	case c >= 0xf1 && c <= 0xfd:
		return t.of(int64(c&0xf) - 1), 1, ""
	default:
		return nil, 0, fmt.Sprintf("is of an unknown encoding, %#x", c)
	}
	if len(b) <= n {
		return nil, 0, "ends in the middle"
	}
	return t.of(signed(b[1 : 1+n])), 1 + n, ""
}

// walkListpack walks elements, as Redis from 7.0 on has them:
//
//	| bytes 4 B | how many 2 B | element ... | 255 |
//
//	element  | encoding | value | bytes of both, from the end on |
func walkListpack(b []byte, emit func([]byte)) string {
	const head = 6
	if len(b) < head+1 || binary.LittleEndian.Uint32(b) != uint32(len(b)) || b[len(b)-1] != 255 {
		return "a listpack of another size than it says"
	}
	var t texts
	count, n := int(binary.LittleEndian.Uint16(b[4:])), 0
	b = b[head : len(b)-1]
	for ; len(b) > 0; n++ {
		v, size, why := listpackValue(b, &t)
		if why != "" {
			return fmt.Sprintf("element %d of a listpack %s", n, why)
		}
		emit(v)
		b = b[size:]
	}
	if count != 0xffff && count != n {
		return "a listpack with another number of elements than it says"
	}
	return ""
}

// listpackValue reads an element, in so many bytes.
func listpackValue(b []byte, t *texts) (v []byte, size int, why string) {
	head, n, isInt := listpackHead(b)
	switch {
	case head == 0:
		return nil, 0, fmt.Sprintf("is of an unknown encoding, %#x, or ends in the middle", b[0])
	case n > len(b)-head:
		return nil, 0, "ends in the middle"
	}
	v = b[head : head+n]
	switch c := b[0]; {
	case !isInt:
	case c < 0x80:
		v = t.of(int64(c))
	case c < 0xe0:
		v = t.of(int64(int16((uint16(c&0x1f)<<8|uint16(b[1]))<<3)) >> 3)
	default:
		v = t.of(signed(v))
	}
	size = head + n
	back := listpackBack(size)
	if back > len(b)-size || !backIs(b[size:size+back], size) {
		return nil, 0, "does not know how long it is"
	}
	return v, size + back, ""
}

// listpackHead says how long the encoding and the value behind it are, 0 and 0 if there
// is no such encoding.
func listpackHead(b []byte) (head, n int, isInt bool) {
	switch c := b[0]; {
	case c < 0x80:
		return 1, 0, true
	case c < 0xc0:
		return 1, int(c & 0x3f), false
	case c < 0xe0 && len(b) >= 2:
		return 2, 0, true
	case c >= 0xe0 && c < 0xf0 && len(b) >= 2:
		return 2, int(c&0xf)<<8 | int(b[1]), false
	case c == 0xf0 && len(b) >= 5:
		return 5, int(binary.LittleEndian.Uint32(b[1:])), false
	case c == 0xf1:
		return 1, 2, true
	case c == 0xf2:
		return 1, 3, true
	case c == 0xf3:
		return 1, 4, true
	case c == 0xf4:
		return 1, 8, true
	}
	return 0, 0, false
}

// listpackBack is how many bytes the length of so many takes behind them.
func listpackBack(n int) int {
	switch {
	case n < 1<<7:
		return 1
	case n < 1<<14:
		return 2
	case n < 1<<21:
		return 3
	case n < 1<<28:
		return 4
	}
	return 5
}

// backIs reports whether the bytes are a length, read from the end on.
func backIs(b []byte, n int) bool {
	got := 0
	for i := range b {
		c := b[len(b)-1-i]
		if (c&0x80 != 0) != (i < len(b)-1) {
			return false
		}
		got |= int(c&0x7f) << (7 * i)
	}
	return got == n
}
