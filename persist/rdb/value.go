package rdb

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/residedb/reside/internal/effect"
)

// sink is where keys go: effect.Chunks, the value of a payload, or nowhere.
type sink interface {
	Key(effect.Made)
	Element(parts ...[]byte) error
	Begun() bool // the key has an element
	Close()      // ends a key that was begun as effect.Open
}

// nowhere is the sink of what is left out.
type nowhere struct{}

func (nowhere) Key(effect.Made)         {}
func (nowhere) Element(...[]byte) error { return nil }
func (nowhere) Begun() bool             { return false }
func (nowhere) Close()                  {}

// value is one that is being read, some elements at each step, so that what is gathered
// of a big one is no more than a chunk.
type value struct {
	in    *input
	t     valueType
	kind  int64
	made  effect.Made
	to    sink
	left  uint64 // elements, nodes of a quicklist, or bytes of a string
	least int64  // what deadlines of fields are counted from

	parts [3][]byte
	first []byte // the bytes of parts[0]
	score [8]byte
	empty bool // there was nothing in it
}

// stepElements is how many elements a step reads at most, and stepBytes how many bytes, but
// for one that is longer.
const (
	stepElements = 256
	stepBytes    = 64 << 10
)

// begin reads how long a value is. One that has no end to be waited for is read at once.
func (v *value) begin(in *input, t valueType, made effect.Made, to sink) {
	v.in, v.t, v.made, v.to, v.left, v.empty = in, t, made, to, 0, false
	v.kind = kindOf(t)
	v.made.Kind, v.made.Form = v.kind, 0
	switch t {
	case typeString:
		v.beginString()
		return
	case typeHashTimed, typeHashTimed2:
		v.made.Form = 1
		if b := in.take(8); b != nil {
			v.least = int64(binary.LittleEndian.Uint64(b))
		}
	}
	switch t {
	case typeQuicklist, typeQuicklist2:
		v.left = uint64(in.size())
		v.made.Len = effect.Open
		v.to.Key(v.made)
		v.empty = v.left == 0
	case typeList, typeSet, typeZSet, typeZSet2, typeHash, typeHashTimed:
		v.left = uint64(in.size())
		v.made.Len = int64(v.left)
		v.to.Key(v.made)
		v.empty = v.left == 0
	default:
		v.packed()
	}
}

// beginString reads a string, or how long it is if it is long.
func (v *value) beginString() {
	at := v.in.offset()
	n, coded := v.in.length()
	if coded {
		b := v.in.codedString(n, at)
		v.made.Len = int64(len(b))
		v.to.Key(v.made)
		v.put(b)
		return
	}
	v.made.Len = int64(n)
	v.to.Key(v.made)
	switch {
	case n > maxString:
		v.in.damagedAt(at, fmt.Sprintf("a string of %d bytes, and the most are %d", n, maxString))
	case n <= stepBytes:
		b := v.in.take(n)
		v.put(b)
	default:
		v.left = n
	}
}

// put hands an element on.
func (v *value) put(parts ...[]byte) {
	if v.in.err == nil {
		if err := v.to.Element(parts...); err != nil {
			v.in.fail(err)
		}
	}
}

// step reads on, and reports whether there is more.
func (v *value) step() (more bool) {
	if v.left > 0 {
		switch v.t {
		case typeString:
			v.stepString()
		case typeQuicklist, typeQuicklist2:
			v.node()
			v.left--
		default:
			from := v.in.offset()
			for n := min(v.left, stepElements); n > 0 && v.in.offset()-from < stepBytes; n-- {
				v.element()
				if v.in.err != nil {
					return false
				}
				v.left--
			}
		}
	}
	if v.in.err != nil || v.left > 0 {
		return v.in.err == nil
	}
	v.end()
	return false
}

// end ends the value.
func (v *value) end() {
	if v.t == typeQuicklist || v.t == typeQuicklist2 {
		if v.to.Begun() {
			v.to.Close()
		} else if v.to != (nowhere{}) {
			v.empty = true
		}
	}
}

func (v *value) stepString() {
	n := min(v.left, stepBytes)
	if b := v.in.take(n); b != nil {
		v.put(b)
	}
	v.left -= n
}

// element reads one of a collection that is not packed.
func (v *value) element() {
	switch v.t {
	case typeList, typeSet:
		v.parts[0] = v.in.str()
		v.put(v.parts[:1]...)
	case typeZSet, typeZSet2:
		v.first = append(v.first[:0], v.in.str()...)
		at := v.in.offset()
		score, ok := v.readScore()
		if !ok {
			v.in.damagedAt(at, "a score that is not a number")
			return
		}
		v.member(v.first, score)
	default:
		due := int64(0)
		if v.t == typeHashTimed {
			due = v.readDue()
		}
		v.first = append(v.first[:0], v.in.str()...)
		v.field(v.first, v.in.str(), due)
	}
}

