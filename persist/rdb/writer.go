package rdb

import (
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/residedb/reside/persist"
)

const firstVersion = 9 // of Redis 5.0: the first one that is written

// Writer writes an RDB file to a stream. Its Write may be called by many goroutines, which
// encode and sum up side by side.
type Writer struct {
	out      *pieces
	o        Options
	about    persist.Snapshot
	version  int
	encoders sync.Pool
	keys     atomic.Int64
	left     atomic.Int64

	mu     sync.Mutex
	inside map[int]*underWay // by part
}

// NewWriter begins a file. It neither closes nor syncs what it writes to. It returns
// ErrInvalid for a version that this library does not write.
func NewWriter(to io.Writer, about persist.Snapshot, o Options) (*Writer, error) {
	w := &Writer{out: newPieces(to), o: o, about: about, version: o.Version, inside: map[int]*underWay{}}
	switch {
	case w.version == 0 && about.Timed > 0:
		w.version = lastVersion
	case w.version == 0:
		w.version = firstVersion
	case w.version < firstVersion || w.version > lastVersion:
		return nil, fmt.Errorf("%w: version %d, and this library writes %d to %d", ErrInvalid, w.version, firstVersion, lastVersion)
	}
	w.encoders.New = func() any { return &encoder{o: &w.o, version: w.version} }
	e := &encoder{o: &Options{}, buf: fmt.Appendf(nil, "%s%04d", magic, w.version)}
	for _, a := range append([]aux{{"redis-bits", "64"}}, auxOf(about)...) {
		e.buf = append(e.buf, opAux)
		e.str([]byte(a.name))
		e.str([]byte(a.value))
	}
	return w, w.out.put(-1, e.buf, false, func() {})
}

// Write adds a chunk, whose bytes are borrowed for the call. Several goroutines call it at
// once, for different parts. A key stands in a file in one piece: while one part is in the
// middle of a key that spans chunks, Write waits for it with those of other parts. So who
// writes different parts from one goroutine ends a key before it goes to the next part.
// After an error there are only errors.
func (w *Writer) Write(c persist.Chunk) error {
	if c.Part < 0 || c.Part >= w.about.Parts {
		return w.out.fail(fmt.Errorf("%w: a chunk of part %d of %d", ErrInvalid, c.Part, w.about.Parts))
	}
	e := w.encoders.Get().(*encoder)
	defer w.encoders.Put(e)
	if err := e.chunk(c.Effects, w.within(c.Part)); err != nil {
		return w.out.fail(err)
	}
	if e.key != nil {
		w.mu.Lock()
		w.inside[c.Part] = e.key
		w.mu.Unlock()
	}
	w.left.Add(e.left)
	inside := e.key != nil && !e.key.open && !e.key.none
	err := w.out.put(c.Part, e.buf, inside, func() { w.keys.Add(e.keys) })
	if cap(e.buf) > 4*sinkSize {
		e.buf = nil
	}
	return err
}

// within takes the key that the last chunk of a part has not ended.
func (w *Writer) within(part int) *underWay {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := w.inside[part]
	delete(w.inside, part)
	return k
}

// Close ends the file: without it there is none. It returns ErrInvalid if a key is not
// complete, or if there are more or fewer than was said, and the stream's error. Nobody
// writes any more.
func (w *Writer) Close() error {
	if err := w.out.failure(); err != nil {
		return err
	}
	if len(w.inside) > 0 {
		return w.out.fail(fmt.Errorf("%w: a key that is not complete", ErrInvalid))
	}
	if n := w.keys.Load() + w.left.Load(); n != w.about.Keys {
		return w.out.fail(fmt.Errorf("%w: it has %d keys, and should have %d", ErrInvalid, n, w.about.Keys))
	}
	if err := w.out.put(-1, []byte{opEOF}, false, func() {}); err != nil {
		return err
	}
	if err := w.out.put(-1, binary.LittleEndian.AppendUint64(nil, w.out.sum), false, func() {}); err != nil {
		return err
	}
	err := w.out.flush()
	_ = w.out.fail(fs.ErrClosed)
	return err
}

// Report says what was written so far. It may be called at any time, by anybody. O(1).
func (w *Writer) Report() Report {
	w.out.mu.Lock()
	defer w.out.mu.Unlock()
	return Report{Version: w.version, Keys: w.keys.Load(), Left: w.left.Load(), Bytes: w.out.bytes}
}
