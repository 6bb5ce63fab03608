package persisttest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/persist"
)

func emptyPlace(p place) error {
	r, err := p.open().Open(p.ctx)
	switch {
	case err == nil:
		return errors.Join(errors.New("Open has found a snapshot"), r.Close())
	case !errors.Is(err, persist.ErrNoSnapshot):
		return fmt.Errorf("Open returned %w, and should return persist.ErrNoSnapshot", err)
	}
	return nil
}

func committed(p place) error {
	want := contentOf(1000, 3, 5, 100)
	s := p.open()
	if err := p.save(s, want); err != nil {
		return err
	}
	if err := p.find(s, want); err != nil {
		return err
	}
	if err := p.find(p.open(), want); err != nil {
		return fmt.Errorf("in the next process: %w", err)
	}
	return nil
}

func numbers(p place) error {
	for _, about := range []persist.Snapshot{
		{History: "00000000000000000000000000000000"},
		{History: "ffffffffffffffffffffffffffffffff", Position: math.MaxInt64, Clock: math.MaxInt64, Databases: 1 << 20},
		{History: "0123456789abcdef0123456789abcdef", Position: 1, Clock: -1, Databases: 1, Parts: 1},
	} {
		want := content{about: about}
		if err := errors.Join(p.save(p.open(), want), p.find(p.open(), want)); err != nil {
			return err
		}
	}
	return nil
}

func noChunks(p place) error {
	want := contentOf(0, 64, 0, 0)
	return errors.Join(p.save(p.open(), want), p.find(p.open(), want))
}

func unfinished(p place) error {
	old, s := contentOf(2000, 2, 3, 100), p.open()
	if err := p.save(s, old); err != nil {
		return err
	}
	w, err := p.begin(s, contentOf(2100, 2, 3, 200))
	if err != nil {
		return err
	}
	if err := p.find(s, old); err != nil {
		return errors.Join(fmt.Errorf("while another one is written: %w", err), w.Abort())
	}
	// The process is gone now: nobody ends the snapshot.
	if err := p.find(p.open(), old); err != nil {
		return fmt.Errorf("in a process after one that was not finished: %w", err)
	}
	next := contentOf(2200, 2, 3, 300)
	return errors.Join(p.save(p.open(), next), p.find(p.open(), next))
}

func aborted(p place) error {
	old, s := contentOf(3000, 2, 3, 100), p.open()
	if err := p.save(s, old); err != nil {
		return err
	}
	w, err := p.begin(s, contentOf(3100, 2, 3, 100))
	if err != nil {
		return err
	}
	if err := w.Abort(); err != nil {
		return fmt.Errorf("Abort: %w", err)
	}
	if err := errors.Join(p.find(s, old), p.find(p.open(), old)); err != nil {
		return err
	}
	next := contentOf(3200, 2, 3, 100)
	return errors.Join(p.save(s, next), p.find(s, next))
}

func abortedLate(p place) error {
	want, s := contentOf(4000, 2, 3, 100), p.open()
	w, err := p.begin(s, want)
	if err != nil {
		return err
	}
	if err := w.Commit(); err != nil {
		return fmt.Errorf("Commit: %w", err)
	}
	if err := w.Abort(); err != nil {
		return fmt.Errorf("Abort: %w", err)
	}
	return errors.Join(p.find(s, want), p.find(p.open(), want))
}

// newest goes back in positions, as a store does that was recovered to a point in time,
// and stays where it is, as one does that is saved twice.
func newest(p place) error {
	s := p.open()
	for i, position := range []int64{9000, 10_000, 4500, 4500, 0} {
		want := contentOf(position, 2, 3, 100+i)
		want.about.History = fmt.Sprintf("%032x", i)
		if err := errors.Join(p.save(s, want), p.find(s, want), p.find(p.open(), want)); err != nil {
			return fmt.Errorf("at position %d: %w", position, err)
		}
		if i%2 == 0 {
			s = p.open()
		}
	}
	return nil
}

func concurrent(p place) error {
	want := contentOf(5000, 16, 50, 4<<10)
	if err := p.saveAtOnce(p.open(), want); err != nil {
		return err
	}
	return p.find(p.open(), want)
}

func manyParts(p place) error {
	want := contentOf(6000, 2000, 0, 0)
	for _, part := range []int{0, 7, 1024, 1999} {
		for i := range 3 {
			want.add(part, i+1, keysOf(6000, part, i, i+1, 100))
		}
	}
	return errors.Join(p.saveAtOnce(p.open(), want), p.find(p.open(), want))
}

func bigChunks(p place) error {
	want := contentOf(7000, 2, 2, 3<<20)
	for i, size := range []int{1, 64 << 10, 1<<20 - 1, 1<<20 + 1} {
		want.add(1, 1, keysOf(7000, 1, 10+i, 1, size))
	}
	return errors.Join(p.saveAtOnce(p.open(), want), p.find(p.open(), want))
}

