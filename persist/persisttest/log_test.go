package persisttest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
)

// wrongLog is a log with one thing that is wrong.
type wrongLog struct {
	persist.Log
	replay func(l persist.Log, ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error)
	begin  func(l persist.Log, history string, position int64) error
	append func(l persist.Log, records []persist.Record) error
	sync   func(l persist.Log) error
	trim   func(l persist.Log, upTo int64) error
	size   func(l persist.Log) int64
	close  func(l persist.Log) error
}

func (l wrongLog) Replay(ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
	if l.replay != nil {
		return l.replay(l.Log, ctx, history, after, apply)
	}
	return l.Log.Replay(ctx, history, after, apply)
}

func (l wrongLog) Begin(history string, position int64) error {
	if l.begin != nil {
		return l.begin(l.Log, history, position)
	}
	return l.Log.Begin(history, position)
}

func (l wrongLog) Append(records []persist.Record) error {
	if l.append != nil {
		return l.append(l.Log, records)
	}
	return l.Log.Append(records)
}

func (l wrongLog) Sync() error {
	if l.sync != nil {
		return l.sync(l.Log)
	}
	return l.Log.Sync()
}

func (l wrongLog) Trim(upTo int64) error {
	if l.trim != nil {
		return l.trim(l.Log, upTo)
	}
	return l.Log.Trim(upTo)
}

func (l wrongLog) Size() int64 {
	if l.size != nil {
		return l.size(l.Log)
	}
	return l.Log.Size()
}

func (l wrongLog) Close() error {
	if l.close != nil {
		return l.close(l.Log)
	}
	return l.Log.Close()
}

// logFailures are the cases that a log does not pass.
func logFailures(t *testing.T, open func() persist.Log) (failed []string) {
	p := &logPlace{ctx: t.Context(), open: open}
	for _, c := range logCases() {
		if err := c.check(p); err != nil {
			t.Log(c.name, ":", err)
			failed = append(failed, c.name)
		}
	}
	return failed
}

// lossy is a log that keeps some of what is appended, or something else.
func lossy(change func(r persist.Record) (persist.Record, bool)) wrongLog {
	return wrongLog{replay: func(l persist.Log, ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
		return l.Replay(ctx, history, after, func(r persist.Record) error {
			if r, ok := change(r); ok {
				return apply(r)
			}
			return nil
		})
	}}
}

// changed is a log whose reports are not right.
func changed(change func(history string, after int64, r *persist.Recovery, err error) error) wrongLog {
	return wrongLog{replay: func(l persist.Log, ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
		found, err := l.Replay(ctx, history, after, apply)
		return found, change(history, after, &found, err)
	}}
}

