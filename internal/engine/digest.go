package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math/bits"
)

// Digest stands for the content of all databases: stores with the same keys, values and
// deadlines have the same digest, and others do not. Encodings, times of use, the
// number of stripes, and how the content came about, have no part in it.
//
// It is the sum of the keys' digests, as numbers of 256 bits, so their order means
// nothing; that of a key is
//
//	SHA-256( database, kind, deadline, length of the key, key, value )
//
//	string              length, bytes
//	list                each element with its length
//	set, zset, hash     the sum of the elements' SHA-256, as they have no order either
//
// A fast hash of 128 bits would do against chance, but two stores that differ because
// somebody wanted them to would look equal. With the processor's own instructions SHA-256
// takes a tenth of a microsecond for a short key.
type Digest [sha256.Size]byte

// String is the digest in hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// plus adds two digests as numbers, the least byte first.
func (d Digest) plus(o Digest) (sum Digest) {
	var carry uint64
	for i := 0; i < len(d); i += 8 {
		var n uint64
		n, carry = bits.Add64(binary.LittleEndian.Uint64(d[i:]), binary.LittleEndian.Uint64(o[i:]), carry)
		binary.LittleEndian.PutUint64(sum[i:], n)
	}
	return sum
}

// Digest digests the content at one moment, keys and fields whose time has come
// included, while others go on. It waits while a cut is open. O(all bytes), on all
// processors; an end of ctx ends it.
func (e *Engine) Digest(ctx context.Context) (Digest, error) {
	c, err := e.CutCtx(ctx)
	if err != nil {
		return Digest{}, err
	}
	defer c.Close()
	return c.Digest(ctx)
}

// Digest is Engine.Digest of what the cut contains. It visits all parts.
func (c *Cut) Digest(ctx context.Context) (sum Digest, err error) {
	sums := make([]Digest, c.Parts())
	err = c.EachPart(ctx, func(ctx context.Context, part int) error {
		v := digester{}
		if err := c.VisitPart(ctx, part, &v); err != nil {
			return err
		}
		v.end()
		sums[part] = v.sum
		return nil
	})
	for _, s := range sums {
		sum = sum.plus(s)
	}
	return sum, err
}

// digester is a visitor that adds up the digests of keys.
type digester struct {
	sum      Digest
	key      hash.Hash // of the key that is visited
	elements Digest    // of its elements, where they have no order
	kind     Kind
	begun    bool
	element  hash.Hash
	buf      []byte
}

func (d *digester) Key(i Item) error {
	d.end()
	if d.key == nil {
		d.key, d.element = sha256.New(), sha256.New()
	}
	d.key.Reset()
	d.begun, d.kind, d.elements = true, i.Kind, Digest{}
	d.buf = binary.LittleEndian.AppendUint64(d.buf[:0], uint64(i.DB))
	d.buf = append(d.buf, byte(i.Kind))
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(i.Deadline))
	d.buf = appendSized(d.buf, i.Key)
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(i.Len))
	_, err := d.key.Write(d.buf)
	return err
}

func (d *digester) Element(parts ...[]byte) error {
	switch d.kind {
	case String:
		_, err := d.key.Write(parts[0])
		return err
	case List:
		return d.write(d.key, parts)
	}
	d.element.Reset()
	if err := d.write(d.element, parts); err != nil {
		return err
	}
	d.buf = d.element.Sum(d.buf[:0])
	d.elements = d.elements.plus(Digest(d.buf))
	return nil
}

// write writes the parts of an element with their lengths.
func (d *digester) write(to hash.Hash, parts [][]byte) error {
	for _, p := range parts {
		d.buf = appendSized(d.buf[:0], p)
		if _, err := to.Write(d.buf); err != nil {
			return err
		}
	}
	return nil
}

// appendSized appends the length of b and b.
func appendSized(to, b []byte) []byte {
	return append(binary.LittleEndian.AppendUint64(to, uint64(len(b))), b...)
}

// end adds the key that was visited.
func (d *digester) end() {
	if !d.begun {
		return
	}
	d.begun = false
	if d.kind > List {
		d.key.Write(d.elements[:])
	}
	d.buf = d.key.Sum(d.buf[:0])
	d.sum = d.sum.plus(Digest(d.buf))
}
