package engine

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/residedb/reside/internal/ds/slab"
)

// A cut is the state of all databases between two transactions. It can be visited for as
// long as it takes, while other transactions go on:
//
//	tx, tx, tx │ tx, tx, tx ...          writers
//	           │
//	          cut ▸ ▸ ▸ ▸ ▸ ▸ ▸ ▸        visitor: a few entries under a lock, then the next
//
// Taking it holds the whole store for a moment, in which every space gets a spaceCut that
// says what the visitor has not read yet. Whoever changes such an entry saves it first, as
// it is:
//
//	packed string   a copy of its block, which the heap makes (slab.Visit)
//	long string     the memory itself; a page of it before bytes in it are changed
//	small value     a copy
//	hash, set, zset a visit of its dict begins: a copy of each entry that is changed
//	list            its blocks: whoever changes one saves it, and copies what is in it before
//
// What is saved of a value in a box is an image. It stays readable wherever the box goes
// meanwhile, and when it is deleted. Who visits reads what was saved with the rest.
//
// No lock is held for more than 32 entries, or 16 KiB and the last of them, and no writer
// copies more than one block or page (64 KiB) for each element it changes; but LREM, which
// looks at all elements, saves all blocks. While no cut is visited, a change costs a look
// at a nil pointer.

// Cut is the content of all databases at one position. Each of its parts is visited by
// one goroutine at a time, different ones at once. Close ends it.
type Cut struct {
	Position int64 // of the last transaction that it contains
	Keys     int64 // how many it contains, those included whose time has come
	Timed    int64 // hashes among them with fields that have deadlines

	eng    *Engine
	number uint32
	parts  []*cutPart
}

// Item is a key of a cut.
type Item struct {
	DB       int
	Key      []byte
	Kind     Kind
	Deadline int64 // unix ms, 0 for none
	Form     int64 // of a string, as its effect has it; 1 of a large sorted set, and of a hash with fields that have deadlines
	Len      int64 // elements that it has, bytes of a string
}

// Visitor is told what a cut contains. Everything is borrowed for the call. No lock is
// held. An error ends the visit.
type Visitor interface {
	// Key begins a key. Its elements follow, before the next one of the part.
	Key(Item) error
	// Element is one of the key, in the parts that Entry.Each has. Lists are in order; a
	// string longer than 64 KiB comes in pieces of that, in order.
	Element(parts ...[]byte) error
}

// cutPart is what one stripe had.
type cutPart struct {
	stripe *stripe
	spaces []*spaceCut // still to be read
	images []*image    // still to be handed on
	used   slab.Blocks
	value  [1][]byte // of the string that is handed on
}

// What a visitor reads under one lock: so many entries, or copies of so many bytes and of
// what begins before them.
const (
	holdEntries = 32
	holdBytes   = 16 << 10
)

// Cut takes a cut. Only one can be open at a time: ErrBusy if there is another. It holds
// the whole store for O(stripes * databases).
func (e *Engine) Cut() (*Cut, error) {
	select {
	case e.cutting <- struct{}{}:
		return e.cut(nil), nil
	default:
		return nil, ErrBusy
	}
}

// CutCtx is Cut that waits for its turn while another cut is open, unless ctx ends
// before. Who waits is served in the order of the calls.
func (e *Engine) CutCtx(ctx context.Context) (*Cut, error) { return e.CutWith(ctx, nil) }

// CutWith is CutCtx that calls at, unless it is nil, while the cut holds the whole store.
func (e *Engine) CutWith(ctx context.Context, at func(*Tx)) (*Cut, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case e.cutting <- struct{}{}:
		return e.cut(at), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *Engine) cut(at func(*Tx)) *Cut {
	tx := e.beginAll(false)
	defer tx.Commit()
	if at != nil {
		at(tx)
	}
	if e.cuts++; e.cuts == 0 {
		e.cuts++ // boxes that no cut has seen have the number 0
	}
	c := &Cut{Position: tx.Position(), eng: e, number: e.cuts}
	for i := range e.stripes {
		s := &e.stripes[i]
		p := &cutPart{stripe: s}
		for _, sp := range s.spaces {
			if sp != nil && sp.keys.len() > 0 {
				c.Keys += int64(sp.keys.len())
				c.Timed += sp.timed
				p.spaces = append(p.spaces, sp.beginCut(c.number))
			}
		}
		c.parts = append(c.parts, p)
	}
	return c
}

// Parts is how many parts there are.
func (c *Cut) Parts() int { return len(c.parts) }

