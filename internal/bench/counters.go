package bench

import (
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/puzpuzpuz/xsync/v4"
	"github.com/tidwall/buntdb"

	"github.com/residedb/reside/store"
	"github.com/residedb/reside/types"
)

// counterMap is what the contest of counters asks for: add 1, and tell the sum.
type counterMap interface {
	incr(key string) int64
}

func counterContest() contest {
	return contest{"counter", []entrant{
		enter(reside, func() counterMap { return resideCounters{store.New(store.Options{})} }, counterSteps),
		enter(oneMap, func() counterMap { return mapCounters{newMaps[int64](1)} }, counterSteps),
		enter(manyMap, func() counterMap { return mapCounters{newMaps[int64](shardCount)} }, counterSteps),
		enter(syncMap, func() counterMap { return new(syncCounters) }, counterSteps),
		enter(xsyncV4, func() counterMap { return xsyncCounters{xsync.NewMap[string, int64]()} }, counterSteps),
		enter(bunt, func() counterMap { return buntCounters{openBunt()} }, counterSteps),
	}}
}

func counterSteps(m counterMap, d data) []step {
	return []step{
		{name: "incr new", do: func(i int) { must(m.incr(d.keys.at(i)) == 1) }},
		{name: "incr", do: func(i int) { must(m.incr(d.keys.at(i)) == 2) }},
	}
}

type resideCounters struct{ *store.Store }

func (r resideCounters) incr(key string) int64 {
	n, err := types.NewCounter(r, key).Incr(background)
	done(err)
	return n
}

type mapCounters struct{ *maps[int64] }

func (m mapCounters) incr(key string) int64 {
	s := m.of(key)
	s.Lock()
	n := s.m[key] + 1
	if n == 1 {
		key = strings.Clone(key)
	}
	s.m[key] = n
	s.Unlock()
	return n
}

type syncCounters struct{ sync.Map }

func (m *syncCounters) incr(key string) int64 {
	n, ok := m.Load(key)
	if !ok {
		n, _ = m.LoadOrStore(strings.Clone(key), new(atomic.Int64))
	}
	return n.(*atomic.Int64).Add(1)
}

type xsyncCounters struct{ *xsync.Map[string, int64] }

func (m xsyncCounters) incr(key string) int64 {
	n, _ := m.Compute(strings.Clone(key), func(n int64, _ bool) (int64, xsync.ComputeOp) { return n + 1, xsync.UpdateOp })
	return n
}

type buntCounters struct{ *buntdb.DB }

func (b buntCounters) incr(key string) (n int64) {
	done(b.Update(func(tx *buntdb.Tx) error {
		v, err := tx.Get(key)
		if found(err) {
			n, err = strconv.ParseInt(v, 10, 64)
			done(err)
		}
		n++
		_, _, err = tx.Set(strings.Clone(key), strconv.FormatInt(n, 10), nil)
		return err
	}))
	return n
}
