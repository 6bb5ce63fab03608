package store_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
	"github.com/residedb/reside/store"
)

// thief is a follower that remembers what it is told, and hands it on.
type thief struct {
	replicate.Follower
	mu      sync.Mutex
	about   persist.Snapshot
	chunks  []persist.Chunk
	records []persist.Record
}

// Create remembers.
func (s *thief) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	s.about = about
	w, err := s.Follower.Create(ctx, about)
	return &thiefWriter{w, s}, err
}

// Append remembers.
func (s *thief) Append(ctx context.Context, records []persist.Record) error {
	for _, r := range records {
		r.Effects = slices.Clone(r.Effects)
		s.records = append(s.records, r)
	}
	return s.Follower.Append(ctx, records)
}

type thiefWriter struct {
	persist.SnapshotWriter
	from *thief
}

// Write remembers.
func (w *thiefWriter) Write(c persist.Chunk) error {
	w.from.mu.Lock()
	w.from.chunks = append(w.from.chunks, persist.Chunk{Part: c.Part, Keys: c.Keys, Effects: slices.Clone(c.Effects)})
	w.from.mu.Unlock()
	return w.SnapshotWriter.Write(c)
}

// steal is what a primary tells.
func steal(t *testing.T) *thief {
	p, f := newPrimary(t, store.Options{}), newFollower(t, nil)
	fillAll(t, p, "a")
	s := &thief{Follower: f.Follower()}
	r := follow(t, p, s, replicate.Options{})
	requireEqual(t, p, f)
	fillAll(t, p, "b")
	requireEqual(t, p, f)
	r.cut()
	require.NotEmpty(t, s.records)
	return s
}

// load hands a follower a snapshot, up to the first error.
func (s *thief) load(ctx context.Context, f replicate.Follower, about persist.Snapshot, chunks []persist.Chunk) error {
	if _, err := f.State(ctx); err != nil {
		return err
	}
	w, err := f.Create(ctx, about)
	if err != nil {
		return err
	}
	for _, c := range chunks {
		if err := w.Write(c); err != nil {
			_ = w.Abort()
			return err
		}
	}
	return w.Commit()
}

// TestBadSnapshots are refused with an error, and change nothing.
func TestBadSnapshots(t *testing.T) {
	s, f := steal(t), newFollower(t, nil)
	in := f.Follower()
	require.NoError(t, s.load(t.Context(), in, s.about, s.chunks))
	want := digest(t, f)
	for name, spoil := range map[string]func(*persist.Snapshot, []persist.Chunk){
		"no history":        func(a *persist.Snapshot, _ []persist.Chunk) { a.History = "" },
		"a history of disk": func(a *persist.Snapshot, _ []persist.Chunk) { a.History = "0" + a.History[1:] },
		"a long history":    func(a *persist.Snapshot, _ []persist.Chunk) { a.History += "00" },
		"a position":        func(a *persist.Snapshot, _ []persist.Chunk) { a.Position = -1 },
		"databases":         func(a *persist.Snapshot, _ []persist.Chunk) { a.Databases = 17 },
		"a part":            func(_ *persist.Snapshot, c []persist.Chunk) { c[0].Part = 64 },
		"a negative part":   func(_ *persist.Snapshot, c []persist.Chunk) { c[0].Part = -1 },
		"a key twice":       func(_ *persist.Snapshot, c []persist.Chunk) { c[0] = c[1] },
		"a torn chunk":      func(_ *persist.Snapshot, c []persist.Chunk) { c[0].Effects = c[0].Effects[:len(c[0].Effects)-1] },
		"no effects":        func(_ *persist.Snapshot, c []persist.Chunk) { c[0].Effects = []byte("nonsense") },
	} {
		about, chunks := s.about, slices.Clone(s.chunks)
		spoil(&about, chunks)
		require.Error(t, s.load(t.Context(), in, about, chunks), name)
		require.Equal(t, want, digest(t, f), name)
		require.Equal(t, s.about.Position, f.Position(), name)
	}
}

// TestBadBytes never make more than an error: chunks and records with bytes changed.
func TestBadBytes(t *testing.T) {
	seed := seedOf(t)
	r := rand.New(rand.NewPCG(seed, 1))
	spoiled := func(b []byte) []byte {
		b = slices.Clone(b)
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		return b
	}
	s, f := steal(t), newFollower(t, nil)
	in := f.Follower()
	for range 200 {
		chunks := slices.Clone(s.chunks)
		i := r.IntN(len(chunks))
		chunks[i].Effects = spoiled(chunks[i].Effects)
		_ = s.load(t.Context(), in, s.about, chunks) // some are right still
	}
	require.NoError(t, s.load(t.Context(), in, s.about, s.chunks))
	failed := 0
	for _, rec := range s.records {
		position, before := f.Position(), digest(t, f)
		bad := rec
		bad.Effects = spoiled(rec.Effects)
		if in.Append(t.Context(), []persist.Record{bad}) != nil {
			failed++
			require.Equal(t, position, f.Position())
			require.Equal(t, before, digest(t, f))
			require.NoError(t, in.Append(t.Context(), []persist.Record{rec}))
		}
	}
	require.Positive(t, failed)
}

// TestTheLastStreamTakesOver: one that was there before it is refused, its snapshot too.
func TestTheLastStreamTakesOver(t *testing.T) {
	ctx, s, f := t.Context(), steal(t), newFollower(t, nil)
	first, second := f.Follower(), f.Follower()
	_, err := first.State(ctx)
	require.NoError(t, err)
	w, err := first.Create(ctx, s.about)
	require.NoError(t, err)
	require.NoError(t, s.load(ctx, second, s.about, s.chunks))
	want := digest(t, f)
	require.ErrorIs(t, w.Commit(), replicate.ErrSuperseded)
	require.ErrorIs(t, first.Append(ctx, s.records), replicate.ErrSuperseded)
	require.ErrorIs(t, first.Continue(ctx, replicate.State{}), replicate.ErrSuperseded)
	_, err = first.Create(ctx, s.about)
	require.ErrorIs(t, err, replicate.ErrSuperseded)
	require.Equal(t, want, digest(t, f))
	require.NoError(t, second.Append(ctx, s.records))
}