// Visit visits all parts, one after another. It looks at ctx now and then.
func (c *Cut) Visit(ctx context.Context, to Visitor) error {
	for i := range c.parts {
		if err := c.VisitPart(ctx, i, to); err != nil {
			return err
		}
	}
	return nil
}

// VisitPart visits one part. Every key is in one of them.
func (c *Cut) VisitPart(ctx context.Context, i int, to Visitor) error {
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if more, err = c.parts[i].step(to); err != nil {
			return err
		}
	}
	return nil
}

// EachPart calls fn with every part, as many at once as there are processors, and returns
// its first error, which ends the ctx of the others.
func (c *Cut) EachPart(ctx context.Context, fn func(ctx context.Context, part int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), c.Parts()) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < c.Parts(); i = int(next.Add(1)) - 1 {
				if err := fn(ctx, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// Close ends the cut, visited or not. Nobody visits it.
func (c *Cut) Close() {
	if c.parts == nil {
		return
	}
	for _, p := range c.parts {
		p.close()
	}
	c.parts = nil
	<-c.eng.cutting
}

// step hands on what it reads under one lock, and reports whether there is more.
func (p *cutPart) step(to Visitor) (more bool, err error) {
	switch {
	case len(p.images) > 0:
		img := p.images[0]
		more, err := img.step(to)
		if !more {
			p.images = p.images[1:]
		}
		return true, err
	case len(p.spaces) > 0:
		return true, p.readSpace(p.spaces[0], to)
	}
	return false, nil
}

// readSpace reads some keys of a space: strings are handed on, images put by.
func (p *cutPart) readSpace(c *spaceCut, to Visitor) error {
	p.stripe.lock()
	read, more := c.read(p)
	if !more {
		p.spaces = p.spaces[1:]
	}
	p.stripe.unlock()
	p.used = read
	for block := range read.All(entryLength) {
		e := entryIn(block)
		err := to.Key(Item{c.db, e.Key(), String, e.Deadline(), int64(e.form()), int64(e.valueLen)})
		if err == nil {
			p.value[0] = e.Bytes()
			err = to.Element(p.value[:]...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// close lets go of what was not read.
func (p *cutPart) close() {
	p.stripe.lock()
	for _, c := range p.spaces {
		p.images = append(p.images, c.kept...)
		c.end(p.stripe)
	}
	p.stripe.unlock()
	for _, img := range p.images {
		img.close()
	}
	p.spaces, p.images = nil, nil
}

func entryLength(block []byte) int { return entryIn(block).length() }

// spaceCut is what a space had at a cut and was not read yet.
type spaceCut struct {
	space   *space
	db      int // that the space was
	number  uint32
	strings *slab.Visit
	slot    int      // the next box
	slots   int      // how many there were
	kept    []*image // of boxes that were changed before their turn
}

func (sp *space) beginCut(number uint32) *spaceCut {
	sp.cut = &spaceCut{
		space: sp, db: sp.db, number: number, slots: len(sp.keys.boxes),
		strings: sp.keys.heap.Visit(false, entryLength),
	}
	return sp.cut
}

// end makes the space one that is not visited.
func (c *spaceCut) end(s *stripe) {
	c.strings.Close()
	c.space.cut = nil
	s.loose = s.loose || c.space.keys.sparse() // what was put off
}

// read takes what one lock is held for. The images go to the part.
func (c *spaceCut) read(p *cutPart) (strings slab.Blocks, more bool) {
	if strings, more = c.strings.Next(p.used, holdEntries); !more {
		more = c.readBoxes(p)
	}
	p.images = append(p.images, c.kept...)
	c.kept = nil
	if !more {
		c.end(p.stripe)
	}
	return strings, more
}

// readBoxes makes images of some boxes in turn.
func (c *spaceCut) readBoxes(p *cutPart) (more bool) {
	for n, bytes := 0, 0; n < holdEntries && bytes < holdBytes; n++ {
		if c.slot >= min(c.slots, len(c.space.keys.boxes)) {
			return false
		}
		if b := c.space.keys.boxes[c.slot]; b != nil && b.cut != c.number {
			img := c.keep(p.stripe, b)
			c.kept = append(c.kept, img)
			bytes += img.size
		}
		c.slot++
	}
	return true
}

// cutState is the engine's part in cuts.
type cutState struct {
	cutting chan struct{} // has room for the one cut that is open
	cuts    uint32        // how many there were; changed under all stripes
}

// ready makes sure that a cut gets the packed string that is about to be written to.
func (sp *space) ready(k Key, e *Entry) {
	at, _ := sp.keys.find(k.B, k.Hash)
	sp.keys.heap.Ready(at.Ref(), e.length())
}