func (v *value) member(m []byte, score float64) {
	binary.BigEndian.PutUint64(v.score[:], math.Float64bits(score))
	v.parts[0], v.parts[1] = m, v.score[:]
	v.put(v.parts[:2]...)
}

func (v *value) field(f, value []byte, due int64) {
	v.parts[0], v.parts[1], v.parts[2] = f, value, nil
	if due != 0 {
		binary.BigEndian.PutUint64(v.score[:], uint64(due))
		v.parts[2] = v.score[:]
	}
	v.put(v.parts[:3]...)
}

// readDue reads the deadline of a field, which is counted from the hash's least, and by 1
// more.
func (v *value) readDue() int64 {
	at := v.in.offset()
	n := v.in.count()
	if n == 0 {
		return 0
	}
	return v.checkDue(at, uint64(v.least)+n-1)
}

// mostDue is the latest deadline that a field has in Redis.
const mostDue = 1<<48 - 1

func (v *value) checkDue(at int64, due uint64) int64 {
	if due > mostDue {
		v.in.damagedAt(at, fmt.Sprintf("a field with the deadline %d", due))
		return 0
	}
	return max(int64(due), 1)
}

// readScore reads a score as 8 bytes, or, in old files, as text.
func (v *value) readScore() (score float64, ok bool) {
	if v.t == typeZSet2 {
		if b := v.in.take(8); b != nil {
			score = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
		return score, !math.IsNaN(score)
	}
	switch n := v.in.byte(); n {
	case 253:
		return 0, false
	case 254:
		return math.Inf(1), true
	case 255:
		return math.Inf(-1), true
	default:
		return parseScore(v.in.take(uint64(n)))
	}
}

func parseScore(b []byte) (float64, bool) {
	f, err := strconv.ParseFloat(string(b), 64)
	return f, err == nil && !math.IsNaN(f)
}

// packed reads a collection that stands in one string. It is walked twice, as a key has
// to say first how many elements it has.
func (v *value) packed() {
	at := v.in.offset()
	b := v.in.str()
	if v.in.err != nil {
		return
	}
	w, n, each := walkOf(v.t), 0, v.words()
	why := w(b, func([]byte) { n++ })
	if why == "" && n%each != 0 {
		why = "a " + kindName(v.kind) + " with half an element"
	}
	if why != "" {
		v.in.damagedAt(at, why)
		return
	}
	v.made.Len = int64(n / each)
	v.to.Key(v.made)
	v.empty = n == 0
	v.unpack(at, b, w)
}

// words is how many strings of a packed value an element has.
func (v *value) words() int {
	switch {
	case v.t == typeHashTimed2:
		return 3
	case v.kind == effect.Hash, v.kind == effect.ZSet:
		return 2
	}
	return 1
}

// unpack hands on what a walk finds.
func (v *value) unpack(at int64, b []byte, w walk) {
	var got [3][]byte
	n, each := 0, v.words()
	w(b, func(s []byte) {
		got[n] = s
		if n++; n < each || v.in.err != nil {
			n %= each
			return
		}
		n = 0
		v.unpacked(at, &got)
	})
}

// unpacked hands on one element of a packed value.
func (v *value) unpacked(at int64, got *[3][]byte) {
	switch {
	case v.kind == effect.ZSet:
		score, ok := parseScore(got[1])
		if !ok {
			v.in.damagedAt(at, fmt.Sprintf("a score that is not a number, %q", got[1]))
			return
		}
		v.member(got[0], score)
	case v.t == typeHashTimed2:
		due, err := strconv.ParseUint(string(got[2]), 10, 64)
		if err != nil {
			v.in.damagedAt(at, fmt.Sprintf("a field with the deadline %q", got[2]))
			return
		}
		if due != 0 {
			due = uint64(v.checkDue(at, due))
		}
		v.field(got[0], got[1], int64(due))
	case v.kind == effect.Hash:
		v.field(got[0], got[1], 0)
	default:
		v.parts[0] = got[0]
		v.put(v.parts[:1]...)
	}
}

// How a node of a quicklist is kept.
const (
	nodePlain  = 1
	nodePacked = 2
)

// node reads one of a quicklist.
func (v *value) node() {
	at := v.in.offset()
	kind := uint64(nodePacked)
	if v.t == typeQuicklist2 {
		kind = v.in.count()
	}
	b := v.in.str()
	switch {
	case v.in.err != nil:
	case kind == nodePlain:
		v.parts[0] = b
		v.put(v.parts[:1]...)
	case kind != nodePacked:
		v.in.damagedAt(at, fmt.Sprintf("a node of a list of an unknown kind, %d", kind))
	default:
		w := walkOf(v.t)
		if why := w(b, func([]byte) {}); why != "" {
			v.in.damagedAt(at, why)
			return
		}
		v.unpack(at, b, w)
	}
}
