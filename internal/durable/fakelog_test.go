package durable

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/persist"
)

// fakeLog is a log in memory whose calls can be held and made to fail.
type fakeLog struct {
	mu       sync.Mutex
	segments []segment
	synced   int64
	syncs    int
	trimmed  int64
	fails    func(call string) error // asked before each call, without mu; may wait
	broken   bool                    // until Begin
}

type segment struct {
	history string
	behind  int64
	records []persist.Record
}

func (l *fakeLog) begin(call string) error {
	if l.fails == nil {
		return nil
	}
	err := l.fails(call)
	if err != nil {
		l.mu.Lock()
		l.broken = true
		l.mu.Unlock()
	}
	return err
}

func (l *fakeLog) Replay(_ context.Context, history string, after int64, apply func(persist.Record) error) (r persist.Recovery, err error) {
	r.Position = after
	for _, s := range l.segments {
		if history != "" && s.history != history {
			return r, persist.ErrHistory
		}
		r.History = s.history
		for _, rec := range s.records {
			if rec.Position <= r.Position {
				continue
			}
			if rec.Position != r.Position+1 {
				return r, persist.ErrGap
			}
			if err := apply(rec); err != nil {
				return r, err
			}
			r.Position++
			r.Records++
		}
	}
	return r, nil
}

func (l *fakeLog) Begin(history string, position int64) error {
	if err := l.begin("begin"); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.segments); n > 0 && !l.broken && l.segments[n-1].history == history && l.last() > position {
		return fmt.Errorf("a segment begins behind %d, and the log is at %d", position, l.last())
	}
	l.segments = append(l.segments, segment{history: history, behind: position})
	l.synced, l.broken = position, false
	return nil
}

func (l *fakeLog) last() int64 {
	s := l.segments[len(l.segments)-1]
	return s.behind + int64(len(s.records))
}

func (l *fakeLog) Append(records []persist.Record) error {
	if err := l.begin("append"); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.segments[len(l.segments)-1]
	for _, r := range records {
		if l.broken || r.Position != l.last()+1 {
			return fmt.Errorf("record %d behind %d (broken: %v)", r.Position, l.last(), l.broken)
		}
		r.Effects = bytes.Clone(r.Effects)
		s.records = append(s.records, r)
	}
	return nil
}

func (l *fakeLog) Sync() error {
	if err := l.begin("sync"); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.syncs++
	l.synced = l.last()
	return nil
}

func (l *fakeLog) Trim(upTo int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trimmed = upTo
	for len(l.segments) > 1 && l.segments[1].behind <= upTo {
		l.segments = l.segments[1:]
	}
	return nil
}

func (l *fakeLog) Size() (n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		for _, r := range s.records {
			n += int64(len(r.Effects))
		}
	}
	return n
}

func (l *fakeLog) Close() error { return nil }

func (l *fakeLog) syncedTo() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.synced
}

// journaled is an engine whose records go to a fake log.
type journaled struct {
	*engine.Engine
	j   *journal
	log *fakeLog
}

func newJournaled(t testing.TB, p Policy, room int) *journaled {
	e := engine.New(engine.Options{})
	log := new(fakeLog)
	j := newJournal(e.Clock(), room)
	j.policy.Store(uint32(p))
	require.NoError(t, log.Begin("h", 0))
	j.start(log, "h", 0)
	e.Attach(j)
	t.Cleanup(func() {
		e.Attach(nil)
		_, _ = j.stop()
		j.end()
		e.Close()
	})
	return &journaled{e, j, log}
}

// put writes a key as a handle does.
func (e *journaled) put(ctx context.Context, name string) error {
	if err := e.Admit(ctx); err != nil {
		return err
	}
	k := engine.KeyOf([]byte(name))
	tx := e.BeginKey(k)
	if err := tx.PutString(k, []byte("value"), 0); err != nil {
		return err
	}
	return e.Settle(ctx, tx.Commit())
}

// get reads a key as a handle does.
func (e *journaled) get(ctx context.Context, name string) (bool, error) {
	k := engine.KeyOf([]byte(name))
	tx := e.BeginKey(k)
	ent, err := tx.Find(k)
	if err != nil {
		return false, err
	}
	found := ent != nil
	return found, e.Settle(ctx, tx.Commit())
}

// keepWriting lets some goroutines put keys that begin so until stop is called, which
// waits for them.
func (e *journaled) keepWriting(t *testing.T, writers int, prefix string) (stop func()) {
	var all sync.WaitGroup
	over := make(chan struct{})
	for w := range writers {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
					require.NoError(t, e.put(t.Context(), fmt.Sprint(prefix, w, i%50)))
				}
			}
		})
	}
	return func() {
		close(over)
		all.Wait()
	}
}
