package server

import (
	"crypto/sha1"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/residedb/reside/internal/engine"
)

// digest is Redis's signature of data: equal data has an equal one, in whatever
// order elements of unordered collections stand. It is no protection against
// forgery.
type digest [sha1.Size]byte

// xor adds something whose order means nothing.
func (d *digest) xor(b []byte) {
	sum := sha1.Sum(b)
	for i := range d {
		d[i] ^= sum[i]
	}
}

// mix adds something whose order matters.
func (d *digest) mix(b []byte) {
	d.xor(b)
	*d = sha1.Sum(d[:])
}

func (d *digest) mixInt(n uint32) {
	d.mix(binary.BigEndian.AppendUint32(nil, n))
}

// value adds an entry's value: its type, its elements, whether it expires.
func (d *digest) value(e *engine.Entry) {
	d.mixInt(uint32(e.Kind() - engine.String))
	e.Each(func(parts ...[]byte) {
		switch e.Kind() {
		case engine.Set:
			d.xor(parts[0])
		case engine.ZSet:
			d.pair(parts[0], scoreText(parts[1]))
		case engine.Hash:
			d.pair(parts[0], parts[1])
		default:
			d.mix(parts[0])
		}
	})
	if e.Deadline() != 0 {
		d.xor([]byte("!!expire!!"))
	}
}

// pair adds two bytes strings that belong together.
func (d *digest) pair(a, b []byte) {
	var one digest
	one.mix(a)
	one.mix(b)
	d.xor(one[:])
}

// scoreText is the score, whose bits are given, as C writes it with %.17g.
func scoreText(bits []byte) []byte {
	f := math.Float64frombits(binary.BigEndian.Uint64(bits))
	switch {
	case math.IsInf(f, 1):
		return []byte("inf")
	case math.IsInf(f, -1):
		return []byte("-inf")
	}
	return strconv.AppendFloat(nil, f, 'g', 17, 64)
}

// datasetDigest is the signature of everything in the store.
func datasetDigest(tx *engine.Tx, databases int) (total digest, err error) {
	for db := range databases {
		if tx.Engine().Len(db) == 0 {
			continue
		}
		total.mixInt(uint32(db))
		err := tx.EachEntry(db, func(e *engine.Entry) error {
			var one digest
			one.mix(e.Key())
			one.value(e)
			total.xor(one[:])
			return nil
		})
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