// TestLogFinds every one of these faults, in the case that is about it.
func TestLogFinds(t *testing.T) {
	for _, c := range []struct {
		fault string
		found string // the first case that fails
		log   wrongLog
	}{
		{"a record where there is none", "an empty log has nothing", wrongLog{
			replay: func(_ persist.Log, _ context.Context, _ string, _ int64, apply func(persist.Record) error) (persist.Recovery, error) {
				return persist.Recovery{}, apply(persist.Record{})
			}}},
		{"no position", "an empty log has nothing", changed(func(_ string, _ int64, r *persist.Recovery, err error) error {
			r.Position = 0
			return err
		})},
		{"a history where there is none", "an empty log has nothing", changed(func(_ string, _ int64, r *persist.Recovery, err error) error {
			r.History = oneHistory
			return err
		})},
		{"Sync before Begin", "nothing is appended before Begin", wrongLog{sync: func(persist.Log) error { return nil }}},
		{"a lost record", "what was appended is there", lossy(func(r persist.Record) (persist.Record, bool) { return r, r.Position != 2 })},
		{"other effects", "what was appended is there", lossy(func(r persist.Record) (persist.Record, bool) {
			r.Effects = slices.Concat(r.Effects, []byte("x"))
			return r, true
		})},
		{"another clock", "what was appended is there", lossy(func(r persist.Record) (persist.Record, bool) {
			r.Clock++
			return r, true
		})},
		{"records counted wrong", "what was appended is there", changed(func(_ string, _ int64, r *persist.Recovery, err error) error {
			r.Records = 0
			return err
		})},
		{"a tail that is not torn", "what was appended is there", changed(func(_ string, _ int64, r *persist.Recovery, err error) error {
			r.Torn = r.Records
			return err
		})},
		{"no history without a history", "the log goes on in the next process", changed(func(history string, _ int64, r *persist.Recovery, err error) error {
			if r.History != "" {
				r.History = history
			}
			return err
		})},
		{"clocks that do not go back", "sizes and clocks are kept", lossy(func(r persist.Record) (persist.Record, bool) {
			r.Clock = max(r.Clock, 0)
			return r, true
		})},
		{"records that are too large", "sizes and clocks are kept", lossy(func(r persist.Record) (persist.Record, bool) {
			return r, len(r.Effects) < 3<<20
		})},
		{"a batch that is too large", "a large batch", wrongLog{append: func(l persist.Log, records []persist.Record) error {
			if len(records) > 1000 {
				records = records[:1000]
			}
			return l.Append(records)
		}}},
		{"a gap", "records have no gap", wrongLog{append: func(l persist.Log, records []persist.Record) error {
			if err := l.Append(records); err != nil && records[0].Position == 1 {
				return err
			}
			return nil
		}}},
		{"apply's error is not returned", "an error of apply ends Replay", changed(func(_ string, _ int64, _ *persist.Recovery, err error) error {
			if errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		})},
		{"the context is not looked at", "a context that is done ends Replay", wrongLog{
			replay: func(l persist.Log, ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
				return l.Replay(context.WithoutCancel(ctx), history, after, apply)
			}}},
		{"no size", "Size can be asked for at any time", wrongLog{size: func(persist.Log) int64 { return 0 }}},
		{"too much is trimmed", "what was trimmed need not be there, the rest is", wrongLog{trim: func(l persist.Log, upTo int64) error { return l.Trim(upTo + 1) }}},
		{"other histories", "another history is told apart", wrongLog{
			replay: func(l persist.Log, ctx context.Context, _ string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
				return l.Replay(ctx, "", after, apply)
			}}},
		{"no end", "nothing is appended after Close", wrongLog{close: func(persist.Log) error { return nil }}},
	} {
		t.Run(c.fault, func(t *testing.T) {
			var m persist.MemoryLog
			log := c.log
			log.Log = &m
			failed := logFailures(t, func() persist.Log { return log })
			require.NotEmpty(t, failed)
			require.Equal(t, c.found, failed[0])
		})
	}
}

// keepsBorrowed keeps the bytes that were lent to it.
type keepsBorrowed struct {
	persist.MemoryLog
	lent map[int64][]byte
}

func (k *keepsBorrowed) Append(records []persist.Record) error {
	for _, r := range records {
		k.lent[r.Position] = r.Effects
	}
	return k.MemoryLog.Append(records)
}

func (k *keepsBorrowed) Replay(ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
	return k.MemoryLog.Replay(ctx, history, after, func(r persist.Record) error {
		r.Effects = k.lent[r.Position]
		return apply(r)
	})
}

func TestLogFindsWhoKeepsBorrowedBytes(t *testing.T) {
	k := &keepsBorrowed{lent: map[int64][]byte{}}
	require.Contains(t, logFailures(t, func() persist.Log { return k }), "what was appended is there")
}

// forgetful has no gaps: it goes on where Begin says, and hands on what it has.
type forgetful struct{ persist.MemoryLog }

func (f *forgetful) Replay(ctx context.Context, history string, after int64, apply func(persist.Record) error) (persist.Recovery, error) {
	found, err := f.MemoryLog.Replay(ctx, history, after, apply)
	if errors.Is(err, persist.ErrGap) {
		return f.MemoryLog.Replay(ctx, history, 1<<62, apply)
	}
	return found, err
}

func TestLogFindsWhoTakesNoNoticeOfAGap(t *testing.T) {
	var f forgetful
	require.Contains(t, logFailures(t, func() persist.Log { return &f }), "the log can begin further on")
}

func TestALogThatIsRight(t *testing.T) {
	var m persist.MemoryLog
	require.Empty(t, logFailures(t, func() persist.Log { return &m }))
}
