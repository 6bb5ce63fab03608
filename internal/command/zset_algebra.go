package command

import (
	"cmp"
	"math"
	"slices"

	"github.com/residedb/reside/internal/command/arg"
	"github.com/residedb/reside/internal/command/reply"
	"github.com/residedb/reside/internal/ds/zset"
	"github.com/residedb/reside/internal/engine"
	"github.com/residedb/reside/internal/event"
)

// ZAlgebraArgs are the arguments of ZUNION, ZINTER, ZDIFF and their storing forms.
type ZAlgebraArgs struct {
	Dst        engine.Key // of the storing forms
	Keys       []engine.Key
	Weights    []float64
	HasWeights bool
	Aggregate  uint8 // 0 or 1 sum, 2 min, 3 max
	HasAgg     bool
	WithScores bool

	bad error // of the options: the keys come first
}

// walkAs reads the arguments of a command of the given name; ZDIFF has no weights.
func (a *ZAlgebraArgs) walkAs(w *arg.Walker, name string, store, diff bool) {
	if store {
		w.Key(&a.Dst, arg.OW|arg.Update)
	}
	inputs(w, &a.Keys, name)
	w.Later(&a.bad, func() { a.options(w, store, diff) })
}

func (a *ZAlgebraArgs) options(w *arg.Walker, store, diff bool) {
	for w.Options() {
		if !diff {
			if w.Option("WEIGHTS", &a.HasWeights) {
				a.weights(w)
			}
			if w.Option("AGGREGATE", &a.HasAgg) {
				w.Word("aggregate", &a.Aggregate, "SUM", "MIN", "MAX")
			}
		}
		if !store {
			w.Flag("WITHSCORES", &a.WithScores)
		}
	}
}

// inputs reads the keys of the sorted sets that take part.
func inputs(w *arg.Walker, keys *[]engine.Key, name string) {
	w.NumKeys(keys, arg.RO|arg.Access, arg.ErrNotInt, arg.Errf("at least 1 input key is needed for '%s' command", name), arg.ErrSyntax)
}

func (a *ZAlgebraArgs) weights(w *arg.Walker) {
	if w.Decoding() {
		a.Weights = make([]float64, len(a.Keys))
		if w.Rest() < len(a.Keys) {
			w.Fail(arg.ErrSyntax)
		}
	} else if w.Describing() {
		a.Weights = make([]float64, 1)
	}
	for i := range a.Weights {
		w.As("integer")
		w.Repeats(false)
		w.FloatOr("weight", &a.Weights[i], arg.Errf("weight value is not a float"))
	}
}

// source is a set or a sorted set that takes part.
type source struct {
	each   func(fn func(member []byte, score float64) bool)
	score  func(member []byte) (float64, bool)
	n      int
	weight float64
}

// sources finds the sets of the keys; those that are missing are empty.
func (a *ZAlgebraArgs) sources(tx *engine.Tx) ([]source, error) {
	list, err := findSources(tx, a.Keys)
	if err != nil || a.bad != nil {
		return nil, cmp.Or(err, a.bad)
	}
	for i := range a.Weights {
		list[i].weight = a.Weights[i]
	}
	return list, nil
}

func findSources(tx *engine.Tx, keys []engine.Key) ([]source, error) {
	list := make([]source, len(keys))
	for i, k := range keys {
		e, err := tx.Find(k)
		if err != nil {
			return nil, err
		}
		if list[i], err = newSource(e); err != nil {
			return nil, err
		}
		list[i].weight = 1
	}
	return list, nil
}

func newSource(e *engine.Entry) (source, error) {
	switch {
	case e == nil:
		return source{
			each:  func(func([]byte, float64) bool) {},
			score: func([]byte) (float64, bool) { return 0, false },
		}, nil
	case e.Kind() == engine.Set:
		s := e.Set()
		return source{
			n: s.Len(),
			each: func(fn func([]byte, float64) bool) {
				s.Each(func(m []byte) bool { return fn(m, 1) })
			},
			score: func(m []byte) (float64, bool) { return 1, s.Contains(m) },
		}, nil
	case e.Kind() == engine.ZSet:
		z := e.ZSet()
		return source{
			n: z.Len(),
			each: func(fn func([]byte, float64) bool) {
				z.Each(0, true, func(e zset.Entry) bool { return fn(e.Member, e.Score) })
			},
			score: z.Score,
		}, nil
	}
	return source{}, engine.ErrWrongType
}

// weighted is a score times the source's weight; infinity times zero is zero.
func (s *source) weighted(score float64) float64 {
	if f := score * s.weight; !math.IsNaN(f) {
		return f
	}
	return 0
}

// join is two scores of one member made one.
func (a *ZAlgebraArgs) join(x, y float64) float64 {
	switch {
	case a.Aggregate == 2 && y < x, a.Aggregate == 3 && y > x:
		return y
	case a.Aggregate > 1:
		return x
	}
	if sum := x + y; !math.IsNaN(sum) {
		return sum
	}
	return 0
}

