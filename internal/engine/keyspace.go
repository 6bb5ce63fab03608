package engine

import (
	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/internal/event"
)

// remove deletes an entry that was found. It is the core of Delete, expiry and
// eviction.
func (tx *Tx) remove(s *stripe, k Key, e *Entry, why event.Name) {
	if tx.ears != nil {
		tx.hearRemoval(why, e, k)
	}
	tx.unlink(s, k, e)
	tx.record(k, effect.Delete, nil, nil)
	tx.touch(s, k)
}

// Delete removes the key and reports whether it was there. (DEL)
func (tx *Tx) Delete(k Key) (bool, error) {
	s, e, err := tx.edit(k, None)
	if err != nil || e == nil {
		return false, err
	}
	tx.remove(s, k, e, event.Del)
	tx.changes++
	return true, nil
}

// SetDeadline makes the key expire at the given unix millisecond, or never if
// that is 0. It reports whether the key is there. (PEXPIREAT, PERSIST)
func (tx *Tx) SetDeadline(k Key, deadline int64) (bool, error) {
	s, e, err := tx.edit(k, None)
	if err != nil || e == nil {
		return false, err
	}
	tx.keepDeadline(s, k, e)
	if e.packed() {
		p := planOf(e)
		p.deadline = deadline
		e = s.pack(k, e, p, e.Bytes())
	} else {
		e.box().deadline = deadline
		s.schedule(e.box())
	}
	tx.note(s, k, e, effect.Deadline, []int64{deadline})
	return true, nil
}

// keepDeadline makes rollback bring the deadline back.
func (tx *Tx) keepDeadline(s *stripe, k Key, e *Entry) {
	switch {
	case !tx.keepUndo:
	case e.packed():
		tx.keepString(s, k, e)
	default:
		b := e.box()
		old := b.deadline
		tx.undoing(s, e, func() { b.deadline = old })
	}
}

// Rename moves the value of src, with its deadline, to dst, which loses what it
// had. It reports whether src is there. The names may be in different
// databases. (RENAME, MOVE)
func (tx *Tx) Rename(src, dst Key) (bool, error) {
	s, e, err := tx.edit(src, None)
	if err != nil || e == nil {
		return false, err
	}
	if src.DB == dst.DB && string(src.B) == string(dst.B) {
		return true, nil
	}
	d, old, err := tx.edit(dst, None)
	if err != nil {
		return false, err
	}
	if old != nil {
		tx.unlink(d, dst, old)
	}
	kind := e.Kind()
	tx.move(s, src, e, d, dst)
	tx.changes++
	tx.record(src, effect.Rename, []int64{int64(dst.DB)}, [][]byte{dst.B})
	tx.touch(s, src)
	tx.touch(d, dst)
	if tx.ears != nil {
		tx.hearRename(src, dst, kind)
	}
	return true, nil
}

// move gives an entry another name, which is free. A short string is copied, whatever
// is boxed moves in O(1).
func (tx *Tx) move(s *stripe, src Key, e *Entry, d *stripe, dst Key) {
	if !e.packed() {
		was := e.box()
		b := was.renamed(dst)
		tx.unlink(s, src, e)
		tx.passImage(was)
		tx.link(d, b, dst.DB)
		return
	}
	was := e.detached()
	tx.unlink(s, src, e)
	p := planOf(was)
	p.key = dst.B
	if tx.keepUndo {
		tx.keepString(d, dst, nil)
	}
	if fits(dst.B, p.n) {
		d.add(dst, p, was.Bytes())
	} else {
		d.link(longString(dst, p, was.Bytes()), dst.DB)
	}
}

// passImage makes a box forget the image that another with its value has now: its memory
// may stay as long as the value.
func (tx *Tx) passImage(b *box) {
	img := b.image
	if img == nil {
		return
	}
	b.image = nil
	if tx.keepUndo {
		tx.onUndo(func() { b.image = img })
	}
}

// renamed makes a box of another name with the same value.
func (b *box) renamed(k Key) *box {
	n := new(box)
	n.name(k, b.Kind(), b.access)
	n.setForm(b.form())
	n.obj, n.str, n.deadline, n.shared, n.image = b.obj, b.str, b.deadline, b.shared, b.image
	n.stray = b.obj != nil && b.Kind() != ZSet // which has no nest
	return n
}

