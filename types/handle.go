package types

import (
	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/store"
)

// handle is what every handle is made of: where it works, and its key with the
// hash computed once.
type handle struct {
	at  command.Target
	key engine.Key
}

func newHandle(db store.DB, key string) handle {
	at, n := store.Target(db)
	return handle{at, store.KeyOf(key).In(n)}
}

// in is the same handle inside a transaction.
func (h handle) in(tx *store.Tx) handle {
	h.at, h.key.DB = store.Target(tx)
	return h
}