// zcombine computes a sorted set from the sources.
type zcombine func(a *ZAlgebraArgs, list []source) *zset.ZSet

// unpacked are the limits of a set for results, which never packs: a packed score
// cannot be -0.
var unpacked = zset.Limits{}

// ascending sorts sources by size, the order in which Redis adds scores up.
func ascending(list []source) {
	slices.SortStableFunc(list, func(x, y source) int { return cmp.Compare(x.n, y.n) })
}

func zunion(a *ZAlgebraArgs, list []source) *zset.ZSet {
	ascending(list)
	all := new(zset.ZSet)
	for i := range list {
		list[i].each(func(m []byte, score float64) bool {
			score = list[i].weighted(score)
			if old, ok := all.Score(m); ok {
				if score = a.join(old, score); score == 0 {
					all.Remove(m) // for its sign
				}
			}
			all.Put(m, score, unpacked)
			return true
		})
	}
	return all
}

func zinter(a *ZAlgebraArgs, list []source) *zset.ZSet { return zinterN(a, list, 0) }

// zinterN stops at n members unless that is 0. It looks the members of the
// smallest source up in the others.
func zinterN(a *ZAlgebraArgs, list []source, n int64) *zset.ZSet {
	ascending(list)
	common := new(zset.ZSet)
	list[0].each(func(m []byte, score float64) bool {
		total := list[0].weighted(score)
		for i := range list[1:] {
			score, ok := list[i+1].score(m)
			if !ok {
				return true
			}
			total = a.join(total, score*list[i+1].weight) // no number joined to one is 0 or the one
		}
		common.Put(m, total, unpacked)
		return n == 0 || int64(common.Len()) < n
	})
	return common
}

func zdiff(_ *ZAlgebraArgs, list []source) *zset.ZSet {
	rest := new(zset.ZSet)
	list[0].each(func(m []byte, score float64) bool {
		for i := range list[1:] {
			if _, ok := list[i+1].score(m); ok {
				return true
			}
		}
		rest.Put(m, score, unpacked)
		return true
	})
	return rest
}

func zalgebraRow(name, summary string, f zcombine, diff bool) *Row[ZAlgebraArgs, Scores] {
	return define(Info{name, "sorted_set", "6.2.0", ReadOnly, "", summary},
		func(a *ZAlgebraArgs, w *arg.Walker) { a.walkAs(w, name, false, diff) },
		func(tx *engine.Tx, a ZAlgebraArgs) (Scores, error) {
			list, err := a.sources(tx)
			if err != nil {
				return Scores{}, err
			}
			z := f(&a, list)
			return Scores{take(tx, z, 0, z.Len(), true), a.WithScores}, nil
		}, &scores)
}

func zalgebraStoreRow(what event.Name, since, summary string, f zcombine, diff bool) *Row[ZAlgebraArgs, int64] {
	return define(Info{what.String(), "sorted_set", since, Write | Reads | DenyOOM, "", summary},
		func(a *ZAlgebraArgs, w *arg.Walker) { a.walkAs(w, what.String(), true, diff) },
		func(tx *engine.Tx, a ZAlgebraArgs) (int64, error) {
			list, err := a.sources(tx)
			if err != nil {
				return 0, err
			}
			z := f(&a, list)
			return storeZSet(tx.As(what), a.Dst, take(tx, z, 0, z.Len(), true))
		}, &reply.Int)
}

// The commands that combine sorted sets, and those that store what they find.
var (
	ZUnion      = zalgebraRow("zunion", "Returns the members that any of some sorted sets has.", zunion, false)
	ZInter      = zalgebraRow("zinter", "Returns the members that all of some sorted sets have.", zinter, false)
	ZDiff       = zalgebraRow("zdiff", "Returns the members of a sorted set that no other one has.", zdiff, true)
	ZUnionStore = zalgebraStoreRow(event.ZUnionStore, "2.0.0", "Stores the members that any of some sorted sets has.", zunion, false)
	ZInterStore = zalgebraStoreRow(event.ZInterStore, "2.0.0", "Stores the members that all of some sorted sets have.", zinter, false)
	ZDiffStore  = zalgebraStoreRow(event.ZDiffStore, "6.2.0", "Stores the members of a sorted set that no other one has.", zdiff, true)
)

// ZInterCard is ZINTERCARD.
var ZInterCard = define(Info{"zintercard", "sorted_set", "7.0.0", ReadOnly, "", "Returns how many members all of some sorted sets have."},
	(*CardArgs).zsets, func(tx *engine.Tx, a CardArgs) (int64, error) {
		z := ZAlgebraArgs{Keys: a.Keys, bad: a.bad}
		list, err := z.sources(tx)
		if err != nil {
			return 0, err
		}
		return int64(zinterN(&z, list, a.Limit).Len()), nil
	}, &reply.Int)
