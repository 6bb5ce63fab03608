package persisttest

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/residedb/reside/persist"
)

// faults change one thing of what is right.
type faults struct {
	create func(ctx context.Context, about persist.Snapshot) (context.Context, persist.Snapshot)
	write  func(w persist.SnapshotWriter, c persist.Chunk) error
	commit func(w persist.SnapshotWriter, about persist.Snapshot) error
	abort  func(w persist.SnapshotWriter) error
	open   func(s persist.Snapshotter, ctx context.Context) (persist.SnapshotReader, error)
	next   func(r persist.SnapshotReader) (persist.Chunk, error)
	close  func() error
}

// wrong is a Snapshotter with faults.
type wrong struct {
	persist.Snapshotter
	*faults
}

func (s wrong) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	said := about
	if s.create != nil {
		ctx, about = s.create(ctx, about)
	}
	w, err := s.Snapshotter.Create(ctx, about)
	return wrongWriter{w, s.faults, said}, err
}

func (s wrong) Open(ctx context.Context) (persist.SnapshotReader, error) {
	if s.open != nil {
		r, err := s.open(s.Snapshotter, ctx)
		return wrongReader{r, s.faults}, err
	}
	r, err := s.Snapshotter.Open(ctx)
	return wrongReader{r, s.faults}, err
}

type wrongWriter struct {
	persist.SnapshotWriter
	*faults
	about persist.Snapshot
}

func (w wrongWriter) Write(c persist.Chunk) error {
	if w.write != nil {
		return w.write(w.SnapshotWriter, c)
	}
	return w.SnapshotWriter.Write(c)
}

func (w wrongWriter) Commit() error {
	if w.commit != nil {
		return w.commit(w.SnapshotWriter, w.about)
	}
	return w.SnapshotWriter.Commit()
}

func (w wrongWriter) Abort() error {
	if w.abort != nil {
		return w.abort(w.SnapshotWriter)
	}
	return w.SnapshotWriter.Abort()
}

type wrongReader struct {
	persist.SnapshotReader
	*faults
}

func (r wrongReader) Next() (persist.Chunk, error) {
	if r.next != nil {
		return r.next(r.SnapshotReader)
	}
	return r.SnapshotReader.Next()
}

func (r wrongReader) Close() error {
	if r.close != nil {
		return r.close()
	}
	return r.SnapshotReader.Close()
}

// failures are the cases that an implementation does not pass.
func failures(t *testing.T, open func() persist.Snapshotter) (failed []string) {
	for _, c := range snapshotterCases() {
		if err := c.check(place{t.Context(), open}); err != nil {
			t.Log(c.name, ":", err)
			failed = append(failed, c.name)
		}
	}
	return failed
}

// keeper keeps what was lent to it.
type keeper struct {
	mu   sync.Mutex
	kept []persist.Chunk
}

func (k *keeper) write(_ persist.SnapshotWriter, c persist.Chunk) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, c)
	return nil
}

func (k *keeper) commit(w persist.SnapshotWriter, _ persist.Snapshot) error {
	for _, c := range k.kept {
		if err := w.Write(c); err != nil {
			return err
		}
	}
	k.kept = nil
	return w.Commit()
}

// reverse is a writer that turns the order of chunks round.
func (k *keeper) reverse(w persist.SnapshotWriter, about persist.Snapshot) error {
	slices.Reverse(k.kept)
	return k.commit(w, about)
}

func (k *keeper) copying(w persist.SnapshotWriter, c persist.Chunk) error {
	c.Effects = slices.Clone(c.Effects)
	return k.write(w, c)
}

var errAny = errors.New("any")

// onCreate changes what a snapshot is said to be.
func onCreate(change func(*persist.Snapshot)) faults {
	return faults{create: func(ctx context.Context, about persist.Snapshot) (context.Context, persist.Snapshot) {
		change(&about)
		return ctx, about
	}}
}

// onWrite changes a chunk.
func onWrite(change func(*persist.Chunk)) faults {
	return faults{write: func(w persist.SnapshotWriter, c persist.Chunk) error {
		change(&c)
		return w.Write(c)
	}}
}

// onCommit does not commit what it is said not to, and says it has.
func onCommit(really func(persist.Snapshot) bool) faults {
	return faults{commit: func(w persist.SnapshotWriter, about persist.Snapshot) error {
		if !really(about) {
			return nil
		}
		return w.Commit()
	}}
}

// onNext changes what a reading gives.
func onNext(change func(*persist.Chunk, *error)) faults {
	return faults{next: func(r persist.SnapshotReader) (persist.Chunk, error) {
		c, err := r.Next()
		change(&c, &err)
		return c, err
	}}
}