// Replace gives the key a whole new collection, which the engine owns from now
// on. Whatever the key held is gone; an empty collection deletes the key.
func (tx *Tx) Replace(k Key, kind Kind, obj Object, deadline int64) error {
	s, old, err := tx.edit(k, None)
	if err != nil {
		return err
	}
	if obj.Len() == 0 {
		_, err := tx.Delete(k)
		return err
	}
	access := tx.stampOf(k, old)
	if old != nil {
		tx.unlink(s, k, old)
	}
	e := tx.createUsed(s, k, kind, obj, access)
	e.box().deadline = deadline
	s.schedule(e.box())
	var elements [][]byte
	if tx.logging {
		e.Each(func(parts ...[]byte) { elements = append(elements, parts...) })
	}
	tx.note(s, k, e, effect.Replace, []int64{int64(kind), deadline, largeZSet(e.Object())}, elements...)
	return nil
}

// FlushDB deletes every key of a database and returns how many there were. The
// transaction holds the whole store. (FLUSHDB)
func (tx *Tx) FlushDB(db int) (int64, error) {
	if err := tx.NeedAll(); err != nil {
		return 0, err
	}
	n := tx.eng.Len(db)
	tx.recallAll()
	for i := range tx.eng.stripes {
		s := &tx.eng.stripes[i]
		if sp := s.space(db); sp != nil {
			tx.touchSpace(s, db)
			s.dropSpace(sp)
			if tx.keepUndo {
				tx.onUndo(func() { s.restoreSpace(db, sp) })
			}
		}
	}
	tx.changes++
	tx.record(Key{DB: db}, effect.FlushDB, nil, nil)
	return n, nil
}

func (s *stripe) dropSpace(sp *space) {
	s.eng.memory.Add(-sp.mem)
	s.eng.counts[sp.db].Add(int64(-sp.keys.len()))
	s.setSpace(sp.db, nil)
}

func (s *stripe) restoreSpace(db int, sp *space) {
	s.setSpace(db, sp)
	s.eng.memory.Add(sp.mem)
	s.eng.counts[db].Add(int64(sp.keys.len()))
}

// SwapDB makes two databases change places. The transaction holds the whole
// store. (SWAPDB)
func (tx *Tx) SwapDB(a, b int) error {
	if err := tx.NeedAll(); err != nil {
		return err
	}
	tx.recallAll()
	for i := range tx.eng.stripes {
		s := &tx.eng.stripes[i]
		tx.touchSpace(s, a)
		tx.touchSpace(s, b)
	}
	tx.eng.swap(a, b)
	if tx.keepUndo {
		tx.onUndo(func() { tx.eng.swap(a, b) })
	}
	for i := range tx.eng.stripes {
		s := &tx.eng.stripes[i]
		tx.touchSpace(s, a)
		tx.touchSpace(s, b)
	}
	tx.changes++
	tx.record(Key{DB: a}, effect.SwapDB, []int64{int64(b)}, nil)
	return nil
}

func (e *Engine) swap(a, b int) {
	for i := range e.stripes {
		s := &e.stripes[i]
		x, y := s.space(a), s.space(b)
		s.setSpace(a, y)
		s.setSpace(b, x)
	}
	n := e.counts[a].Load()
	e.counts[a].Store(e.counts[b].Load())
	e.counts[b].Store(n)
}

// touchSpace touches every key of a database that somebody watches or waits for
// and that is there.
func (tx *Tx) touchSpace(s *stripe, db int) {
	if s.interest == nil {
		return
	}
	for id := range s.interest.watches {
		tx.touchPresent(s, id, db)
	}
	for id := range s.interest.waiters {
		tx.touchPresent(s, id, db)
	}
}

func (tx *Tx) touchPresent(s *stripe, id keyID, db int) {
	k := KeyOf([]byte(id.key)).In(db)
	if id.db == db && s.lookup(k) != nil {
		tx.touched = append(tx.touched, touch{s: s, hash: k.Hash, id: id})
	}
}
