// Package reply holds the codecs between a command's result and its reply.
//
// A Codec is chosen by a row, sometimes by the arguments. What differs between
// RESP2 and RESP3 is the writer's business, or of a few codecs here (pairs,
// maps), never an op's.
package reply

import (
	"github.com/residedb/reside/internal/wire"
)

// Codec writes results of type R as replies.
type Codec[R any] struct {
	Put func(w *wire.Writer, r R)
}

// None is the result of a command that has nothing to tell but success.
type None struct{}

// The codecs of plain results.
var (
	// OK is +OK.
	OK = Codec[None]{func(w *wire.Writer, _ None) { w.SimpleString("OK") }}
	// Bulk is a bulk string, or null for nil.
	Bulk = Codec[[]byte]{putBulk}
	// Int is an integer.
	Int = Codec[int64]{func(w *wire.Writer, n int64) { w.Int(n) }}
	// Flag is 1 or 0.
	Flag = Codec[bool]{putFlag}
	// Bulks is an array of bulk strings, null for nil elements.
	Bulks = Codec[[][]byte]{func(w *wire.Writer, r [][]byte) {
		w.Array(len(r))
		putEach(w, r)
	}}
	// BulksOrNull is Bulks, or a null array for nil.
	BulksOrNull = Codec[[][]byte]{func(w *wire.Writer, r [][]byte) {
		if r == nil {
			w.NullArray()
			return
		}
		w.Array(len(r))
		putEach(w, r)
	}}
	// Members is a RESP3 set of bulk strings.
	Members = Codec[[][]byte]{func(w *wire.Writer, r [][]byte) {
		w.Set(len(r))
		putEach(w, r)
	}}
	// First is the first of some bulk strings, or null.
	First = Codec[[][]byte]{func(w *wire.Writer, r [][]byte) {
		if len(r) == 0 {
			w.Null()
			return
		}
		w.Bulk(r[0])
	}}
	// Map is a RESP3 map of bulk strings, given as key, value, key, value.
	Map = Codec[[][]byte]{func(w *wire.Writer, r [][]byte) {
		w.Map(len(r) / 2)
		putEach(w, r)
	}}
	// Couples is pairs: an array each in RESP3, flat in RESP2.
	Couples = Codec[[][]byte]{putCouples}
	// Ints is an array of integers.
	Ints = Codec[[]int64]{putInts}
	// Simple is a simple string.
	Simple = Codec[string]{func(w *wire.Writer, s string) { w.SimpleString(s) }}
	// Text is a bulk string.
	Text = Codec[string]{func(w *wire.Writer, s string) { w.BulkString(s) }}
)

func putBulk(w *wire.Writer, b []byte) {
	if b == nil {
		w.Null()
		return
	}
	w.Bulk(b)
}

func putFlag(w *wire.Writer, ok bool) {
	if ok {
		w.Int(1)
	} else {
		w.Int(0)
	}
}

func putEach(w *wire.Writer, r [][]byte) {
	for _, b := range r {
		putBulk(w, b)
	}
}

func putInts(w *wire.Writer, r []int64) {
	w.Array(len(r))
	for _, n := range r {
		w.Int(n)
	}
}

func putCouples(w *wire.Writer, r [][]byte) {
	if w.Proto < 3 {
		w.Array(len(r))
		putEach(w, r)
		return
	}
	w.Array(len(r) / 2)
	for i := 0; i+1 < len(r); i += 2 {
		w.Array(2)
		putBulk(w, r[i])
		putBulk(w, r[i+1])
	}
}

// Done is OK, or null where nothing was done.
var Done = Codec[bool]{func(w *wire.Writer, done bool) {
	if done {
		w.SimpleString("OK")
	} else {
		w.Null()
	}
}}

// Double is a floating-point number.
var Double = Codec[float64]{func(w *wire.Writer, f float64) { w.Double(f) }}

// MaybeDouble is a floating-point number, or none.
type MaybeDouble struct {
	F  float64
	OK bool
}

// DoubleOrNull is a number, or null for none.
var DoubleOrNull = Codec[MaybeDouble]{putMaybe}

// Doubles is an array of numbers, null for none.
var Doubles = Codec[[]MaybeDouble]{func(w *wire.Writer, r []MaybeDouble) {
	w.Array(len(r))
	for _, f := range r {
		putMaybe(w, f)
	}
}}

func putMaybe(w *wire.Writer, f MaybeDouble) {
	if f.OK {
		w.Double(f.F)
	} else {
		w.Null()
	}
}

// Lines is an array of simple strings.
var Lines = Codec[[]string]{func(w *wire.Writer, r []string) {
	w.Array(len(r))
	for _, s := range r {
		w.SimpleString(s)
	}
}}
