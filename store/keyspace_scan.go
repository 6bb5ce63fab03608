package store

import (
	"context"
	"iter"
	"unsafe"

	"github.com/residedb/reside/internal/command"
)

// Type is the type of a key's value, by Redis's name.
type Type string

// The types.
const (
	NoType     Type = "none" // the key is missing
	StringType Type = "string"
	ListType   Type = "list"
	SetType    Type = "set"
	ZSetType   Type = "zset"
	HashType   Type = "hash"
)

// Type tells the type of a key's value. O(1).
//
// Redis: TYPE
func (k keyspace) Type(ctx context.Context, key string) (Type, error) {
	a := command.KeyArgs{Key: k.key(key)}
	t, err := command.Type.Value(ctx, k.at, a.Key, a)
	return Type(t), err
}

// Keys returns the keys that match a pattern, in no order. In a pattern, * stands
// for any bytes, ? for one, [a-z] for one of a class, [^a] for one outside it,
// and \ takes the next byte as it is. It holds the whole store while it looks
// at every key; Scan does not. O(n).
//
// Redis: KEYS
func (k keyspace) Keys(ctx context.Context, pattern string) (keys []string, err error) {
	err = command.Keys.DoKeys(ctx, k.at, nil, command.PatternArgs{DB: k.db, Pattern: []byte(pattern)}, func(found [][]byte) error {
		keys = make([]string, len(found))
		for i, b := range found {
			keys[i] = unsafe.String(unsafe.SliceData(b), len(b)) // nobody else has the bytes
		}
		return nil
	})
	return keys, err
}

// ScanOptions choose what Scan yields. The zero value is every key.
type ScanOptions struct {
	Match string // a pattern as Keys takes it; every key if empty
	Type  Type   // of values; every type if empty
	Batch int    // about how many keys are looked at under one lock, 64 if 0
}

// Scan yields the keys of the database, batch by batch, in no order. A key that is
// there all the time is yielded at least once, one that comes or goes
// meanwhile perhaps, and one may be yielded twice. No lock is held while the
// loop's body runs. The first error ends the loop. O(n) for a whole scan.
//
// Redis: SCAN
func (k keyspace) Scan(ctx context.Context, o ScanOptions) iter.Seq2[string, error] {
	a := command.ScanArgs{DB: k.db, Count: int64(o.Batch), HasCount: true, Match: []byte(o.Match), HasMatch: o.Match != "",
		Type: []byte(o.Type), HasTyp: o.Type != ""}
	if o.Batch <= 0 {
		a.Count = 64
	}
	return func(yield func(string, error) bool) {
		for {
			page, err := command.Scan.ValueKeys(ctx, k.at, nil, a)
			if err != nil {
				yield("", err)
				return
			}
			for _, b := range page.Items {
				if !yield(string(b), nil) {
					return
				}
			}
			if a.Cursor = page.Cursor; a.Cursor == 0 {
				return
			}
		}
	}
}

// RandomKey draws a key uniformly; ok is false if the database is empty. It holds
// the whole store for a moment. O(1).
//
// Redis: RANDOMKEY
func (k keyspace) RandomKey(ctx context.Context) (key string, ok bool, err error) {
	err = command.RandomKey.DoKeys(ctx, k.at, nil, command.DBArgs{DB: k.db}, func(b []byte) error {
		key, ok = string(b), b != nil
		return nil
	})
	return key, ok, err
}
