package engine

import (
	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/internal/ds/dict"
)

// Key names a value: its bytes, their hash, and the database. The hash does not
// depend on the database, so the same name has one stripe in all of them.
type Key struct {
	B    []byte
	Hash uint64
	DB   int
}

// KeyOf makes a Key of database 0. It keeps b.
func KeyOf(b []byte) Key { return Key{B: b, Hash: HashOf(b)} }

// HashOf hashes a key: the first half is xxhash's and chooses the stripe, the same in
// every process; the second finds the key in the stripe's table, and is seeded by the
// process, as whoever could choose keys that collide there could make the table a list.
func HashOf(b []byte) uint64 {
	return xxhash.Sum64(b)&^tagBits | dict.Hash(b)&tagBits
}

// tagBits are what dict.Words looks at.
const tagBits = 1<<32 - 1

// In returns the same name in another database.
func (k Key) In(db int) Key {
	k.DB = db
	return k
}