// withoutContext never ends for its context's sake.
func withoutContext() (writing, reading faults) {
	writing.create = func(ctx context.Context, about persist.Snapshot) (context.Context, persist.Snapshot) {
		return context.WithoutCancel(ctx), about
	}
	reading.open = func(s persist.Snapshotter, ctx context.Context) (persist.SnapshotReader, error) {
		return s.Open(context.WithoutCancel(ctx))
	}
	return writing, reading
}

// anotherError is what a place returns that has no snapshot.
func anotherError(s persist.Snapshotter, ctx context.Context) (persist.SnapshotReader, error) {
	r, err := s.Open(ctx)
	if errors.Is(err, persist.ErrNoSnapshot) {
		err = errAny
	}
	return r, err
}

// TestFaultsAreFound gives the suite implementations that break one promise each.
func TestFaultsAreFound(t *testing.T) {
	var keeps, turns keeper
	var most int64
	var shared []byte
	deafWriting, deafReading := withoutContext()
	for name, c := range map[string]struct {
		faults faults
		found  []string // by these, and others maybe
	}{
		"none":               {},
		"keeps what is lent": {faults{write: keeps.write, commit: keeps.commit}, []string{"what was committed is there"}},
		"order of chunks":    {faults{write: turns.copying, commit: turns.reverse}, []string{"keys that span chunks"}},
		"commits at abort":   {faults{abort: persist.SnapshotWriter.Commit}, []string{"a snapshot that was aborted is not there"}},
		"abort after commit": {faults{abort: func(persist.SnapshotWriter) error { return errAny }}, []string{"Abort after Commit does nothing"}},
		"never commits":      {onCommit(func(persist.Snapshot) bool { return false }), []string{"what was committed is there"}},
		"no empty snapshot":  {onCommit(func(a persist.Snapshot) bool { return a.Keys > 0 }), []string{"a snapshot may have no chunks"}},
		"newest by position": {onCommit(func(a persist.Snapshot) bool {
			newer := a.Position >= most
			most = max(most, a.Position)
			return newer
		}), []string{"the newest is the one that was committed last"}},
		"drops bytes":            {onWrite(func(c *persist.Chunk) { c.Effects = c.Effects[:min(len(c.Effects), 1<<20)] }), []string{"big chunks"}},
		"drops keys":             {onWrite(func(c *persist.Chunk) { c.Keys = min(c.Keys, 2) }), []string{"what was committed is there"}},
		"forgets the clock":      {onCreate(func(a *persist.Snapshot) { a.Clock = 0 }), []string{"what was committed is there"}},
		"numbers of 32 bits":     {onCreate(func(a *persist.Snapshot) { a.Position = int64(int32(a.Position)) }), []string{"numbers are kept, zero and large"}},
		"writes without context": {deafWriting, []string{"a context that is done lets nothing begin", "a context that is done lets nothing end"}},
		"reads without context":  {deafReading, []string{"a context that is done lets nothing begin", "a context that is done lets nothing end"}},
		"another error for none": {faults{open: anotherError}, []string{"an empty place has no snapshot"}},
		"lends what it reads": {onNext(func(c *persist.Chunk, _ *error) {
			shared = append(shared[:0], c.Effects...)
			c.Effects = shared
		}), []string{"the bytes of Next are the caller's"}},
		"an error at the end": {onNext(func(_ *persist.Chunk, err *error) {
			if errors.Is(*err, io.EOF) {
				*err = errAny
			}
		}), []string{"what was committed is there", "the end stays the end"}},
		"an error of Close": {faults{close: func() error { return errAny }}, []string{"a reading can end early"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := &persist.MemorySnapshots{}
			failed := failures(t, func() persist.Snapshotter { return wrong{m, &c.faults} })
			if name == "none" {
				require.Empty(t, failed)
				return
			}
			require.NotEmpty(t, c.found)
			require.Subset(t, failed, c.found)
		})
	}
}

// TestAPlaceThatForgetsIsFound loses the snapshot when the process ends.
func TestAPlaceThatForgetsIsFound(t *testing.T) {
	failed := failures(t, func() persist.Snapshotter { return &persist.MemorySnapshots{} })
	require.Contains(t, failed, "what was committed is there")
}

// visible shows a snapshot that is being written.
type visible struct{ persist.MemorySnapshots }

type visibleWriter struct{ persist.SnapshotWriter }

func (v *visible) Create(ctx context.Context, about persist.Snapshot) (persist.SnapshotWriter, error) {
	w, err := v.MemorySnapshots.Create(ctx, about)
	if err != nil {
		return nil, err
	}
	return visibleWriter{w}, w.Commit()
}

func (visibleWriter) Write(persist.Chunk) error { return nil }
func (visibleWriter) Commit() error             { return nil }

func TestASnapshotThatIsSeenBeforeCommitIsFound(t *testing.T) {
	v := &visible{}
	failed := failures(t, func() persist.Snapshotter { return v })
	require.Contains(t, failed, "a snapshot is not there before Commit")
	require.Contains(t, failed, "a snapshot that was aborted is not there")
}
