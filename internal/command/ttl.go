package command

import (
	"math"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/engine"
)

// Unit is how a time to live is given.
type Unit uint8

// The units, in the order of their words.
const (
	NoTTL   Unit = iota
	Seconds      // EX
	Millis       // PX
	AtSec        // EXAT
	AtMilli      // PXAT
	Keep         // KEEPTTL or PERSIST: what it means is the command's
)

var ttlWords = [...]string{"EX", "PX", "EXAT", "PXAT"}

// TTL is a time to live as commands take it.
type TTL struct {
	Unit  Unit
	Value int64
}

// walk reads EX, PX, EXAT, PXAT and the word for Keep (KEEPTTL, PERSIST; "" for
// none). Two of them are a syntax error.
func (t *TTL) walk(w *arg.Walker, keep string) {
	w.Begin("expiration", "oneof")
	defer w.End()
	for i, word := range ttlWords {
		unit := Unit(i + 1)
		set := t.Unit == unit
		before := t.Unit
		if w.Option(word, &set) {
			t.claim(w, before, unit)
			w.DropLate() // of the same word before: the last one counts
			if unit >= AtSec {
				w.As("unix-time")
			}
			w.LateInt(ttlNames[i], &t.Value)
		}
	}
	if keep == "" {
		return
	}
	set, before := t.Unit == Keep, t.Unit
	if w.Flag(keep, &set); set && w.Decoding() && before != Keep {
		t.claim(w, before, Keep)
	}
}

var ttlNames = [...]string{"seconds", "milliseconds", "unix-time-seconds", "unix-time-milliseconds"}

func (t *TTL) claim(w *arg.Walker, before, unit Unit) {
	if !w.Decoding() {
		return
	}
	if before != NoTTL && before != unit {
		w.Fail(arg.ErrSyntax)
	}
	t.Unit = unit
}

// one decodes at most one of the words, where it stands, and its time. It reports
// whether there was one.
func (t *TTL) one(w *arg.Walker, keep string) bool {
	for i, word := range ttlWords {
		if w.Skip(word) {
			w.Int(ttlNames[i], &t.Value)
			if w.Decoding() {
				t.Unit = Unit(i + 1)
			}
			return true
		}
	}
	if !w.Skip(keep) {
		return false
	}
	t.Unit = Keep
	return true
}

// ofFields is the unix millisecond that the TTL means for fields of a hash, 0 if it
// is no time.
func (t TTL) ofFields(tx *engine.Tx, name string) (int64, error) {
	if t.Unit == NoTTL || t.Unit == Keep {
		return 0, nil
	}
	return fieldDeadline(tx, t, name)
}

// deadline is the unix millisecond that the TTL means, for the command of the
// given name. Times that are not positive or out of range are refused.
func (t TTL) deadline(tx *engine.Tx, name string) (int64, error) {
	ms := t.Value
	if ms <= 0 {
		return 0, badExpiry(name)
	}
	if t.Unit == Seconds || t.Unit == AtSec {
		if ms > math.MaxInt64/1000 {
			return 0, badExpiry(name)
		}
		ms *= 1000
	}
	if t.Unit == Seconds || t.Unit == Millis {
		if ms > math.MaxInt64-tx.Now() {
			return 0, badExpiry(name)
		}
		ms += tx.Now()
	}
	return ms, nil
}

// ErrExpiry is the general error of times to live that cannot be.
var ErrExpiry = arg.Error{Code: "ERR", Text: "invalid expire time"}

func badExpiry(name string) error {
	return arg.Error{Code: "ERR", Text: "invalid expire time in '" + name + "' command", Kind: ErrExpiry}
}
