package engine

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/ds/zset"
)

// Each calls emit with every element of the entry's value, in the parts that its
// kind has: a string's bytes; an element; a member; a member and its score's
// bits; a field, its value and its deadline.
func (e *Entry) Each(emit func(parts ...[]byte)) {
	if e.Kind() == String {
		emit(e.Bytes())
		return
	}
	walkers[e.Kind()](e.Object(), emit)
}

// walkers iterate the collections by kind.
var walkers = [...]func(obj Object, emit func(parts ...[]byte)){
	List: walkList,
	Set:  walkSet,
	ZSet: walkZSet,
	Hash: walkHash,
}

func walkList(obj Object, emit func(parts ...[]byte)) {
	obj.(*list.List).Each(0, true, func(v []byte) bool {
		emit(v)
		return true
	})
}

func walkSet(obj Object, emit func(parts ...[]byte)) {
	obj.(*set.Set).Each(func(m []byte) bool {
		emit(slices.Clone(m))
		return true
	})
}

func walkZSet(obj Object, emit func(parts ...[]byte)) {
	obj.(*zset.ZSet).Each(0, true, func(e zset.Entry) bool {
		emit(e.Member, binary.BigEndian.AppendUint64(nil, math.Float64bits(e.Score)))
		return true
	})
}

func walkHash(obj Object, emit func(parts ...[]byte)) {
	h := obj.(*hash.Hash)
	h.Each(func(f, v []byte) bool {
		emit(f, v, binary.BigEndian.AppendUint64(nil, uint64(h.Deadline(f))))
		return true
	})
}

// EachEntry calls fn with every entry of a database whose time has not come,
// under the lock of its stripe. The order means nothing.
func (tx *Tx) EachEntry(db int, fn func(*Entry) error) error {
	for i := range tx.eng.stripes {
		if err := tx.NeedStripe(i); err != nil {
			return err
		}
		sp := tx.eng.stripes[i].space(db)
		if sp == nil {
			continue
		}
		if err := tx.eachLive(&sp.keys, fn); err != nil {
			return err
		}
	}
	return nil
}

// eachLive calls fn with the entries whose time has not come. It looks at the
// deadlines of many before it hands them on: the processor fetches entries that do
// not depend on each other at the same time.
func (tx *Tx) eachLive(x *index, fn func(*Entry) error) error {
	var live [32]*Entry
	for at, span := 0, x.span(); at < span; {
		n := 0
		for ; at < span && n < len(live); at++ {
			if e := x.at(at); e != nil && tx.visible(e) {
				live[n] = e
				n++
			}
		}
		for _, e := range live[:n] {
			if err := fn(e); err != nil {
				return err
			}
		}
	}
	return nil
}

// visible reports whether the entry's time has not come.
func (tx *Tx) visible(e *Entry) bool {
	at := e.Deadline()
	return at == 0 || tx.Now() <= at
}

// Scan visits a few keys of a database and returns the cursor to go on with, 0 at
// the end. What stays throughout a whole scan is visited at least once,
// whatever comes and goes meanwhile. (SCAN)
func (tx *Tx) Scan(db int, cursor uint64, fn func(*Entry)) (uint64, error) {
	n := uint64(len(tx.eng.stripes))
	i, inner := cursor%n, cursor/n
	if err := tx.NeedStripe(int(i)); err != nil {
		return 0, err
	}
	s := &tx.eng.stripes[i]
	if sp := s.space(db); sp != nil {
		inner = sp.keys.scan(inner, func(e *Entry) {
			if tx.visible(e) {
				fn(e)
			}
		})
	} else {
		inner = 0
	}
	if inner != 0 {
		return inner*n + i, nil
	}
	if i+1 < n {
		return i + 1, nil
	}
	return 0, nil
}

// RandomEntry draws a key of a database uniformly, nil if there is none. It holds
// the whole store. (RANDOMKEY)
func (tx *Tx) RandomEntry(db int) (*Entry, error) {
	if err := tx.NeedAll(); err != nil {
		return nil, err
	}
	for total := tx.eng.Len(db); total > 0; total = tx.eng.Len(db) {
		s, e := tx.eng.pick(db, tx.IntN(int(total)))
		if tx.visible(e) {
			return e, nil
		}
		if tx.eng.replica.Load() {
			return tx.randomLive(db)
		}
		k := s.space(db).nameOf(e)
		k.B = tx.Keep(k.B)
		tx.drop(s, k, e)
	}
	return nil, nil
}

// randomLive is a replica's answer when its draw has expired, as it must not
// delete: one of the keys that it does not hide.
func (tx *Tx) randomLive(db int) (found *Entry, err error) {
	n := 0
	err = tx.EachEntry(db, func(e *Entry) error {
		if n++; tx.IntN(n) == 0 {
			found = e
		}
		return nil
	})
	return found, err
}

// pick draws an entry of a database, from the stripe where entry i of all is.
func (e *Engine) pick(db, i int) (*stripe, *Entry) {
	for j := range e.stripes {
		sp := e.stripes[j].space(db)
		if sp == nil {
			continue
		}
		if n := sp.keys.len(); i >= n {
			i -= n
			continue
		}
		return &e.stripes[j], sp.keys.pick(e.stripes[j].random())
	}
	panic("engine: the count of keys is wrong")
}

// Dump renders everything as sorted text, for tests to compare two engines.
func (e *Engine) Dump() string {
	tx := e.beginAll(false)
	defer tx.Commit()
	var lines []string
	for db := range e.counts {
		_ = tx.EachEntry(db, func(ent *Entry) error {
			lines = append(lines, ent.dump(db))
			return nil
		})
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (e *Entry) dump(db int) string {
	var parts []string
	e.Each(func(p ...[]byte) {
		var b []byte
		for _, x := range p {
			b = binary.AppendUvarint(b, uint64(len(x)))
			b = append(b, x...)
		}
		parts = append(parts, string(b))
	})
	if e.Kind() != List {
		slices.Sort(parts)
	}
	var s strings.Builder
	s.WriteString(quote(db, e.Kind(), string(e.Key()), e.Deadline()))
	for _, p := range parts {
		s.WriteString(" " + quoteBytes(p))
	}
	return s.String()
}
