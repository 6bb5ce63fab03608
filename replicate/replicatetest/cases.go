package replicatetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/residedb/reside/persist"
	"github.com/residedb/reside/replicate"
)

type followerCase struct {
	name  string
	check func(*trial) error
}

func cases() []followerCase {
	return []followerCase{
		{"a new follower has nothing", nothing},
		{"records before a snapshot are refused", tooEarly},
		{"a snapshot is the content", snapshotted},
		{"a snapshot may have no keys", noKeys},
		{"records follow, one at a time", func(s *trial) error { return followed(s, 1) }},
		{"records follow, several at a time", func(s *trial) error { return followed(s, 7) }},
		{"records follow, all at a time", func(s *trial) error { return followed(s, 1000) }},
		{"a stream goes on from where the one before it was", goneOn},
		{"a snapshot replaces all", replaced},
		{"a snapshot of an earlier position replaces all", replacedByEarlier},
		{"before Commit all stays as it is", uncommitted},
		{"of a snapshot that was aborted nothing remains", aborted},
		{"of a snapshot that was not ended nothing remains", abandoned},
		{"a record too many is refused", gap},
		{"a record that was there is refused", repeated},
		{"a gap among records is refused", gapWithin},
		{"to go on from elsewhere is refused", elsewhere},
		{"the history gets a new name", renamed},
		{"a context that is done lets nothing begin", cancelled},
		{"a context that is done lets no snapshot end", cancelledWhile},
	}
}

func nothing(s *trial) error {
	at, err := s.State(s.ctx)
	if err == nil && at != (replicate.State{}) {
		err = fmt.Errorf("State is %+v", at)
	}
	return err
}

// wants fails unless an error is one of those that are wanted.
func wants(what string, err error, wanted ...error) error {
	for _, w := range wanted {
		if errors.Is(err, w) {
			return nil
		}
	}
	return fmt.Errorf("%s returns %w, and should return %w", what, orNil(err), wanted[0])
}

func orNil(err error) error {
	if err == nil {
		return errors.New("nil")
	}
	return err
}

func tooEarly(s *trial) error {
	if err := nothing(s); err != nil {
		return err
	}
	first := s.empty.records[:1]
	return errors.Join(wants("Append", s.appendOnce(first), replicate.ErrGap), nothing(s))
}

func snapshotted(s *trial) error {
	if err := s.snapshot(s.one); err != nil {
		return err
	}
	return s.is(s.one.at(s.one.about.Position), s.one)
}

func noKeys(s *trial) error {
	if err := s.snapshot(s.empty); err != nil {
		return err
	}
	if err := s.is(s.empty.at(0), s.empty); err != nil {
		return err
	}
	if err := s.goOn(s.empty.at(0)); err != nil {
		return err
	}
	if err := s.append(s.empty, 0, s.empty.last(), 3); err != nil {
		return err
	}
	return s.is(s.empty.at(s.empty.last()), s.empty)
}

// upTo brings the follower to a position of a line.
func (s *trial) upTo(l *line, position int64) error {
	if err := s.snapshot(l); err != nil {
		return err
	}
	return s.append(l, l.about.Position, position, 10)
}

func followed(s *trial, atOnce int64) error {
	if err := s.snapshot(s.one); err != nil {
		return err
	}
	at := s.one.about.Position
	if err := s.append(s.one, at, s.one.last(), atOnce); err != nil {
		return err
	}
	return s.is(s.one.at(s.one.last()), s.one)
}

func goneOn(s *trial) error {
	if err := s.snapshot(s.one); err != nil {
		return err
	}
	for at := s.one.about.Position; ; at += 10 {
		if err := s.is(s.one.at(at), s.one); err != nil {
			return err
		}
		if at+10 > s.one.last() {
			return nil
		}
		if err := s.goOn(s.one.at(at)); err != nil {
			return err
		}
		if err := s.append(s.one, at, at+10, 4); err != nil {
			return err
		}
	}
}

func replaced(s *trial) error {
	if err := s.upTo(s.one, s.one.last()); err != nil {
		return err
	}
	if err := s.upTo(s.other, s.other.about.Position); err != nil {
		return err
	}
	if err := s.append(s.other, s.other.about.Position, s.other.last(), 10); err != nil {
		return err
	}
	return s.is(s.other.at(s.other.last()), s.other)
}

func replacedByEarlier(s *trial) error {
	if err := s.upTo(s.one, s.one.last()); err != nil {
		return err
	}
	if err := s.upTo(s.empty, 20); err != nil {
		return err
	}
	return s.is(s.empty.at(20), s.empty)
}

// midway is a position with records behind it.
func (l *line) midway() int64 { return l.about.Position + int64(len(l.records))/2 }

