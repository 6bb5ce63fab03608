// Package replicatetest checks whether a follower does what package replicate asks of it,
// in the manner of testing/slogtest:
//
//	func TestMine(t *testing.T) {
//		replicatetest.TestFollower(t, func(t *testing.T) replicatetest.Subject {
//			f := mine.New(t.TempDir())
//			return replicatetest.Subject{Follower: f, Digest: f.Digest}
//		})
//	}
//
// A follower that keeps the bytes it is handed, without making sense of them, has its
// digest from DigestOf.
package replicatetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
	"github.com/residedb/reside/store"
)

// Subject is a follower to be checked.
type Subject struct {
	replicate.Follower
	// Digest is that of the content which the follower has, as Store.Digest makes it; of
	// one that has nothing it is never asked.
	Digest func(ctx context.Context) (string, error)
}

// TestFollower checks a follower. Each promise is a subtest with a follower of its own,
// which has nothing yet. It needs some 10 MB of memory and of the follower's place.
func TestFollower(t *testing.T, newFollower func(t *testing.T) Subject) {
	m, err := newMaterial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(&trial{t.Context(), newFollower(t), m}); err != nil {
				t.Error(err)
			}
		})
	}
}

// DigestOf is the digest of a content that was kept as the chunks of a snapshot, those of
// one part in order, and the records behind it. O(size of all).
func DigestOf(ctx context.Context, about persist.Snapshot, chunks []persist.Chunk, records []persist.Record) (string, error) {
	s := store.New(store.Options{Follower: true, Databases: about.Databases})
	f := s.Follower()
	_, err := f.State(ctx)
	if err == nil {
		err = fill(ctx, f, about, chunks)
	}
	if err == nil && len(records) > 0 {
		err = f.Append(ctx, records)
	}
	digest := ""
	if err == nil {
		digest, err = s.Digest(ctx)
	}
	return digest, errors.Join(err, s.Close())
}

// fill hands a follower a whole snapshot.
func fill(ctx context.Context, f replicate.Follower, about persist.Snapshot, chunks []persist.Chunk) error {
	w, err := f.Create(ctx, about)
	if err != nil {
		return fmt.Errorf("Create: %w", err)
	}
	for _, c := range chunks {
		if err := w.Write(c); err != nil {
			return errors.Join(fmt.Errorf("Write: %w", err), w.Abort())
		}
	}
	if err := w.Commit(); err != nil {
		return fmt.Errorf("Commit: %w", err)
	}
	return nil
}

// trial is one subject and what it is told.
type trial struct {
	ctx context.Context
	Subject
	*material
}

// is holds the follower to have a state, and the content at that position.
func (s *trial) is(want replicate.State, l *line) error {
	got, err := s.State(s.ctx)
	if err != nil {
		return fmt.Errorf("State: %w", err)
	}
	if got != want {
		return fmt.Errorf("State is %+v, and should be %+v", got, want)
	}
	digest, err := s.Digest(s.ctx)
	if err != nil {
		return fmt.Errorf("Digest: %w", err)
	}
	if digest != l.digests[want.Position] {
		return fmt.Errorf("the content at %d is not what it should be", want.Position)
	}
	return nil
}

// at is a state of a line.
func (l *line) at(position int64) replicate.State {
	return replicate.State{History: l.about.History, Position: position}
}

// snapshot hands over the snapshot of a line, several parts at once, from memory that is
// overwritten after each call.
func (s *trial) snapshot(l *line) error {
	w, err := s.begin(l)
	if err != nil {
		return err
	}
	if err := w.Commit(); err != nil {
		return fmt.Errorf("Commit: %w", err)
	}
	return nil
}

// begin is snapshot without Commit. It begins a stream.
func (s *trial) begin(l *line) (persist.SnapshotWriter, error) {
	if _, err := s.State(s.ctx); err != nil {
		return nil, fmt.Errorf("State: %w", err)
	}
	w, err := s.Create(s.ctx, l.about)
	if err != nil {
		return nil, fmt.Errorf("Create: %w", err)
	}
	const writers = 3
	errs := make([]error, writers)
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for _, c := range l.chunks {
				if c.Part%writers != i {
					continue
				}
				c.Effects = append([]byte(nil), c.Effects...)
				err := w.Write(c)
				spoil(c.Effects)
				if err != nil {
					errs[i] = fmt.Errorf("Write: %w", err)
					return
				}
			}
		})
	}
	all.Wait()
	return w, errors.Join(errs...)
}

// spoil overwrites what was borrowed.
func spoil(b []byte) {
	for i := range b {
		b[i] = 0xAA
	}
}

// append hands over the records of a line behind one position up to another, so many at
// once, from memory that is overwritten after each call.
func (s *trial) append(l *line, after, upTo int64, atOnce int64) error {
	for after < upTo {
		n := min(atOnce, upTo-after)
		if err := s.appendOnce(l.between(after, after+n)); err != nil {
			return fmt.Errorf("Append behind %d: %w", after, err)
		}
		after += n
	}
	return nil
}

func (s *trial) appendOnce(records []persist.Record) error {
	lent := make([]persist.Record, len(records))
	for i, r := range records {
		r.Effects = append([]byte(nil), r.Effects...)
		lent[i] = r
	}
	err := s.Append(s.ctx, lent)
	for i := range lent {
		spoil(lent[i].Effects)
		lent[i] = persist.Record{Position: -1, Clock: -1}
	}
	return err
}

// goOn begins a stream at a state that the follower has.
func (s *trial) goOn(at replicate.State) error {
	if _, err := s.State(s.ctx); err != nil {
		return fmt.Errorf("State: %w", err)
	}
	if err := s.Continue(s.ctx, at); err != nil {
		return fmt.Errorf("Continue: %w", err)
	}
	return nil
}
