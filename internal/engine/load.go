package engine

import (
	"fmt"
	"math"

	"github.com/residedb/reside/internal/effect"
)

// Load makes the keys of a chunk, which Cut.Export has written. Several goroutines call
// it at once, for different parts: chunks of one part come in their order. It is fastest
// if the engine has as many stripes as that which the chunks are from. A key that is
// there already, an element that stands twice in a collection, and whatever else no cut
// has, is ErrMalformed.
func (r *Recovery) Load(effects []byte) error {
	if r.tx != nil {
		return fmt.Errorf("a chunk behind a record: %w", ErrMalformed)
	}
	l := loader{r: r, eng: r.eng, limits: &r.eng.Config().Limits}
	defer l.leave()
	in := effect.NewReader(effects)
	for ef, ok := in.Next(); ok; ef, ok = in.Next() {
		if err := l.load(ef); err != nil {
			return fmt.Errorf("key %q of database %d: %w", ef.Key, ef.DB, err)
		}
	}
	return in.Err()
}

// loader makes the keys of one chunk. It holds the stripe of the last one.
type loader struct {
	r      *Recovery
	eng    *Engine
	limits *Limits
	tx     *Tx // of the stripe that is held
	s      *stripe

	// Of the short strings that are new since the last change of stripe or database. All
	// processors share the counters of the engine, so they are changed once for many.
	db   int
	keys int64
	mem  int64
}

func (l *loader) load(ef *effect.Effect) error {
	if ef.DB >= l.eng.Databases() {
		return fmt.Errorf("the store has %d databases: %w", l.eng.Databases(), ErrMalformed)
	}
	k := KeyOf(ef.Key).In(ef.DB)
	l.enter(k)
	old := l.s.lookup(k)
	switch {
	case ef.Op == effect.Extend:
		return l.extend(old, ef.Blobs)
	case old != nil:
		return fmt.Errorf("it is there twice: %w", ErrMalformed)
	case ef.Op == effect.StringPut && len(ef.Ints) == 2 && len(ef.Blobs) == 1:
		return l.putString(k, ef.Ints[0], ef.Ints[1], ef.Blobs[0])
	case ef.Op == effect.Build && len(ef.Ints) == 4 && len(ef.Blobs) > 0:
		return l.build(k, ef)
	}
	return ErrMalformed
}

// enter makes the loader hold the stripe of a key.
func (l *loader) enter(k Key) {
	s := l.eng.stripe(k.Hash)
	if s == l.s && k.DB == l.db {
		return
	}
	if s != l.s {
		l.leave()
		s.lock()
		l.s, l.tx = s, s.beginAs(flags{raw: true})
	}
	l.count()
	l.db = k.DB
}

// leave gives the stripe back.
func (l *loader) leave() {
	if l.s != nil {
		l.count()
		l.tx.Commit()
		l.s, l.tx = nil, nil
	}
}

// count counts the new keys in.
func (l *loader) count() {
	if l.keys > 0 {
		l.eng.counts[l.db].Add(l.keys)
		l.eng.memory.Add(l.mem)
		l.keys, l.mem = 0, 0
	}
}

// putString makes a whole string.
func (l *loader) putString(k Key, deadline, as int64, value []byte) error {
	if deadline < 0 || !isForm(as) {
		return ErrMalformed
	}
	p := plan{k.B, len(value), deadline, form(as), l.tx.newStamp(k)}
	if !fits(k.B, len(value)) {
		l.s.link(longString(k, p, value), k.DB)
		return nil
	}
	sp := l.s.enterable(k)
	r, e := sp.keys.add(k.Hash, p)
	e.fill(value)
	n := e.size()
	sp.mem += n
	l.mem += n
	l.keys++
	if deadline != 0 {
		sp.volatile++
		sp.setDue(e, r, deadline)
	}
	return nil
}

func isForm(as int64) bool { return as >= int64(formAuto) && as <= int64(formRaw) }

// build makes a key with the elements that its first effect has.
func (l *loader) build(k Key, ef *effect.Effect) error {
	kind, deadline, as, n := ef.Ints[0], ef.Ints[1], ef.Ints[2], ef.Ints[3]
	if kind < int64(String) || kind > int64(Hash) || deadline < 0 || !isForm(as) || n < 1 && (n != effect.Open || kind != int64(List)) {
		return ErrMalformed
	}
	if n == effect.Open {
		n = openEnd
	}
	var b *box
	var left int64
	var err error
	if Kind(kind) == String {
		b = new(box)
		left, err = b.appendPieces(ef.Blobs, n)
	} else {
		var obj Object
		if obj, left, err = assemble(Kind(kind), ef.Blobs, n, as, l.limits); err == nil {
			b = newBoxOf(obj)
		}
	}
	if err != nil {
		return err
	}
	b.name(k, Kind(kind), l.tx.newStamp(k))
	if Kind(kind) == String {
		b.setForm(form(as))
	}
	b.deadline = deadline
	l.s.link(b, k.DB)
	l.await(b, left)
	return nil
}

// openEnd is how many elements may come where nobody knows.
const openEnd = math.MaxInt64

// await remembers how many elements of a key are to come, or bytes of a string.
func (l *loader) await(b *box, left int64) {
	if left > 0 {
		l.r.mu.Lock()
		l.r.unfinished[b] = left
		l.r.mu.Unlock()
	}
}

// awaited is what await has remembered last, 0 if there is nothing.
func (l *loader) awaited(b *box) int64 {
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	left := l.r.unfinished[b]
	delete(l.r.unfinished, b)
	return left
}

// extend gives a key more elements.
func (l *loader) extend(e *Entry, parts [][]byte) (err error) {
	if e == nil || e.packed() {
		return ErrMalformed
	}
	b := e.box()
	left := l.awaited(b)
	switch isOpen := left > openEnd/2; {
	case left == 0, len(parts) == 0 && !isOpen:
		return ErrMalformed
	case len(parts) == 0:
		return nil // its end
	}
	if b.obj == nil {
		left, err = b.appendPieces(parts, left)
	} else {
		left, err = add(b.obj, parts, left, l.limits)
	}
	if err != nil {
		return err
	}
	l.s.account(b, b.size())
	l.s.schedule(b)
	l.await(b, left)
	return nil
}
