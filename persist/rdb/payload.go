package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/persist"
)

// A value by itself, as DUMP has it:
//
//	| type 1 B | value | version 2 B | CRC64 of all before 8 B |

const footSize = 10

// ErrPayload is returned for a payload that is not what it was, or of a later version.
var ErrPayload = errors.New("rdb: the payload's version or checksum are wrong")

// Value is the content of a payload.
type Value struct {
	Kind Kind
	// Form is 1 for a hash with fields that have deadlines.
	Form int64
	// Elements are those of the value, in the parts that effects have: a string's bytes;
	// an element; a member and the bits of its score; a field, its value and its deadline,
	// or nothing.
	Elements [][]byte
}

// Each is how many of the Elements are one element.
func (v *Value) Each() int { return partsOf(int64(v.Kind)) }

// AppendPayload lays out a value. It is of version 9, which Redis 5 and later restore, or
// 12 for a hash with fields that have deadlines. It returns ErrInvalid for what is no
// value. O(n).
func AppendPayload(dst []byte, v Value) ([]byte, error) {
	start := len(dst)
	e := encoder{o: &Options{}, version: lastVersion, buf: dst}
	t, version := typeString, uint16(firstVersion)
	k := underWay{kind: int64(v.Kind), left: int64(len(v.Elements) / v.Each()), least: math.MaxInt64}
	switch k.kind {
	case effect.String:
		e.buf = append(e.buf, byte(t))
		e.str(v.Elements[0])
		return appendFoot(e.buf, start, version), nil
	case effect.List:
		t = typeList
	case effect.Set:
		t = typeSet
	case effect.ZSet:
		t = typeZSet2
	case effect.Hash:
		t = typeHash
		if k.times(&effect.Effect{Ints: []int64{0, 0, v.Form, 0}, Blobs: v.Elements}) {
			t, version = typeHashTimed, lastVersion
		}
	}
	e.buf = append(e.buf, byte(t))
	if k.timed {
		e.buf = binary.LittleEndian.AppendUint64(e.buf, uint64(k.least))
	}
	e.buf = appendLength(e.buf, uint64(k.left))
	e.key = &k
	if err := e.extend(v.Elements); err != nil {
		return dst, err
	}
	return appendFoot(e.buf, start, version), nil
}

func appendFoot(b []byte, start int, version uint16) []byte {
	b = binary.LittleEndian.AppendUint16(b, version)
	return binary.LittleEndian.AppendUint64(b, crcOf(0, b[start:]))
}

// ReadPayload reads a value, of any version up to 12. It returns ErrPayload where version
// or checksum are wrong, ErrUnsupported for what this library does not have, and otherwise
// persist.ErrDamaged. That no element stands twice is not looked at. The payload is
// borrowed for the call. O(n).
func ReadPayload(b []byte) (v Value, err error) {
	if len(b) < footSize {
		return v, ErrPayload
	}
	body := b[:len(b)-footSize]
	version, sum := binary.LittleEndian.Uint16(b[len(body):]), binary.LittleEndian.Uint64(b[len(b)-8:])
	if version > lastVersion || crcOf(0, b[:len(b)-8]) != sum {
		return v, ErrPayload
	}
	in := bytesIn(body, "payload")
	t := valueType(in.byte())
	kind := kindOf(t)
	if kind == 0 && in.err == nil {
		what, _ := foreign(t)
		if what == "" {
			return v, &persist.DamageError{File: in.name, Reason: fmt.Sprintf("a value of an unknown type, %d", t)}
		}
		return v, &UnsupportedError{File: in.name, Skipped: Skipped{What: what}}
	}
	to := gathering{v: &v}
	var x value
	x.begin(&in, t, effect.Made{}, &to)
	for x.step() {
	}
	switch {
	case in.err != nil:
		return Value{}, in.err
	case x.empty:
		return Value{}, &persist.DamageError{File: in.name, Reason: "a collection without an element"}
	case kind == effect.String:
		v.Elements = to.joined()
	}
	return v, nil
}

// gathering is a sink that keeps the elements.
type gathering struct {
	v    *Value
	room []byte // where short elements are kept
}

func (g *gathering) Key(m effect.Made) { g.v.Kind, g.v.Form = Kind(m.Kind), m.Form }
func (g *gathering) Begun() bool       { return len(g.v.Elements) > 0 }
func (g *gathering) Close()            {}

func (g *gathering) Element(parts ...[]byte) error {
	for _, p := range parts {
		g.v.Elements = append(g.v.Elements, g.keep(p))
	}
	return nil
}

// keep copies an element.
func (g *gathering) keep(b []byte) []byte {
	if len(b) > cap(g.room)-len(g.room) {
		if len(b) > 1<<10 {
			return append([]byte(nil), b...)
		}
		g.room = make([]byte, 0, min(max(2*cap(g.room), 256, len(b)), 16<<10))
	}
	at := len(g.room)
	g.room = append(g.room, b...)
	return g.room[at:len(g.room):len(g.room)]
}

// joined is the string whose pieces came.
func (g *gathering) joined() [][]byte {
	if len(g.v.Elements) == 1 {
		return g.v.Elements
	}
	var all []byte
	for _, b := range g.v.Elements {
		all = append(all, b...)
	}
	return [][]byte{all}
}
