package replicatetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
	"github.com/residedb/reside/store"
)

// TestAStore that follows, in memory and on disk, does what is asked.
func TestAStore(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (*store.Store, error){
		"in memory": func(*testing.T) (*store.Store, error) { return store.New(store.Options{Follower: true}), nil },
		"on disk": func(t *testing.T) (*store.Store, error) {
			return store.Open(t.TempDir(), store.Options{Follower: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			TestFollower(t, func(t *testing.T) Subject {
				s, err := open(t)
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, s.Close()) })
				return Subject{s.Follower(), s.Digest}
			})
		})
	}
}

// TestAShelf that keeps what it is told does what is asked.
func TestAShelf(t *testing.T) {
	TestFollower(t, func(*testing.T) Subject {
		s := new(shelf)
		return Subject{s, s.digest}
	})
}

// TestWhatIsWrongIsFound: each way of not doing what is asked fails the cases that are
// about it.
func TestWhatIsWrongIsFound(t *testing.T) {
	m, err := newMaterial(t.Context())
	require.NoError(t, err)
	for fault, promises := range map[string][]string{
		"keeps borrowed records":  {"records follow, one at a time", "records follow, all at a time"},
		"keeps borrowed chunks":   {"a snapshot is the content"},
		"takes any record":        {"a record too many is refused", "a record that was there is refused", "a gap among records is refused", "records before a snapshot are refused"},
		"takes any name":          {"to go on from elsewhere is refused"},
		"forgets names":           {"the history gets a new name"},
		"shows chunks":            {"before Commit all stays as it is", "of a snapshot that was not ended nothing remains"},
		"commits what is aborted": {"of a snapshot that was aborted nothing remains"},
		"keeps old records":       {"a snapshot replaces all", "a snapshot of an earlier position replaces all"},
		"keeps old chunks":        {"a snapshot replaces all"},
		"forgets where it was":    {"a stream goes on from where the one before it was"},
		"begins with something":   {"a new follower has nothing"},
		"turns records round":     {"records follow, all at a time"},
		"drops records":           {"records follow, several at a time"},
		"needs keys":              {"a snapshot may have no keys"},
		"ignores contexts":        {"a context that is done lets nothing begin", "a context that is done lets no snapshot end"},
	} {
		t.Run(fault, func(t *testing.T) {
			for _, promise := range promises {
				i := slices.IndexFunc(cases(), func(c followerCase) bool { return c.name == promise })
				require.GreaterOrEqual(t, i, 0, promise)
				s := &shelf{fault: fault}
				require.Error(t, cases()[i].check(&trial{t.Context(), Subject{s, s.digest}, m}), promise)
			}
		})
	}
}

// shelf is a follower that keeps chunks and records, with a fault or without.
type shelf struct {
	fault   string
	mu      sync.Mutex
	history string
	about   persist.Snapshot
	chunks  []persist.Chunk
	records []persist.Record
}

func (s *shelf) has(fault string) bool { return s.fault == fault }

func (s *shelf) digest(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return DigestOf(ctx, s.about, s.chunks, s.records)
}

func (s *shelf) position() int64 { return s.about.Position + int64(len(s.records)) }

func (s *shelf) State(context.Context) (replicate.State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := replicate.State{History: s.history, Position: s.position()}
	switch {
	case s.has("forgets where it was"):
		at.Position = s.about.Position
	case s.has("begins with something") && at.History == "":
		at.History = replicate.NewHistory()
	}
	return at, nil
}

func (s *shelf) Continue(_ context.Context, at replicate.State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.has("takes any name") && (s.history == "" || at.Position != s.position()) {
		return replicate.ErrGap
	}
	if !s.has("forgets names") {
		s.history = at.History
	}
	return nil
}

func (s *shelf) Append(ctx context.Context, records []persist.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil && !s.has("ignores contexts") {
		return ctx.Err()
	}
	for _, r := range records {
		if !s.has("takes any record") && (s.history == "" || r.Position != s.position()+1) {
			return replicate.ErrGap
		}
		if !s.has("keeps borrowed records") {
			r.Effects = bytes.Clone(r.Effects)
		}
		s.records = append(s.records, r)
	}
	for i, n := 0, len(s.records)-1; s.has("turns records round") && i < n-i; i++ {
		a, b := &s.records[i], &s.records[n-i]
		a.Effects, b.Effects = b.Effects, a.Effects
	}
	if n := len(s.records); s.has("drops records") {
		s.records = s.records[:n-1]
	}
	return nil
}

func (s *shelf) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	if ctx.Err() != nil && !s.has("ignores contexts") {
		return nil, ctx.Err()
	}
	if s.has("needs keys") && about.Keys == 0 {
		return nil, errors.New("there are no keys")
	}
	return &shelfWriter{ctx: ctx, shelf: s, about: about}, nil
}

type shelfWriter struct {
	*shelf
	ctx    context.Context
	about  persist.Snapshot
	chunks []persist.Chunk
}

func (w *shelfWriter) Write(c persist.Chunk) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.has("keeps borrowed chunks") {
		c.Effects = bytes.Clone(c.Effects)
	}
	w.chunks = append(w.chunks, c)
	if w.has("shows chunks") {
		w.shelf.chunks = w.chunks
	}
	return nil
}

func (w *shelfWriter) Commit() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() != nil && !w.has("ignores contexts") {
		return w.ctx.Err()
	}
	w.history, w.shelf.about = w.about.History, w.about
	if !w.has("keeps old chunks") || w.shelf.chunks == nil {
		w.shelf.chunks = w.chunks
	}
	if !w.has("keeps old records") {
		w.records = nil
	}
	return nil
}

func (w *shelfWriter) Abort() error {
	if w.has("commits what is aborted") {
		return w.Commit()
	}
	return nil
}
