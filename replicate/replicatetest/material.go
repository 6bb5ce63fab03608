package replicatetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// material is what followers are told.
type material struct {
	one, other *line // two lines that have nothing to do with each other
	empty      *line // one that begins with nothing
}

// line is a snapshot of a store and the records behind it, as a primary tells of them.
type line struct {
	about   persist.Snapshot
	chunks  []persist.Chunk
	records []persist.Record
	digests map[int64]string // at each position from the snapshot on
}

// last is the position of the last record.
func (l *line) last() int64 { return l.about.Position + int64(len(l.records)) }

// between are the records behind one position up to another.
func (l *line) between(after, upTo int64) []persist.Record {
	return l.records[after-l.about.Position : upTo-l.about.Position]
}

func newMaterial(ctx context.Context) (m *material, err error) {
	m = new(material)
	for seed, l := range []**line{&m.one, &m.other, &m.empty} {
		before := 400
		if l == &m.empty {
			before = 0
		}
		if *l, err = newLine(ctx, uint64(seed), before, 120); err != nil {
			return nil, fmt.Errorf("replicatetest: making up what followers are told: %w", err)
		}
	}
	return m, nil
}

// newLine has a snapshot after some steps of a program, and the records of some more.
func newLine(ctx context.Context, seed uint64, before, behind int) (*line, error) {
	s := store.New(store.Options{Seed: 1})
	p := program{rand.New(rand.NewPCG(seed, 21)), s}
	t := &tape{line: line{digests: map[int64]string{}}}
	err := p.run(ctx, before)
	if err == nil {
		err = t.record(ctx, s, func() error {
			for range behind {
				digest, err := s.Digest(ctx)
				t.digests[s.Position()] = digest
				if err = errors.Join(err, p.run(ctx, 1)); err != nil {
					return err
				}
			}
			digest, err := s.Digest(ctx)
			t.digests[s.Position()] = digest
			return err
		})
	}
	return &t.line, errors.Join(err, s.Close())
}

// program is what happens to a store.
type program struct {
	*rand.Rand
	s *store.Store
}

func (p program) run(ctx context.Context, steps int) error {
	for range steps {
		if err := p.step(ctx, p.s.Select(p.IntN(2))); err != nil {
			return err
		}
	}
	return nil
}

// step is one transaction or none.
func (p program) step(ctx context.Context, s *store.Store) error {
	name := fmt.Sprint("key ", p.IntN(30))
	value := strings.Repeat(fmt.Sprint(p.IntN(1000)), 1+p.IntN(50))
	var err error
	switch p.IntN(8) {
	case 0:
		_, err = types.NewHash[string, string](s, "hash "+name).Set(ctx, value[:1], value)
	case 1:
		_, err = types.NewList[string](s, "list "+name).PushFront(ctx, value, name)
	case 2:
		_, err = types.NewSet[string](s, "set "+name).Add(ctx, value, name)
	case 3:
		_, err = types.NewZSet[string](s, "zset").Incr(ctx, name, p.Float64())
	case 4:
		_, err = s.Delete(ctx, "list "+name, name)
	case 5:
		err = p.several(ctx, s, value)
	default:
		if p.IntN(40) == 0 {
			value = strings.Repeat(value, 1<<12)
		}
		err = types.NewString[string](s, name).Set(ctx, value)
	}
	return err
}

// several are changes in one transaction.
func (p program) several(ctx context.Context, s *store.Store, value string) error {
	return s.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		for i := range 5 {
			if err := types.NewString[string](tx, fmt.Sprint("part ", i)).Set(ctx, value); err != nil {
				return err
			}
		}
		_, err := types.NewList[string](tx, "log").PushBack(ctx, value)
		return err
	})
}

// tape is a follower that keeps what it is told.
type tape struct {
	line
	mu    sync.Mutex
	moved chan struct{} // has a token when there is something new
}

// record keeps what a primary tells while f runs, from a snapshot on.
func (t *tape) record(ctx context.Context, s *store.Store, f func() error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	t.moved = make(chan struct{}, 1)
	told := make(chan error, 1)
	go func() { told <- s.Replicate(ctx, t, replicate.Options{}) }()
	err := t.wait(s.Position(), told)
	if err == nil {
		err = f()
	}
	if err == nil {
		err = t.wait(s.Position(), told)
	}
	cancel()
	if ended := <-told; !errors.Is(ended, context.Canceled) {
		err = errors.Join(err, ended)
	}
	return err
}

// wait waits until the tape has a position.
func (t *tape) wait(position int64, told chan error) error {
	for {
		t.mu.Lock()
		there := t.about.History != "" && t.last() >= position
		t.mu.Unlock()
		if there {
			return nil
		}
		select {
		case <-t.moved:
		case err := <-told:
			told <- err
			return err
		}
	}
}

func (t *tape) move() {
	select {
	case t.moved <- struct{}{}:
	default:
	}
}

func (t *tape) State(context.Context) (at replicate.State, err error) { return at, nil }

func (t *tape) Continue(context.Context, replicate.State) error { return replicate.ErrGap }

func (t *tape) Create(_ context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	return &tapeWriter{t, about}, nil
}

func (t *tape) Append(_ context.Context, records []persist.Record) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range records {
		r.Effects = bytes.Clone(r.Effects)
		t.records = append(t.records, r)
	}
	t.move()
	return nil
}

type tapeWriter struct {
	*tape
	about persist.Snapshot
}

func (w *tapeWriter) Write(c persist.Chunk) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.Effects = bytes.Clone(c.Effects)
	w.chunks = append(w.chunks, c)
	return nil
}

func (w *tapeWriter) Commit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortStableFunc(w.chunks, func(a, b persist.Chunk) int { return a.Part - b.Part })
	w.tape.about = w.about
	w.move()
	return nil
}

func (w *tapeWriter) Abort() error { return nil }
