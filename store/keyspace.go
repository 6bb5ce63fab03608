package store

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/engine"
)

// keyspace is one database as a Store or a Tx sees it: the operations on keys of
// any type, which both have.
type keyspace struct {
	at command.Target
	db int
}

func (k keyspace) target() (command.Target, int) { return k.at, k.db }

func (k keyspace) key(name string) engine.Key { return KeyOf(name).In(k.db) }

func (k keyspace) keys(names []string) []engine.Key {
	list := make([]engine.Key, len(names))
	for i, n := range names {
		list[i] = k.key(n)
	}
	return list
}

// Delete deletes keys and returns how many were there. O(1) each.
//
// Redis: DEL, UNLINK
func (k keyspace) Delete(ctx context.Context, keys ...string) (int64, error) {
	return k.count(ctx, command.Del, keys)
}

// Exists returns how many of the keys are there; one that is named twice counts
// twice. O(1) each.
//
// Redis: EXISTS
func (k keyspace) Exists(ctx context.Context, keys ...string) (int64, error) {
	return k.count(ctx, command.Exists, keys)
}

// Touch marks keys as used, for eviction, and returns how many are there. O(1)
// each.
//
// Redis: TOUCH
func (k keyspace) Touch(ctx context.Context, keys ...string) (int64, error) {
	return k.count(ctx, command.Touch, keys)
}

func (k keyspace) count(ctx context.Context, row *command.Row[command.KeysArgs, int64], names []string) (int64, error) {
	if len(names) == 0 {
		return 0, ctx.Err()
	}
	keys := k.keys(names)
	return row.ValueKeys(ctx, k.at, keys, command.KeysArgs{Keys: keys})
}

// Rename gives a key another name, with its time to live; what had that name is
// gone. It fails with ErrNoSuchKey. O(1).
//
// Redis: RENAME
func (k keyspace) Rename(ctx context.Context, src, dst string) error {
	a := command.RenameArgs{Src: k.key(src), Dst: k.key(dst)}
	_, err := command.Rename.ValueKeys(ctx, k.at, []engine.Key{a.Src, a.Dst}, a)
	return err
}

// RenameIfAbsent is Rename that reports false, and does nothing, if the other
// name is taken. O(1).
//
// Redis: RENAMENX
func (k keyspace) RenameIfAbsent(ctx context.Context, src, dst string) (bool, error) {
	a := command.RenameArgs{Src: k.key(src), Dst: k.key(dst)}
	return command.RenameNX.ValueKeys(ctx, k.at, []engine.Key{a.Src, a.Dst}, a)
}

// Copy copies the value of src and its time to live to dst. It reports false, and
// does nothing, if src is missing or dst is taken. O(n) of the value's elements.
//
// Redis: COPY
func (k keyspace) Copy(ctx context.Context, src, dst string) (bool, error) {
	return k.copy(ctx, src, dst, k.db, false)
}

// CopyOver is Copy that replaces what dst holds.
//
// Redis: COPY REPLACE
func (k keyspace) CopyOver(ctx context.Context, src, dst string) (bool, error) {
	return k.copy(ctx, src, dst, k.db, true)
}

// CopyTo is Copy to another database.
//
// Redis: COPY DB
func (k keyspace) CopyTo(ctx context.Context, src string, db int, dst string) (bool, error) {
	return k.copy(ctx, src, dst, db, false)
}

func (k keyspace) copy(ctx context.Context, src, dst string, db int, replace bool) (bool, error) {
	a := command.CopyArgs{Src: k.key(src), Dst: k.key(dst), DB: int64(db), HasDB: db != k.db, Replace: replace}
	return command.Copy.ValueKeys(ctx, k.at, []engine.Key{a.Src, a.Dst}, a)
}

// Move moves a key to another database. It reports false, and does nothing, if
// the key is missing here or taken there. O(1).
//
// Redis: MOVE
func (k keyspace) Move(ctx context.Context, key string, db int) (bool, error) {
	a := command.MoveKeyArgs{Key: k.key(key), DB: int64(db)}
	return command.Move.Value(ctx, k.at, a.Key, a)
}

// Len is how many keys the database has, those included that have expired and
// were not removed yet. O(1).
//
// Redis: DBSIZE
func (k keyspace) Len(ctx context.Context) (int64, error) {
	return command.DBSize.ValueKeys(ctx, k.at, nil, command.DBArgs{DB: k.db})
}

// Flush deletes every key of the database. It holds the whole store for a moment.
//
// Redis: FLUSHDB
func (k keyspace) Flush(ctx context.Context) error {
	return k.whole(ctx, command.FlushDB, command.FlushArgs{DB: k.db})
}

// FlushAll deletes every key of every database. It holds the whole store for a
// moment.
//
// Redis: FLUSHALL
func (k keyspace) FlushAll(ctx context.Context) error {
	return k.whole(ctx, command.FlushAll, command.FlushArgs{DB: k.db})
}

func (k keyspace) whole(ctx context.Context, row *command.Row[command.FlushArgs, reply.None], a command.FlushArgs) error {
	_, err := row.ValueKeys(ctx, k.at, nil, a)
	return err
}

// SwapDB makes two databases change places: whoever uses the one sees the keys of
// the other. O(1).
//
// Redis: SWAPDB
func (k keyspace) SwapDB(ctx context.Context, a, b int) error {
	_, err := command.SwapDB.ValueKeys(ctx, k.at, nil, command.SwapArgs{A: int64(a), B: int64(b)})
	return err
}
