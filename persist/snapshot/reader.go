package snapshot

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/persist"
)

// trusted is how many bytes are made room for before any of them was seen.
const trusted = 1 << 20

// Reader reads a snapshot from a stream and checks it. One goroutine uses it.
type Reader struct {
	src    *bufio.Reader
	name   string
	at     int64 // how much was read
	header header
	tally  tally
	sum    *xxhash.Digest
	packed []byte // the last packed payload
	err    error  // for ever
}

// NewReader begins to read a snapshot, up to its header. It returns persist.ErrVersion
// for one of a later version, and *persist.DamageError for what is no whole snapshot.
// Nothing may follow the snapshot in the stream.
func NewReader(from io.Reader, o Options) (*Reader, error) {
	r := &Reader{src: bufio.NewReader(from), name: o.name(), sum: xxhash.New()}
	if err := r.begin(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Reader) begin() error {
	if err := r.readPrefix(); err != nil {
		return err
	}
	start := r.at
	h, err := r.head()
	if err != nil {
		return err
	}
	if h.kind != kindHeader || h.coding != plain || h.stored > maxHeader {
		return r.damaged(start, "there is no header")
	}
	payload := r.at
	b, err := r.payload(h, nil)
	if err != nil {
		return err
	}
	var why string
	if r.header, why = headerIn(b); why != "" {
		return r.damaged(payload, why)
	}
	r.tally.bytes.Store(r.at)
	return nil
}

func (r *Reader) readPrefix() error {
	var b [prefixSize]byte
	if err := r.read(b[:]); err != nil {
		return err
	}
	switch v := binary.LittleEndian.Uint16(b[len(magic):]); {
	case string(b[:len(magic)]) != magic:
		return r.damaged(0, "it does not begin as a snapshot does")
	case !bytes.Equal(b[:], prefix(v)):
		return r.damaged(0, "the checksum of the format's version does not match")
	case v > version:
		return fmt.Errorf("%w: %s has version %d, of which this library knows %d", persist.ErrVersion, r.name, v, version)
	case v < version:
		return r.damaged(0, fmt.Sprintf("there is no version %d", v))
	}
	r.hash(b[:])
	return nil
}

// About says what the snapshot is of.
func (r *Reader) About() persist.Snapshot { return r.header.about() }

// Creator is what its Options said when it was written.
func (r *Reader) Creator() string { return r.header.Creator }

// Counts says how far it is. It may be called at any time, by anybody.
func (r *Reader) Counts() Counts { return r.tally.counts() }

// Next returns the next chunk, whose bytes belong to the caller, and io.EOF when all of
// the snapshot was read and found whole. Damage is a *persist.DamageError; another error
// is the stream's.
func (r *Reader) Next() (persist.Chunk, error) { return r.NextInto(nil) }

// NextInto is Next, into room if that is large enough.
func (r *Reader) NextInto(room []byte) (persist.Chunk, error) {
	if r.err != nil {
		return persist.Chunk{}, r.err
	}
	c, err := r.frame(room)
	r.err = err
	return c, err
}

// Close ends the reading. It does not close the stream.
func (r *Reader) Close() error {
	if r.err == nil {
		r.err = fs.ErrClosed
	}
	return nil
}

// frame reads the next chunk, or the end.
func (r *Reader) frame(into []byte) (c persist.Chunk, err error) {
	start, before := r.at, r.sum.Sum64()
	h, err := r.head()
	if err != nil {
		return c, err
	}
	switch h.kind {
	case kindChunk:
		return r.chunk(h, start, into)
	case kindTrailer:
		return c, r.end(h, start, before)
	}
	return c, r.damaged(start, fmt.Sprintf("a frame of an unknown kind, %d", h.kind))
}

func (r *Reader) chunk(h head, start int64, into []byte) (c persist.Chunk, err error) {
	if int64(h.part) >= r.header.Parts {
		return c, r.damaged(start, fmt.Sprintf("a chunk of part %d of %d", h.part, r.header.Parts))
	}
	b, err := r.payload(h, into)
	if err != nil {
		return c, err
	}
	r.tally.chunk(h)
	return persist.Chunk{Part: int(h.part), Keys: int(h.keys), Effects: b}, nil
}

// end reads the trailer. It returns io.EOF if all is as it should be.
func (r *Reader) end(h head, start int64, sum uint64) error {
	if h.coding != plain || h.raw != trailerSize {
		return r.damaged(start, "a trailer of another size")
	}
	b, err := r.payload(h, nil)
	if err != nil {
		return err
	}
	n := r.Counts()
	switch want := (trailer{n.Chunks, n.Keys, n.Effects, sum}); {
	case trailerIn(b) != want:
		return r.damaged(start, "chunks are missing, or are not where they were")
	case n.Keys != r.header.Keys:
		return r.damaged(start, fmt.Sprintf("it has %d keys, and should have %d", n.Keys, r.header.Keys))
	}
	r.tally.bytes.Store(r.at)
	return r.nothing()
}

// nothing is io.EOF if the stream ends here.
func (r *Reader) nothing() error {
	switch _, err := r.src.ReadByte(); {
	case err == nil:
		return r.damaged(r.at, "something follows the snapshot")
	case errors.Is(err, io.EOF):
		return io.EOF
	default:
		return r.unreadable(err)
	}
}

func (r *Reader) hash(b []byte) {
	_, _ = r.sum.Write(b) // never fails
}

// head reads the head of a frame.
func (r *Reader) head() (head, error) {
	var b [headSize]byte
	start := r.at
	if err := r.read(b[:]); err != nil {
		return head{}, err
	}
	h, why := headIn(&b)
	if why != "" {
		return h, r.damaged(start, why)
	}
	r.hash(b[:])
	return h, nil
}

// payload reads what follows a head, as it was before it was packed.
func (r *Reader) payload(h head, into []byte) (b []byte, err error) {
	start := r.at
	if h.coding == plain {
		return r.stored(h, into)
	}
	if r.packed, err = r.stored(h, r.packed); err != nil {
		return nil, err
	}
	b, ok := unpack(r.packed, int(h.raw), into)
	if !ok {
		return nil, r.damaged(start, "a chunk cannot be unpacked")
	}
	return b, nil
}

// stored reads the payload as it stands there. Room is made as bytes come.
func (r *Reader) stored(h head, into []byte) ([]byte, error) {
	start, n := r.at, int(h.stored)
	b := slices.Grow(into[:0], min(n, trusted))
	for len(b) < n {
		if len(b) == cap(b) {
			b = slices.Grow(b, min(n-len(b), len(b)))
		}
		had := len(b)
		b = b[:min(n, cap(b))]
		if err := r.read(b[had:]); err != nil {
			return b[:0], err
		}
	}
	if xxhash.Sum64(b) != h.sum {
		return b[:0], r.damaged(start, "the checksum of a frame does not match")
	}
	return b, nil
}

// read fills b.
func (r *Reader) read(b []byte) error {
	n, err := io.ReadFull(r.src, b)
	r.at += int64(n)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return r.damaged(r.at, "it ends before its trailer does")
	default:
		return r.unreadable(err)
	}
}

func (r *Reader) damaged(offset int64, reason string) error {
	return &persist.DamageError{File: r.name, Offset: offset, Reason: reason}
}

func (r *Reader) unreadable(err error) error {
	return fmt.Errorf("snapshot: %s cannot be read at offset %d: %w", r.name, r.at, err)
}
