package snapshot

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"

	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/persist"
)

// ErrIncomplete is returned when a snapshot ends with another number of keys than its
// beginning says.
var ErrIncomplete = errors.New("snapshot: it has not as many keys as it should")

// Writer writes a snapshot to a stream. Its Write may be called by many goroutines.
type Writer struct {
	out   *sink
	about persist.Snapshot
	packs packer
	tally tally
	sum   *xxhash.Digest // of prefix and heads, guarded by the sink's lock
}

// NewWriter begins a snapshot. It does not write before there is something to write; it
// neither closes nor syncs what it writes to.
func NewWriter(to io.Writer, about persist.Snapshot, o Options) (*Writer, error) {
	b, err := headerOf(about, o.Creator)
	if err != nil {
		return nil, err
	}
	w := &Writer{out: newSink(to), about: about, packs: packer{off: o.Uncompressed}, sum: xxhash.New()}
	start := prefix(version)
	h := headOf(kindHeader, b).layout()
	w.hash(start)
	w.hash(h[:])
	w.tally.bytes.Add(int64(len(start) + len(h) + len(b)))
	return w, w.out.put(append(start, h[:]...), b, func() {})
}

// headOf is the head of a frame that is not packed.
func headOf(kind byte, payload []byte) head {
	return head{kind: kind, stored: uint32(len(payload)), raw: uint32(len(payload)), sum: xxhash.Sum64(payload)}
}

func (w *Writer) hash(b []byte) {
	_, _ = w.sum.Write(b) // never fails
}

// Write adds a chunk, whose bytes are borrowed for the call. Several goroutines call it
// at once; they compress and sum up side by side. It returns ErrInvalid for a chunk that
// cannot be, and the error of the stream. After an error there are only errors, as what
// lacks a chunk must not be taken for a snapshot.
func (w *Writer) Write(c persist.Chunk) error {
	if why := w.impossible(c); why != "" {
		err := fmt.Errorf("%w: %s", ErrInvalid, why)
		w.out.fail(err)
		return err
	}
	payload, coding, buf := w.packs.pack(c.Effects)
	defer w.packs.release(buf)
	h := headOf(kindChunk, payload)
	h.coding, h.raw, h.part, h.keys = coding, uint32(len(c.Effects)), uint32(c.Part), uint32(c.Keys)
	b := h.layout()
	return w.out.put(b[:], payload, func() {
		w.hash(b[:])
		w.tally.chunk(h)
	})
}

func (w *Writer) impossible(c persist.Chunk) string {
	switch {
	case c.Part < 0 || c.Part >= w.about.Parts:
		return fmt.Sprintf("a chunk of part %d of %d", c.Part, w.about.Parts)
	case c.Keys < 0 || int64(c.Keys) > math.MaxUint32:
		return fmt.Sprintf("a chunk with %d keys", c.Keys)
	case len(c.Effects) > MaxChunk:
		return fmt.Sprintf("a chunk of %d bytes", len(c.Effects))
	}
	return ""
}

// Close ends the stream: without it there is no snapshot. It returns ErrIncomplete if
// there are more or fewer keys than there should be, and the stream's error. Nobody
// writes any more.
func (w *Writer) Close() error {
	if err := w.out.failure(); err != nil {
		return err
	}
	n := w.tally.counts()
	if n.Keys != w.about.Keys {
		err := fmt.Errorf("%w: %d of %d", ErrIncomplete, n.Keys, w.about.Keys)
		w.out.fail(err)
		return err
	}
	payload := trailer{n.Chunks, n.Keys, n.Effects, w.sum.Sum64()}.layout()
	h := headOf(kindTrailer, payload).layout()
	if err := w.out.put(h[:], payload, func() { w.tally.bytes.Add(int64(len(h) + len(payload))) }); err != nil {
		return err
	}
	err := w.out.flush()
	w.out.fail(fs.ErrClosed)
	return err
}

// Counts says how far it is. It may be called at any time, by anybody.
func (w *Writer) Counts() Counts { return w.tally.counts() }
