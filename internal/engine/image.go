package engine

import (
	"encoding/binary"
	"math"
	"slices"
	"sync/atomic"

	"github.com/residedb/reside/internal/ds/hash"
	"github.com/residedb/reside/internal/ds/list"
	"github.com/residedb/reside/internal/ds/set"
	"github.com/residedb/reside/internal/ds/zset"
)

// image is the value that a box had at a cut, while the box may have another.
type image struct {
	item  Item
	value reader
	size  int // bytes that were copied for it

	// Whose lock guards the value, and the box that has it, nil if it is no concern
	// of the image what becomes of them. They change with RENAME.
	home atomic.Pointer[stripe]
	box  *box

	begun bool
}

// reader reads the elements of a value as it was. Read takes up to n more, under the
// value's lock, and reports whether there may be more; each hands them on without.
type reader interface {
	Read(n int) (more bool)
	each(emit func(parts [][]byte))
	Len() int    // elements that there were, bytes of a string
	Whole() bool // it needs no lock, and nobody has to save anything for it
	Close()
}

// keep makes sure that a cut gets the value which the box has now, if it has not read it.
func (s *stripe) keep(b *box) {
	if c := b.space.cut; c != nil && b.cut != c.number {
		c.kept = append(c.kept, c.keep(s, b))
	}
}

// keep makes the image of a box.
func (c *spaceCut) keep(s *stripe, b *box) *image {
	b.cut = c.number
	img := &image{value: b.reader()}
	img.item = Item{c.db, b.Key(), b.Kind(), b.deadline, int64(b.form()), int64(img.value.Len())}
	switch b.Kind() {
	case ZSet:
		img.item.Form = largeZSet(b.obj)
	case Hash:
		if b.timed {
			img.item.Form = 1
		}
	}
	switch r, isList := img.value.(listReader); {
	case !img.value.Whole():
		b.image, img.box = img, b
		img.home.Store(s)
	case isList:
		img.size = r.Copied()
	default:
		img.size = int(b.mem)
	}
	return img
}

// reader reads the value that the box has now.
func (b *box) reader() reader {
	switch o := b.obj.(type) {
	case *list.List:
		return listReader{o.Visit(b.shared)}
	case *set.Set:
		return setReader{o.Visit(b.shared)}
	case *zset.ZSet:
		return zsetReader{o.Visit(b.shared)}
	case *hash.Hash:
		return hashReader{o.Visit(b.shared)}
	}
	return &stringReader{str: b.str}
}

// lock locks what guards the value, and returns how to unlock it.
func (img *image) lock() (unlock func()) {
	for {
		s := img.home.Load()
		if s == nil {
			return func() {}
		}
		s.lock()
		if s == img.home.Load() {
			return s.unlock
		}
		s.unlock()
	}
}

// step hands on some elements and reports whether there are more.
func (img *image) step(to Visitor) (more bool, err error) {
	if !img.begun {
		img.begun = true
		if err := to.Key(img.item); err != nil {
			return true, err
		}
	}
	unlock := img.lock()
	if more = img.value.Read(holdEntries); !more {
		img.letGo()
	}
	unlock()
	img.value.each(func(parts [][]byte) {
		if err == nil {
			err = to.Element(parts...)
		}
	})
	return more, err
}

// close ends the image.
func (img *image) close() {
	unlock := img.lock()
	img.letGo()
	unlock()
}

// letGo makes the box, if one has the value, one that is not visited. Its lock is held.
func (img *image) letGo() {
	img.value.Close()
	if img.box != nil && img.box.image == img {
		img.box.image = nil
	}
}

// follow tells the image where its value is now.
func (img *image) follow(s *stripe, b *box) {
	img.box = b
	img.home.Store(s)
}

// The readers of collections hand on one list of parts over and over: a list for each
// element would be garbage.

type listReader struct{ *list.Visit }

func (r listReader) each(emit func(parts [][]byte)) {
	parts := make([][]byte, 1)
	r.Each(func(v []byte) {
		parts[0] = v
		emit(parts)
	})
}

type setReader struct{ *set.Visit }

func (r setReader) each(emit func(parts [][]byte)) {
	parts := make([][]byte, 1)
	r.Each(func(m []byte) {
		parts[0] = m
		emit(parts)
	})
}

type zsetReader struct{ *zset.Visit }

func (r zsetReader) each(emit func(parts [][]byte)) {
	parts, score := make([][]byte, 2), make([]byte, 8)
	r.Each(func(e zset.Entry) {
		binary.BigEndian.PutUint64(score, math.Float64bits(e.Score))
		parts[0], parts[1] = e.Member, score
		emit(parts)
	})
}

type hashReader struct{ *hash.Visit }

func (r hashReader) each(emit func(parts [][]byte)) {
	parts, due := make([][]byte, 3), make([]byte, 8)
	r.Each(func(f, v []byte, deadline int64) {
		binary.BigEndian.PutUint64(due, uint64(deadline))
		parts[0], parts[1], parts[2] = f, v, due
		emit(parts)
	})
}

// stringReader reads the memory of a long string, page by page.
type stringReader struct {
	str   blob
	at    int            // page
	kept  map[int][]byte // pages that were changed before their turn
	piece []byte
}

// stringPage is how many bytes of a string are read under one lock.
const stringPage = 64 << 10

// page is a copy of page i.
func (r *stringReader) page(i int) []byte {
	b := r.str.bytes()
	return slices.Clone(b[i*stringPage : min((i+1)*stringPage, len(b))])
}

// keep saves the pages in which bytes from an index on are to be changed, unless the
// string is in other memory by now.
func (r *stringReader) keep(str blob, from, n int) {
	if str.first != r.str.first {
		return
	}
	to := min(from+n, int(r.str.len))
	for i := max(from/stringPage, r.at); i*stringPage < to; i++ {
		if r.kept[i] == nil {
			if r.kept == nil {
				r.kept = map[int][]byte{}
			}
			r.kept[i] = r.page(i)
		}
	}
}

func (r *stringReader) Read(int) (more bool) {
	if r.piece = r.kept[r.at]; r.piece == nil {
		r.piece = r.page(r.at)
	}
	delete(r.kept, r.at)
	r.at++
	return r.at*stringPage < int(r.str.len)
}

func (r *stringReader) each(emit func(parts [][]byte)) { emit([][]byte{r.piece}) }
func (r *stringReader) Len() int                       { return int(r.str.len) }
func (r *stringReader) Whole() bool                    { return false }
func (r *stringReader) Close()                         { r.str = blob{} }
