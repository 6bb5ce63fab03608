package store

import (
	"unsafe"

	"github.com/residedb/reside/internal/engine"
)

// KeyOf is for the packages of Reside: a key of database 0 whose bytes are those
// of the string.
func KeyOf(key string) (k engine.Key) {
	k.B, k.Hash = Name(key)
	return k
}

// Name is for the packages of Reside: the string's bytes and their hash.
func Name(key string) ([]byte, uint64) {
	b := unsafe.Slice(unsafe.StringData(key), len(key))
	return b, engine.HashOf(b)
}
