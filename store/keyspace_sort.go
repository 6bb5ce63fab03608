package store

import (
	"context"

	"github.com/residedb/reside/internal/command"
	"github.com/residedb/reside/internal/engine"
)

// SortOptions say how Sort works. The zero value sorts numbers, the least first.
type SortOptions struct {
	Desc  bool // the greatest first
	Alpha bool // by bytes instead of as numbers

	// By names what an element is sorted by instead of itself: a key in which * is
	// replaced by the element, or with "->field" behind it a field of a hash. A
	// name without * leaves the order as it is.
	By string
	// Get names what is returned instead of each element, as By does; "#" is the
	// element itself.
	Get []string

	Offset int64 // how many elements to skip
	Count  int64 // how many to return at most, all if 0
}

func (o *SortOptions) args(key engine.Key) command.SortArgs {
	a := command.SortArgs{Key: key, By: []byte(o.By), HasBy: o.By != "", Desc: o.Desc, Alpha: o.Alpha, Offset: o.Offset, Count: o.Count}
	a.HasLimit = o.Offset != 0 || o.Count != 0
	if o.Count == 0 {
		a.Count = -1
	}
	for _, g := range o.Get {
		a.Get = append(a.Get, []byte(g))
	}
	return a
}

// Sort returns the elements of a list, set or sorted set in order, as they are
// stored; nil stands for what Get names and is not there. O(n log n).
//
// Redis: SORT, SORT_RO
func (k keyspace) Sort(ctx context.Context, key string, o SortOptions) ([][]byte, error) {
	a := o.args(k.key(key))
	return command.SortRO.Value(ctx, k.at, a.Key, a) // the op returns copies
}

// SortTo stores what Sort would return as the list dst, whatever that held, and
// returns its length. What is not there becomes an empty element. O(n log n).
//
// Redis: SORT STORE
func (k keyspace) SortTo(ctx context.Context, dst, key string, o SortOptions) (n int64, err error) {
	a := o.args(k.key(key))
	a.Dst, a.HasDst = k.key(dst), true
	err = command.Sort.DoKeys(ctx, k.at, []engine.Key{a.Key, a.Dst}, a, func(items [][]byte) error {
		n = int64(len(items))
		return nil
	})
	return n, err
}
