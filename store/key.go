package store

import (
	"unsafe"

	"github.com/cespare/xxhash/v2"

	"github.com/residedb/reside/internal/engine"
)

// KeyOf is for the packages of Reside: a key of database 0 whose bytes are those
// of the string.
func KeyOf(key string) engine.Key {
	return engine.Key{B: unsafe.Slice(unsafe.StringData(key), len(key)), Hash: xxhash.Sum64String(key)}
}
