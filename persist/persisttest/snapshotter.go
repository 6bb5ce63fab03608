// Package persisttest checks whether an implementation of an interface of package persist
// does what that asks of it, in the manner of testing/slogtest:
//
//	func TestMine(t *testing.T) {
//		bucket := newBucket(t)
//		persisttest.TestSnapshotter(t, func() persist.Snapshotter { return mine.Open(bucket) })
//	}
//
// The function is called again and again, over the same place, which is empty at first:
// each call stands for a process that starts, and what the one before it had not finished
// it never will.
package persisttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/residedb/reside/internal/effect"
	"github.com/residedb/reside/persist"
)

// TestSnapshotter checks a persist.Snapshotter. Each promise is a subtest of its own. It
// needs some 20 MB of memory and of the place.
func TestSnapshotter(t *testing.T, open func() persist.Snapshotter) {
	for _, c := range snapshotterCases() {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(place{t.Context(), open}); err != nil {
				t.Error(err)
			}
		})
	}
}

// place is where snapshots are.
type place struct {
	ctx  context.Context
	open func() persist.Snapshotter
}

type snapshotterCase struct {
	name  string
	check func(place) error
}

// snapshotterCases run one after another at one place.
func snapshotterCases() []snapshotterCase {
	return []snapshotterCase{
		{"an empty place has no snapshot", emptyPlace},
		{"what was committed is there", committed},
		{"numbers are kept, zero and large", numbers},
		{"a snapshot may have no chunks", noChunks},
		{"a snapshot is not there before Commit", unfinished},
		{"a snapshot that was aborted is not there", aborted},
		{"Abort after Commit does nothing", abortedLate},
		{"the newest is the one that was committed last", newest},
		{"many write at once", concurrent},
		{"many parts, most of them empty", manyParts},
		{"big chunks", bigChunks},
		{"keys that span chunks", longKeys},
		{"the bytes of Next are the caller's", owned},
		{"a reading can end early", endedEarly},
		{"the end stays the end", end},
		{"a context that is done lets nothing begin", cancelledBefore},
		{"a context that is done lets nothing end", cancelledWhile},
	}
}

// content is what a snapshot has, by part.
type content struct {
	about persist.Snapshot
	parts [][]persist.Chunk
}

// contentOf makes up a snapshot at a position: so many chunks of a size for each part.
func contentOf(position int64, parts, chunks, size int) content {
	c := content{
		about: persist.Snapshot{History: "00112233445566778899aabbccddeeff", Position: position, Clock: 1_700_000_000_000 + position, Databases: 16, Parts: parts},
		parts: make([][]persist.Chunk, parts),
	}
	for part := range parts {
		for i := range chunks {
			c.add(part, i+1, keysOf(position, part, i, i+1, size))
		}
	}
	return c
}

func (c *content) add(part, keys int, effects []byte) {
	c.about.Keys += int64(keys)
	c.parts[part] = append(c.parts[part], persist.Chunk{Part: part, Keys: keys, Effects: effects})
}

// keysOf are effects that make so many strings, of which the first has a size.
func keysOf(position int64, part, chunk, keys, size int) (effects []byte) {
	for i := range keys {
		key := fmt.Appendf(nil, "key %d of chunk %d of part %d", i, chunk, part)
		value := bytesOf(position, part, chunk, size)
		if i > 0 {
			value = key
		}
		effects = effect.Append(effects, false, effect.StringPut, part%3, key, []int64{int64(i) * 1_700_000_000_000, 0}, [][]byte{value})
	}
	return effects
}

// bytesOf are different for every chunk. Half of them can be compressed.
func bytesOf(position int64, part, chunk, size int) []byte {
	b := fmt.Appendf(nil, "at %d, part %d, chunk %d: ", position, part, chunk)
	if chunk%2 == 0 {
		return bytes.Repeat(b, size/len(b)+1)
	}
	more := make([]byte, max(size-len(b), 0))
	_, _ = rand.NewChaCha8([32]byte{byte(position), byte(part), byte(chunk)}).Read(more) // never fails
	return append(b, more...)
}

// save writes and commits a snapshot.
func (p place) save(s persist.Snapshotter, c content) error {
	w, err := p.begin(s, c)
	if err != nil {
		return err
	}
	if err := w.Commit(); err != nil {
		return fmt.Errorf("Commit: %w", err)
	}
	return nil
}

// begin writes all chunks and leaves the snapshot there, not finished. The parts are
// written in turns, from memory that is overwritten after each call.
func (p place) begin(s persist.Snapshotter, c content) (persist.SnapshotWriter, error) {
	w, err := s.Create(p.ctx, c.about)
	if err != nil {
		return nil, fmt.Errorf("Create: %w", err)
	}
	var lent []byte
	for i, more := 0, true; more; i++ {
		more = false
		for _, chunks := range c.parts {
			if i >= len(chunks) {
				continue
			}
			more = true
			if lent, err = lend(w, chunks[i], lent); err != nil {
				return nil, errors.Join(err, w.Abort())
			}
		}
	}
	return w, nil
}