// begun brings the follower midway, and writes a snapshot of another line without Commit.
func (s *trial) begun() (persist.SnapshotWriter, error) {
	if err := s.upTo(s.one, s.one.midway()); err != nil {
		return nil, err
	}
	return s.begin(s.other)
}

// unchanged holds the follower to be midway, and to go on from there.
func (s *trial) unchanged() error {
	mid := s.one.midway()
	if err := s.is(s.one.at(mid), s.one); err != nil {
		return err
	}
	if err := s.goOn(s.one.at(mid)); err != nil {
		return err
	}
	if err := s.append(s.one, mid, s.one.last(), 10); err != nil {
		return err
	}
	return s.is(s.one.at(s.one.last()), s.one)
}

func uncommitted(s *trial) error {
	w, err := s.begun()
	if err != nil {
		return err
	}
	digest, err := s.Digest(s.ctx)
	if err == nil && digest != s.one.digests[s.one.midway()] {
		err = errors.New("the content has changed before Commit")
	}
	if err = errors.Join(err, w.Commit()); err != nil {
		return err
	}
	return s.is(s.other.at(s.other.about.Position), s.other)
}

func aborted(s *trial) error {
	w, err := s.begun()
	if err != nil {
		return err
	}
	if err := w.Abort(); err != nil {
		return fmt.Errorf("Abort: %w", err)
	}
	return s.unchanged()
}

func abandoned(s *trial) error {
	if _, err := s.begun(); err != nil {
		return err
	}
	return s.unchanged()
}

// refused brings the follower midway and hands it records that do not belong there.
func (s *trial) refused(records []persist.Record) error {
	if err := s.upTo(s.one, s.one.midway()); err != nil {
		return err
	}
	if err := wants("Append", s.appendOnce(records), replicate.ErrGap); err != nil {
		return err
	}
	return s.unchanged()
}

func gap(s *trial) error {
	mid := s.one.midway()
	return s.refused(s.one.between(mid+1, mid+3))
}

func repeated(s *trial) error {
	mid := s.one.midway()
	return s.refused(s.one.between(mid-1, mid+2))
}

func gapWithin(s *trial) error {
	mid := s.one.midway()
	if err := s.upTo(s.one, mid); err != nil {
		return err
	}
	records := append(append([]persist.Record(nil), s.one.between(mid, mid+2)...), s.one.between(mid+3, mid+5)...)
	if err := wants("Append", s.appendOnce(records), replicate.ErrGap); err != nil {
		return err
	}
	at, err := s.State(s.ctx)
	if err != nil {
		return err
	}
	if at.Position < mid || at.Position > mid+2 {
		return fmt.Errorf("State is %+v after records up to %d and a gap", at, mid+2)
	}
	if err := s.is(s.one.at(at.Position), s.one); err != nil {
		return err
	}
	if err := s.goOn(at); err != nil {
		return err
	}
	return s.append(s.one, at.Position, s.one.last(), 10)
}

func elsewhere(s *trial) error {
	if err := s.upTo(s.one, s.one.midway()); err != nil {
		return err
	}
	for _, by := range []int64{-1, 1} {
		if _, err := s.State(s.ctx); err != nil {
			return err
		}
		if err := wants("Continue", s.Continue(s.ctx, s.one.at(s.one.midway()+by)), replicate.ErrGap); err != nil {
			return err
		}
	}
	return s.unchanged()
}

func renamed(s *trial) error {
	mid := s.one.midway()
	if err := s.upTo(s.one, mid); err != nil {
		return err
	}
	to := replicate.State{History: replicate.NewHistory(), Position: mid}
	if err := s.Continue(s.ctx, to); err != nil { // while a stream goes on
		return fmt.Errorf("Continue: %w", err)
	}
	if err := s.is(to, s.one); err != nil {
		return err
	}
	to.History = replicate.NewHistory()
	if err := s.goOn(to); err != nil { // when it begins
		return err
	}
	if err := s.append(s.one, mid, mid+5, 2); err != nil {
		return err
	}
	to.Position = mid + 5
	return s.is(to, s.one)
}

func cancelled(s *trial) error {
	if err := s.upTo(s.one, s.one.midway()); err != nil {
		return err
	}
	done, cancel := context.WithCancel(s.ctx)
	cancel()
	w, err := s.Create(done, s.other.about)
	if err == nil {
		return errors.Join(errors.New("Create returns nil"), w.Abort())
	}
	mid := s.one.midway()
	if err := s.Append(done, s.one.between(mid, mid+1)); err == nil {
		return errors.New("Append returns nil")
	}
	return s.unchanged()
}

func cancelledWhile(s *trial) error {
	if err := s.upTo(s.one, s.one.midway()); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	all := s.ctx
	s.ctx = ctx
	w, err := s.begin(s.other)
	s.ctx = all
	if err != nil {
		return err
	}
	cancel()
	if w.Commit() == nil {
		return errors.New("Commit returns nil")
	}
	return s.unchanged()
}