// longKeys are of all types, in many chunks each, of several parts at once.
func longKeys(p place) error {
	want := contentOf(7500, 6, 2, 100)
	const each, chunks = 50, 20
	for kind := int64(effect.List); kind <= effect.Hash; kind++ {
		key := fmt.Appendf(nil, "long %d", kind)
		for i := range chunks {
			op, keys, ints := effect.Extend, 0, []int64(nil)
			if i == 0 {
				op, keys, ints = effect.Build, 1, []int64{kind, 1_800_000_000_000, 0, each * chunks}
			}
			var blobs [][]byte
			for j := range each {
				blobs = append(blobs, element(kind, i*each+j)...)
			}
			want.add(int(kind), keys, effect.Append(nil, false, op, 1, key, ints, blobs))
		}
	}
	return errors.Join(p.saveAtOnce(p.open(), want), p.find(p.open(), want))
}

// element is one of a collection, in the parts that effects have.
func element(kind int64, i int) [][]byte {
	e := fmt.Appendf(nil, "element %d", i)
	switch kind {
	case effect.ZSet:
		return [][]byte{e, binary.BigEndian.AppendUint64(nil, math.Float64bits(float64(i)))}
	case effect.Hash:
		return [][]byte{e, fmt.Appendf(nil, "%d", i), nil}
	}
	return [][]byte{e}
}

// owned writes to all bytes that it is given, and reads again.
func owned(p place) error {
	want, s := contentOf(8000, 2, 10, 1000), p.open()
	if err := p.save(s, want); err != nil {
		return err
	}
	r, err := s.Open(p.ctx)
	if err != nil {
		return fmt.Errorf("Open: %w", err)
	}
	var all []persist.Chunk
	for c, err := r.Next(); !errors.Is(err, io.EOF); c, err = r.Next() {
		if err != nil {
			return errors.Join(fmt.Errorf("Next: %w", err), r.Close())
		}
		for i := range c.Effects {
			c.Effects[i] = byte(len(all))
		}
		all = append(all, c)
	}
	for n, c := range all {
		for _, b := range c.Effects {
			if b != byte(n) {
				return errors.Join(fmt.Errorf("the bytes of chunk %d have changed after it was handed back", n), r.Close())
			}
		}
	}
	return errors.Join(r.Close(), p.find(s, want))
}

func endedEarly(p place) error {
	want, s := contentOf(8500, 4, 10, 10_000), p.open()
	if err := p.save(s, want); err != nil {
		return err
	}
	for n := range 3 {
		r, err := s.Open(p.ctx)
		if err != nil {
			return fmt.Errorf("Open: %w", err)
		}
		for range n {
			if _, err := r.Next(); err != nil {
				return errors.Join(fmt.Errorf("Next: %w", err), r.Close())
			}
		}
		if err := r.Close(); err != nil {
			return fmt.Errorf("Close: %w", err)
		}
	}
	next := contentOf(8600, 4, 10, 1000)
	return errors.Join(p.find(s, want), p.save(s, next), p.find(s, next))
}

func end(p place) error {
	s := p.open()
	if err := p.save(s, contentOf(8700, 1, 1, 100)); err != nil {
		return err
	}
	r, err := s.Open(p.ctx)
	if err != nil {
		return fmt.Errorf("Open: %w", err)
	}
	if _, err = r.Next(); err != nil {
		return errors.Join(fmt.Errorf("Next: %w", err), r.Close())
	}
	for range 3 {
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			return errors.Join(fmt.Errorf("Next returned %w, and should return io.EOF", err), r.Close())
		}
	}
	return r.Close()
}

func cancelledBefore(p place) error {
	old, s := contentOf(8800, 1, 1, 100), p.open()
	if err := p.save(s, old); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(p.ctx)
	cancel()
	if w, err := s.Create(ctx, old.about); !errors.Is(err, context.Canceled) {
		if err == nil {
			err = w.Abort()
		}
		return fmt.Errorf("Create returned %w, and should return context.Canceled", orNil(err))
	}
	if r, err := s.Open(ctx); !errors.Is(err, context.Canceled) {
		if err == nil {
			err = r.Close()
		}
		return fmt.Errorf("Open returned %w, and should return context.Canceled", orNil(err))
	}
	return p.find(s, old)
}

// orNil is an error that can be shown.
func orNil(err error) error {
	if err == nil {
		return errors.New("nil")
	}
	return err
}

func cancelledWhile(p place) error {
	old, s := contentOf(8900, 2, 3, 100), p.open()
	if err := p.save(s, old); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	r, err := s.Open(ctx)
	if err != nil {
		return fmt.Errorf("Open: %w", err)
	}
	w, err := place{ctx, p.open}.begin(s, contentOf(9000, 2, 3, 100))
	if err != nil {
		return errors.Join(err, r.Close())
	}
	cancel()
	if _, err := r.Next(); !errors.Is(err, context.Canceled) {
		return errors.Join(fmt.Errorf("Next returned %w, and should return context.Canceled", orNil(err)), r.Close(), w.Abort())
	}
	err = w.Write(persist.Chunk{Effects: []byte("x")})
	if !errors.Is(err, context.Canceled) {
		return errors.Join(fmt.Errorf("Write returned %w, and should return context.Canceled", orNil(err)), r.Close(), w.Abort())
	}
	if err := w.Commit(); !errors.Is(err, context.Canceled) {
		return errors.Join(fmt.Errorf("Commit returned %w, and should return context.Canceled", orNil(err)), r.Close())
	}
	return errors.Join(r.Close(), p.find(s, old), p.find(p.open(), old))
}