// lend writes a chunk whose bytes are no more what they were when the call is over.
func lend(w persist.SnapshotWriter, c persist.Chunk, lent []byte) ([]byte, error) {
	lent = append(lent[:0], c.Effects...)
	c.Effects = lent
	err := w.Write(c)
	for i := range lent {
		lent[i] = 0xAA
	}
	if err != nil {
		return lent, fmt.Errorf("Write: %w", err)
	}
	return lent, nil
}

// saveAtOnce is save with a goroutine for each part.
func (p place) saveAtOnce(s persist.Snapshotter, c content) error {
	w, err := s.Create(p.ctx, c.about)
	if err != nil {
		return fmt.Errorf("Create: %w", err)
	}
	errs := make([]error, len(c.parts))
	var all sync.WaitGroup
	for part, chunks := range c.parts {
		all.Go(func() {
			var lent []byte
			for _, chunk := range chunks {
				if lent, errs[part] = lend(w, chunk, lent); errs[part] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return errors.Join(err, w.Abort())
	}
	if err := w.Commit(); err != nil {
		return fmt.Errorf("Commit: %w", err)
	}
	return nil
}

// find checks that the newest snapshot is the one given.
func (p place) find(s persist.Snapshotter, want content) error {
	r, err := s.Open(p.ctx)
	if err != nil {
		return fmt.Errorf("Open: %w", err)
	}
	got := content{about: r.About(), parts: make([][]persist.Chunk, want.about.Parts)}
	next := nextOf(r)
	for {
		c, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return errors.Join(fmt.Errorf("Next: %w", err), r.Close())
		}
		if c.Part < 0 || c.Part >= want.about.Parts {
			return errors.Join(fmt.Errorf("a chunk of part %d, of %d", c.Part, want.about.Parts), r.Close())
		}
		got.parts[c.Part] = append(got.parts[c.Part], c)
	}
	return errors.Join(got.differs(want), r.Close())
}

// nextOf is Next, or NextInto of a reader that has it: half of the chunks are left to the
// reader then, and the others have to stay what they are.
func nextOf(r persist.SnapshotReader) func() (persist.Chunk, error) {
	into, ok := r.(persist.IntoReader)
	if !ok {
		return r.Next
	}
	var room []byte
	keep := false
	return func() (persist.Chunk, error) {
		c, err := into.NextInto(room)
		if room, keep = nil, !keep; !keep {
			room, c.Effects = c.Effects, bytes.Clone(c.Effects)
		}
		return c, err
	}
}

// differs says where content is not what it should be. Chunks need not be the same if they
// make the same keys.
func (c content) differs(want content) (err error) {
	if c.about != want.about {
		return fmt.Errorf("About is %+v, and should be %+v", c.about, want.about)
	}
	for part := range want.parts {
		if err = differs(part, c.parts[part], want.parts[part]); err != nil {
			break
		}
	}
	if err != nil && !maps.Equal(c.made(), want.made()) {
		return fmt.Errorf("%w, and the keys are others", err)
	}
	return nil
}

// made are the keys that the chunks make.
func (c content) made() map[string]string {
	keys := map[string]string{}
	for _, chunks := range c.parts {
		n := 0
		for _, chunk := range chunks {
			in := effect.NewReader(chunk.Effects)
			for ef, ok := in.Next(); ok; ef, ok = in.Next() {
				name := fmt.Sprintf("%d %s", ef.DB, ef.Key)
				if ef.Op != effect.Extend {
					n++
					keys[name] += said(ef)
				}
				for _, b := range ef.Blobs {
					keys[name] += string(b)
				}
			}
			if n -= chunk.Keys; n != 0 || in.Err() != nil {
				keys["damaged"] += fmt.Sprint(n, in.Err())
			}
		}
	}
	return keys
}

// said is what an effect says of a key beside its elements. A string may be built of
// pieces.
func said(ef *effect.Effect) string {
	if ef.Op == effect.StringPut {
		return fmt.Sprint(effect.String, ef.Ints, ": ")
	}
	return fmt.Sprint(ef.Ints[0], ef.Ints[1:3], ": ")
}

func differs(part int, got, want []persist.Chunk) error {
	if len(got) != len(want) {
		return fmt.Errorf("part %d has %d chunks, and should have %d", part, len(got), len(want))
	}
	for i := range want {
		if got[i].Keys != want[i].Keys || string(got[i].Effects) != string(want[i].Effects) {
			return fmt.Errorf("chunk %d of part %d has %d keys and %s, and should have %d and %s", i, part,
				got[i].Keys, abridged(got[i].Effects), want[i].Keys, abridged(want[i].Effects))
		}
	}
	return nil
}

// abridged shows how bytes begin.
func abridged(b []byte) string {
	const most = 40
	if len(b) <= most {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q... (%d bytes)", b[:most], len(b))
}
