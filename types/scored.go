package types

import (
	"bytes"
	"unsafe"

	"github.com/residedb/reside/internal/command"
)

// receivedScored is receivedList for members with scores.
type receivedScored[T any] struct {
	list   []Scored[T]
	copies [][]byte
}

func (r *receivedScored[T]) take(c *codec[T], s command.Scores) (err error) {
	r.list = make([]Scored[T], len(s.Entries))
	if c.format == text {
		r.takeText(s)
		return nil
	}
	for i, e := range s.Entries {
		r.list[i].Score = e.Score
		if !c.direct() {
			r.copies = append(r.copies, bytes.Clone(e.Member))
		} else if r.list[i].Member, err = c.decode(e.Member); err != nil {
			return err
		}
	}
	return nil
}

// piece is the most bytes of members that share one allocation.
const piece = 1024

// takeText makes one string of some members, for one allocation, and then of the next: a
// caller that keeps one member keeps a few more at most.
func (r *receivedScored[T]) takeText(s command.Scores) {
	var memory []byte
	for i, e := range s.Entries {
		if len(e.Member) > cap(memory)-len(memory) {
			memory = make([]byte, 0, together(s, i))
		}
		at := len(memory)
		memory = append(memory, e.Member...)
		r.list[i] = Scored[T]{as[T](view(memory[at:])), e.Score}
	}
}

// together is the size of the members from a place on that share one allocation.
func together(s command.Scores, from int) (size int) {
	for i, e := range s.Entries[from:] {
		if size += len(e.Member); size > piece && i > 0 {
			return size - len(e.Member)
		}
	}
	return size
}

// view is the string of some bytes that nobody changes any more.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// finish decodes what a user's codec has to; the lock is free again.
func (r *receivedScored[T]) finish(c *codec[T], err error) ([]Scored[T], error) {
	for i, b := range r.copies {
		if err == nil {
			r.list[i].Member, err = c.decode(b)
		}
	}
	if err != nil {
		return nil, err
	}
	return r.list, nil
}
