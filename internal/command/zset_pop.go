package command

import (
	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
	"github.com/residedb/reside/internal/wire"
)

// ZPopped is a key, its place among the keys that were asked for, and the entries
// taken from it.
type ZPopped struct {
	Key     []byte
	At      int
	Entries []zset.Entry
}

// zpopN takes up to n entries from the low or high end.
func zpopN(tx *engine.Tx, k engine.Key, z *zset.ZSet, high bool, n int64) ([]zset.Entry, error) {
	count := int(min(n, int64(z.Len())))
	if count == 0 {
		return nil, nil
	}
	what, first, from := event.ZPopMin, 0, 0
	if high {
		what, first, from = event.ZPopMax, z.Len()-count, z.Len()-1
	}
	list := take(tx, z, from, count, !high)
	for i := range list {
		list[i].Member = tx.Keep(list[i].Member)
	}
	return list, tx.As(what).ZSetRemoveRange(k, first, first+count-1)
}

// ZPopMin is ZPOPMIN, ZPopMax is ZPOPMAX.
var (
	ZPopMin = zpopRow("zpopmin", "Returns the members with the lowest scores and removes them.", false)
	ZPopMax = zpopRow("zpopmax", "Returns the members with the highest scores and removes them.", true)
)

func zpopRow(name, summary string, high bool) *Row[PopArgs, Scores] {
	op := func(tx *engine.Tx, a PopArgs) (Scores, error) {
		z, err := findZSet(tx, a.Key)
		if z == nil {
			return Scores{}, err
		}
		n := int64(1)
		if a.HasCount {
			n = a.Count
		}
		list, err := zpopN(tx, a.Key, z, high, n)
		return Scores{list, true}, err
	}
	return defineBy(Info{name, "sorted_set", "5.0.0", Write | Fast, "", summary}, (*PopArgs).walk, op,
		func(a *PopArgs) *reply.Codec[Scores] {
			if a.HasCount {
				return &allScores
			}
			return &flatScores
		})
}

// allScores is Scores that always shows scores; flatScores never nests.
var (
	allScores = reply.Codec[Scores]{Put: func(w *wire.Writer, r Scores) {
		r.With = true
		scores.Put(w, r)
	}}
	flatScores = reply.Codec[Scores]{Put: func(w *wire.Writer, r Scores) {
		w.Array(2 * len(r.Entries))
		for _, e := range r.Entries {
			w.Bulk(e.Member)
			w.Double(e.Score)
		}
	}}
)

// BZPopMin is BZPOPMIN, BZPopMax is BZPOPMAX.
var (
	BZPopMin = bzpopRow("bzpopmin", "Returns the member with the lowest score of the first sorted set that has one and removes it; waits for one.", false)
	BZPopMax = bzpopRow("bzpopmax", "Returns the member with the highest score of the first sorted set that has one and removes it; waits for one.", true)
)

func bzpopRow(name, summary string, high bool) *Row[BPopArgs, ZPopped] {
	op := func(tx *engine.Tx, a BPopArgs) (ZPopped, error) { return zpopFirst(tx, a.Keys, high, 1) }
	return waiting(define(Info{name, "sorted_set", "5.0.0", Write | Fast | Blocking, "", summary}, (*BPopArgs).walk, op, &keyMemberScore),
		func(a *BPopArgs) *Wait { return a.waitFor(engine.ZSet) })
}

var keyMemberScore = reply.Codec[ZPopped]{Put: func(w *wire.Writer, r ZPopped) {
	w.Array(3)
	w.Bulk(r.Key)
	w.Bulk(r.Entries[0].Member)
	w.Double(r.Entries[0].Score)
}}

// zpopFirst takes up to n entries from the first sorted set that has any.
func zpopFirst(tx *engine.Tx, keys []engine.Key, high bool, n int64) (ZPopped, error) {
	for i, k := range keys {
		z, err := findZSet(tx, k)
		if err != nil {
			return ZPopped{}, err
		}
		if z != nil {
			list, err := zpopN(tx, k, z, high, n)
			return ZPopped{k.B, i, list}, err
		}
	}
	return ZPopped{}, engine.ErrEmpty
}

func (a *MPopArgs) zset(w *arg.Walker) { a.walkWords(w, "MIN", "MAX") }

func (a *MPopArgs) bzset(w *arg.Walker) {
	w.Last(func() { timeout(w, &a.Timeout) })
	a.zset(w)
}

// ZMPop is ZMPOP, BZMPop is BZMPOP.
var (
	ZMPop = define(Info{"zmpop", "sorted_set", "7.0.0", Write, "", "Returns members of the first sorted set that has any and removes them."},
		(*MPopArgs).zset, func(tx *engine.Tx, a MPopArgs) (ZPopped, error) { return orNothing(bzmpop(tx, a)) }, &keyAndScores)
	BZMPop = waiting(define(Info{"bzmpop", "sorted_set", "7.0.0", Write | Blocking, "", "Returns members of the first sorted set that has any and removes them; waits for one."},
		(*MPopArgs).bzset, bzmpop, &keyAndScores), func(a *MPopArgs) *Wait { return a.waitFor(engine.ZSet) })
)

func bzmpop(tx *engine.Tx, a MPopArgs) (ZPopped, error) {
	return zpopFirst(tx, a.Keys, a.Where == 2, a.count())
}

var keyAndScores = reply.Codec[ZPopped]{Put: func(w *wire.Writer, r ZPopped) {
	if r.Entries == nil {
		w.NullArray()
		return
	}
	w.Array(2)
	w.Bulk(r.Key)
	w.Array(len(r.Entries))
	for _, e := range r.Entries {
		w.Array(2)
		w.Bulk(e.Member)
		w.Double(e.Score)
	}
}}
