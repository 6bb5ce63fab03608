package engine

import "github.com/cespare/xxhash/v2"

// Key names a value: its bytes, their hash, and the database. The hash does not
// depend on the database, so the same name has one stripe in all of them.
type Key struct {
	B    []byte
	Hash uint64
	DB   int
}

// KeyOf makes a Key of database 0. It keeps b.
func KeyOf(b []byte) Key { return Key{B: b, Hash: xxhash.Sum64(b)} }

// In returns the same name in another database.
func (k Key) In(db int) Key {
	k.DB = db
	return k
}
